using static TorchSharp.torch;

namespace PandaNas.Supernets.Recording;

/// <summary>What an operation keeps of its forward pass for its gradient.</summary>
internal sealed class Kept
{
    /// <summary>The tensors, as they were given to <see cref="Keep"/>.</summary>
    public IReadOnlyList<Tensor> Tensors { get; private set; } = [];

    /// <summary>Anything else.</summary>
    public object? Plan { get; private set; }

    /// <summary>Keeps tensors and a plan. A tensor may be an argument, a result, or what the operation made on its way.</summary>
    public void Keep(object? plan, params Tensor[] tensors) => (Plan, Tensors) = (plan, tensors);

    /// <summary>Whether it turned out that nothing in the operation needs a gradient.</summary>
    public bool IsConstant { get; private set; }

    /// <summary>Keeps nothing: the results are constants. For operations that use weights, which know only once they have run.</summary>
    public void KeepNothing() => IsConstant = true;

    /// <summary>Puts others in their place that hold the same values.</summary>
    public void Replace(Func<Tensor, Tensor> other) => Tensors = [.. Tensors.Select(other)];
}
