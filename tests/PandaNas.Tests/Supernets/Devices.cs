using PandaNas.Runtime.Torch;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets;

/// <summary>Where tests of networks run: on the processor, and on a GPU if this machine and build have one.</summary>
internal static class Devices
{
    /// <summary>Their names, as options give them.</summary>
    public static IReadOnlyList<string> Names { get; } = HasGpu() ? ["cpu", "cuda"] : ["cpu"];

    /// <summary>Each of them, with images in plain memory and in channels-last memory.</summary>
    public static TheoryData<string, bool> AndLayouts()
    {
        var data = new TheoryData<string, bool>();
        foreach (string name in Names)
            foreach (bool channelsLast in (bool[])[false, true]) data.Add(name, channelsLast);
        return data;
    }

    public static Device Open(string name) => TorchRuntime.OpenDevice(name);

    private static bool HasGpu()
    {
        try
        {
            TorchRuntime.OpenDevice("cuda");
            return true;
        }
        catch (BadOptionException)
        {
            return false;
        }
    }
}
