namespace PandaNas.Cli.Tests;

/// <summary>A tiny trained supernet, made once for a class of tests that do not change it.</summary>
public sealed class TrainedRun : IDisposable
{
    /// <summary>Architectures to rank, all with different live graphs.</summary>
    public static readonly string[] Architectures =
    [
        "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|",
        "|nor_conv_1x1~0|+|nor_conv_1x1~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_1x1~2|",
        "|avg_pool_3x3~0|+|skip_connect~0|avg_pool_3x3~1|+|skip_connect~0|none~1|avg_pool_3x3~2|",
        "|skip_connect~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_3x3~2|",
        "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|nor_conv_3x3~2|",
    ];

    private readonly TemporaryFolder _folder = new();

    public TrainedRun()
    {
        Data = TinyImages.Write(this["images"]);
        Run = Train("run");
    }

    /// <summary>The value of <c>--data</c>.</summary>
    public string Data { get; }

    /// <summary>The folder of the run.</summary>
    public string Run { get; }

    /// <summary>The folder of everything.</summary>
    public string Root => _folder.Path;

    /// <summary>A path below the folder.</summary>
    public string this[params string[] names] => _folder[names];

    /// <summary>The command line of a tiny training, with more flags; of two epochs unless they say otherwise.</summary>
    public string[] TrainArguments(string run, params string[] more) =>
    [
        "train", "--data", Data, "--channels", "2", "--cells", "1", .. more.Contains("--epochs") ? [] : (string[])["--epochs", "2"],
        .. "--batch-size 8 --threads 1 --precision float32 --validation-images 15".Split(' '), "--out", run, .. more,
    ];

    /// <summary>Trains in a folder of that name.</summary>
    public string Train(string name, params string[] more)
    {
        Outcome outcome = Panda.Run(TrainArguments(this[name], more));
        Assert.True(outcome.Code == 0, outcome.Error);
        return this[name];
    }

    /// <summary>Writes a file.</summary>
    public string Write(string name, params string[] lines)
    {
        File.WriteAllLines(this[name], lines);
        return this[name];
    }

    /// <summary>A copy of the run to damage.</summary>
    public string Copy(string name, Action<string>? damage = null)
    {
        string copy = this[name];
        Files.Copy(Run, copy);
        damage?.Invoke(copy);
        return copy;
    }

    public void Dispose() => _folder.Dispose();
}
