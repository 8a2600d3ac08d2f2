using System.Collections.Immutable;
using PandaNas.Experiments.Methods;
using PandaNas.Sampling;

namespace PandaNas.Tests.Documentation;

/// <summary>Every choice takes its candidates in turn, each choice in an order of its own that is drawn anew in every epoch.</summary>
internal sealed class TurnsPathSampler(ImmutableArray<ImmutableArray<int>> choices, int operations) : IPathSampler
{
    /// <summary>The method: these paths, every example once an epoch, one step of SGD.</summary>
    public static Method Method { get; } = new(
        "turns", "every choice takes its candidates in turn", setting => new TurnsPathSampler(setting.Choices, setting.Operations), MethodParts.UniformData, MethodParts.OneStep);

    // A number a choice, from which its order is derived, then the steps of the epoch so far; empty between epochs.
    private double[] _state = [];

    public ImmutableArray<double> Probabilities { get; } = [.. Enumerable.Repeat(1.0 / operations, operations)];

    public bool NeedsGradientNorms => false;

    public IReadOnlyList<int[]> Sample(RandomStream random)
    {
        if (_state.Length == 0) _state = [.. choices.Select(candidates => random.NextInt(candidates.Length)), 0];
        int step = (int)_state[^1]++;
        return [[.. choices.Select((candidates, choice) => ((int)_state[choice] + step) % candidates.Length)]];
    }

    public void Observe(ReadOnlySpan<double> norms)
    {
    }

    public void EndEpoch(double progress) => _state = [];

    // What is saved has always the same length, so that a damaged or foreign state is noticed.
    public SamplerState Save() => SamplerState.Of(("turns", _state.Length > 0 ? _state : new double[choices.Length + 1]), ("begun", [_state.Length > 0 ? 1 : 0]));

    public void Restore(SamplerState state) => _state = state.Get("begun", 1)[0] == 0 ? [] : state.GetWeights("turns", choices.Length + 1);
}
