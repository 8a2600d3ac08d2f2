using System.Collections.Immutable;
using PandaNas.Training;

namespace PandaNas.Experiments.Options;

/// <summary>Which gradient variances of a supernet are measured.</summary>
internal sealed record VarianceOptions : OptionSet
{
    /// <summary>The names of all pairs.</summary>
    internal static ImmutableArray<string> AllDistributions { get; } = ["uniform", "pa", "da", "panda"];

    /// <summary>The pairs of distributions.</summary>
    [Option("distributions", "which pairs, joined by commas",
        Group = OptionGroup.Measurement, IsUsual = true, Value = "NAMES", Names = NameKind.Distribution)]
    public ImmutableArray<string> Distributions { get => Get(AllDistributions); init => Set(value); }

    /// <summary>M: gradients per pair.</summary>
    [Option("samples", "gradients from each pair",
        Group = OptionGroup.Measurement, IsUsual = true, Value = "M", Unit = "gradients",
        Least = GradientVarianceEstimator.FewestSamples, Most = 1_000_000)]
    public int Samples { get => Get(200); init => Set(value); }

    /// <summary>Decides the draws.</summary>
    [Option("seed", "decides the draws", Group = OptionGroup.Measurement, IsUsual = true)]
    public long Seed { get => Get(0L); init => Set(value); }

    /// <inheritdoc/>
    private protected override void Check()
    {
        if (Distributions.Distinct().Count() != Distributions.Length)
            throw new BadOptionException(
                "distributions", $"{Mention.Option("distributions")}: '{string.Join(',', Distributions)}' names one twice");
    }
}
