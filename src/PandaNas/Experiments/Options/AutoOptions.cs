using PandaNas.Runtime.Torch;
using PandaNas.Searching;

namespace PandaNas.Experiments.Options;

/// <summary>How long finding and training a model may take, and what the model may cost; all else is decided from the images.</summary>
/// <example><code>new AutoOptions { Minutes = 20, MaxParameters = 60_000 }</code></example>
public sealed record AutoOptions : OptionSet
{
    /// <summary>Has the image format if it is your own.</summary>
    public Catalog Catalog { get; init; } = Catalog.Default;

    /// <summary>Minutes for everything together, from reading the images to the model's file.</summary>
    [Option("minutes", "minutes for everything together, from reading the images to the model's file; kept within a tenth",
        Group = OptionGroup.Start, IsUsual = true, Unit = "minutes", Above = 0, Most = 100_000)]
    public double Minutes { get => Get(10.0); init => Set(value); }

    /// <summary>Most parameters; null is no limit.</summary>
    [Option("max-params", "most parameters", Group = OptionGroup.Limits, IsUsual = true, Least = 1)]
    public long? MaxParameters { get => Get<long?>(null); init => Set(value); }

    /// <summary>Most multiply-adds for one image; null is no limit.</summary>
    [Option("max-macs", "most multiply-adds for one image", Group = OptionGroup.Limits, IsUsual = true, Least = 1)]
    public long? MaxMultiplyAdds { get => Get<long?>(null); init => Set(value); }

    /// <summary>Most milliseconds for one image, on one thread of this machine; null is no limit.</summary>
    [Option("max-latency-ms", "most milliseconds for one image, measured on one thread of this machine",
        Group = OptionGroup.Limits, IsUsual = true, Unit = "ms", Above = 0, Most = double.MaxValue)]
    public double? MaxLatencyMs { get => Get<double?>(null); init => Set(value); }

    /// <summary>Folder of the decoded-image cache; null is the user's own.</summary>
    [Option("cache", "folder for decoded images",
        Group = OptionGroup.Run, IsUsual = true, Value = "PATH", Otherwise = "the user's cache folder", MayChange = true)]
    public string? CacheFolder
    {
        get => Get<string?>(null);
        init => Set(value, path => string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path));
    }

    /// <summary>The seed from which every random stream is derived.</summary>
    [Option("seed", "decides every random number", Group = OptionGroup.Run, IsUsual = true)]
    public long Seed { get => Get(0L); init => Set(value); }

    /// <summary>Threads of torch; 0 is one per processor.</summary>
    [Option("threads", "threads of torch; 0 is one per processor",
        Group = OptionGroup.Run, IsUsual = true, Least = 0, Most = 1024, MayChange = true)]
    public int Threads { get => Get(0); init => Set(value); }

    /// <summary>Where tensors live: cpu, cuda or cuda:INDEX.</summary>
    [Option("device", "cpu, cuda or cuda:INDEX (cuda needs a build with -p:Torch=cuda)",
        Group = OptionGroup.Run, IsUsual = true, Value = "DEVICE", MayChange = true)]
    public string Device { get => Get("cpu"); init => Set(value, TorchRuntime.CheckDeviceName); }

    /// <summary>What the model may cost.</summary>
    internal CostLimits Limits => new(MaxParameters, MaxMultiplyAdds, MaxLatencyMs);
}
