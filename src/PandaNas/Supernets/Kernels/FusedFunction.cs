using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels;

/// <summary>
/// A custom operation with a gradient of its own. It frees what it touches as soon as torch allows: the wrapper's copies of
/// outputs, gradients and saved tensors would otherwise stay until the step ends, and memory that is still in the cache could not be used again.
/// </summary>
/// <typeparam name="TSelf">The operation.</typeparam>
internal abstract class FusedFunction<TSelf> : autograd.MultiTensorFunction<TSelf>
    where TSelf : FusedFunction<TSelf>, new()
{
    // What the last operation returned: torch takes it over only after the call, so it is freed in the next one.
    [ThreadStatic]
    private static List<Tensor?>? _returned;

    /// <inheritdoc/>
    public override string Name => typeof(TSelf).Name;

    /// <summary>Runs the operation and records it for the backward pass.</summary>
    /// <param name="arguments">Tensors that may need gradients, nulls, and other values.</param>
    protected static List<Tensor> Run(params object?[] arguments)
    {
        long started = OperationProfile.Now;
        List<Tensor> outputs = RunUnnoted(arguments);
        OperationProfile.Current?.Add(typeof(TSelf).Name, started, arguments.OfType<Tensor>().Concat(outputs));
        return outputs;
    }

    /// <summary>The same for an operation that its caller notes in the profile.</summary>
    protected static List<Tensor> RunUnnoted(params object?[] arguments) => is_grad_enabled() ? Record(arguments) : new TSelf().Forward(null, arguments);

    private static List<Tensor> Record(object?[] arguments)
    {
        using var scope = NewDisposeScope();
        List<Tensor> outputs = apply(arguments!);
        foreach (Tensor output in outputs) output.MoveToOuterDisposeScope();
        return outputs;
    }

    /// <summary>The operation.</summary>
    /// <param name="context">Keeps tensors and values for <see cref="Backward"/>; null where no gradient will be asked for.</param>
    /// <param name="arguments">As passed to <see cref="Run"/>.</param>
    protected abstract List<Tensor> Forward(autograd.AutogradContext? context, object?[] arguments);

    /// <summary>Its gradient: one tensor or null for every argument.</summary>
    /// <param name="context">What <see cref="Forward"/> kept.</param>
    /// <param name="saved">The saved tensors.</param>
    /// <param name="gradients">The gradient of every output, null where there is none.</param>
    protected abstract List<Tensor?> Backward(autograd.AutogradContext context, List<Tensor> saved, Tensor?[] gradients);

    /// <summary>Notes the backward pass in a profile.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="started">When it began.</param>
    /// <param name="tensors">What it read and wrote.</param>
    protected virtual void NoteBackward(OperationProfile profile, long started, IEnumerable<Tensor> tensors) => profile.AddBackward(Name, started, tensors);

    /// <inheritdoc/>
    public sealed override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.set_materialize_grads(false);
        return Forward(ctx, vars);
    }

    /// <inheritdoc/>
    public sealed override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        long started = OperationProfile.Now;
        _returned?.ForEach(tensor => tensor?.Dispose());
        using var scope = NewDisposeScope();
        Tensor?[] gradients = [.. grad_outputs.Select(gradient => gradient.IsInvalid ? null : gradient)];
        List<Tensor> saved = ctx.get_saved_variables();
        List<Tensor?> results = Backward(ctx, saved, gradients);
        if (OperationProfile.Current is { } profile) NoteBackward(profile, started, saved.Concat(gradients.Concat(results).OfType<Tensor>()));
        foreach (Tensor? result in results) result?.DetachFromDisposeScope();
        foreach (Tensor gradient in grad_outputs)
            if (!results.Any(result => ReferenceEquals(result, gradient))) gradient.Dispose();
        _returned = results;
        return results!;
    }
}
