using PandaNas.Costs;
using PandaNas.Onnx;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Recording;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using BatchNorm = PandaNas.Supernets.Layers.BatchNorm;

namespace PandaNas.Supernets.Operations;

public abstract partial record Operation
{
    /// <summary>An operation of one's own: any module of TorchSharp. docs/spaces.md says what it must keep to.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="make">
    /// Makes the module for a shape, once for every place. Its initial weights come from torch's global generator, which is seeded for it.
    /// A module that implements <see cref="IOnnxModule"/> can be exported to ONNX.
    /// </param>
    /// <param name="cost">
    /// What it costs at that shape: the sum over its layers. A batch norm that <paramref name="normalize"/> adds is counted by itself. The
    /// parameters must be as many as the module has: this is checked when a network is built.
    /// </param>
    /// <param name="changes">What it can change of its input's shape.</param>
    /// <param name="normalize">Whether a batch norm follows that suits the network; a module then needs none of its own.</param>
    public static Operation Module(
        string name, Func<OperationShape, nn.Module<Tensor, Tensor>> make, Func<OperationShape, Cost> cost,
        ShapeChange changes = ShapeChange.Any, bool normalize = true)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(cost);
        return new ModuleOperation(name, make, cost, changes, normalize);
    }
}

/// <summary>An operation that a user's module computes.</summary>
internal sealed record ModuleOperation(
    string Name, Func<OperationShape, nn.Module<Tensor, Tensor>> MakeModule, Func<OperationShape, Cost> CostAt,
    ShapeChange Changes, bool Normalizes)
    : Operation(Name, Changes)
{
    internal override IMadeOperation Make(OperationSetting setting) => new MadeModule(
        new ModuleLayer(setting, this),
        Normalizes ? new BatchNorm(setting.Store, $"{setting.Name}.bn", setting.Shape.Outputs, setting.Network.Normalization) : null);
}

internal sealed class MadeModule(ModuleLayer module, BatchNorm? norm) : IMadeOperation
{
    public Reads Reads => Reads.Raw;

    public Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class =>
        [new(computation.Run(input.Raw, module), norm)];
}

/// <summary>A module as a layer: it costs what its author says, and takes the time that it takes.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="At">From what to what it computes.</param>
internal sealed record ModuleShape(ModuleOperation Operation, OperationShape At) : LayerShape
{
    private readonly Cost _cost = Operation.CostAt(At) is { Parameters: >= 0, MultiplyAdds: >= 0 } cost ? cost
        : throw new SpaceDefinitionException($"operation {Operation.Name}", $"costs {Operation.CostAt(At)}: expected 0 or more of each");

    public override string Kind => "module";

    public override string Name =>
        $"{Kind} {Operation.Name} of {At.Inputs} to {At.Outputs} channels at {At.OutputSize}x{At.OutputSize}, stride {At.Stride}";

    public override long Parameters => _cost.Parameters;

    public override long MultiplyAdds => _cost.MultiplyAdds;
}

/// <summary>
/// One module in a network. It sees float32 in channels-last memory, and what it gives is brought back to the network's type and layout.
/// </summary>
internal sealed class ModuleLayer : ICustomLayer
{
    private static readonly Lock Generator = new();

    private readonly ModuleShape _shape;
    private readonly nn.Module<Tensor, Tensor>? _module;
    private readonly nn.Module[] _norms = [];
    private readonly bool _alwaysByBatch;
    private readonly string _place;

    public ModuleLayer(OperationSetting setting, ModuleOperation operation)
    {
        _shape = new ModuleShape(operation, setting.Shape);
        _place = $"operation {operation.Name}";
        _alwaysByBatch = setting.Network.Normalization == Normalization.BatchStatistics;
        if (setting.Store.OnlyCounts)
        {
            setting.Store.Count(_shape.Parameters);
            return;
        }
        _module = MakeSeeded(setting, operation);
        setting.Store.Own(_module);
        _norms = [.. _module.modules().Where(module => module is BatchNorm1d or BatchNorm2d or BatchNorm3d)];
        TakeTensors(setting.Store, $"{setting.Name}.module", _module);
    }

    public LayerShape Shape => _shape;

    public int Outputs => _shape.At.Outputs;

    public int OutputSize => _shape.At.OutputSize;

    public Tensor Forward(Tensor input, bool training)
    {
        _module!.train(training);
        if (_alwaysByBatch)
            foreach (nn.Module norm in _norms) norm.train(true);
        return Tape.Torch(input, Compute);
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => _module is IOnnxModule own
        ? own.Export(graph, input)
        : throw new SpaceDefinitionException(
            _place,
            $"does not say how it is exported to ONNX: let its module {_module!.GetType().Name} implement {nameof(IOnnxModule)}, "
            + "or export to safetensors");

    private Tensor Compute(Tensor input)
    {
        Tensor output = _module!.forward(input.to(ScalarType.Float32));
        CheckShape(output, input.shape[0]);
        return ChannelsLast.Of(output.to(input.dtype));
    }

    // Modules draw their initial values from the process's only generator: networks that threads make at the same time take turns.
    private static nn.Module<Tensor, Tensor> MakeSeeded(OperationSetting setting, ModuleOperation operation)
    {
        lock (Generator) return MakeWithGenerator(setting, operation);
    }

    private static nn.Module<Tensor, Tensor> MakeWithGenerator(OperationSetting setting, ModuleOperation operation)
    {
        using Tensor state = random.get_rng_state();
        try
        {
            random.manual_seed(setting.Store.NextSeed());
            nn.Module<Tensor, Tensor> module = operation.MakeModule(setting.Shape)
                ?? throw new SpaceDefinitionException($"operation {operation.Name}", "made no module");
            return module.to(setting.Store.Device);
        }
        finally
        {
            random.set_rng_state(state);
        }
    }

    private void TakeTensors(WeightStore store, string name, nn.Module module)
    {
        long parameters = 0;
        foreach ((string key, Parameter parameter) in module.named_parameters())
        {
            if (parameter.dtype != ScalarType.Float32)
                throw new SpaceDefinitionException(_place, $"has a parameter '{key}' of type {parameter.dtype}: expected Float32");
            store.TakeWeight($"{name}.{key}", parameter);
            parameters += parameter.numel();
        }
        if (_shape.Parameters != parameters)
            throw new SpaceDefinitionException(
                _place,
                $"has {parameters} parameters in {_shape.At}, but its cost says {_shape.Parameters}: "
                + "count those of its module");
        foreach ((string key, Tensor buffer) in module.named_buffers()) TakeBuffer(store, $"{name}.{key}", buffer);
    }

    // By batch statistics, running ones are kept but never read: they are no part of the network's state.
    private void TakeBuffer(WeightStore store, string name, Tensor buffer)
    {
        switch (name.Split('.')[^1])
        {
            case "num_batches_tracked":
            case "running_mean" or "running_var" when _alwaysByBatch:
                buffer.DetachFromDisposeScope();
                break;
            case "running_mean" or "running_var":
                store.TakeStatistic(name, buffer);
                break;
            default:
                store.TakeConstant(name, buffer);
                break;
        }
    }

    private void CheckShape(Tensor output, long examples)
    {
        long[] expected = [examples, Outputs, OutputSize, OutputSize];
        if (!output.shape.AsSpan().SequenceEqual(expected))
            throw new SpaceDefinitionException(
                _place, $"gave {string.Join('×', output.shape)} for {_shape.At}: expected {string.Join('×', expected)}");
    }
}
