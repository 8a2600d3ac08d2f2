namespace PandaNas.Experiments.Options;

/// <summary>To which runs an option applies.</summary>
[Flags]
public enum OptionScope
{
    /// <summary>Supernet training.</summary>
    Supernet = 1,

    /// <summary>Retraining of one architecture.</summary>
    Retraining = 2,

    /// <summary>What fixes the networks and the data; counting costs needs no more.</summary>
    Network = 4,

    /// <summary>Both kinds of training.</summary>
    Training = Supernet | Retraining,

    /// <summary>Everything.</summary>
    All = Supernet | Retraining | Network,
}

/// <summary>One option: the same key in presets, YAML files and flags.</summary>
/// <param name="Key">The key, kebab-case; the flag is the key after two dashes.</param>
/// <param name="ValueName">What stands for the value in help texts, for example N or PATH.</param>
/// <param name="Help">One line: meaning, unit, range.</param>
/// <param name="Scope">To which runs it applies.</param>
/// <param name="Read">The value as text.</param>
/// <param name="Write">The options with the value that a text gives; throws <see cref="BadOptionException"/>.</param>
public sealed record OptionDefinition(
    string Key,
    string ValueName,
    string Help,
    OptionScope Scope,
    Func<ExperimentOptions, string> Read,
    Func<ExperimentOptions, string, ExperimentOptions> Write)
{
    /// <summary>What two values must have in common to be the same; the value as text where nothing else is said.</summary>
    public Func<ExperimentOptions, string> Identity { get; init; } = Read;

    /// <summary>Whether the value is true or false, so that a bare flag means true.</summary>
    public bool IsSwitch => ValueName == "true|false";
}
