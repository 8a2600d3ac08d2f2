using System.Globalization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Data;

namespace PandaNas.Tests.Experiments.Scoring;

public sealed class RankingSelectionTests : IDisposable
{
    private static readonly NasBench201Space Space = NasBench201Space.Instance;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void UniqueCells_AreOneOfEveryIsomorphismClass()
    {
        RankingSelection unique = Choose(new RankOptions { Architectures = "all", Unique = true });
        Assert.Equal(6466, unique.Architectures.Length);
        Assert.Equal(6466, unique.Architectures.Select(Space.IsomorphismKey).Distinct().Count());
        Assert.Null(unique.Truths);
        Assert.Equal(15625, Choose(new RankOptions { Architectures = "all" }).Architectures.Length);
    }

    [Fact]
    public void MinTruth_KeepsTheArchitecturesThatReachIt()
    {
        string truth = Truth(i => 80 + i * 0.001);
        RankingSelection selection = Choose(new RankOptions { Architectures = "all", Truth = truth, MinTruth = 95.0 });
        Assert.Equal(625, selection.Architectures.Length);
        Assert.Equal(Space.At(15000), selection.Architectures[0]);
        Assert.All(selection.Truths!.Value, value => Assert.True(value >= 95));
        Assert.Equal("cifar10", selection.TruthColumn);

        RankingSelection both = Choose(new RankOptions { Architectures = "all", Truth = truth, MinTruth = 95.0, Unique = true });
        Assert.True(both.Architectures.Length < 625);
        Assert.All(both.Truths!.Value, value => Assert.True(value >= 95));
    }

    [Fact]
    public void MinTruth_NeedsATruthAndSomeoneWhoReachesIt()
    {
        Assert.Contains("Truth", Refused(new RankOptions { MinTruth = 90 }), StringComparison.Ordinal);
        Assert.Contains("99.5", Refused(new RankOptions { MinTruth = 99.5, Truth = Truth(_ => 90) }), StringComparison.Ordinal);
    }

    [Fact]
    public void Fingerprint_DependsOnArchitecturesTheirOrderAndTruths()
    {
        string one = Truth(i => i), other = Truth(i => i == 7 ? 8 : i);
        RankingSelection selection = Choose(new RankOptions { Architectures = "all", Truth = one });
        string fingerprint = selection.Fingerprint(Space);
        Assert.Equal(fingerprint, Choose(new RankOptions { Architectures = "all", Truth = one }).Fingerprint(Space));
        RankingSelection[] others =
        [
            Choose(new RankOptions { Architectures = "all", Truth = other }),
            Choose(new RankOptions { Architectures = "all" }),
            Choose(new RankOptions { Architectures = "9", Truth = one }),
            selection with { Architectures = [.. selection.Architectures.Reverse()] },
        ];
        Assert.Equal(4, others.Select(another => another.Fingerprint(Space)).Append(fingerprint).Distinct().Count() - 1);
    }

    private static RankingSelection Choose(RankOptions options) => RankingSelection.Choose(options, Space, "cifar10");

    private static string Refused(RankOptions options) => Assert.Throws<BadOptionException>(() => Choose(options.Settle())).Message;

    private string Truth(Func<int, double> accuracy)
    {
        string path = _folder[$"{Guid.NewGuid():N}.csv"];
        IEnumerable<string> rows = Enumerable.Range(0, 15625)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"{Space.Format(Space.At(i))},{accuracy(i):R}"));
        File.WriteAllLines(path, rows.Prepend("architecture,cifar10"));
        return path;
    }
}
