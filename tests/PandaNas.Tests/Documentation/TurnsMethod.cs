using System.Collections.Immutable;
using PandaNas.Experiments.Methods;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Tests.Documentation;

/// <summary>Every choice takes its candidates in turn, each choice in an order of its own that is drawn anew in every epoch.</summary>
internal sealed class TurnsPathSampler(SearchSpace space) : IPathSampler
{
    /// <summary>The method: these paths, and what is usual else, every example once per epoch and one step of SGD.</summary>
    public static TrainingMethod Method { get; } = new(
        "turns", "every choice takes its candidates in turn", setting => new TurnsPathSampler(setting.Space));

    // The first path of the epoch, then the steps of the epoch so far.
    private Architecture? _first;
    private int _steps;

    public ImmutableArray<double> Probabilities { get; } = [.. space.Operations.Select(_ => 1.0 / space.Operations.Length)];

    public IReadOnlyList<Architecture> Sample(RandomStream random)
    {
        _first ??= new Architecture([.. space.Choices.Select(choice => random.NextInt(choice.Candidates))]);
        int step = _steps++;
        return [new Architecture([.. space.Choices.Select((choice, place) => (_first[place] + step) % choice.Candidates)])];
    }

    public void EndEpoch(double progress) => (_first, _steps) = (null, 0);

    public SamplerState Save() => SamplerState.Of(("steps", [_steps])).WithPaths("first_path", _first is null ? [] : [_first], 1, space);

    public void Restore(SamplerState state)
    {
        int steps = (int)state.GetWeights("steps", 1)[0];
        (_first, _steps) = (state.GetPaths("first_path", 1, space).FirstOrDefault(), steps);
    }
}
