using static TorchSharp.torch;

namespace PandaNas.Supernets.Recording;

/// <summary>An operation with a gradient of its own. A <see cref="Tape"/> runs it and goes back through it.</summary>
internal abstract class FusedFunction
{
    /// <summary>Its name in profiles.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>Whether its work is noted when it runs; else its caller notes it.</summary>
    public virtual bool IsNoted => true;

    /// <summary>Whether it may use weights that are not among its arguments.</summary>
    public virtual bool UsesWeights => false;

    /// <summary>The operation.</summary>
    /// <param name="kept">Keeps tensors and values for <see cref="Backward"/>; null where no gradient will be asked for.</param>
    /// <param name="arguments">Tensors that may need gradients, nulls, and other values.</param>
    public abstract List<Tensor> Forward(Kept? kept, object?[] arguments);

    /// <summary>Its gradient: a tensor, given only once, or null for every argument up to the last that has one.</summary>
    /// <param name="kept">What <see cref="Forward"/> kept.</param>
    /// <param name="gradients">The gradient of every result, null where there is none.</param>
    public abstract List<Tensor?> Backward(Kept kept, Tensor?[] gradients);

    /// <summary>Notes the backward pass in a profile.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="started">When it began.</param>
    /// <param name="tensors">What it read and wrote.</param>
    public virtual void NoteBackward(OperationProfile profile, long started, IEnumerable<Tensor> tensors) =>
        profile.AddBackward(Name, started, tensors);
}

/// <summary>An operation of which one instance serves all uses.</summary>
/// <typeparam name="TSelf">The operation.</typeparam>
internal abstract class FusedFunction<TSelf> : FusedFunction
    where TSelf : FusedFunction<TSelf>, new()
{
    private static readonly TSelf Instance = new();

    /// <summary>Runs the operation, recorded for the backward pass where gradients are wanted.</summary>
    /// <param name="arguments">As for <see cref="FusedFunction.Forward"/>.</param>
    protected static List<Tensor> Run(params object?[] arguments) => Tape.Run(Instance, arguments);
}
