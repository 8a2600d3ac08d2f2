using PandaNas.Runtime.Torch;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Tests.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Tests.Training;

/// <summary>
/// A classifier of pixels whose matrix is the sum of a shared one and one for every choice's candidate: each path has gradients of its
/// own, and an example's gradient depends on no other example.
/// </summary>
internal sealed class AdditiveNetwork : Network
{
    private const double Bound = 0.02;

    private readonly Tensor _shared;
    private readonly Tensor[][] _candidates;

    public AdditiveNetwork(int inputs, int outputs, params int[] candidates)
        : this(new WeightStore(CPU, RandomStream.Derive(0, "weights")), inputs, outputs, candidates)
    {
    }

    private AdditiveNetwork(WeightStore store, int inputs, int outputs, int[] candidates) : base(new ToySpace(candidates), store)
    {
        _shared = store.Uniform("shared", [outputs, inputs], Bound);
        _candidates =
        [
            .. candidates.Select((count, choice) => Enumerable.Range(0, count).Select(candidate => store.OwnedBy(
                [candidate], path => path[choice] == candidate ? choice : Weight.Unused,
                () => store.Uniform($"{choice}.{candidate}", [outputs, inputs], (candidate + 1) * Bound))).ToArray()),
        ];
    }

    /// <summary>The paths computed, in order.</summary>
    public List<Architecture> Paths { get; } = [];

    public override Tensor Forward(Tensor images, Architecture path, bool training)
    {
        Paths.Add(path);
        using var scope = NewDisposeScope();
        Tensor matrix = _shared;
        for (int choice = 0; choice < _candidates.Length; choice++) matrix = matrix.Plus(_candidates[choice][path[choice]]);
        return nn.functional.linear(images.flatten(1), matrix).MoveToOuterDisposeScope();
    }
}
