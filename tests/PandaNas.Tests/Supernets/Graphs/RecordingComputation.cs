using PandaNas.Costs;
using PandaNas.Supernets.Layers;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Graphs;

/// <summary>Computes with tensors, and writes down what is computed and the shapes that the tensors really have.</summary>
internal sealed class RecordingComputation(TensorComputation computation, float ceiling) : IComputation<Tensor>
{
    /// <summary>What was computed, in words, in order.</summary>
    public List<string> Computed { get; } = [];

    /// <summary>The same words for a layer that a family lists.</summary>
    public static string WordsOf(LayerShape layer) => layer switch
    {
        ConvolutionShape shape => $"convolution to {shape.OutputChannels}x{shape.OutputHeight}",
        BatchNormShape shape => $"norm of {shape.Channels}x{shape.Size}",
        PoolingShape shape => $"{shape.Pooling} {shape.Kernel} of {shape.Channels}x{shape.InputSize}",
        ElementwiseShape shape => $"{shape.Operation} of {shape.Channels}x{shape.Size}",
        LinearShape shape => $"linear {shape.InputFeatures} to {shape.OutputFeatures}",
        _ => layer.Name,
    };

    public Tensor Convolve(Tensor input, Convolution convolution)
    {
        Tensor output = computation.Convolve(input, convolution);
        return Noted($"convolution to {Sizes(output)}", output);
    }

    public Tensor Pool(Tensor input, Pooling pooling)
    {
        int kernel = (int)(pooling == Pooling.Global ? input.shape[2] : pooling.Kernel);
        return Noted($"{pooling.Kind} {kernel} of {Sizes(input)}", computation.Pool(input, pooling));
    }

    public Tensor Classify(Tensor input, Linear linear)
    {
        Tensor output = computation.Classify(input, linear);
        return Noted($"linear {input.shape[1]} to {output.shape[1]}", output);
    }

    public Tensor Run(Tensor input, ICustomLayer layer)
    {
        Tensor output = computation.Run(input, layer);
        Assert.Contains($"{output.shape[1]} channels at {output.shape[2]}x{output.shape[3]}", layer.Shape.Name, StringComparison.Ordinal);
        return Noted(layer.Shape.Name, output);
    }

    public Tensor Concatenate(params ReadOnlySpan<Tensor> values)
    {
        Tensor output = computation.Concatenate(values);
        return Noted($"Concatenation of {Sizes(output)}", output);
    }

    public Tensor EverySecond(Tensor input, int start)
    {
        Tensor output = computation.EverySecond(input, start);
        return Noted($"Concatenation of {Sizes(output)}", output);
    }

    public Tensor Zeros(Tensor like) => computation.Zeros(like);

    public Features<Tensor> Sum(ReadOnlySpan<Term<Tensor>> terms, Reads reads, float? bound = null)
    {
        foreach (Term<Tensor> term in terms)
            if (term.Norm is not null) Computed.Add($"norm of {Sizes(term.Value)}");
        for (int i = 1; i < terms.Length; i++) Computed.Add($"Addition of {Sizes(terms[i].Value)}");
        string activation = float.IsPositiveInfinity(bound ?? ceiling) ? "Relu" : "Relu6";
        if (reads.HasFlag(Reads.Activated)) Computed.Add($"{activation} of {Sizes(terms[0].Value)}");
        return computation.Sum(terms, reads, bound);
    }

    public Term<Tensor>[] Droppable(Term<Tensor>[] branch) => computation.Droppable(branch);

    public IReadOnlyList<Tensor> After(Func<IReadOnlyList<Tensor>> part) => computation.After(part);

    private static string Sizes(Tensor tensor)
    {
        Assert.Equal(tensor.shape[2], tensor.shape[3]);
        return $"{tensor.shape[1]}x{tensor.shape[2]}";
    }

    private Tensor Noted(string words, Tensor output)
    {
        Computed.Add(words);
        return output;
    }
}
