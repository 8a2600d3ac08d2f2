using System.Reflection;

namespace PandaNas;

/// <summary>The version of this library.</summary>
internal static class ProductVersion
{
    /// <summary>It, with the commit if the build knew it.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
