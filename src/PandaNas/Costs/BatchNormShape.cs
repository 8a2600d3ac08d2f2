namespace PandaNas.Costs;

/// <summary>The sizes of a batch normalisation. It counts no multiply-adds, as in NAS-Bench-201 (Dong and Yang 2020).</summary>
/// <param name="Channels">Channels.</param>
/// <param name="Affine">Whether every channel has a learnt scale and shift.</param>
/// <param name="Size">Height and width in pixels; of no effect on what it costs, only on how long it takes.</param>
/// <exception cref="ArgumentException">A size is below 1.</exception>
internal sealed record BatchNormShape(int Channels, bool Affine, int Size = 1) : LayerShape(Channels, Size)
{
    /// <inheritdoc/>
    public override string Kind => "batch norm";

    /// <inheritdoc/>
    public override string Name => $"{(Affine ? "affine " : "")}{Kind} of {Channels} channels at {Size}x{Size}";

    /// <inheritdoc/>
    public override long Parameters => Affine ? 2L * Channels : 0;

    /// <inheritdoc/>
    public override long MultiplyAdds => 0;
}
