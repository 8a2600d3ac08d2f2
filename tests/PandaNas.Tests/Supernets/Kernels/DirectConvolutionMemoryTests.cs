using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Kernels.Convolutions;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Kernels;

[Collection(nameof(WholeProcess))]
public sealed class DirectConvolutionMemoryTests
{
    [Fact]
    public void ManyCalls_KeepNoMemory()
    {
        // A call that kept its scratch memory or results would keep more than 4 MB.
        const int Calls = 200;
        const long Most = 200L << 20;
        using var scope = NewDisposeScope();
        Tensor input = ChannelsLast.Of(ones(8, 64, 32, 32)), weight = Leaf(ones(64, 64, 3, 3));
        Step();
        long before = Environment.WorkingSet;
        for (int call = 0; call < Calls; call++) Step();
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, Most);

        void Step()
        {
            using var step = NewDisposeScope();
            Tensor leaf = Leaf(input);
            DirectConvolution.Apply(leaf, weight, null, 1).sum().backward();
            leaf.grad = null;
            weight.grad = null;
        }
    }

    private static Tensor Leaf(Tensor values)
    {
        Tensor leaf = values.detach();
        leaf.requires_grad = true;
        return leaf;
    }
}
