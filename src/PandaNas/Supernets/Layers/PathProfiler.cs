namespace PandaNas.Supernets.Layers;

/// <summary>Looks at the paths through a network.</summary>
internal sealed class PathProfiler : IComputation<PathProfile>
{
    public PathProfile Convolve(PathProfile input, Convolution convolution) => input.AfterWeights(convolution.LooksAround);

    public PathProfile Pool(PathProfile input, Pooling pooling) => input with { Poolings = input.Poolings.Next() };

    // The classifier is no operation: every path has it.
    public PathProfile Classify(PathProfile input, Linear linear) => input;

    public PathProfile Run(PathProfile input, ICustomLayer layer) =>
        layer.Shape.Parameters > 0 ? input.AfterWeights(looksAround: true) : input;

    public PathProfile Concatenate(params ReadOnlySpan<PathProfile> values) => PathProfile.Of(values);

    public PathProfile EverySecond(PathProfile input, int start) => input;

    public PathProfile Zeros(PathProfile like) => PathProfile.None;

    public Features<PathProfile> Sum(ReadOnlySpan<Term<PathProfile>> terms, Reads reads, float? ceiling = null)
    {
        var values = new PathProfile[terms.Length];
        for (int i = 0; i < values.Length; i++) values[i] = terms[i].Value;
        var sum = PathProfile.Of(values);
        return new Features<PathProfile>(sum, sum);
    }

    public Term<PathProfile>[] Complete(Term<PathProfile>[] output) => Array.ConvertAll(
        output, term => new Term<PathProfile>(term.Value with { Complete = term.Value.Operations, Weighed = false }));

    public Term<PathProfile>[] Droppable(Term<PathProfile>[] branch) => branch;

    public IReadOnlyList<PathProfile> After(Func<IReadOnlyList<PathProfile>> part) => part();
}
