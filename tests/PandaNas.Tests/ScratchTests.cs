using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Tests.Golden;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
namespace PandaNas.Tests;
public sealed class ScratchTests(ITestOutputHelper output)
{
    [Fact]
    public void A()
    {
        using var golden = new GoldenTensors("supernet.safetensors");
        using var scope = NewDisposeScope();
        foreach (string mode in new[] { "plain", "last", "direct" })
        {
            using var network = NasBench201Network.Supernet(new(3, 8, 10, 4, 1), CPU, RandomStream.Derive(0, "weights"));
            network.Load(golden.Below("weights."), "x");
            Tensor images = golden["images.0"];
            if (mode == "last") images = images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
            var sw = System.Diagnostics.Stopwatch.StartNew();
            Tensor logits = network.Forward(images, new Architecture(golden.Ints("path.00.candidates")), true);
            functional.cross_entropy(logits, golden["labels.0"]).backward();
            output.WriteLine($"{mode} {sw.Elapsed.TotalMilliseconds} threads {get_num_threads()}");
            foreach (Weight w in network.Weights)
            {
                if (!golden.Has("path.00.gradient." + w.Name)) continue;
                Tensor g = w.Tensor.grad!;
                double[] v = GoldenTensors.Values(g), e = golden.Doubles("path.00.gradient." + w.Name);
                double m = 0; for (int i = 0; i < v.Length; i++) m = Math.Max(m, double.IsNaN(v[i]) ? 1e9 : Math.Abs(v[i] - e[i]));
                output.WriteLine($"  {w.Name} {m / e.Max(Math.Abs):E2} nan {v.Count(double.IsNaN)} strides {string.Join(',', g.stride())} dtype {g.dtype} first {g.flatten()[0].item<float>()} {v[0]} {e[0]}");
            }
        }
    }
}
