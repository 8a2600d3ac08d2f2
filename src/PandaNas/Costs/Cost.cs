namespace PandaNas.Costs;

/// <summary>What a layer or a network costs.</summary>
/// <param name="Parameters">Learnable scalars.</param>
/// <param name="MultiplyAdds">Multiply-adds of one forward pass of one example; the literature often calls them FLOPs.</param>
public readonly record struct Cost(long Parameters, long MultiplyAdds)
{
    /// <summary>The cost of both together.</summary>
    /// <exception cref="OverflowException">A sum is above 2⁶³ − 1.</exception>
    public static Cost operator +(Cost left, Cost right) =>
        new(checked(left.Parameters + right.Parameters), checked(left.MultiplyAdds + right.MultiplyAdds));
}
