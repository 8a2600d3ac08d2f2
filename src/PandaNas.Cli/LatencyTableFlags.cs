using System.CommandLine;

namespace PandaNas.Cli;

/// <summary>The flags by which verbs use a latency table.</summary>
internal sealed class LatencyTableFlags
{
    private readonly Option<string?> _table = new("--latency-table") { Description = "predict latencies by a table of 'panda latency --out FILE'", HelpName = "FILE" };
    private readonly Option<bool> _allowOtherMachine = new("--allow-other-machine") { Description = "accept a table that was measured on another machine" };

    /// <summary>Adds both flags.</summary>
    public static LatencyTableFlags Add(Command command)
    {
        var flags = new LatencyTableFlags();
        command.Add(flags._table);
        command.Add(flags._allowOtherMachine);
        return flags;
    }

    /// <summary>The table's file, null for none, and whether another machine is accepted.</summary>
    public (string? Table, bool AllowOtherMachine) Resolve(ParseResult parsed) => (parsed.GetValue(_table), parsed.GetValue(_allowOtherMachine));
}
