using PandaNas.Costs;
using PandaNas.Onnx;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Supernets.Layers;

/// <summary>A fully connected layer with bias, N×inputs to N×outputs.</summary>
internal sealed class Linear
{
    private readonly Tensor _weight, _bias;

    public Linear(WeightStore store, string name, int inputs, int outputs)
    {
        double bound = 1 / Math.Sqrt(inputs);
        _weight = store.Uniform($"{name}.weight", [outputs, inputs], bound);
        _bias = store.Uniform($"{name}.bias", [outputs], bound);
        Shape = new LinearShape(inputs, outputs, Bias: true);
    }

    /// <summary>Its sizes.</summary>
    public LinearShape Shape { get; }

    public Tensor Forward(Tensor input)
    {
        long started = OperationProfile.Now;
        Tensor output = Tape.Torch(input, features => functional.linear(features, _weight, _bias));
        OperationProfile.Current?.AddProduct(nameof(Linear), started, output.numel() * input.shape[1], input, _weight, output);
        return output;
    }

    /// <summary>With something made of its weights, in the type of the input.</summary>
    public Tensor Through(Tensor input, Func<Tensor, Tensor> weight) =>
        functional.linear(input, weight(_weight), _bias.detach().to(input.dtype));

    /// <summary>The same as nodes of ONNX.</summary>
    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Linear(input, _weight, _bias);
}
