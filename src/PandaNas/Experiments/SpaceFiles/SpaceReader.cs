using System.Collections.Immutable;
using PandaNas.Supernets;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.Operations;

namespace PandaNas.Experiments.SpaceFiles;

/// <summary>Reads the definition of a space from YAML; docs/spaces.md describes the format.</summary>
internal sealed class SpaceReader
{
    // The format itself needs 5.
    private const int DeepestNesting = 8;

    private readonly string _path;
    private readonly Dictionary<string, Operation> _operations;
    private readonly Dictionary<string, Cell> _cells = new(StringComparer.Ordinal);
    // Where the places that a SpaceDefinitionException can name are written.
    private readonly Dictionary<string, long> _lines = new(StringComparer.Ordinal);

    private SpaceReader(YamlMap root, string path)
    {
        _path = path;
        _operations = OperationReader.Read(root.Map("operations", "operations"), path);
        if (!root.Has("cells")) return;
        YamlMap cells = root.Map("cells", "cells");
        foreach (string name in cells.Keys)
        {
            _lines[$"cell {name}"] = cells.LineOf(name);
            _cells.Add(name, ReadCell(name, cells.Map(name, $"cell {name}")));
        }
    }

    private string[] OperationNames => [.. _operations.Keys];

    /// <summary>The space that a text defines.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="path">Its file, for error messages.</param>
    /// <exception cref="BadDataException">It does not define one; the message names file, line, and what was expected.</exception>
    public static ChainFamily Read(string text, string path)
    {
        YamlMap root = SafeYaml.Read(text, path, DeepestNesting);
        root.Allow("name", "summary", "activation", "calibration-batches", "operations", "cells", "stem", "body", "head");
        return new SpaceReader(root, path).Make(root);
    }

    private ChainFamily Make(YamlMap root)
    {
        foreach (string key in (string[])["name", "calibration-batches", "stem", "body", "head"])
            if (root.Has(key)) _lines[key] = root.LineOf(key);
        var definition = new SpaceDefinition(root.Text("name"), root.Has("summary") ? root.Text("summary") : "a space of one's own")
        {
            Stem = ReadStem(root.Map("stem", "stem")),
            Body = [.. root.Maps("body", part => $"body {part + 1}").Select((map, part) => ReadPart(map, $"body {part + 1}"))],
            HeadChannels = root.Has("head") ? ReadHead(root.Map("head", "head")) : 0,
            Activation = root.Has("activation") && root.Name("activation", "relu", "relu6") == "relu6" ? Activation.Relu6 : Activation.Relu,
            CalibrationBatches = root.Integer("calibration-batches", 0),
        };
        try
        {
            return new ChainFamily(definition);
        }
        catch (SpaceDefinitionException error)
        {
            throw SafeYaml.Bad(_path, _lines.GetValueOrDefault(error.Place, 1), error.Message, error);
        }
    }

    private static StemLayer ReadStem(YamlMap map)
    {
        map.Allow("channels", "kernel", "stride", "activate");
        return new StemLayer(map.Integer("channels"), map.Integer("kernel", 3), map.Integer("stride", 1), map.Flag("activate"));
    }

    private static int ReadHead(YamlMap map)
    {
        map.Allow("channels");
        return map.Integer("channels");
    }

    private SpacePart ReadPart(YamlMap map, string place)
    {
        _lines[place] = map.Line;
        string[] kinds = [.. new[] { "fixed", "candidates", "cell" }.Where(map.Has)];
        if (kinds.Length > 1)
            throw SafeYaml.Bad(_path, map.Line, $"{place} has both '{kinds[0]}' and '{kinds[1]}': expected one of fixed, candidates, cell");
        switch (kinds.FirstOrDefault())
        {
            case "fixed":
                map.Allow("fixed", "channels", "stride", "count", "activate");
                return new FixedLayers(
                    _operations[map.Name("fixed", OperationNames)], map.Integer("channels", 0), map.Integer("stride", 1),
                    map.Integer("count", 1), map.Flag("activate"));
            case "candidates":
                map.Allow("candidates", "channels", "stride", "count", "residual", "projection");
                return new SearchedLayers(
                    Candidates(map), map.Integer("channels", 0), map.Integer("stride", 1), map.Integer("count", 1), map.Flag("residual"),
                    map.Flag("projection"));
            case "cell":
                map.Allow("cell", "count");
                return new Cells(_cells[map.Name("cell", [.. _cells.Keys])], map.Integer("count", 1));
            default:
                map.Allow("fixed", "candidates", "cell", "channels", "stride", "count", "activate", "residual", "projection");
                throw SafeYaml.Bad(_path, map.Line, $"{place} says not what it is: expected one of fixed, candidates, cell");
        }
    }

    // Either every node reads every earlier one, or the edges are listed.
    private Cell ReadCell(string name, YamlMap map)
    {
        map.Allow("nodes", "candidates", "edges");
        if (!map.Has("edges")) return Cell.Complete(name, Nodes(map), Candidates(map));
        if (map.Has("nodes") || map.Has("candidates"))
            throw SafeYaml.Bad(_path, map.Line, $"cell {name} has edges beside nodes or candidates: expected either");
        return new Cell(name, [.. map.Maps("edges", edge => $"cell {name}, edge {edge + 1}").Select(ReadEdge)]);
    }

    private CellEdge ReadEdge(YamlMap map)
    {
        map.Allow("from", "to", "candidates");
        return new CellEdge(map.Integer("from"), map.Integer("to"), Candidates(map));
    }

    // Checked before so many edges are made.
    private int Nodes(YamlMap map)
    {
        int nodes = map.Integer("nodes");
        return nodes is >= 2 and <= Cell.MostNodes ? nodes : throw SafeYaml.Bad(
            _path, map.LineOf("nodes"), $"nodes is {nodes}: expected 2 to {Cell.MostNodes}");
    }

    private ImmutableArray<Operation> Candidates(YamlMap map) =>
        [.. map.Names("candidates", OperationNames).Select(name => _operations[name])];
}
