using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Tests.Distributed;

namespace PandaNas.Tests.Experiments.Stages;

/// <summary>A search whose work several ranks divide.</summary>
internal static class SharedSearch
{
    /// <summary>Searches the supernet in a folder with two ranks; rank 0 writes the result into it.</summary>
    public static void ByTwoRanks(string folder, SearchOptions options, CancellationToken stop) => InProcessRanks.Run(2, ranks =>
    {
        RunContext context = RunContext.Quiet with { Ranks = ranks, Stop = stop };
        if (ranks.Rank > 0)
        {
            Supernet.Serve(folder, stored => stored, options, context);
            return;
        }
        using Supernet supernet = Supernet.Open(folder, Catalog.Default, stored => stored);
        supernet.Search(options, context);
    }).Dispose();
}
