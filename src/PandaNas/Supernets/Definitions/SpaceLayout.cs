using System.Collections.Immutable;
using PandaNas.Spaces;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.Definitions;

/// <summary>A definition made explicit: every place of the networks, and the choices.</summary>
/// <param name="Definition">The definition.</param>
/// <param name="Space">The space.</param>
/// <param name="Places">The places in order.</param>
internal sealed record SpaceLayout(SpaceDefinition Definition, OperationSpace Space, ImmutableArray<Place> Places)
{
    /// <summary>Channels of the last place.</summary>
    public int Outputs => Places[^1].Outputs;

    /// <summary>
    /// Whether there are branches that drop path can leave out: edges of cells, and what stands beside a residual connection.
    /// </summary>
    public bool CanDropPaths => Places.Any(place => place is CellPlace or SearchedPlace { Residual: true });

    /// <summary>Whether there are operations at one place that can share weights.</summary>
    public bool CanEntangle => Places.Any(place => place switch
    {
        SearchedPlace layer => Entanglement.AnyAmong(layer.Slot.Candidates),
        CellPlace cell => cell.Slots.Any(slot => Entanglement.AnyAmong(slot.Candidates)),
        _ => false,
    });

    /// <summary>Lays a definition out.</summary>
    /// <exception cref="SpaceDefinitionException">It does not make a space; the message says where and why.</exception>
    public static SpaceLayout Of(SpaceDefinition definition) => new LayoutBuilder(definition).Build();

    /// <summary>The places with what they compute from and to, for images of a height and width in pixels.</summary>
    public IEnumerable<(Place Place, OperationShape Shape)> Sized(int imageSize)
    {
        int size = (imageSize + Definition.Stem.Stride - 1) / Definition.Stem.Stride;
        foreach (Place place in Places)
        {
            OperationShape shape = place.Shape(size);
            yield return (place, shape);
            size = shape.OutputSize;
        }
    }
}

/// <summary>Lays a definition out, part by part.</summary>
internal sealed class LayoutBuilder(SpaceDefinition definition)
{
    // Parameters do not depend on the size.
    private const int AnySize = 32;

    private readonly List<Operation> _operations = [];
    private readonly List<Choice> _choices = [];
    private readonly List<Place> _places = [];
    private readonly Dictionary<string, (Cell Cell, SpaceCell Place, ImmutableArray<Slot> Slots)> _cells = new(StringComparer.Ordinal);
    private int _channels, _searchedLayers;

    /// <summary>The layout.</summary>
    public SpaceLayout Build()
    {
        DefinitionLimits.Check(definition);
        _channels = definition.Stem.Channels;
        for (int part = 0; part < definition.Body.Length; part++) Add(part, definition.Body[part]);
        if (_choices.Count == 0) throw new SpaceDefinitionException("body", "has nothing to search: expected a part with candidates");
        if (!_places.Any(place => place.IsSearched && place.Operations.Any(operation => operation.Weights(place.Shape(AnySize)) > 0)))
            throw new SpaceDefinitionException(
                "body", "has no candidate with weights: path sampling and training need one, for example a convolution");

        var outline = new SpaceOutline(
            definition.Name, [.. _operations.Select(operation => operation.Name)], [.. _choices],
            [.. _operations.Select(operation => operation.CarriesNothing)], [.. _cells.Values.Select(cell => cell.Place)]);
        return new SpaceLayout(definition, definition.MakeSpace(outline), [.. _places]);
    }

    private void Add(int part, SpacePart what)
    {
        string name = $"body {part + 1}";
        if (_places.Count > DefinitionLimits.MostPlaces)
            throw new SpaceDefinitionException(
                name, $"is beyond the {DefinitionLimits.MostPlaces} layers and cells that a network may have");
        switch (what)
        {
            case FixedLayers layers:
                AddFixed(part, name, layers);
                break;
            case SearchedLayers layers:
                AddSearched(part, name, layers);
                break;
            case Cells cells:
                AddCells(part, cells);
                break;
        }
    }

    private void AddFixed(int part, string name, FixedLayers layers)
    {
        Operation operation = layers.Operation;
        if (operation.CarriesNothing)
            throw new SpaceDefinitionException(
                name, $"has operation {operation.Name}, which carries nothing: no architecture would depend on its images");
        for (int layer = 0; layer < layers.Count; layer++)
        {
            (int inputs, int stride) = Next(layers.Channels, layers.Stride, layer);
            if (!operation.Fits(inputs, _channels, stride))
                throw new SpaceDefinitionException(
                    name,
                    $"has operation {operation.Name}, which cannot make {_channels} of {inputs} channels with stride {stride}: "
                    + WhatChanges(operation));
            string place = layers.PlaceName?.Invoke(layer) ?? $"body.{part}.{layer}.{operation.Name}";
            _places.Add(new FixedPlace(place, inputs, _channels, stride, operation, layers.Activate));
        }
    }

