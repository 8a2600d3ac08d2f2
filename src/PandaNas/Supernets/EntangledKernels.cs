using System.Collections.Immutable;
using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// The convolutions' weights that the operations of one kind share at one place of a supernet: weight entanglement (Chen et al. 2021,
/// AutoFormer), as for kernels and widths in Once-for-All (Cai et al. 2020, without its transformation of kernels) and Single-Path NAS
/// (Stamoulis et al. 2019). Each step of any of them trains what they have in common, where otherwise every operation waits for its turn.
/// Batch norms stay each operation's own: the values that they see differ. What a step's path does not use of a kernel has a gradient
/// of zero, and so goes on with its momentum and decays.
/// </summary>
internal sealed class EntangledKernels
{
    private readonly string _name;
    private readonly ImmutableArray<int> _kinds;
    private readonly Func<Architecture, int> _choiceIn;
    private readonly Dictionary<string, long[]> _sizes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _kernels = new(StringComparer.Ordinal);

    /// <summary>Kernels of which no part is known yet.</summary>
    /// <param name="name">Starts the names of their weights.</param>
    /// <param name="kinds">The kinds of operation that share them, as <see cref="Weight.Operations"/>.</param>
    /// <param name="choiceIn">The choice at which a path takes one of those, as <see cref="Weight.ChoiceIn"/>.</param>
    public EntangledKernels(string name, ImmutableArray<int> kinds, Func<Architecture, int> choiceIn) =>
        (_name, _kinds, _choiceIn) = (name, kinds, choiceIn);

    /// <summary>Notes that an operation takes a part of a kernel.</summary>
    /// <param name="part">The kernel's name within the operation.</param>
    /// <param name="shape">Outputs × inputs of a group × height × width.</param>
    public void Measure(string part, long[] shape) =>
        _sizes[part] = _sizes.TryGetValue(part, out long[]? before) ? [.. before.Zip(shape, Math.Max)] : shape;

    /// <summary>Makes layers that take parts of these kernels.</summary>
    /// <param name="store">Makes their other weights.</param>
    /// <param name="name">Starts the names of those.</param>
    /// <param name="build">Makes the layers.</param>
    public T Used<T>(WeightStore store, string name, Func<T> build) => store.OwnedBy(_kinds, _choiceIn, build, this, name);

    /// <summary>The whole of a kernel: as large in every dimension as the largest part that is taken of it.</summary>
    /// <param name="store">Makes it when it is first asked for.</param>
    /// <param name="part">As in <see cref="Measure"/>.</param>
    public Tensor Whole(WeightStore store, string part)
    {
        if (!_kernels.TryGetValue(part, out Tensor? kernel))
        {
            kernel = store.OwnedBy(_kinds, _choiceIn, () => store.Kernel($"{_name}.{part}", _sizes[part]).Whole);
            _kernels.Add(part, kernel);
        }
        return kernel;
    }
}
