using PandaNas.Costs;
using PandaNas.Onnx;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Layers;

/// <summary>
/// What networks are computed with. Operations and spaces say once how their layers follow one another; a computation decides what comes of
/// it: <see cref="TensorComputation"/> gives logits, <see cref="LayerListing"/> the sizes of all layers on the way,
/// <see cref="PathProfiler"/> what lies on the paths, <see cref="OnnxComputation"/> the nodes of a model file.
/// </summary>
/// <typeparam name="T">Its values.</typeparam>
internal interface IComputation<T> where T : class
{
    /// <summary>A convolution.</summary>
    T Convolve(T input, Convolution convolution);

    /// <summary>A pooling.</summary>
    T Pool(T input, Pooling pooling);

    /// <summary>A fully connected layer.</summary>
    T Classify(T input, Linear linear);

    /// <summary>A layer of a user's own.</summary>
    T Run(T input, ICustomLayer layer);

    /// <summary>Values side by side.</summary>
    T Concatenate(params ReadOnlySpan<T> values);

    /// <summary>Every second pixel of every second row, from so many pixels on.</summary>
    T EverySecond(T input, int start);

    /// <summary>Zeros of the shape of a value.</summary>
    T Zeros(T like);

    /// <summary>
    /// A node: the sum of its inputs, each normalised first if a batch norm goes with it, and the activation. Layers leave their batch norm
    /// to the node that reads them, so that normalising, adding and activating are one pass over memory.
    /// </summary>
    /// <param name="terms">Its inputs, at least one, of one shape.</param>
    /// <param name="reads">What is wanted of it.</param>
    /// <param name="ceiling">The activation's upper bound; null for that of the network.</param>
    Features<T> Sum(ReadOnlySpan<Term<T>> terms, Reads reads, float? ceiling = null);

    /// <summary>The output of an operation that is complete: what follows belongs to another one.</summary>
    Term<T>[] Complete(Term<T>[] output) => output;

    /// <summary>The terms of a branch that drop path may leave out.</summary>
    Term<T>[] Droppable(Term<T>[] branch);

    /// <summary>Computes a part of a network, its stem or a block, after which nothing else of what came before is needed.</summary>
    /// <param name="part">Gives what later parts read, last its own output; it may be some of what it was given.</param>
    IReadOnlyList<T> After(Func<IReadOnlyList<T>> part);

    /// <summary>The same for the features of a node.</summary>
    Features<T> After(Func<Features<T>> part)
    {
        Features<T>? features = null;
        After(() => (features = part()).Values);
        return features!;
    }
}

/// <summary>A layer that is none of the library's own.</summary>
internal interface ICustomLayer
{
    /// <summary>Its sizes.</summary>
    LayerShape Shape { get; }

    /// <summary>Channels of its output.</summary>
    int Outputs { get; }

    /// <summary>Height and width of its output in pixels.</summary>
    int OutputSize { get; }

    /// <summary>Computes it.</summary>
    Tensor Forward(Tensor input, bool training);

    /// <summary>Writes it as nodes of ONNX.</summary>
    /// <exception cref="SpaceDefinitionException">It does not say how it is exported.</exception>
    OnnxValue Export(OnnxGraph graph, OnnxValue input);
}
