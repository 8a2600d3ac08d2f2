using PandaNas.Latency;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Options;

/// <summary>Which networks are measured, and how.</summary>
internal sealed record LatencyOptions : CostOptions
{
    private const int Most = 10_000;
    private static readonly LatencyProtocol s_usual = new();

    /// <summary>What computes.</summary>
    [Option("runtime", "what computes: torch as in retraining, or ONNX Runtime what is exported",
        Group = OptionGroup.Measurement, IsUsual = true, IsStored = false)]
    public LatencyRuntime Runtime { get => Get(LatencyRuntime.Torch); init => Set(value); }

    /// <summary>Images at a time.</summary>
    [Option("batch", "images at a time",
        Group = OptionGroup.Measurement, IsUsual = true, Unit = "images", Least = 1, Most = 1 << 16, IsStored = false)]
    public int Batch { get => Get(1); init => Set(value); }

    /// <summary>Threads that compute; 0 is one per processor.</summary>
    [Option("threads", "threads that compute; 0 is one per processor",
        Group = OptionGroup.Measurement, IsUsual = true, Least = 0, Most = 1024, IsStored = false)]
    public int Threads { get => Get(0); init => Set(value); }

    /// <summary>What is computed in.</summary>
    [Option("precision", "what is computed in", Group = OptionGroup.Measurement, IsUsual = true, IsStored = false)]
    public Precision Precision { get => Get(Precision.Float32); init => Set(value); }

    /// <summary>Runs before those that count.</summary>
    [Option("warm-up", "runs before those that count", Group = OptionGroup.Measurement, Least = 0, Most = Most, IsStored = false)]
    public int WarmUp { get => Get(s_usual.WarmUp); init => Set(value); }

    /// <summary>Runs in a round whose median counts.</summary>
    [Option("repetitions", "runs in a round whose median counts",
        Group = OptionGroup.Measurement, Least = 1, Most = Most, IsStored = false)]
    public int Repetitions { get => Get(s_usual.Repetitions); init => Set(value); }

    /// <summary>How often everything is measured; the fastest round counts.</summary>
    [Option("rounds", "how often everything is measured; the fastest round counts",
        Group = OptionGroup.Measurement, Least = 1, Most = Most, IsStored = false)]
    public int Rounds { get => Get(s_usual.Rounds); init => Set(value); }

    /// <summary>Random networks that a table is fitted to.</summary>
    [Option("networks", "random networks that a table is fitted to",
        Group = OptionGroup.Measurement, Least = 2, Most = Most, IsStored = false)]
    public int Networks { get => Get(s_usual.Networks); init => Set(value); }

    /// <summary>Random networks that its error is measured on.</summary>
    [Option("held-out", "random networks that its error is measured on",
        Group = OptionGroup.Measurement, Least = 1, Most = Most, IsStored = false)]
    public int HeldOut { get => Get(s_usual.HeldOut); init => Set(value); }

    /// <summary>Decides the random networks.</summary>
    [Option("seed", "decides the random networks", Group = OptionGroup.Measurement, IsStored = false)]
    public long Seed { get => Get(0L); init => Set(value); }

    /// <summary>A table to compare with; null for none.</summary>
    [Option("latency-table", "compare with a latency table, or predict by it",
        Group = OptionGroup.Measurement, IsUsual = true, Value = "FILE", IsStored = false)]
    public string? LatencyTable { get => Get<string?>(null); init => Set(value); }

    /// <summary>Whether the table may be of another machine.</summary>
    [Option("allow-other-machine", "accept a table that was measured on another machine",
        Group = OptionGroup.Measurement, IsStored = false)]
    public bool AllowOtherMachine { get => Get(false); init => Set(value); }

    /// <summary>The options for the networks as which a supernet's architectures are retrained.</summary>
    internal LatencyOptions Of(SupernetOptions supernet, int imageSize, int classes, int channels) =>
        (LatencyOptions)OverRun(supernet, option => option.Owner == typeof(SpaceOptions)) with
        {
            ImageSize = imageSize,
            Classes = classes,
            InputChannels = channels,
        };

    /// <summary>How it is measured.</summary>
    internal LatencyProtocol Protocol => new(WarmUp, Repetitions, Rounds, Networks, HeldOut, Seed);
}
