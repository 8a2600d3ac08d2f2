using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using PandaNas.Costs;
using PandaNas.Experiments.Automatic;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Spaces;
using PandaNas.Training;

namespace PandaNas.Reporting.Contents;

/// <summary>Reads the folder of a run. What is damaged or missing is left out and named.</summary>
internal sealed class RunReader
{
    private readonly List<string> _problems = [];
    private readonly string _folder;

    private RunReader(string folder) => _folder = folder;

    /// <summary>Reads a run.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="catalog">What its options can name.</param>
    /// <returns>What there is; of a folder without a run only why nothing is.</returns>
    /// <exception cref="BadOptionException">The path is empty.</exception>
    /// <exception cref="BadDataException">There is no such folder.</exception>
    public static RunContents Read(string folder, Catalog catalog)
    {
        if (!Directory.Exists(folder)) RunDirectory.RequireRun(folder);
        var reader = new RunReader(Path.GetFullPath(folder));
        return reader.Try(() => ReadFacts(folder)) is { } facts ? reader.Read(facts, catalog)
            : new RunContents { Folder = reader._folder, Kind = "", Facts = [], Problems = [.. reader._problems] };
    }

    private static JsonObject ReadFacts(string folder)
    {
        RunDirectory.RequireRun(folder);
        return RunDirectory.ReadFacts(folder);
    }

    private RunContents Read(JsonObject facts, Catalog catalog)
    {
        TrainingRunOptions? options = Try(() => RunDirectory.ReadOptions(_folder, catalog));
        string log = RunDirectory.LogPathOf(_folder);
        SupernetResult? training = Try(() => SupernetExperiment.ReadResult(_folder));
        RetrainingResult? retraining = Try(() => RetrainingExperiment.ReadResult(_folder));
        SearchResult? search = Try(() => SearchExperiment.ReadResult(_folder));
        RunNetworks? networks = options is null
            ? null
            : Try(() => RunNetworks.Of(options, training?.Setup ?? retraining?.Setup, retraining is not null));
        var contents = new RunContents
        {
            Folder = _folder,
            Kind = facts["kind"]?.ToString() ?? "",
            Facts = facts,
            Options = options,
            Epochs = Try(() => RunLog.Records<EpochRecord>(log, RunLog.EpochSign)) is { IsDefault: false } epochs ? epochs : [],
            Variances = Try(() => RunLog.Records<VarianceRecord>(log, VarianceRecord.Key)) is { IsDefault: false } variances
                ? variances
                : [],
            Training = training,
            Drawn = Try(() => DrawnImages.Read(_folder)),
            Ranking = Try(() => RankingExperiment.ReadResult(_folder)),
            Search = search,
            Variance = Try(() => VarianceExperiment.ReadResult(_folder)),
            Retraining = retraining,
            Predictions = Try(() => TestPredictions.Read(_folder)),
            Comparison = Try(() => ComparisonExperiment.ReadResult(_folder)),
            Auto = Try(() => AutoExperiment.ReadResult(_folder)),
            Plan = facts["kind"]?.ToString() == RunKind.Auto ? Try(() => AutoPlan.Read(_folder)) : null,
            Networks = networks,
        };
        if (search is not null && networks is not null && Try(() => Evaluated(search, networks)) is { IsDefault: false } evaluated)
            contents = contents with { Evaluated = evaluated };
        return contents with { Problems = [.. _problems] };
    }

    private T? Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (PandaNasException error)
        {
            _problems.Add(error.Message);
            return default;
        }
    }

    // A search keeps what it found, and in files of scores all that it evaluated; there are several where the weights changed in between.
    private ImmutableArray<ScoredArchitecture> Evaluated(SearchResult search, RunNetworks networks)
    {
        string folder = Path.Combine(_folder, "scores");
        if (!Directory.Exists(folder)) return [];
        string pattern = string.Create(
            CultureInfo.InvariantCulture, $"accuracy-on-{search.Images}-{search.RankingPart}-images-seed{search.Seed}-*.csv");
        var evaluated = new Dictionary<string, ScoredArchitecture>(StringComparer.Ordinal);
        foreach (string path in Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal))
            foreach (string line in ScoreFile.ReadText(path).Split('\n'))
                if (Scored(line, networks) is { } scored) evaluated[scored.Architecture] = scored;
        return [.. evaluated.Values];
    }

    // Null for a line that is still being written.
    private static ScoredArchitecture? Scored(string line, RunNetworks networks)
    {
        int comma = line.LastIndexOf(',');
        if (comma < 0 || !double.TryParse(line.AsSpan(comma + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double accuracy))
            return null;
        try
        {
            Cost cost = networks.CostOf(line[..comma]);
            return new ScoredArchitecture(line[..comma], accuracy, cost.Parameters, cost.MultiplyAdds);
        }
        catch (ArchitectureFormatException)
        {
            return null;
        }
    }
}
