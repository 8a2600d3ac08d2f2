using System.Security.Cryptography;
using System.Text;
using PandaNas.Supernets;

namespace PandaNas.Experiments.SpaceFiles;

/// <summary>A space as options name it.</summary>
/// <param name="Text">What the option <c>space</c> says: the space's name, or the path of the file that defines it.</param>
/// <param name="Family">The space and its networks.</param>
/// <param name="Definition">The content of that file; null for spaces that are written in code.</param>
internal sealed record NamedSpace(string Text, SpaceFamily Family, string? Definition)
{
    /// <summary>The name of a definition that a run keeps in its folder.</summary>
    public const string KeptName = "space.yaml";

    /// <summary>What two spaces must have in common to be the same: the hash of the definition, or the name.</summary>
    public string Identity { get; } =
        Definition is null ? Text : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Definition)));

    /// <summary>A space that is written in code, by its name.</summary>
    public static NamedSpace Of(SpaceFamily family)
    {
        ArgumentNullException.ThrowIfNull(family);
        return new(family.Space.Name, family, null);
    }
}
