using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Tests.Sampling;

/// <summary>Observations and draws for tests of path samplers.</summary>
internal static class Observed
{
    /// <summary>Norms of a path that takes the given candidates; the other choices have none.</summary>
    public static PathNorms Norms(SearchSpace space, params IEnumerable<(int Choice, int Candidate, double Norm)> taken)
    {
        Architecture path = space.At(0);
        var norms = new double?[space.Choices.Length];
        foreach ((int choice, int candidate, double norm) in taken) (path, norms[choice]) = (path.With(choice, candidate), norm);
        return new(path, [.. norms]);
    }

    /// <summary>Lets a sampler observe one path for every kind of operation, which the first choice offers in order.</summary>
    public static void ObserveKinds(this IPathSampler sampler, SearchSpace space, params double[] norms)
    {
        for (int kind = 0; kind < norms.Length; kind++) sampler.Observe(Norms(space, (0, kind, norms[kind])));
    }

    /// <summary>Checks how often a sampler takes the candidates of every choice in the path at one place of its steps.</summary>
    public static void AssertDraws(IPathSampler sampler, int place, int draws, double[][] weights)
    {
        var random = RandomStream.Derive(21, "paths");
        int[][] counts = [.. weights.Select(row => new int[row.Length])];
        for (int i = 0; i < draws; i++)
        {
            Architecture path = sampler.Sample(random)[place];
            for (int choice = 0; choice < counts.Length; choice++) counts[choice][path[choice]]++;
        }
        for (int choice = 0; choice < counts.Length; choice++) ChiSquare.AssertFits(counts[choice], weights[choice]);
    }

    /// <summary>The same weight for every candidate of every choice.</summary>
    public static double[][] Uniform(SearchSpace space) =>
        [.. space.Choices.Select(choice => Enumerable.Repeat(1.0, choice.Candidates).ToArray())];
}
