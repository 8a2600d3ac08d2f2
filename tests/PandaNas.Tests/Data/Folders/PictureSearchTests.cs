using System.Collections.Immutable;
using PandaNas.Data.Folders;

namespace PandaNas.Tests.Data.Folders;

/// <summary>Which pictures of a folder are classified, and what their folders say that they are.</summary>
public sealed class PictureSearchTests : IDisposable
{
    private static readonly ImmutableArray<string> Classes = ["cat", "dog", "train"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ClassFolders_GiveLabels_AndOthersGiveNone()
    {
        Touch("cat/1.jpg", "dog/2.png", "dog/deeper/3.png", "zebra/4.png", "5.png", "cat/notes.txt", "dog/Thumbs.db", ".hidden/6.png");
        PictureSearch found = Find();
        Assert.Equal(
            [("5.png", null), ("cat/1.jpg", 0), ("dog/2.png", 1), ("dog/deeper/3.png", 1), ("zebra/4.png", null)],
            found.Pictures.Select(picture => (picture.Name, picture.Label)));
        Assert.All(found.Pictures, picture => Assert.True(File.Exists(picture.Path)));
        Assert.True(found.IsLabelled);
        Assert.Equal(
            [
                "'zebra' is no class of the model: its picture counts in no accuracy",
                "1 file that is no image is left out: cat/notes.txt",
            ],
            found.Notes);
    }

    // A class of trains is none of the parts.
    [Theory]
    [InlineData("test/cat/1.png", "Validation/cat/2.png", "train/cat/3.png", "cat/1.png", "test")]
    [InlineData("VAL/cat/2.png", "train/cat/3.png", "stray/x.png", "cat/2.png", "VAL")]
    [InlineData("train/1.png", "cat/2.png", "dog/3.png", "cat/2.png,dog/3.png,train/1.png", null)]
    [InlineData("test/apple/1.png", "training/apple/2.png", "3.png", "3.png,test/apple/1.png,training/apple/2.png", null)]
    public void OfParts_ThatForTestsIsTaken(string first, string second, string third, string expected, string? part)
    {
        Touch(first, second, third);
        PictureSearch found = Find();
        Assert.Equal(expected, string.Join(',', found.Pictures.Select(picture => picture.Name)));
        Assert.Equal(
            part, found.Notes.FirstOrDefault(note => note.StartsWith("The pictures are those", StringComparison.Ordinal))?.Split('\'')[1]);
        Assert.Equal(!expected.Contains("apple", StringComparison.Ordinal), found.IsLabelled);
    }

    [Fact]
    public void WithoutClassFolders_ItSaysThatNothingIsMeasured()
    {
        Touch("holiday/1.png", "work/2.png");
        PictureSearch found = Find();
        Assert.False(found.IsLabelled);
        Assert.Equal(
            "No folder is called as a class of the model (cat, dog, train), so no accuracy is measured", Assert.Single(found.Notes));
    }

    [Fact]
    public void AFolderWithoutImages_IsRefused()
    {
        Directory.CreateDirectory(_folder["cat"]);
        Touch("notes.txt");
        Assert.Contains("has no images", Assert.Throws<BadDataException>(Find).Message, StringComparison.Ordinal);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        BadDataException gone = Assert.Throws<BadDataException>(() => PictureSearch.In(_folder["gone"], Classes, cancel));
        Assert.Contains("does not exist", gone.Message, StringComparison.Ordinal);
    }

    // A link to a folder above would be walked round and round.
    [Fact]
    public void LinksThatLeadBack_AreNotFollowed()
    {
        Touch("cat/1.png");
        Directory.CreateSymbolicLink(_folder["cat", "up"], _folder.Path);
        Assert.Equal(["cat/1.png"], Find().Pictures.Select(picture => picture.Name));
    }

    private PictureSearch Find() => PictureSearch.In(_folder.Path, Classes, TestContext.Current.CancellationToken);

    private void Touch(params string[] names)
    {
        foreach (string name in names)
        {
            string path = _folder[name.Split('/')];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "x");
        }
    }
}
