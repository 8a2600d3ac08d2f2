using PandaNas.Benchmarks;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;

namespace PandaNas.Tests.Data.Streaming;

/// <summary>200 JPEG files of 120×90 pixels in 4 classes, two of them damaged; checked once for a class of tests.</summary>
public sealed class StreamedFolderFixture : IDisposable
{
    public const int Images = 200, Width = 120, Height = 90, Classes = 4;

    private readonly TemporaryFolder _folder = new(), _cache = new();

    public StreamedFolderFixture()
    {
        Damaged = JpegFolder.Write(Path, Images, Width, Height, Classes, damaged: 0.02);
    }

    /// <summary>The image folder.</summary>
    public string Path => _folder.Path;

    /// <summary>The cache folder.</summary>
    public string Cache => _cache.Path;

    /// <summary>The damaged files, from the folder.</summary>
    public IReadOnlyList<string> Damaged { get; }

    /// <summary>The folder without the damaged files.</summary>
    public ImageData Open(int workers = 2, int size = 32, string? path = null) => ImageDataReader.Open(
        new DataSource("images", path ?? Path),
        new ImageReadOptions(size, Cache) { Streaming = StreamingChoice.On, SkipCorrupt = true, Workers = workers },
        TestContext.Current.CancellationToken);

    /// <summary>A copy of the sound part of the folder, to be damaged.</summary>
    internal TemporaryFolder SoundCopy()
    {
        var copy = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Path, "*.jpg", SearchOption.AllDirectories))
        {
            string name = System.IO.Path.GetRelativePath(Path, file);
            if (Damaged.Contains(name)) continue;
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy[name])!);
            File.Copy(file, copy[name]);
        }
        return copy;
    }

    public void Dispose()
    {
        _folder.Dispose();
        _cache.Dispose();
    }
}
