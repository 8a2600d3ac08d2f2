using static TorchSharp.torch;

namespace PandaNas.Supernets.Recording;

/// <summary>
/// Records the operations of a network as they run and goes back through them, as one operation in the eyes of torch. Torch's
/// wrapper for functions with a gradient of their own takes as long for each as small layers take to compute; here it is needed once.
/// </summary>
/// <remarks>
/// While a tape records, torch itself does not: what torch is to differentiate must go through
/// <see cref="Torch(Tensor, Func{Tensor, Tensor})"/>, and an argument of unknown origin is an error, never a lost gradient. Weights, that
/// is leaves that require gradients, may be used anywhere.
/// </remarks>
internal sealed class Tape
{
    [ThreadStatic]
    private static Tape? _current;

    private readonly List<Entry> _entries = [];

    // Tensors are told apart as objects: two that share memory have gradients of their own.
    private readonly HashSet<Tensor> _inputs;
    private readonly HashSet<Tensor> _differentiable = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Tensor> _constants = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Tensor> _held = new(ReferenceEqualityComparer.Instance);

    private bool _isSpent;

    private Tape(IReadOnlyList<Tensor> inputs) => _inputs = new HashSet<Tensor>(inputs, ReferenceEqualityComparer.Instance);

    /// <summary>Whether a gradient of the tensor will be asked for.</summary>
    public static bool NeedsGradient(Tensor tensor) => tensor.requires_grad || _current?._differentiable.Contains(tensor) == true;

    /// <summary>Computes a network, recorded if torch is recording and the network's operations are those of this library.</summary>
    /// <param name="input">What <paramref name="compute"/> takes.</param>
    /// <param name="compute">Gives one or more results, at least one of which depends on the input or a weight.</param>
    public static IReadOnlyList<Tensor> Over(Tensor input, Func<Tensor, IReadOnlyList<Tensor>> compute) =>
        _current is null && is_grad_enabled() && input.device_type == TorchSharp.DeviceType.CPU
            ? RecordedOperations.Run(new Tape([input]), [input], () => compute(input))
            : compute(input);

    /// <summary>The same with a single result.</summary>
    public static Tensor Over(Tensor input, Func<Tensor, Tensor> compute) => Over(input, x => [compute(x)])[0];

    /// <summary>Runs an operation.</summary>
    public static List<Tensor> Run(FusedFunction function, params object?[] arguments)
    {
        long started = OperationProfile.Now;
        List<Tensor> results = _current is { } tape ? tape.Record(function, arguments)
            : is_grad_enabled() ? Alone(function, arguments)
            : function.Forward(null, arguments);
        if (function.IsNoted) OperationProfile.Current?.Add(function.Name, started, arguments.OfType<Tensor>().Concat(results));
        return results;
    }

    /// <summary>Computes something by torch's own operations and has torch differentiate it.</summary>
    /// <param name="input">What <paramref name="compute"/> takes.</param>
    /// <param name="compute">May use weights too.</param>
    public static Tensor Torch(Tensor input, Func<Tensor, Tensor> compute) => Torch([input], inputs => compute(inputs[0]));

    /// <summary>The same for several inputs.</summary>
    public static Tensor Torch(Tensor[] inputs, Func<Tensor[], Tensor> compute) =>
        _current is null ? compute(inputs) : Run(new TorchFunction(compute), inputs)[0];

    /// <summary>Declares a tensor that no gradient flows through.</summary>
    public static Tensor Constant(Tensor tensor)
    {
        _current?._constants.Add(tensor);
        return tensor;
    }

    /// <summary>Runs something as if there were no tape: torch records it, if it records at all.</summary>
    public static T Unrecorded<T>(Func<T> compute)
    {
        Tape? tape = _current;
        _current = null;
        try
        {
            return compute();
        }
        finally
        {
            _current = tape;
        }
    }

    /// <summary>Runs something while this tape records.</summary>
    public IReadOnlyList<Tensor> Recording(Func<IReadOnlyList<Tensor>> compute)
    {
        foreach (Tensor input in _inputs) (input.requires_grad ? _differentiable : _constants).Add(input);
        Tape? before = _current;
        _current = this;
        try
        {
            return compute();
        }
        finally
        {
            _current = before;
        }
    }

