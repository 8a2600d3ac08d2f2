namespace PandaNas.Costs;

/// <summary>The sizes of a batch normalisation. It counts no multiply-adds, as in NAS-Bench-201 (Dong and Yang 2020).</summary>
public sealed record BatchNormShape : LayerShape
{
    /// <summary>Describes a batch normalisation.</summary>
    /// <param name="channels">Channels, at least 1.</param>
    /// <param name="affine">Whether every channel has a learnt scale and shift.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="channels"/> is below 1.</exception>
    public BatchNormShape(int channels, bool affine)
    {
        Channels = AtLeastOne(channels, nameof(channels));
        Affine = affine;
    }

    /// <summary>Channels.</summary>
    public int Channels { get; }

    /// <summary>Whether every channel has a learnt scale and shift.</summary>
    public bool Affine { get; }

    /// <inheritdoc/>
    public override long Parameters => Affine ? 2L * Channels : 0;

    /// <inheritdoc/>
    public override long MultiplyAdds => 0;
}
