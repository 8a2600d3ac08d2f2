using System.Collections.Immutable;
using PandaNas.Data.Formats;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Ranking.Rankers;
using PandaNas.Searching;
using PandaNas.Supernets;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;
using static PandaNas.Experiments.Methods.MethodParts;

namespace PandaNas;

/// <summary>
/// Everything that options can name: search spaces, training methods, formats of images, search algorithms, scores of
/// architectures. Immutable: a program adds
/// its own to <see cref="Default"/> and hands the result over with its options.
/// </summary>
/// <example>
/// <code>
/// Catalog catalog = Catalog.Default.With(MySpace.Definition).With(MyMethod.Method);
/// using var supernet = Supernet.Train(images, new() { Catalog = catalog, Space = "mine", Method = "my-method" }, "runs/mine");
/// </code>
/// </example>
public sealed record Catalog
{
    private Catalog()
    {
    }

    /// <summary>What is built in.</summary>
    public static Catalog Default { get; } = new();

    /// <summary>The search spaces; the first one is that of options which name none.</summary>
    internal ImmutableArray<SpaceFamily> Spaces { get; private init; } =
        [new NasBench201Family(), new DartsFamily(), new ProxylessNasFamily()];

    /// <summary>The training methods; docs/adding-a-method.md tells how to write one.</summary>
    internal ImmutableArray<TrainingMethod> Methods { get; private init; } =
    [
        new("spos", "uniform paths, uniform data (Guo et al. 2020)", UniformPaths, UniformData, OneStep),
        new("fairnas", "every candidate of every choice once a step, gradients summed (Chu et al. 2021)", FairPaths, UniformData, OneStep),
        new(
            "fairnas-released", "fairnas as PA&DA's code has it: the paths of an epoch's first step all epoch long",
            FrozenFairPaths, UniformData, OneStep),
        new(
            "sumnas", "fair paths that adapt one by one from the same weights, Reptile's update (Ha et al. 2022)",
            FairPaths, UniformData, Adaptation),
        new("pa", "paths by gradient norm, uniform data", GradientNormPaths, UniformData, OneStep),
        new("da", "uniform paths, data by gradient norm", UniformPaths, ImportanceData, OneStep),
        new("panda", "PA&DA: paths and data by gradient norm (Lu et al. 2023)", GradientNormPaths, ImportanceData, OneStep),
        new("panda-corrected", "panda with each loss weighted by 1/(N q)", GradientNormPaths, CorrectedImportanceData, OneStep),
        new("panda-edge", "panda with path probabilities for every choice by itself", ChoiceGradientNormPaths, ImportanceData, OneStep),
        new(
            "conv-biased", "control: drifts to the operations with weights on pa's schedule, without gradients",
            BiasedPaths, UniformData, OneStep),
        new(
            "sandwich", "the largest, the smallest and two random paths a step, gradients summed (Yu and Huang 2019)",
            SandwichPaths, UniformData, OneStep),
        new(
            "balanced", "paths of every depth equally often, or of every cost where all are as deep; disconnected ones never",
            BalancedPaths, UniformData, OneStep),
        new("balanced-pa", "paths by gradient norm, every depth equally often", BalancedGradientNormPaths, UniformData, OneStep),
        new("largest-first", "the largest path for a tenth of the epochs, then uniform ones", LargestFirstPaths, UniformData, OneStep),
        new("magic-t", "each step changes one operation of the path before it (Xu et al. 2022)", GradualPaths, UniformData, OneStep),
    ];

    /// <summary>The formats of images.</summary>
    internal ImmutableArray<ImageFormat> Formats { get; private init; } = ImageFormat.BuiltIn;

    /// <summary>The search algorithms.</summary>
    internal ImmutableArray<SearchAlgorithm> Searches { get; private init; } =
    [
        // The defaults of SPOS's released code (Guo et al. 2020), of Deb et al. 2002 and of Real et al. 2019 for small searches.
        new("evolution", options => new EvolutionarySearch(
            options.Population ?? 50, options.Generations, options.MutationProbability, options.CrossoverFraction ?? 0.5, options.TopK)),
        new("random", options => new RandomSearch(options.Evaluations)),
        new("nsga2", options => new Nsga2Search(
            options.Objectives, options.Population ?? 50, options.Generations, options.MutationProbability,
            options.CrossoverFraction ?? 0.9)),
        new("regularized", options => new RegularizedEvolution(options.Evaluations, options.Population ?? 100, options.Sample)),
    ];

    /// <summary>The scores of architectures, of which rankers are made.</summary>
    internal ImmutableArray<ArchitectureScore> Scores { get; private init; } =
    [
        new(RankerFormula.Usual, "accuracy with the supernet's weights", setting => setting.Accuracy) { IsOfSupernet = true },
        new("loss", "its cross-entropy, of which less is better", setting => architecture => -setting.Loss(architecture))
        {
            IsOfSupernet = true,
        },
        new("live-params", "parameters of what is computed", setting => architecture => setting.LiveCost(architecture).Parameters)
        {
            IsCounted = true,
        },
        new("live-macs", "multiply-adds of what is computed", setting => architecture => setting.LiveCost(architecture).MultiplyAdds)
        {
            IsCounted = true,
        },
        new("depth", "operations with weights on the longest path", setting => architecture => setting.Depth(architecture))
        {
            IsCounted = true,
        },
        ArchitectureScore.OfInitial(
            "jacov", "how little responses to images resemble each other at initial weights (Mellor et al. 2020)", JacobianCovariance.Of),
        ArchitectureScore.OfInitial(
            "naswot", "how differently images activate the initial network (Mellor et al. 2021)", ActivationKernel.Of),
        ArchitectureScore.OfInitial(
            "featcov", "how little features of images resemble each other after blocks of the initial network", FeatureCovariance.Of),
        ArchitectureScore.OfInitial(
            "meco", "how little channels of an image resemble each other there (Jiang et al. 2023)", ChannelCorrelation.Of),
        ArchitectureScore.OfInitial(
            "synflow", "synaptic flow at initial weights (Tanaka et al. 2020)",
            (network, architecture, images) => SynapticFlow.Of(network, architecture, images.shape.AsSpan(1))),
    ];

