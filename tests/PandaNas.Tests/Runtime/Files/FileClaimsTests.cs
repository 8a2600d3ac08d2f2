using System.Text.Json.Nodes;
using PandaNas.Runtime.Files;
using PandaNas.Tests.Data;

namespace PandaNas.Tests.Runtime.Files;

/// <summary>Claims among processes of one machine and of several; the latter are files that a test writes as they would.</summary>
public sealed class FileClaimsTests : IDisposable
{
    private const int Patience = 60;

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _folder.Dispose();

    private FileClaims Claims => new(_folder["claims"], _clock, TimeSpan.FromSeconds(Patience));

    [Fact]
    public void OneOfMany_HasTheWork_UntilItGivesItBack()
    {
        var taken = new FileClaim?[8];
        Parallel.For(0, taken.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => taken[i] = Claims.TryTake("work"));
        FileClaim claim = Assert.Single(taken.OfType<FileClaim>());
        FileClaims others = Claims;
        Assert.Null(others.TryTake("work"));
        Assert.True(others.IsKnownAlive("work"));
        Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}", others.OwnerOf("work"), StringComparison.Ordinal);
        using (FileClaim? other = others.TryTake("more work")) Assert.NotNull(other);
        // However long it takes: its lock is held.
        _clock.Seconds += 10 * Patience;
        Assert.Null(others.TryTake("work"));
        claim.Dispose();
        using FileClaim? next = others.TryTake("work");
        Assert.NotNull(next);
        Assert.False(next.Lost.IsCancellationRequested);
    }

    [Fact]
    public void WorkOfADeadProcessOfThisMachine_IsTakenAtOnce_ByOne()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only there it is known which machine wrote a claim");
        string kernel = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        string dead = Write(3, kernel, beat: 7);
        var taken = new FileClaim?[8];
        Parallel.For(0, taken.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => taken[i] = Claims.TryTake("work"));
        using FileClaim claim = Assert.Single(taken.OfType<FileClaim>());
        Assert.False(File.Exists(dead));
        Assert.Single(Directory.GetFiles(_folder["claims"]), path => Path.GetFileName(path) == "work.4.claim");
    }

    [Fact]
    public void WorkOfAnotherMachine_IsTaken_WhenThatHasBeenSilentForLong()
    {
        FileClaims claims = Claims;
        Write(1, "another", beat: 1);
        Assert.Null(claims.TryTake("work"));
        Assert.False(claims.IsKnownAlive("work"));
        _clock.Seconds += Patience - 1;
        Write(1, "another", beat: 2);
        Assert.Null(claims.TryTake("work"));
        Assert.True(claims.IsKnownAlive("work"));
        _clock.Seconds += Patience - 1;
        Assert.Null(claims.TryTake("work"));
        _clock.Seconds += 1;
        using FileClaim? claim = claims.TryTake("work");
        Assert.NotNull(claim);
    }

    // Killed between making its file and writing into it.
    [Fact]
    public void ClaimWithoutAWord_IsTaken_WhenItHasStayedSoForLong()
    {
        FileClaims claims = Claims;
        Directory.CreateDirectory(_folder["claims"]);
        File.WriteAllText(_folder["claims", "work.1.claim"], "");
        Assert.Null(claims.TryTake("work"));
        Assert.Null(claims.OwnerOf("work"));
        _clock.Seconds += Patience;
        using FileClaim? claim = claims.TryTake("work");
        Assert.NotNull(claim);
    }

    [Fact]
    public void OwnerThatWasTakenForDead_HearsOfIt_AndLeavesTheOtherItsClaim()
    {
        using FileClaim? asleep = new FileClaims(_folder["claims"], _clock, TimeSpan.FromMilliseconds(120)).TryTake("work");
        Assert.NotNull(asleep);
        string taken = Write(2, "another", beat: 1);
        Assert.True(asleep.Lost.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        asleep.Dispose();
        Assert.True(File.Exists(taken));
        Assert.Null(Claims.TryTake("work"));
    }

    [Fact]
    public void SignsOfLife_ChangeTheFile()
    {
        using FileClaim? claim = new FileClaims(_folder["claims"], _clock, TimeSpan.FromMilliseconds(60)).TryTake("work");
        Assert.NotNull(claim);
        string first = Beat();
        Assert.True(SpinWait.SpinUntil(() => Beat() != first, TimeSpan.FromSeconds(30)));

        string Beat() => InputFile.ReadText(_folder["claims", "work.1.claim"], new FileKind("a claim", 1 << 16));
    }

    [Fact]
    public void RemoveAll_LeavesNothing()
    {
        Write(1, "another", beat: 1);
        Claims.RemoveAll();
        Assert.False(Directory.Exists(_folder["claims"]));
        Claims.RemoveAll();
    }

    private string Write(int generation, string kernel, int beat)
    {
        Directory.CreateDirectory(_folder["claims"]);
        string path = _folder["claims", $"work.{generation}.claim"];
        File.WriteAllText(path, new JsonObject { ["host"] = "node", ["process"] = 1, ["kernel"] = kernel, ["beat"] = beat }.ToJsonString());
        return path;
    }

    private sealed class ManualClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
