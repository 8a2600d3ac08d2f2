using PandaNas.Sampling;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// Drop path (Larsson et al. 2017): while training, the branches of a network are set to zero at random, each for each example by
/// itself, and scaled up otherwise so that the mean stays.
/// </summary>
/// <param name="probability">Of dropping a branch, in [0, 1).</param>
/// <param name="random">Draws what is dropped; not used at probability 0.</param>
public sealed class DropPath(double probability, RandomStream random)
{
    /// <summary>Drops nothing.</summary>
    public static DropPath None { get; } = new(0, RandomStream.Derive(0, "nothing"));

    /// <summary>Whether anything is dropped.</summary>
    public bool IsActive => probability > 0;

    /// <summary>The branch with a part of its examples set to zero.</summary>
    /// <param name="branch">N×C×H×W.</param>
    public Tensor Apply(Tensor branch)
    {
        ArgumentNullException.ThrowIfNull(branch);
        if (!IsActive) return branch;
        var factors = new float[branch.shape[0]];
        for (int example = 0; example < factors.Length; example++) factors[example] = random.NextBool(probability) ? 0 : (float)(1 / (1 - probability));
        return Tape.Torch(branch, x => x.mul(tensor(factors, [factors.Length, 1, 1, 1], device: x.device).to(x.dtype)));
    }

    /// <summary>The same for a term: its batch norm is applied first.</summary>
    internal Term Apply(Term branch) => IsActive ? new Term(Apply(Node.Sum([branch], Reads.Raw, training: true).Raw)) : branch;
}
