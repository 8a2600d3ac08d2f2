using PandaNas.Messages;

namespace PandaNas.Cli;

/// <summary>Messages of the library in the words of the command line: options are flags, steps are commands.</summary>
internal static class FlagWords
{
    /// <summary>A message with its marks replaced.</summary>
    public static string Of(string marked) =>
        Mention.Render(marked, (key, _) => $"--{key}", (step, argument) => $" with '{CommandOf(step, argument)}'");

    private static string CommandOf(Step step, string argument) => step switch
    {
        Step.ContinueTraining => $"panda train --resume --out {argument}",
        Step.Search => $"panda search {argument}",
        Step.MeasureTable => "panda latency --out FILE",
        _ => "panda latency ARCHITECTURE",
    };
}
