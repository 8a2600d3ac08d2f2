using System.Security;
using PandaNas.Runtime.Files;

namespace PandaNas.Tests.Runtime.Files;

/// <summary>Tests may run as root, to whom everything is readable, so the file system's refusals are thrown by hand.</summary>
public sealed class InputFileTests
{
    public static TheoryData<Exception> Refusals() =>
        [new UnauthorizedAccessException("denied."), new IOException("broken"), new SecurityException("no"), new PathTooLongException()];

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void Refusal_BecomesAnErrorThatNamesThePath(Exception refusal)
    {
        var error = Assert.Throws<BadDataException>(() => InputFile.Guard<int>("some/folder", "images", () => throw refusal));
        Assert.Contains("'some/folder'", error.Message);
        Assert.Contains("expected images", error.Message);
        Assert.Same(refusal, error.InnerException);
    }

    [Fact]
    public void OtherErrors_PassThrough() =>
        Assert.Throws<InvalidOperationException>(() => InputFile.Guard<int>("x", "y", () => throw new InvalidOperationException()));
}
