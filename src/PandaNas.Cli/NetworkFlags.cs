using System.CommandLine;
using PandaNas.Experiments;
using PandaNas.Supernets;

namespace PandaNas.Cli;

/// <summary>The flags that say which stand-alone networks a verb is about, for verbs that read no images.</summary>
internal sealed class NetworkFlags
{
    private const int DefaultImageSize = 32;
    private const int MostClasses = 1 << 16, MostInputChannels = 1024;

    private readonly Option<int> _classes = new("--classes") { Description = "outputs of the classifier", HelpName = "N", DefaultValueFactory = _ => 10 };
    private readonly Option<int> _inputs = new("--input-channels") { Description = "channels of the images", HelpName = "N", DefaultValueFactory = _ => 3 };
    private readonly ExperimentFlags _flags;

    private readonly VerbContext _context;

    private NetworkFlags(Command command, VerbContext context)
    {
        _context = context;
        command.Add(_classes);
        command.Add(_inputs);
        _flags = ExperimentFlags.AddAll(command, OptionScope.Network, context.ForRetraining);
    }

    /// <summary>Adds the flags.</summary>
    public static NetworkFlags Add(Command command, VerbContext context) => new(command, context);

    /// <summary>The space and the sizes of its networks.</summary>
    /// <exception cref="BadOptionException">A size is out of its range.</exception>
    public (SpaceFamily Family, NetworkOptions Sizes) Resolve(ParseResult parsed)
    {
        ExperimentOptions options = _flags.Apply(parsed, _context.ForRetraining, OptionScope.Network, OptionScope.Network);
        SpaceFamily family = options.Space.Family;
        NetworkOptions sizes = NetworkSizes.Of(
            options, standalone: true, Within(parsed.GetValue(_inputs), MostInputChannels, "input-channels"), options.ImageSize == 0 ? DefaultImageSize : options.ImageSize,
            Within(parsed.GetValue(_classes), MostClasses, "classes"));
        family.Validate(sizes);
        return (family, sizes);
    }

    private static int Within(int value, int most, string key) =>
        value >= 1 && value <= most ? value : throw new BadOptionException($"option --{key}: '{value}' is not a whole number from 1 to {most}");
}
