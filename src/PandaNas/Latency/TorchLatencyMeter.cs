using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Kernels;
using static TorchSharp.torch;

namespace PandaNas.Latency;

/// <summary>
/// Measures on the CPU what retraining builds: stand-alone networks in evaluation mode, with random weights and random images, which
/// take as long as others.
/// </summary>
/// <param name="family">The space.</param>
/// <param name="sizes">The sizes of its networks.</param>
/// <param name="batch">Images at a time, at least 1.</param>
/// <param name="precision">What is computed in.</param>
/// <param name="timer">Times every run.</param>
/// <param name="repetitions">Runs whose median counts.</param>
internal sealed class TorchLatencyMeter(
    SpaceFamily family, NetworkOptions sizes, int batch, Precision precision, MedianTimer timer, int repetitions) : ILatencyMeter
{
    // A layer is too short for a clock: so many calls are timed together.
    private const int LayerCalls = 10;

    private static RandomStream Weights => RandomStream.Derive(0, "latency");

    /// <inheritdoc/>
    public double Network(Architecture architecture)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using Network network = family.Standalone(sizes, architecture, CPU, Weights);
        network.Precision = precision;
        using Tensor raw = rand(batch, sizes.InputChannels, sizes.ImageSize, sizes.ImageSize), images = ChannelsLast.Of(raw);
        return timer.Seconds(() => Release(() => network.Forward(images, architecture, training: false)), repetitions);
    }

    /// <inheritdoc/>
    public double Layer(LayerShape layer)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var store = new WeightStore(CPU, Weights);
        LayerWork work = LayerWork.Of(layer, store, batch);
        Tensor[] inputs = [.. work.Inputs.Select(Values)];
        return timer.Seconds(() => Repeat(() => work.Torch(inputs)), repetitions) / LayerCalls;
    }

    // Images lie as networks keep them; features are float32 whatever the precision.
    private Tensor Values(long[] shape)
    {
        Tensor values = randn(shape);
        return shape.Length < 4 ? values : ChannelsLast.Of(precision == Precision.Float32 ? values : values.to(ScalarType.BFloat16));
    }

    private static void Repeat(Func<Tensor> run)
    {
        for (int i = 0; i < LayerCalls; i++) Release(run);
    }

    private static void Release(Func<Tensor> run)
    {
        using var scope = NewDisposeScope();
        run();
    }
}
