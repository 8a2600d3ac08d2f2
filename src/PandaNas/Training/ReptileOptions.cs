namespace PandaNas.Training;

/// <summary>Settings of <see cref="Reptile"/>; the defaults are SUMNAS's.</summary>
public sealed record ReptileOptions
{
    /// <summary>Inner SGD steps of every path, at least 1.</summary>
    public int AdaptationSteps { get; init; } = 2;

    /// <summary>The learning rate of the inner steps, above 0; it does not fall.</summary>
    public double InnerLearningRate { get; init; } = 0.05;

    /// <summary>Momentum of the inner steps in [0, 1); it starts at 0 for every path.</summary>
    public double InnerMomentum { get; init; } = 0.9;

    /// <summary>The learning rate of the outer update in the first epoch, above 0; it falls to 0 along the run's cosine.</summary>
    public double OuterLearningRate { get; init; } = 1;

    /// <summary>L2 coefficient of the outer update, at least 0; the inner steps have none.</summary>
    public double WeightDecay { get; init; } = 4e-5;

    /// <summary>The largest norm of all gradients of an inner step together; 0 means no clipping. The outer update is not clipped.</summary>
    public double ClipNorm { get; init; } = 5;

    /// <summary>Whether biases and the scale and shift of batch norms are free of weight decay.</summary>
    public bool ExemptNorms { get; init; }
}