    private void AddSearched(int part, string name, SearchedLayers layers)
    {
        for (int layer = 0; layer < layers.Count; layer++)
        {
            (int inputs, int stride) = Next(layers.Channels, layers.Stride, layer);
            bool residual = layers.Residual && (layers.Projection || (inputs == _channels && stride == 1));
            ImmutableArray<Operation> fitting = [.. layers.Candidates.Where(operation => operation.Fits(inputs, _channels, stride))];
            if (fitting.IsEmpty)
                throw new SpaceDefinitionException(
                    name,
                    $"has no candidate that can make {_channels} of {inputs} channels with stride {stride}: "
                    + string.Join("; ", layers.Candidates.Select(WhatChanges)));
            if (!residual && fitting.FirstOrDefault(operation => operation.CarriesNothing) is { } none)
                throw new SpaceDefinitionException(
                    name,
                    $"has candidate {none.Name}, which carries nothing, in a layer that is not residual: "
                    + "no architecture with it would depend on its images");
            Slot slot = NewSlot(name, layers.ChoiceName?.Invoke(layer) ?? $"layer {_searchedLayers + 1}", fitting);
            _searchedLayers++;
            string place = layers.PlaceName?.Invoke(layer) ?? $"body.{part}.{layer}";
            _places.Add(new SearchedPlace(place, inputs, _channels, stride, slot, residual));
        }
    }

    private void AddCells(int part, Cells cells)
    {
        string name = cells.Cell.Name;
        if (!_cells.TryGetValue(name, out var known))
        {
            CellEdge[] edges = [.. cells.Cell.Edges.OrderBy(edge => edge.Target).ThenBy(edge => edge.Source)];
            ImmutableArray<Slot> slots = [.. edges.Select((edge, i) => NewSlot(
                $"cell {name}", cells.ChoiceName?.Invoke(i) ?? $"{name} {edge.Source}->{edge.Target}", edge.Candidates))];
            var graph = new CellGraph(edges[^1].Target + 1, [.. edges.Select(edge => (edge.Source, edge.Target))]);
            known = (cells.Cell, new SpaceCell(_cells.Count, graph, slots[0].Choice), slots);
            _cells.Add(name, known);
        }
        if (known.Cell != cells.Cell)
            throw new SpaceDefinitionException($"cell {name}", "is defined twice, differently: give one of them another name");
        for (int cell = 0; cell < cells.Count; cell++)
            _places.Add(new CellPlace(cells.PlaceName?.Invoke(cell) ?? $"body.{part}.{cell}", _channels, known.Place, known.Slots));
    }

    // The first of several layers changes channels and size, the others keep them.
    private (int Inputs, int Stride) Next(int channels, int stride, int layer)
    {
        int inputs = _channels;
        if (channels > 0) _channels = channels;
        return (inputs, layer == 0 ? stride : 1);
    }

    private Slot NewSlot(string place, string name, ImmutableArray<Operation> candidates)
    {
        if (_choices.Count >= DefinitionLimits.MostChoices)
            throw new SpaceDefinitionException(place, $"is beyond the {DefinitionLimits.MostChoices} choices that a space may have");
        ImmutableArray<int> kinds = [.. candidates.Select(operation => KindOf(place, operation))];
        if (kinds.Distinct().Count() != kinds.Length) throw new SpaceDefinitionException(place, "names a candidate twice");
        var slot = new Slot(_choices.Count, candidates, kinds);
        _choices.Add(new Choice(name, kinds));
        return slot;
    }

    private int KindOf(string place, Operation operation)
    {
        int kind = _operations.FindIndex(known => known.Name == operation.Name);
        if (kind < 0)
        {
            if (_operations.Count >= DefinitionLimits.MostOperations)
                throw new SpaceDefinitionException(
                    place, $"is beyond the {DefinitionLimits.MostOperations} operations that a space may have");
            RequireNamesOfItsOwn(place, operation);
            _operations.Add(operation);
            return _operations.Count - 1;
        }
        return _operations[kind] == operation
            ? kind
            : throw new SpaceDefinitionException(
                place, $"has another operation with the name {operation.Name}: give one of them another name");
    }

    // A weight is named by its operation, a dot and its layer.
    private void RequireNamesOfItsOwn(string place, Operation operation)
    {
        foreach (string known in _operations.Select(one => one.Name))
        {
            (string shorter, string longer) = known.Length < operation.Name.Length ? (known, operation.Name) : (operation.Name, known);
            if (longer.StartsWith($"{shorter}.", StringComparison.Ordinal))
                throw new SpaceDefinitionException(
                    place, $"has operations {shorter} and {longer}, whose weights could have the same name: give one of them another");
        }
    }

    private static string WhatChanges(Operation operation) => operation.Changes switch
    {
        ShapeChange.None => $"{operation.Name} keeps channels and size",
        ShapeChange.Channels => $"{operation.Name} keeps the size",
        ShapeChange.Size => $"{operation.Name} keeps the channels",
        _ => $"{operation.Name} changes both",
    };
}
