namespace PandaNas.Supernets.Layers;

/// <summary>How many operations with weights lie on the longest path to a value.</summary>
/// <param name="Complete">Those that are complete.</param>
/// <param name="Weighed">Whether the operation that is being computed has had a layer with weights on that path.</param>
/// <param name="ReadsImages">Whether some path leads from the images to the value.</param>
internal sealed record PathDepth(int Complete, bool Weighed, bool ReadsImages)
{
    /// <summary>Of the images.</summary>
    public static PathDepth Images { get; } = new(0, false, ReadsImages: true);

    /// <summary>Of what no path leads to.</summary>
    public static PathDepth None { get; } = new(0, false, ReadsImages: false);

    /// <summary>All of them.</summary>
    public int Operations => Complete + (Weighed ? 1 : 0);
}

/// <summary>Counts operations along the longest path of a network.</summary>
internal sealed class DepthCount : IComputation<PathDepth>
{
    public PathDepth Convolve(PathDepth input, Convolution convolution) => input with { Weighed = true };

    public PathDepth Pool(PathDepth input, Pooling pooling) => input;

    // The classifier is no operation: every path has it.
    public PathDepth Classify(PathDepth input, Linear linear) => input;

    public PathDepth Run(PathDepth input, ICustomLayer layer) => layer.Shape.Parameters > 0 ? input with { Weighed = true } : input;

    public PathDepth Concatenate(params ReadOnlySpan<PathDepth> values) => Longest(values);

    public PathDepth EverySecond(PathDepth input, int start) => input;

    public PathDepth Zeros(PathDepth like) => PathDepth.None;

    public Features<PathDepth> Sum(ReadOnlySpan<Term<PathDepth>> terms, Reads reads, float? ceiling = null)
    {
        PathDepth longest = PathDepth.None;
        foreach (Term<PathDepth> term in terms) longest = Longest(longest, term.Value);
        return new Features<PathDepth>(longest, longest);
    }

    public Term<PathDepth>[] Complete(Term<PathDepth>[] output) =>
        Array.ConvertAll(output, term => new Term<PathDepth>(term.Value with { Complete = term.Value.Operations, Weighed = false }));

    public Term<PathDepth>[] Droppable(Term<PathDepth>[] branch) => branch;

    public IReadOnlyList<PathDepth> After(Func<IReadOnlyList<PathDepth>> part) => part();

    private static PathDepth Longest(params ReadOnlySpan<PathDepth> values)
    {
        PathDepth longest = values[0];
        bool readsImages = false;
        foreach (PathDepth value in values)
        {
            readsImages |= value.ReadsImages;
            if (value.Operations > longest.Operations) longest = value;
        }
        return longest.ReadsImages == readsImages ? longest : longest with { ReadsImages = readsImages };
    }
}
