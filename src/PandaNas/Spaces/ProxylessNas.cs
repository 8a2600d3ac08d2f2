using System.Collections.Immutable;

namespace PandaNas.Spaces;

/// <summary>
/// The ProxylessNAS space (Cai, Zhu and Han 2019): 21 layers in six stages, each a mobile inverted convolution of kernel 3, 5 or 7 and
/// expansion 3 or 6, or, where a layer keeps size and width, nothing. 7¹⁵·6⁶ architectures, written with a dash between layers:
/// <c>k5e3-k3e3-skip-skip-k7e3-…</c> is kernel 5 with expansion 3, kernel 3 with expansion 3, two layers left out, and so on.
/// </summary>
public sealed class ProxylessNas : SearchSpace
{
    /// <summary>Layers of the first, second, … stage.</summary>
    public static ImmutableArray<int> Depths { get; } = [4, 4, 4, 4, 4, 1];

    /// <summary>Strides of the first layer of the first, second, … stage; all other layers have stride 1.</summary>
    public static ImmutableArray<int> Strides { get; } = [2, 2, 2, 1, 2, 1];

    /// <summary>Kernel and expansion of every operation but the last.</summary>
    public static ImmutableArray<(int Kernel, int Expansion)> Convolutions { get; } =
        [.. from kernel in new[] { 3, 5, 7 } from expansion in new[] { 3, 6 } select (kernel, expansion)];

    /// <summary>Index of the operation that leaves its layer out.</summary>
    public static int Skip { get; } = Convolutions.Length;

    /// <summary>The space; it has no state, so one instance serves all.</summary>
    public static ProxylessNas Instance { get; } = new();

    private ProxylessNas()
        : base("proxylessnas", [.. Convolutions.Select(convolution => $"k{convolution.Kernel}e{convolution.Expansion}"), "skip"], [.. MakeChoices()])
    {
    }

    /// <inheritdoc/>
    public override string Format(Architecture architecture)
    {
        Check(architecture);
        return string.Join('-', Enumerable.Range(0, Choices.Length).Select(layer => Operations[OperationAt(architecture, layer)!.Value]));
    }

    /// <summary>The notation with the layers left out moved to the end of their stage, whose other layers all have the same shape.</summary>
    public override string IsomorphismKey(Architecture architecture)
    {
        var candidates = new List<int>(Choices.Length);
        foreach (int depth in Depths)
        {
            int[] stage = [.. architecture.Candidates.AsSpan(candidates.Count, depth)];
            candidates.AddRange(stage.OrderBy(candidate => candidate == Skip));
        }
        return Format(new Architecture([.. candidates]));
    }

    /// <inheritdoc/>
    public override Architecture Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] layers = text.Trim().Split('-');
        if (layers.Length != Choices.Length) throw Malformed(text, $"{Choices.Length} layers joined by '-', found {layers.Length}");
        var candidates = new int[layers.Length];
        for (int layer = 0; layer < layers.Length; layer++)
        {
            ImmutableArray<int> offered = ((OperationChoice)Choices[layer]).Operations;
            candidates[layer] = offered.IndexOf(Operations.IndexOf(layers[layer]));
            if (candidates[layer] < 0)
                throw Malformed(text, $"layer {layer + 1} to be one of {string.Join(", ", offered.Select(operation => Operations[operation]))}, found '{Excerpt.Of(layers[layer])}'");
        }
        return new Architecture(candidates);
    }

    // A layer that changes size or width cannot be left out.
    private static IEnumerable<Choice> MakeChoices()
    {
        for (int stage = 0; stage < Depths.Length; stage++)
            for (int layer = 0; layer < Depths[stage]; layer++)
                yield return new OperationChoice($"stage {stage + 1} layer {layer + 1}", [.. Enumerable.Range(0, layer == 0 ? Skip : Skip + 1)]);
    }

    private static ArchitectureFormatException Malformed(string text, string expected) => new(
        $"'{Excerpt.Of(text)}' is not a ProxylessNAS architecture: expected {expected}. The form is k3e3-k5e6-skip-…, one of k3e3, k3e6, k5e3, k5e6, k7e3, k7e6 or skip for each of 21 layers");
}
