using System.Collections.Immutable;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Formats;

/// <summary>The official binary form of CIFAR-10 or CIFAR-100 (Krizhevsky 2009): records of label bytes and 3×32×32 pixel bytes.</summary>
/// <param name="Name">The format's name.</param>
/// <param name="Folder">The folder that the official archive unpacks to.</param>
/// <param name="TrainFiles">The training files, in order, all of one length.</param>
/// <param name="TestFile">The test file.</param>
/// <param name="NamesFile">The text file with one class name a line.</param>
/// <param name="TrainToTest">Length of one training file over that of the test file.</param>
/// <param name="LabelLimits">For each label byte of a record, the number of classes; the last byte is the label that counts.</param>
internal sealed record CifarLayout(
    string Name, string Folder, ImmutableArray<string> TrainFiles, string TestFile, string NamesFile, int TrainToTest,
    ImmutableArray<int> LabelLimits)
{
    /// <summary>The shape of every image.</summary>
    public static ImageShape Shape => new(3, 32, 32);

    public static CifarLayout Cifar10 { get; } = new(
        "cifar10", "cifar-10-batches-bin", [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")], "test_batch.bin",
        "batches.meta.txt", 1, [10]);

    /// <summary>Each record has the coarse label (20 classes) before the fine one, which is used.</summary>
    public static CifarLayout Cifar100 { get; } = new(
        "cifar100", "cifar-100-binary", ["train.bin"], "test.bin", "fine_label_names.txt", 5, [20, 100]);

    /// <summary>The folder that the archive's Python version unpacks to, which is not read.</summary>
    public string PythonFolder => Name == "cifar10" ? "cifar-10-batches-py" : "cifar-100-python";

    /// <summary>The file with the class names in that version.</summary>
    public string PythonNamesFile => Name == "cifar10" ? "batches.meta" : "meta";

    /// <summary>The archive of the binary version.</summary>
    public string BinaryArchive => Name == "cifar10" ? "cifar-10-binary.tar.gz" : "cifar-100-binary.tar.gz";

    /// <summary>K, the number of classes.</summary>
    public int Classes => LabelLimits[^1];

    /// <summary>Bytes of one record.</summary>
    public int RecordBytes => LabelLimits.Length + Shape.Bytes;
}

/// <summary>The official class names of CIFAR-10 and CIFAR-100 (fine), in label order, which is also ordinal order.</summary>
internal static class CifarClassNames
{
    public static ImmutableArray<string> Cifar10 { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    public static ImmutableArray<string> Cifar100 { get; } =
    [
        "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle",
        "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle",
        "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur",
        "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard",
        "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain",
        "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree",
        "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket",
        "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider",
        "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor",
        "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
    ];
}
