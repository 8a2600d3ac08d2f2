namespace PandaNas.Costs;

/// <summary>The sizes of a batch normalisation. It counts no multiply-adds, as in NAS-Bench-201 (Dong and Yang 2020).</summary>
public sealed record BatchNormShape : LayerShape
{
    /// <summary>Describes a batch normalisation.</summary>
    /// <param name="channels">Channels, at least 1.</param>
    /// <param name="affine">Whether every channel has a learnt scale and shift.</param>
    /// <param name="size">Height and width in pixels, at least 1; of no effect on what it costs, only on how long it takes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public BatchNormShape(int channels, bool affine, int size = 1)
    {
        Channels = AtLeastOne(channels, nameof(channels));
        Affine = affine;
        Size = AtLeastOne(size, nameof(size));
    }

    /// <summary>Channels.</summary>
    public int Channels { get; }

    /// <summary>Whether every channel has a learnt scale and shift.</summary>
    public bool Affine { get; }

    /// <summary>Height and width in pixels.</summary>
    public int Size { get; }

    /// <inheritdoc/>
    public override string Kind => "batch norm";

    /// <inheritdoc/>
    public override string Name => $"{(Affine ? "affine " : "")}{Kind} of {Channels} channels at {Size}x{Size}";

    /// <inheritdoc/>
    public override long Parameters => Affine ? 2L * Channels : 0;

    /// <inheritdoc/>
    public override long MultiplyAdds => 0;
}
