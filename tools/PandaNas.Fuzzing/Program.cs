using System.Diagnostics;
using System.Globalization;
using SharpFuzz;

namespace PandaNas.Fuzzing;

/// <summary>
/// Coverage-guided fuzzing of the readers, and of verbs on damaged runs. tools/fuzz-readers.sh and tools/fuzz-verbs.sh run it.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["instrument", .. var assemblies]:
                foreach (string assembly in assemblies) _ = Fuzzer.Instrument(assembly, _ => true, Options.Value).Count();
                return 0;
            case ["run", var names, var inputs, var seed, var corpus, var found]:
                return Run(names, Number(inputs), Number(seed), corpus, found);
            case ["verbs", var cases, var first, var folder]:
                return DamagedRuns.Try(Number(cases), Number(first), folder);
            default:
                Console.Error.WriteLine(
                    "usage: instrument ASSEMBLY... | run READERS|all INPUTS SEED CORPUS FINDINGS | verbs CASES FIRST FOLDER");
                return 2;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int Run(string names, int inputs, int seed, string corpus, string found)
    {
        Campaign.Prepare();
        using var readers = new Readers();
        int findings = 0;
        Console.WriteLine($"{"reader",-14}{"inputs",9}{"accepted",10}{"refused",9}{"corpus",8}{"edges",8}{"seconds",9}  findings");
        foreach ((string name, Reader reader) in readers.All.Where(pair => names == "all" || names.Split(',').Contains(pair.Key)))
        {
            var campaign = new Campaign(name, reader, new Random(seed), Path.Combine(corpus, name), Path.Combine(found, name));
            long started = Stopwatch.GetTimestamp();
            campaign.Run(inputs);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Console.WriteLine(
                $"{name,-14}{campaign.Inputs,9}{campaign.Accepted,10}{campaign.Refused,9}{campaign.CorpusSize,8}{campaign.Edges,8}"
                + $"{seconds,9:F1}  {string.Join("; ", campaign.Findings)}");
            findings += campaign.Findings.Count;
        }
        return findings == 0 ? 0 : 1;
    }
}
