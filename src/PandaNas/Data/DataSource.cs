using System.Collections.Immutable;

namespace PandaNas.Data;

/// <summary>Where images come from, written <c>FORMAT:PATH</c>, for example <c>cifar10:/data/cifar-10-batches-bin</c>.</summary>
/// <param name="Format">One of <see cref="Formats"/>.</param>
/// <param name="Path">The folder; null for a format that is built in.</param>
public sealed record DataSource(string Format, string? Path)
{
    /// <summary>The format names that <see cref="Parse"/> accepts.</summary>
    public static ImmutableArray<string> Formats { get; } = [.. ImageFormat.All.Select(format => format.Name)];

    /// <summary>Reads <c>FORMAT:PATH</c>, or <c>FORMAT</c> alone for a format that is built in.</summary>
    /// <exception cref="BadOptionException">
    /// The format is unknown (the message names the nearest one), or the path is missing or not wanted.
    /// </exception>
    public static DataSource Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // Only the first colon divides: a Windows path has its own.
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        string path = colon < 0 ? "" : text[(colon + 1)..];
        ImageFormat format = ImageFormat.Find(name);
        if (!format.HasPath && path.Length > 0)
            throw new BadOptionException($"the data '{text}': {name} is built in and takes no path; write just '{name}'");
        if (format.HasPath && string.IsNullOrWhiteSpace(path))
            throw new BadOptionException($"the data '{text}' names no folder; write '{name}:PATH'");
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new BadOptionException($"the path of the data '{name}' has a null character; write '{name}:PATH'");
        return new DataSource(name, format.HasPath ? path : null);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Path is null ? Format : $"{Format}:{Path}";
}
