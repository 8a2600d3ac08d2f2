using PandaNas.Runtime.Torch;

namespace PandaNas.Experiments.Options;

/// <summary>How pictures are classified.</summary>
internal sealed record PredictOptions : OptionSet
{
    /// <summary>How many classes are named for every picture.</summary>
    [Option("top", "classes named for every image, the most probable ones",
        Group = OptionGroup.Measurement, IsUsual = true, Value = "K", Least = 1, Most = 1 << 16)]
    public int Top { get => Get(3); init => Set(value); }

    /// <summary>Threads that compute; 0 is one per processor.</summary>
    [Option("threads", "threads that compute; 0 is one per processor", Group = OptionGroup.Run, Least = 0, Most = 1024)]
    public int Threads { get => Get(0); init => Set(value); }

    /// <summary>Threads that decode images ahead of their use; 0 is one per processor.</summary>
    [Option("workers", "threads that decode images ahead of their use, yielding to those that compute; 0 is one per processor",
        Group = OptionGroup.Run, Least = 0, Most = 1024)]
    public int Workers { get => Get(0); init => Set(value); }

    /// <summary>Where a model that is no ONNX file computes: cpu, cuda or cuda:INDEX.</summary>
    [Option("device", "of a model that is no ONNX file: cpu, cuda or cuda:INDEX (cuda needs a build with -p:Torch=cuda)",
        Group = OptionGroup.Run, Value = "DEVICE")]
    public string Device { get => Get("cpu"); init => Set(value, TorchRuntime.CheckDeviceName); }
}
