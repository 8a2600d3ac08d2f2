using PandaNas.Runtime.Files;
using PandaNas.Tests.Data;

namespace PandaNas.Tests.Runtime.Files;

public sealed class FolderLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FolderLockTests() => Directory.CreateDirectory(_folder["run"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ALockIsOneProcesss_UntilItIsReleased()
    {
        using (FolderLock first = FolderLock.Take(_folder["run"]))
        {
            Assert.Contains(
                "another process", Assert.Throws<RunFailedException>(() => FolderLock.Take(_folder["run"])).Message,
                StringComparison.Ordinal);
            first.RequireHeld();
        }
        using FolderLock next = FolderLock.Take(_folder["run"]);
        next.RequireHeld();
    }

    [Fact]
    public void ARemovedLockIsNoticed_AlsoWhenAnotherProcessMadeItAnew()
    {
        using FolderLock first = FolderLock.Take(_folder["run"]);
        File.Delete(_folder["run", FolderLock.FileName]);
        Lost(first, "was removed");
        using FolderLock second = FolderLock.Take(_folder["run"]);
        Lost(first, "was removed");
        second.RequireHeld();
    }

    [Fact]
    public void AMovedFolderIsNoticed_AndWhereItIs()
    {
        using FolderLock held = FolderLock.Take(_folder["run"]);
        Directory.Move(_folder["run"], _folder["moved"]);
        Lost(held, $"was moved to '{_folder["moved"]}'");
        Directory.CreateDirectory(_folder["run"]);
        Lost(held, $"was moved to '{_folder["moved"]}'");
        Directory.Delete(_folder["moved"], recursive: true);
        Lost(held, "was removed or replaced");
    }

    private static void Lost(FolderLock held, string words) =>
        Assert.Contains(words, Assert.Throws<RunFailedException>(held.RequireHeld).Message, StringComparison.Ordinal);
}
