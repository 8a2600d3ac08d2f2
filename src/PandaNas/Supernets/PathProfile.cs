namespace PandaNas.Supernets;

/// <summary>How many layers of some kind lie on the paths to a value.</summary>
/// <param name="Fewest">On the path that has the fewest.</param>
/// <param name="Mean">On average, where every node takes the mean of its inputs.</param>
/// <param name="Most">On the path that has the most.</param>
internal readonly record struct LayerCount(int Fewest, double Mean, int Most)
{
    /// <summary>One layer more on every path.</summary>
    public LayerCount Next() => new(Fewest + 1, Mean + 1, Most + 1);
}

/// <summary>What lies on the paths from the images to a value.</summary>
/// <param name="Complete">Operations with weights on the longest path that are complete.</param>
/// <param name="Weighed">Whether the operation that is being computed has had a layer with weights on that path.</param>
/// <param name="ReadsImages">Whether some path leads from the images to the value.</param>
internal sealed record PathProfile(int Complete, bool Weighed, bool ReadsImages)
{
    /// <summary>Of the images.</summary>
    public static PathProfile Images { get; } = new(0, false, ReadsImages: true);

    /// <summary>Of what no path leads to.</summary>
    public static PathProfile None { get; } = new(0, false, ReadsImages: false);

    /// <summary>Operations with weights on the longest path.</summary>
    public int Operations => Complete + (Weighed ? 1 : 0);

    /// <summary>Layers with weights, without the classifier.</summary>
    public LayerCount Weights { get; init; }

    /// <summary>Those of them that look at more than one pixel.</summary>
    public LayerCount Kernels { get; init; }

    /// <summary>Poolings.</summary>
    public LayerCount Poolings { get; init; }

    /// <summary>The profile of what is made of several values.</summary>
    public static PathProfile Of(params ReadOnlySpan<PathProfile> values)
    {
        PathProfile longest = values[0];
        if (values.Length == 1) return longest;
        foreach (PathProfile value in values)
            if (value.Operations > longest.Operations) longest = value;
        PathProfile[] reached = [.. values.ToArray().Where(value => value.ReadsImages)];
        return reached.Length == 0 ? longest : longest with
        {
            ReadsImages = true,
            Weights = Merge(value => value.Weights),
            Kernels = Merge(value => value.Kernels),
            Poolings = Merge(value => value.Poolings),
        };

        LayerCount Merge(Func<PathProfile, LayerCount> count) => new(
            reached.Min(value => count(value).Fewest), reached.Average(value => count(value).Mean),
            reached.Max(value => count(value).Most));
    }

    /// <summary>After a layer with weights.</summary>
    /// <param name="looksAround">Whether it looks at more than one pixel.</param>
    public PathProfile AfterWeights(bool looksAround) => this with
    {
        Weighed = true,
        Weights = Weights.Next(),
        Kernels = looksAround ? Kernels.Next() : Kernels,
    };
}
