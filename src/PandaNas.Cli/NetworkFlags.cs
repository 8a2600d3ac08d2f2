using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Experiments.Stages;
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

    /// <summary>The flags by which a verb means the networks of a training.</summary>
    /// <param name="options">The training's options.</param>
    /// <param name="setup">Its images.</param>
    /// <param name="folder">Its run, which keeps the definition of a space that a file defines.</param>
    public static IEnumerable<string> Of(ExperimentOptions options, RunSetup setup, string folder)
    {
        var standard = new ExperimentOptions();
        IEnumerable<(string Key, string Value)> sizes =
        [
            .. OptionTable.All
                .Where(option => option.Scope.HasFlag(OptionScope.Network) && option.Key is not ("data" or "image-size") && (option.Key == "space" || option.Read(options) != option.Read(standard)))
                .Select(option => (option.Key, option.Key == "space" && options.Space.Definition is not null ? Path.Combine(folder, NamedSpace.KeptName) : option.Read(options))),
            ("image-size", Text(setup.ImageSize)), ("classes", Text(setup.Classes)), ("input-channels", Text(setup.Channels)),
        ];
        return sizes.SelectMany(size => (string[])[$"--{size.Key}", size.Value]);

        static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>What the command line gives of these flags, to be repeated in another command line.</summary>
    public IEnumerable<string> Given(ParseResult parsed) => [.. CommandText.Given(parsed, _classes, _inputs), .. _flags.Given(parsed)];

    /// <summary>The space and the sizes of its networks.</summary>
    /// <exception cref="BadOptionException">A size is out of its range.</exception>
    public (SpaceFamily Family, NetworkOptions Sizes) Resolve(ParseResult parsed)
    {
        ExperimentOptions options = _flags.Apply(parsed, _context.ForRetraining, OptionScope.Network, OptionScope.Network);
        SpaceFamily family = options.Space.Family;
        NetworkOptions sizes = RequestedNetwork.Of(
            options, standalone: true, Within(parsed.GetValue(_inputs), MostInputChannels, "input-channels"), options.ImageSize == 0 ? DefaultImageSize : options.ImageSize,
            Within(parsed.GetValue(_classes), MostClasses, "classes"));
        family.Validate(sizes);
        return (family, sizes);
    }

    private static int Within(int value, int most, string key) =>
        value >= 1 && value <= most ? value : throw new BadOptionException($"option --{key}: '{value}' is not a whole number from 1 to {most}");
}
