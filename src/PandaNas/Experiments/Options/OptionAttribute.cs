namespace PandaNas.Experiments.Options;

/// <summary>Under which heading people find an option; the order of the help texts.</summary>
internal enum OptionGroup
{
    /// <summary>Where options come from before those that are given.</summary>
    Start,

    /// <summary>Images: where they are, what becomes of them, who gets which.</summary>
    Data,

    /// <summary>The space and the sizes of its networks.</summary>
    Network,

    /// <summary>How paths and images are sampled.</summary>
    Method,

    /// <summary>The optimizer and its schedule.</summary>
    Training,

    /// <summary>What is compared.</summary>
    Comparison,

    /// <summary>Which architectures are ranked, on what and against what.</summary>
    Ranking,

    /// <summary>How architectures are searched.</summary>
    Search,

    /// <summary>Which are trained alone, to learn from.</summary>
    Labels,

    /// <summary>What architectures may cost.</summary>
    Limits,

    /// <summary>What is measured and how often.</summary>
    Measurement,

    /// <summary>The folder, the machine and the seed.</summary>
    Run,
}

/// <summary>Of what a text is one of the names.</summary>
internal enum NameKind
{
    /// <summary>Any text.</summary>
    None,

    /// <summary>A search space, or the file of one.</summary>
    Space,

    /// <summary>A training method.</summary>
    Method,

    /// <summary>A schedule of confidence.</summary>
    Schedule,

    /// <summary>A search algorithm.</summary>
    Algorithm,

    /// <summary>A preset.</summary>
    Preset,

    /// <summary>A format of images, before a colon.</summary>
    Format,

    /// <summary>A pair of distributions.</summary>
    Distribution,

    /// <summary>A score of architectures, in a ranker.</summary>
    Score,
}

/// <summary>
/// Makes a property of an <see cref="OptionSet"/> an option: flag, key in files and presets, check, stored value, help and reference all
/// come from here. The default is the property's value in a new set.
/// </summary>
/// <param name="key">The key, kebab-case; on the command line after two dashes.</param>
/// <param name="help">The meaning in one line; <c>{names}</c> stands for the names of <see cref="Names"/>.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionAttribute(string key, string help) : Attribute
{
    /// <summary>The key.</summary>
    public string Key => key;

    /// <summary>The meaning.</summary>
    public string Help => help;

    /// <summary>The heading in help texts.</summary>
    public OptionGroup Group { get; init; }

    /// <summary>Whether it is among the few that people need first.</summary>
    public bool IsUsual { get; init; }

    /// <summary>What stands for the value in help texts; made from the type unless given.</summary>
    public string? Value { get; init; }

    /// <summary>What the value counts, for example pixels.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The smallest number.</summary>
    public double Least { get; init; } = double.NegativeInfinity;

    /// <summary>The largest number.</summary>
    public double Most { get; init; } = double.PositiveInfinity;

    /// <summary>What the number is above.</summary>
    public double Above { get; init; } = double.NegativeInfinity;

    /// <summary>What the number is below.</summary>
    public double Below { get; init; } = double.PositiveInfinity;

    /// <summary>Of what the text is a name.</summary>
    public NameKind Names { get; init; }

    /// <summary>What help says in place of an empty default.</summary>
    public string Otherwise { get; init; } = "";

    /// <summary>
    /// Whether it may change when a run is continued: where things are, how fast and what is recorded, not what is computed.
    /// </summary>
    public bool MayChange { get; init; }

    /// <summary>Whether it may be chosen anew when a finished run is evaluated: where things are and how they are computed.</summary>
    public bool OfEvaluation { get; init; }

    /// <summary>Whether the retraining of an architecture has it from its supernet unless told otherwise.</summary>
    public bool PassesOn { get; init; }

    /// <summary>Whether runs store it.</summary>
    public bool IsStored { get; init; } = true;
}
