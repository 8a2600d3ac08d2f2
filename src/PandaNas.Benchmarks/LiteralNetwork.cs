using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Benchmarks;

/// <summary>
/// The baseline of every claim about speed: a literal eager port of a supernet. Memory is NCHW and every operation applies its own
/// activation and batch norm. Nothing is slower than it has to be in a plain port, and nothing is tuned.
/// </summary>
internal abstract class LiteralNetwork : IDisposable
{
    private readonly List<Parameter> _parameters = [];

    /// <summary>The spaces that have a port.</summary>
    public static IReadOnlyList<string> Spaces { get; } =
        [NasBench201Space.Instance.Name, DartsSpace.Instance.Name, ProxylessNasSpace.Instance.Name];

    /// <summary>The port of a space.</summary>
    /// <param name="space">One of <see cref="Spaces"/>.</param>
    /// <param name="sizes">Sizes of the network, complete.</param>
    public static LiteralNetwork Make(string space, NetworkOptions sizes)
    {
        if (space == NasBench201Space.Instance.Name) return new LiteralNasBench201(sizes);
        if (space == DartsSpace.Instance.Name) return new LiteralDarts(sizes);
        if (space == ProxylessNasSpace.Instance.Name) return new LiteralProxylessNas(sizes);
        throw new ArgumentOutOfRangeException(nameof(space), space, "there is no literal port of this space");
    }

    /// <summary>Every trainable tensor.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>The logits of a path.</summary>
    public abstract Tensor Forward(Tensor images, Architecture path);

    public void Dispose()
    {
        foreach (Parameter parameter in _parameters) parameter.Dispose();
    }

    /// <summary>Batch norm by batch statistics, without scale and shift.</summary>
    public static Tensor Normalize(Tensor features) => functional.batch_norm(features, null, null, null, null, training: true);

    /// <summary>A trainable tensor of these values.</summary>
    public Parameter Trained(Tensor values)
    {
        Parameter parameter = Parameter(values);
        parameter.DetachFromDisposeScope();
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>The weights of a convolution without bias.</summary>
    public LiteralConvolution Convolution(int inputs, int outputs, int kernel, int stride = 1, int groups = 1, int dilation = 1)
    {
        using Scalar deviation = Math.Sqrt(inputs / groups * kernel * kernel).ToScalar();
        return new(Trained(randn(outputs, inputs / groups, kernel, kernel).div(deviation)), stride, groups, dilation);
    }

    /// <summary>The weights of a linear classifier.</summary>
    public LiteralClassifier Classifier(int inputs, int classes)
    {
        using Scalar deviation = 0.1.ToScalar();
        return new(Trained(randn(classes, inputs).mul(deviation)), Trained(zeros(classes)));
    }
}

/// <summary>A convolution that keeps the size but for its stride.</summary>
internal sealed class LiteralConvolution(Tensor weight, int stride, int groups, int dilation)
{
    public Tensor Forward(Tensor input, Tensor? bias = null)
    {
        long padding = weight.shape[2] / 2 * dilation;
        return functional.conv2d(input, weight, bias, [stride, stride], [padding, padding], [dilation, dilation], groups);
    }
}

/// <summary>Global average pooling and a linear layer.</summary>
internal sealed class LiteralClassifier(Tensor weight, Tensor bias)
{
    public Tensor Forward(Tensor features) => functional.linear(functional.adaptive_avg_pool2d(features, 1).flatten(1), weight, bias);
}
