using System.Collections.Immutable;
using PandaNas.Spaces;
using PandaNas.Supernets.Operations;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// The convolutions' weights that the operations of one kind share at one place of a supernet: weight entanglement (Chen et al. 2021,
/// AutoFormer), as for kernels and widths in Once-for-All (Cai et al. 2020, without its transformation of kernels) and Single-Path NAS
/// (Stamoulis et al. 2019). Each step of any of them trains what the others compute with, where otherwise every operation waits for its
/// turn. Batch norms stay each operation's own: the values that they see differ. What a step's path does not use of a kernel has a gradient
/// of zero, and so goes on with its momentum and decays.
/// </summary>
internal sealed class EntangledKernels
{
    private readonly string _name;
    private readonly ImmutableArray<int> _kinds;
    private readonly Func<Architecture, int> _choiceIn;
    private readonly Dictionary<string, long[]> _sizes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _kernels = new(StringComparer.Ordinal);

    private EntangledKernels(string name, ImmutableArray<int> kinds, Func<Architecture, int> choiceIn) =>
        (_name, _kinds, _choiceIn) = (name, kinds, choiceIn);

    /// <summary>What each candidate at a place shares with others there; null for what shares nothing.</summary>
    /// <param name="candidates">The operations.</param>
    /// <param name="setting">What they are made with, by the name of the place.</param>
    /// <param name="owner">Of each candidate the kind and the choice at which a path takes it, as for <see cref="Weight"/>.</param>
    public static EntangledKernels?[] Among(
        IReadOnlyList<Operation> candidates, OperationSetting setting, Func<int, (int Kind, Func<Architecture, int> ChoiceIn)> owner)
    {
        var found = new EntangledKernels?[candidates.Count];
        if (!setting.Network.IsEntangled) return found;
        foreach (int[] group in Groups(candidates))
        {
            var choices = Array.ConvertAll(group, candidate => owner(candidate).ChoiceIn);
            var kernels = new EntangledKernels(
                $"{setting.Name}.{candidates[group[0]].Name}+", [.. group.Select(candidate => owner(candidate).Kind)],
                path => choices.Select(choiceIn => choiceIn(path)).FirstOrDefault(choice => choice != Weight.Unused, Weight.Unused));
            foreach (int candidate in group)
            {
                kernels.Measure(candidates[candidate], setting);
                found[candidate] = kernels;
            }
        }
        return found;
    }

    /// <summary>Whether any of some operations would share anything.</summary>
    public static bool AnyAmong(IEnumerable<Operation> candidates) => Groups([.. candidates]).Any();

    /// <summary>Notes that an operation takes a part of a kernel.</summary>
    /// <param name="part">The kernel's name within the operation.</param>
    /// <param name="shape">Outputs × inputs of a group × height × width.</param>
    public void Measure(string part, long[] shape) =>
        _sizes[part] = _sizes.TryGetValue(part, out long[]? before) ? [.. before.Zip(shape, Math.Max)] : shape;

    /// <summary>The whole of a kernel: as large in every dimension as the largest part that is taken of it.</summary>
    /// <param name="store">Makes it when it is first asked for.</param>
    /// <param name="part">As in <see cref="Measure(string, long[])"/>.</param>
    public Tensor Whole(WeightStore store, string part)
    {
        if (!_kernels.TryGetValue(part, out Tensor? kernel))
        {
            kernel = store.OwnedBy(_kinds, _choiceIn, () => store.Kernel($"{_name}.{part}", _sizes[part]).Whole);
            _kernels.Add(part, kernel);
        }
        return kernel;
    }

    private void Measure(Operation operation, OperationSetting setting)
    {
        using var store = WeightStore.OnlyCounting();
        OperationSetting counting =
            setting with { Network = setting.Network with { Store = store }, Name = $"{setting.Name}.{operation.Name}" };
        store.OwnedBy(_kinds, _choiceIn, () => operation.Make(counting), this, counting.Name);
    }

    private static IEnumerable<int[]> Groups(IReadOnlyList<Operation> candidates) =>
        Enumerable.Range(0, candidates.Count)
            .Where(candidate => candidates[candidate].EntangledKind is not null)
            .GroupBy(candidate => candidates[candidate].EntangledKind)
            .Select(group => group.ToArray())
            .Where(group => group.Length > 1);
}
