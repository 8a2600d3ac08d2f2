using PandaNas.Sampling;

namespace PandaNas.Supernets;

/// <summary>
/// Drop path (Larsson et al. 2017): while training, the branches of a network are set to zero at random, each for each example by
/// itself, and scaled up otherwise so that the mean stays.
/// </summary>
/// <param name="probability">Of dropping a branch, in [0, 1).</param>
/// <param name="random">Draws what is dropped; not used at probability 0.</param>
/// <param name="before">How many examples of the batch come before those that are here: they are drawn too.</param>
/// <param name="after">How many come after them.</param>
internal sealed class DropPath(double probability, RandomStream random, int before = 0, int after = 0)
{
    /// <summary>Drops nothing.</summary>
    public static DropPath None { get; } = new(0, RandomStream.Derive(0, "nothing"));

    /// <summary>Whether anything is dropped.</summary>
    public bool IsActive => probability > 0;

    /// <summary>Draws what each of so many examples of a branch is multiplied by.</summary>
    public float[] Draw(int examples)
    {
        var factors = new float[before + examples + after];
        for (int example = 0; example < factors.Length; example++)
            factors[example] = random.NextBool(probability) ? 0 : (float)(1 / (1 - probability));
        return factors[before..(before + examples)];
    }
}
