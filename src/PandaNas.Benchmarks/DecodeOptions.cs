using PandaNas.Experiments.Options;

namespace PandaNas.Benchmarks;

/// <summary>How the decoding of streamed images is measured.</summary>
public sealed record DecodeOptions : OptionSet
{
    /// <summary>Random images of 500×375 pixels that are made where the folder does not exist.</summary>
    [Option(
        "images", "random images of 500x375 pixels, where the folder does not exist", Group = OptionGroup.Measurement, IsUsual = true,
        Unit = "images", Least = 200, Most = 10_000_000)]
    public int Images { get => Get(5000); init => Set(value); }

    /// <summary>The share of them that is damaged.</summary>
    [Option("damaged", "share of them that is damaged", Group = OptionGroup.Measurement, IsUsual = true, Least = 0, Most = 0.5)]
    public double Damaged { get => Get(0.0); init => Set(value); }

    /// <summary>Side of the images in batches, in pixels.</summary>
    [Option(
        "image-size", "side of the images in batches", Group = OptionGroup.Measurement, IsUsual = true, Unit = "pixels", Least = 1,
        Most = 4096)]
    public int ImageSize { get => Get(224); init => Set(value); }

    /// <summary>Threads that decode; 0 is one per processor.</summary>
    [Option(
        "workers", "threads that decode; 0 is one per processor", Group = OptionGroup.Measurement, IsUsual = true, Least = 0, Most = 1024)]
    public int Workers { get => Get(0); init => Set(value); }
}
