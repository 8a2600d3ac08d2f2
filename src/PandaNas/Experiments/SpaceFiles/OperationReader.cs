using PandaNas.Supernets;
using PandaNas.Supernets.Operations;

namespace PandaNas.Experiments.SpaceFiles;

/// <summary>Reads operations: a type, and what the type takes.</summary>
internal static class OperationReader
{
    private static readonly Kind[] Kinds =
    [
        new("convolution", ["kernel"], (name, map) => Operation.Convolution(name, map.Integer("kernel"))),
        new("separable-convolution", ["kernel", "dilation"], (name, map) => Operation.SeparableConvolution(name, map.Integer("kernel"), map.Integer("dilation", 1))),
        new("inverted-convolution", ["kernel", "expansion"], (name, map) => Operation.InvertedConvolution(name, map.Integer("kernel"), map.Integer("expansion"))),
        new("residual-block", [], (name, _) => Operation.ResidualBlock(name)),
        new("average-pool", [], (name, _) => Operation.AveragePool(name)),
        new("max-pool", [], (name, _) => Operation.MaxPool(name)),
        new("skip", [], (name, _) => Operation.Skip(name)),
        new("none", [], (name, _) => Operation.None(name)),
    ];

    /// <summary>The types that a file can name.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. Kinds.Select(kind => kind.Type)];

    /// <summary>Reads the operations of a file.</summary>
    /// <param name="operations">A map from names to maps.</param>
    /// <param name="path">The file.</param>
    public static Dictionary<string, Operation> Read(YamlMap operations, string path)
    {
        var read = new Dictionary<string, Operation>(StringComparer.Ordinal);
        foreach (string name in operations.Keys)
        {
            YamlMap map = operations.Map(name, $"operation {name}");
            string type = map.Name("type", [.. Types]);
            Kind kind = Kinds.First(one => one.Type == type);
            map.Allow(["type", .. kind.Keys]);
            try
            {
                read.Add(name, kind.Make(name, map));
            }
            catch (SpaceDefinitionException error)
            {
                throw SafeYaml.Bad(path, map.Line, $"operation {name}: {error.Message}", error);
            }
        }
        return read;
    }

    private sealed record Kind(string Type, string[] Keys, Func<string, YamlMap, Operation> Make);
}
