using PandaNas.Costs;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Recording;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Defined;

/// <summary>An operation that a user's module computes.</summary>
internal sealed record ModuleOperation(
    string Name, Func<OperationShape, nn.Module<Tensor, Tensor>> MakeModule, Func<OperationShape, IEnumerable<LayerShape>> ModuleLayers, ShapeChange Changes, bool Normalizes)
    : Operation(Name, Changes)
{
    internal override IEnumerable<LayerShape> Layers(OperationShape shape) =>
        Normalizes ? [.. ModuleLayers(shape), new BatchNormShape(shape.Outputs, affine: true)] : ModuleLayers(shape);

    internal override IOperation Make(OperationSetting setting) => new ModuleLayer(setting, this);
}

/// <summary>One module in a network. It sees float32 in channels-last memory, and what it gives is brought back to the network's type and layout.</summary>
internal sealed class ModuleLayer : IOperation
{
    private readonly string _name;
    private readonly OperationShape _shape;
    private readonly nn.Module<Tensor, Tensor> _module;
    private readonly nn.Module[] _norms;
    private readonly BatchNorm? _norm;
    private readonly bool _alwaysByBatch;

    public ModuleLayer(OperationSetting setting, ModuleOperation operation)
    {
        (_name, _shape) = (operation.Name, setting.Shape);
        _alwaysByBatch = setting.Normalization == Normalization.BatchStatistics;
        _module = MakeSeeded(setting, operation);
        setting.Store.Own(_module);
        _norms = [.. _module.modules().Where(module => module is BatchNorm1d or BatchNorm2d or BatchNorm3d)];
        TakeTensors(setting.Store, $"{setting.Name}.module", operation);
        if (operation.Normalizes) _norm = new BatchNorm(setting.Store, $"{setting.Name}.bn", setting.Shape.Outputs, setting.Normalization);
    }

    public Reads Reads => Reads.Raw;

    public Term Forward(Tensor input, bool training)
    {
        _module.train(training);
        if (_alwaysByBatch)
            foreach (nn.Module norm in _norms) norm.train(true);
        return new Term(Tape.Torch(input, Compute), _norm);
    }

    private Tensor Compute(Tensor input)
    {
        Tensor output = _module.forward(input.to(ScalarType.Float32));
        CheckShape(output, input.shape[0]);
        return ChannelsLast.Of(output.to(input.dtype));
    }

    // Modules draw their initial values from the global generator, which others may be using.
    private static nn.Module<Tensor, Tensor> MakeSeeded(OperationSetting setting, ModuleOperation operation)
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

    private void TakeTensors(WeightStore store, string name, ModuleOperation operation)
    {
        long parameters = 0;
        foreach ((string key, Parameter parameter) in _module.named_parameters())
        {
            if (parameter.dtype != ScalarType.Float32)
                throw new SpaceDefinitionException($"operation {_name}", $"has a parameter '{key}' of type {parameter.dtype}: expected Float32");
            store.TakeWeight($"{name}.{key}", parameter);
            parameters += parameter.numel();
        }
        long declared = CostCounter.Count(operation.ModuleLayers(_shape)).Parameters;
        if (declared != parameters)
            throw new SpaceDefinitionException(
                $"operation {_name}", $"has {parameters} parameters in {_shape}, but its layers count {declared}: make the layers that it declares those of its module");
        foreach ((string key, Tensor buffer) in _module.named_buffers()) TakeBuffer(store, $"{name}.{key}", buffer);
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
        long[] expected = [examples, _shape.Outputs, _shape.OutputSize, _shape.OutputSize];
        if (!output.shape.AsSpan().SequenceEqual(expected))
            throw new SpaceDefinitionException(
                $"operation {_name}", $"gave {string.Join('×', output.shape)} for {_shape}: expected {string.Join('×', expected)}");
    }
}
