using System.Collections.Immutable;

namespace PandaNas.Data.Formats;

/// <summary>
/// The images that are built in: the first 1,000 training and 200 test images of each class of Fashion-MNIST (Xiao, Rasul and
/// Vollgraf 2017, MIT licence), 28×28 grey. The folder FashionMnistSmall beside this file says where they come from.
/// </summary>
internal static class FashionMnistSmall
{
    /// <summary>The official names of the ten classes.</summary>
    public static ImmutableArray<string> ClassNames { get; } =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>10,000 training and 2,000 test images.</summary>
    public static ImageData Read() => IdxReader.Read("fashion-mnist", Embedded, ClassNames, CancellationToken.None);

    private static IdxFile Embedded(string part)
    {
        string name = $"PandaNas.Data.FashionMnistSmall.{part}.gz";
        return new IdxFile(name, () => typeof(FashionMnistSmall).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the resource {name} is not embedded"));
    }
}
