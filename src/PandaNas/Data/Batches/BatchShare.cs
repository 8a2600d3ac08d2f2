namespace PandaNas.Data.Batches;

/// <summary>
/// The part of every batch that one of several ranks makes: examples that lie side by side, on every rank as many or one more. Random
/// changes are drawn for the whole batch, so that every example gets those that it has in one process.
/// </summary>
/// <param name="Rank">The rank, from 0.</param>
/// <param name="Size">How many ranks.</param>
internal sealed record BatchShare(int Rank, int Size)
{
    /// <summary>The whole batch.</summary>
    public static BatchShare Whole { get; } = new(0, 1);

    /// <summary>The most examples of a batch that a rank has.</summary>
    public int MostOf(int examples) => (examples + Size - 1) / Size;

    /// <summary>Where the rank's part of a batch begins, and how many examples it has.</summary>
    public (int Start, int Count) Of(int examples)
    {
        int start = (int)((long)examples * Rank / Size), end = (int)((long)examples * (Rank + 1) / Size);
        return (start, end - start);
    }
}
