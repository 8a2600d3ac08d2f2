using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Defined;

/// <summary>A space of a user's own and its networks, made from a <see cref="SpaceDefinition"/>.</summary>
public sealed class DefinedFamily : SpaceFamily
{
    private readonly SpaceLayout _layout;

    /// <summary>Makes the space of a definition.</summary>
    /// <exception cref="SpaceDefinitionException">The definition does not make one; the message says where and why.</exception>
    public DefinedFamily(SpaceDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Definition = definition;
        _layout = SpaceLayout.Of(definition);
        CheckWeights();
    }

    /// <summary>The definition.</summary>
    public SpaceDefinition Definition { get; }

    /// <inheritdoc/>
    public override SearchSpace Space => _layout.Space;

    /// <inheritdoc/>
    public override string Summary => Definition.Summary;

    /// <inheritdoc/>
    public override NetworkFeatures Features => _layout.CanDropPaths ? NetworkFeatures.DropPath : NetworkFeatures.None;

    /// <inheritdoc/>
    public override int CalibrationBatches => Definition.CalibrationBatches;

    /// <inheritdoc/>
    public override (int Channels, int Cells) UsualSizes(bool standalone) => (0, 0);

    /// <inheritdoc/>
    public override Network Supernet(NetworkOptions options, Device device, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new DefinedNetwork(Definition, _layout, new WeightStore(device, random), options, options.SupernetNormalization, null);
    }

    /// <inheritdoc/>
    public override Network Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random)
    {
        Space.Check(architecture);
        return new DefinedNetwork(Definition, _layout, new WeightStore(device, random), options, Normalization.RunningStatistics, architecture);
    }

    /// <inheritdoc/>
    public override IEnumerable<LayerShape> Layers(NetworkOptions options, Architecture architecture, bool liveOnly)
    {
        ArgumentNullException.ThrowIfNull(options);
        Space.Check(architecture);
        return new DefinedLayers(Definition, _layout).Of(options, (place, shape) => place switch
        {
            FixedPlace layer => layer.Operation.Layers(shape),
            SearchedPlace layer => layer.Slot.Taken(architecture).Layers(shape),
            CellPlace cell => CellLayers(cell, shape, architecture, liveOnly),
            _ => [],
        });
    }

    /// <inheritdoc/>
    protected override void CheckSizes(NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        int smallest = DefinedLayers.LastSize(Definition, _layout, options.ImageSize);
        if (smallest < Operation.SmallestSide)
            throw new BadOptionException($"image-size is {options.ImageSize}: {Space.Name} leaves {smallest} pixel(s) a side of it, expected {Operation.SmallestSide} or more; give larger images");
    }

    private IEnumerable<LayerShape> CellLayers(CellPlace cell, OperationShape shape, Architecture architecture, bool liveOnly)
    {
        var live = _layout.Space.LiveEdges(cell.Cell, architecture);
        return cell.Slots.Where((_, edge) => !liveOnly || live[edge]).SelectMany(slot => slot.Taken(architecture).Layers(shape));
    }

    // With every candidate at every place, as the supernet has them.
    private void CheckWeights()
    {
        try
        {
            var sizes = new NetworkOptions(InputChannels: 3, ImageSize: NetworkOptions.LargeImage, Classes: 2, Channels: 0, Cells: 0);
            long weights = CostCounter.Count(new DefinedLayers(Definition, _layout).Of(sizes, (place, shape) => place.Operations.SelectMany(operation => operation.Layers(shape)))).Parameters;
            if (weights > DefinitionLimits.MostWeights)
                throw new SpaceDefinitionException("body", $"makes a supernet of {weights} weights: expected at most {DefinitionLimits.MostWeights}; lower channels or counts");
        }
        catch (OverflowException error)
        {
            throw new SpaceDefinitionException("body", $"makes a supernet of more weights than can be counted ({error.Message})");
        }
    }
}
