using PandaNas.Spaces;
using PandaNas.Supernets.Graphs;

namespace PandaNas.Supernets.Definitions;

/// <summary>A space whose networks are a chain of layers and cells, made from a <see cref="SpaceDefinition"/>.</summary>
internal class ChainFamily : GraphFamily
{
    private readonly Func<NetworkOptions, SpaceDefinition>? _define;
    private readonly SpaceLayout _layout;
    // Replaced as a whole, so that threads may share it.
    private Tuple<NetworkOptions, SpaceLayout>? _sized;

    /// <summary>Makes the space of a definition.</summary>
    /// <exception cref="SpaceDefinitionException">The definition does not make one; the message says where and why.</exception>
    public ChainFamily(SpaceDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        _layout = SpaceLayout.Of(definition);
        CheckWeights(_layout);
    }

    /// <summary>Makes a space whose definition depends on sizes.</summary>
    /// <param name="define">The definition for sizes that are complete; its choices are always the same.</param>
    /// <param name="usual">Any such sizes.</param>
    private protected ChainFamily(Func<NetworkOptions, SpaceDefinition> define, NetworkOptions usual)
    {
        _define = define;
        _layout = SpaceLayout.Of(define(usual));
    }

    /// <summary>The definition, at usual sizes where it depends on them.</summary>
    public SpaceDefinition Definition => _layout.Definition;

    /// <inheritdoc/>
    public sealed override SearchSpace Space => _layout.Space;

    /// <inheritdoc/>
    public sealed override string Summary => Definition.Summary;

    /// <inheritdoc/>
    internal override NetworkFeatures Features =>
        NetworkFeatures.WidthMultiplier | (_layout.CanDropPaths ? NetworkFeatures.DropPath : NetworkFeatures.None)
        | (_layout.CanEntangle ? NetworkFeatures.WeightEntanglement : NetworkFeatures.None);

    /// <inheritdoc/>
    internal sealed override bool RunsModules =>
        _layout.Places.SelectMany(place => place.Operations).Any(operation => operation is Operations.ModuleOperation);

    /// <inheritdoc/>
    public sealed override int CalibrationBatches => Definition.CalibrationBatches;

    /// <inheritdoc/>
    internal override (int Channels, int Cells) UsualSizes(bool standalone) => (0, 0);

    /// <summary>The definition made explicit for sizes that are complete.</summary>
    internal SpaceLayout Layout(NetworkOptions options)
    {
        if (_define is null && options.WidthMultiplier == 1) return _layout;
        if (_sized is { } known && known.Item1 == options) return known.Item2;
        SpaceLayout layout = SpaceLayout.Of(_define?.Invoke(options) ?? WidthScaling.Scale(Definition, options.WidthMultiplier));
        _sized = Tuple.Create(options, layout);
        return layout;
    }

    internal sealed override NetworkGraph Build(NetworkSetting setting) => new ChainGraph(Layout(setting.Options), setting);

    /// <inheritdoc/>
    private protected override void CheckSizes(NetworkOptions options)
    {
        WidthScaling.Check(options.WidthMultiplier);
        if (options.WidthMultiplier != 1) CheckScaled(options);
        int smallest = _layout.Sized(options.ImageSize).Last().Shape.OutputSize;
        if (smallest < Operations.Operation.SmallestSide)
            throw new BadOptionException(
                $"image-size is {options.ImageSize}: {Space.Name} leaves {smallest} pixel(s) a side of it, "
                + $"expected {Operations.Operation.SmallestSide} or more; give larger images");
    }

    private void CheckScaled(NetworkOptions options)
    {
        try
        {
            CheckWeights(Layout(options));
        }
        catch (SpaceDefinitionException error)
        {
            throw new BadOptionException(
                "width-multiplier",
                FormattableString.Invariant(
                    $"width-multiplier is {options.WidthMultiplier}: so {Space.Name} cannot be scaled, {error.Message}"),
                error);
        }
    }

    // With every candidate at every place, as the supernet has them.
    private static void CheckWeights(SpaceLayout layout)
    {
        int operations = layout.Places.Sum(place => place.Operations.Count());
        if (operations > DefinitionLimits.MostMade)
            throw new SpaceDefinitionException(
                "body", $"makes a supernet of {operations} operations: expected at most {DefinitionLimits.MostMade}; "
                + "lower counts or candidates");
        try
        {
            long weights =
                layout.Sized(NetworkOptions.LargeImage)
                    .Sum(one => one.Place.SharedWeights + one.Place.Operations.Sum(operation => operation.Weights(one.Shape)));
            if (weights > DefinitionLimits.MostWeights)
                throw new SpaceDefinitionException(
                    "body",
                    $"makes a supernet of {weights} weights: expected at most {DefinitionLimits.MostWeights}; lower channels or counts");
        }
        catch (OverflowException error)
        {
            throw new SpaceDefinitionException("body", $"makes a supernet of more weights than can be counted ({error.Message})");
        }
    }
}
