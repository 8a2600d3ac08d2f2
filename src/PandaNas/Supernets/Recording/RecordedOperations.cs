using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Recording;

/// <summary>All that a <see cref="Tape"/> recorded as one operation of torch's graph.</summary>
internal sealed class RecordedOperations : autograd.MultiTensorFunction<RecordedOperations>
{
    private sealed record Recorded(Tape Tape, Func<IReadOnlyList<Tensor>> Compute, IReadOnlyList<Tensor> Inputs)
    {
        public IReadOnlyList<Tensor> Results { get; set; } = [];
    }

    // Torch goes back only to where an input requires a gradient; weights used within do not pass through here.
    private static readonly Tensor Anchor = zeros(1, requires_grad: true).DetachFromDisposeScope();

    // What the last call returned: torch takes it over only afterwards, so it is freed in the next one, or when all have returned.
    [ThreadStatic]
    private static List<Tensor?>? _returned;

    // Nothing may be thrown through torch: it would end or hang the process.
    [ThreadStatic]
    private static ExceptionDispatchInfo? _failure;

    /// <inheritdoc/>
    public override string Name => nameof(RecordedOperations);

    /// <summary>Records what a function computes.</summary>
    /// <param name="tape">Records.</param>
    /// <param name="inputs">Tensors from outside that the function uses, weights apart.</param>
    /// <param name="compute">The function.</param>
    public static IReadOnlyList<Tensor> Run(Tape tape, IReadOnlyList<Tensor> inputs, Func<IReadOnlyList<Tensor>> compute)
    {
        using var scope = NewDisposeScope();
        List<Tensor> results = apply([.. inputs, Anchor, new Recorded(tape, compute, inputs)]);
        foreach (Tensor result in results) result.MoveToOuterDisposeScope();
        return results;
    }

    /// <summary>
    /// Goes back from a loss, and throws what goes wrong in a tape on the way. Torch's own <c>backward</c> would leave gradients out and
    /// say nothing.
    /// </summary>
    /// <param name="loss">A single value.</param>
    /// <param name="keepGraph">Whether torch keeps its graph.</param>
    public static void BackwardFrom(Tensor loss, bool keepGraph = false)
    {
        _failure = null;
        loss.backward(retain_graph: keepGraph);
        FreeReturned();
        ExceptionDispatchInfo? failure = _failure;
        _failure = null;
        failure?.Throw();
    }

    /// <inheritdoc/>
    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.set_materialize_grads(false);
        var recorded = (Recorded)vars[^1];
        using var _ = no_grad();
        recorded.Results = recorded.Tape.Recording(recorded.Compute);
        ctx.save_data(nameof(Recorded), recorded);
        // Torch marks what it is given as made by this operation; the tape's own must stay as they are.
        return [.. recorded.Results.Select(result => result.alias())];
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        FreeReturned();
        var recorded = (Recorded)ctx.get_data(nameof(Recorded));
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Tensor?[] gradients = [.. grad_outputs.Select(gradient => gradient.IsInvalid ? null : gradient)];
        List<Tensor?> results;
        try
        {
            results = [.. recorded.Tape.Backward(recorded.Results, gradients, recorded.Inputs), null, null];
        }
        catch (Exception error)
        {
            _failure = ExceptionDispatchInfo.Capture(error);
            results = [.. new Tensor?[recorded.Inputs.Count + 2]];
        }
        foreach (Tensor? result in results) result?.DetachFromDisposeScope();
        foreach (Tensor gradient in grad_outputs) gradient.Dispose();
        _returned = results;
        return results!;
    }

    private static void FreeReturned()
    {
        _returned?.ForEach(tensor => tensor?.Dispose());
        _returned = null;
    }
}
