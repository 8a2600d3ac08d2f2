using PandaNas.Supernets;
using PandaNas.Supernets.Operations;

namespace PandaNas.Experiments.SpaceFiles;

/// <summary>Reads operations: a type, and what the type takes.</summary>
internal static class OperationReader
{
    /// <summary>Reads the operations of a file.</summary>
    /// <param name="operations">A map from names to maps.</param>
    /// <param name="path">The file.</param>
    public static Dictionary<string, Operation> Read(YamlMap operations, string path)
    {
        var read = new Dictionary<string, Operation>(StringComparer.Ordinal);
        foreach (string name in operations.Keys)
        {
            YamlMap map = operations.Map(name, $"operation {name}");
            OperationType type = Operation.Types[map.Name("type", [.. Operation.Types.Keys])];
            map.Allow(["type", .. type.Keys.Select(key => key.Name)]);
            try
            {
                int[] numbers = [.. type.Keys.Select(key => key.Usual is { } usual ? map.Integer(key.Name, usual) : map.Integer(key.Name))];
                read.Add(name, type.Make(name, numbers));
            }
            catch (SpaceDefinitionException error)
            {
                throw SafeYaml.Bad(path, map.Line, $"operation {name}: {error.Message}", error);
            }
        }
        return read;
    }
}