    /// <summary>Goes back through everything recorded, once. Weights that are no inputs get theirs in <c>grad</c>, as from torch.</summary>
    /// <param name="results">Results of the recorded operations.</param>
    /// <param name="gradients">Their gradients, null where there is none.</param>
    /// <param name="inputs">The inputs.</param>
    /// <returns>Their gradients, null where there is none.</returns>
    /// <exception cref="InvalidOperationException">It has gone back before: what was kept for it is gone.</exception>
    public IReadOnlyList<Tensor?> Backward(IReadOnlyList<Tensor> results, IReadOnlyList<Tensor?> gradients, IReadOnlyList<Tensor> inputs)
    {
        if (_isSpent)
            throw new InvalidOperationException("a second backward pass through the same computation: what it needs is freed in the first");
        _isSpent = true;
        var sums = new GradientSums();
        for (int i = 0; i < results.Count; i++)
            if (gradients[i] is { } gradient && _differentiable.Contains(results[i])) sums.Add(results[i], gradient.alias());
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            GoBack(_entries[i], sums);
            _entries[i].Release();
        }
        _entries.Clear();
        Tensor?[] ofInputs = [.. inputs.Select(sums.Take)];
        sums.GiveToLeaves();
        return ofInputs;
    }

    private static List<Tensor> Alone(FusedFunction function, object?[] arguments)
    {
        Tensor[] inputs = [.. arguments.OfType<Tensor>().Distinct<Tensor>(ReferenceEqualityComparer.Instance)];
        var tape = new Tape(inputs);
        return [.. RecordedOperations.Run(tape, inputs, () => tape.Record(function, arguments))];
    }

    private List<Tensor> Record(FusedFunction function, object?[] arguments)
    {
        // Asked now: of arguments that are not kept nothing may be left on the way back.
        bool[] wanted = Array.ConvertAll(arguments, argument => argument is Tensor tensor && IsDifferentiable(tensor, function));
        Kept? kept = function.UsesWeights || wanted.Contains(true) ? new Kept() : null;
        List<Tensor> results = function.Forward(kept, arguments);
        if (kept is null || kept.IsConstant)
        {
            _constants.UnionWith(results);
            return results;
        }
        _differentiable.UnionWith(results);
        var owned = new List<Tensor>(kept.Tensors.Count);
        kept.Replace(tensor => Hold(tensor, arguments, owned));
        _entries.Add(new Entry(function, kept, arguments, wanted, [.. results], owned));
        return results;
    }

    private bool IsDifferentiable(Tensor tensor, FusedFunction function)
    {
        if (_differentiable.Contains(tensor)) return true;
        if (_constants.Contains(tensor)) return false;
        if (tensor.requires_grad && tensor.is_leaf) return true;
        throw new InvalidOperationException(
            $"an input of {function.Name} was made beside the tape, which cannot go back through it: use Tape.Torch or Tape.Constant");
    }

    // The scope of the forward pass ends before the backward pass begins, so what is kept leaves it; who keeps it first is last to need it.
    private Tensor Hold(Tensor tensor, object?[] arguments, List<Tensor> owned)
    {
        if (_held.Contains(tensor)) return tensor;
        if (_inputs.Contains(tensor) || _constants.Contains(tensor))
        {
            // Its owner may free it before.
            Tensor another = tensor.detach().DetachFromDisposeScope();
            owned.Add(another);
            return another;
        }
        bool isWeight = tensor.requires_grad && arguments.Contains(tensor, ReferenceEqualityComparer.Instance);
        if (isWeight) return tensor;
        _held.Add(tensor);
        owned.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    private void GoBack(Entry entry, GradientSums sums)
    {
        Tensor?[] gradients = Array.ConvertAll(entry.Results, sums.Take);
        if (Array.TrueForAll(gradients, gradient => gradient is null)) return;
        long started = OperationProfile.Now;
        using var scope = NewDisposeScope();
        List<Tensor?> ofArguments = entry.Function.Backward(entry.Kept, gradients);
        if (OperationProfile.Current is { } profile)
            entry.Function.NoteBackward(profile, started, entry.Kept.Tensors.Concat(gradients.Concat(ofArguments).OfType<Tensor>()));
        for (int i = 0; i < ofArguments.Count; i++)
            if (ofArguments[i] is { } gradient && entry.Wanted[i]) sums.Add((Tensor)entry.Arguments[i]!, gradient.DetachFromDisposeScope());
        foreach (Tensor? gradient in gradients)
            if (gradient is not null && !ofArguments.Any(result => ReferenceEquals(result, gradient))) gradient.Dispose();
    }

    private sealed record Entry(FusedFunction Function, Kept Kept, object?[] Arguments, bool[] Wanted, Tensor[] Results, List<Tensor> Owned)
    {
        public void Release() => Owned.ForEach(tensor => tensor.Dispose());
    }
}
