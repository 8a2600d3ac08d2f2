using PandaNas.Data.Folders;
using PandaNas.Data.Formats;

namespace PandaNas.Tests.Data.Formats;

public sealed class DataSourceTests
{
    [Theory]
    [InlineData("cifar10:/data/c", "cifar10", "/data/c")]
    [InlineData("cifar100:c", "cifar100", "c")]
    [InlineData("idx:.", "idx", ".")]
    [InlineData("images:C:\\pictures", "images", "C:\\pictures")]
    [InlineData("fashion-mnist-small", "fashion-mnist-small", null)]
    public void Parse_AndBack(string text, string format, string? path)
    {
        DataSource source = DataSource.Parse(text);
        Assert.Equal(new DataSource(format, path), source);
        Assert.Equal(text, source.ToString());
    }

    [Theory]
    [InlineData("cifr10:x", "'cifar10'")]
    [InlineData("CIFAR100:x", "'cifar100'")]
    [InlineData("image:x", "'images'")]
    [InlineData("fashion-mnist", "'fashion-mnist-small'")]
    [InlineData("", "'idx'")]
    public void UnknownFormat_NamesTheNearest(string text, string nearest) =>
        Assert.Contains($"did you mean {nearest}", Assert.Throws<BadOptionException>(() => DataSource.Parse(text)).Message);

    [Theory]
    [InlineData("cifar10")]
    [InlineData("idx:")]
    [InlineData("images:  ")]
    [InlineData("images:a\0b")]
    [InlineData("fashion-mnist-small:/data")]
    public void PathMissingOrNotWanted(string text) => Assert.Throws<BadOptionException>(() => DataSource.Parse(text));

    [Fact]
    public void FolderAlone_IsTakenForWhatItsFilesLookLike()
    {
        using TemporaryFolder photos = new(), cifar = new(), idx = new();
        Directory.CreateDirectory(photos["cat"]);
        Sample.WriteCifar10(cifar);
        Sample.WriteIdx(idx, zipped: true);
        Assert.Equal(new DataSource("images", photos.Path), DataSource.Parse(photos.Path));
        Assert.Equal(new DataSource("cifar10", cifar.Path), DataSource.Parse(cifar.Path));
        Assert.Equal(new DataSource("idx", idx.Path), DataSource.Parse(idx.Path));
        Assert.Equal(new DataSource("images", photos["none"]), DataSource.Parse(photos["none"]));
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), photos.Path);
        Assert.Equal($"images:{photos.Path}", DataSource.Parse($"images:{relative}").Absolute().ToString());
    }

    [Fact]
    public void Tilde_IsTheHome()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(new DataSource("images", home + "/no such photos"), DataSource.Parse("~/no such photos"));
        Assert.Equal(new DataSource("images", home + "/photos"), DataSource.Parse("images:~/photos"));
        Assert.Equal(new DataSource("images", "photos~old"), DataSource.Parse("images:photos~old"));
    }

    [Fact]
    public void NameOfAFolderHere_NeedsNoFormat()
    {
        string name = Path.GetFileName(Directory.CreateTempSubdirectory("photos").FullName);
        string here = Path.Combine(Directory.GetCurrentDirectory(), name);
        Directory.CreateDirectory(Path.Combine(here, "cat"));
        try
        {
            Assert.Equal($"images:{here}", DataSource.Parse(name).Absolute().ToString());
        }
        finally
        {
            Directory.Delete(here, recursive: true);
        }
        Assert.Contains("no folder of that name", Assert.Throws<BadOptionException>(() => DataSource.Parse(name)).Message);
    }

    [Fact]
    public void Open_ChecksWhatWasNotParsed()
    {
        Assert.Throws<BadOptionException>(() =>
            ImageDataReader.Open(new DataSource("nothing", "x"), new ImageReadOptions(), TestContext.Current.CancellationToken));
        Assert.Throws<BadOptionException>(() =>
            ImageDataReader.Open(new DataSource("idx", null), new ImageReadOptions(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void SizesAboveThatOfTheImages_AreRefused() => Assert.Throws<BadOptionException>(() => ImageDataReader.Open(
        new DataSource("fashion-mnist-small", null), new ImageReadOptions(ImageSize: 29), TestContext.Current.CancellationToken));
}