    /// <summary>The names of the spaces, those that files inside the library define among them.</summary>
    public ImmutableArray<string> SpaceNames => [.. Spaces.Select(family => family.Space.Name), .. SpaceFile.BuiltInNames];

    /// <summary>The names of the training methods.</summary>
    public ImmutableArray<string> MethodNames => [.. Methods.Select(method => method.Name)];

    /// <summary>The names of the search algorithms.</summary>
    public ImmutableArray<string> SearchNames => [.. Searches.Select(search => search.Name)];

    /// <summary>The names of the scores of which rankers are made.</summary>
    public ImmutableArray<string> ScoreNames => [.. Scores.Select(score => score.Name)];

    // The definition that a run keeps, by the name that its stored options use.
    private NamedSpace? Kept { get; init; }

    /// <summary>The catalog with one more search space.</summary>
    /// <exception cref="ArgumentException">It has one of that name.</exception>
    /// <exception cref="PandaNasException">The definition does not make a space; the message says where and why.</exception>
    public Catalog With(SpaceDefinition space) => With(new ChainFamily(space));

    /// <inheritdoc cref="With(SpaceDefinition)"/>
    internal Catalog With(SpaceFamily space)
    {
        return this with { Spaces = Spaces.Add(New("space", space, space.Space.Name, SpaceNames)) };
    }

    /// <summary>The catalog with one more training method.</summary>
    /// <exception cref="ArgumentException">It has one of that name.</exception>
    public Catalog With(TrainingMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        return this with { Methods = Methods.Add(New("method", method, method.Name, MethodNames)) };
    }

    /// <summary>The catalog with one more format of images.</summary>
    /// <exception cref="ArgumentException">It has one of that name.</exception>
    public Catalog With(ImageFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return this with { Formats = Formats.Add(New("format", format, format.Name, Formats.Select(one => one.Name))) };
    }

    /// <summary>The catalog with one more search algorithm.</summary>
    /// <exception cref="ArgumentException">It has one of that name.</exception>
    public Catalog With(SearchAlgorithm search)
    {
        ArgumentNullException.ThrowIfNull(search);
        return this with { Searches = Searches.Add(New("search algorithm", search, search.Name, SearchNames)) };
    }

    /// <summary>The catalog with one more score of architectures.</summary>
    /// <exception cref="ArgumentException">It has one of that name.</exception>
    public Catalog With(ArchitectureScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        if (ScoredArchitecture.HasColumn(score.Name))
            throw new ArgumentException($"a score is named '{score.Name}', as a column of rankings: give it another name", nameof(score));
        return this with { Scores = Scores.Add(New("score", score, score.Name, ScoreNames)) };
    }

    /// <summary>The space that a text names.</summary>
    /// <param name="text">The name of a space, or the path of a YAML file that defines one.</param>
    /// <exception cref="BadOptionException">There is no such space; the message names the nearest one.</exception>
    /// <exception cref="BadDataException">The file is missing or does not define a space.</exception>
    internal NamedSpace FindSpace(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Kept?.Text == text) return Kept;
        if (Spaces.FirstOrDefault(family => family.Space.Name == text) is { } found) return NamedSpace.Of(found);
        if (SpaceFile.BuiltInNames.Contains(text)) return SpaceFile.ReadBuiltIn(text);
        return SpaceFile.IsPath(text)
            ? SpaceFile.Read(text)
            : throw Unknown(text, SpaceNames, ", or the path of a .yaml file that defines a space");
    }

    /// <summary>The method of that name.</summary>
    /// <exception cref="BadOptionException">There is none; the message names the nearest one.</exception>
    internal TrainingMethod FindMethod(string name) =>
        Methods.FirstOrDefault(method => method.Name == name) ?? throw Unknown(name, MethodNames);

    /// <summary>The search algorithm of that name.</summary>
    /// <exception cref="BadOptionException">There is none; the message names the nearest one.</exception>
    internal SearchAlgorithm FindSearch(string name) =>
        Searches.FirstOrDefault(search => search.Name == name) ?? throw Unknown(name, SearchNames);

    /// <summary>The ranker that a text means.</summary>
    /// <exception cref="BadOptionException">It is none; the message names the nearest score.</exception>
    internal RankerFormula FindRanker(string text) => RankerFormula.Parse(text, Scores);

    /// <summary>The catalog of a run that keeps the definition of its space.</summary>
    internal Catalog Keeping(NamedSpace space) => this with { Kept = space };

    private static BadOptionException Unknown(string name, IReadOnlyList<string> names, string more = "") =>
        new($"'{name}' is unknown. Did you mean '{NearestName.Of(name, names)}'? Possible: {string.Join(", ", names)}{more}");

    // Names stand in options, in names of folders and, before a colon, in FORMAT:PATH.
    private static T New<T>(string kind, T entry, string name, IEnumerable<string> names)
    {
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || SpaceFile.IsPath(name))
            throw new ArgumentException(
                $"a {kind} is named '{name}': expected letters, digits, '-', '_' and '.', and no .yaml at the end", nameof(entry));
        return names.Contains(name)
            ? throw new ArgumentException($"there is a {kind} named '{name}' already: give yours another name", nameof(entry))
            : entry;
    }
}
