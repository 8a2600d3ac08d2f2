using PandaNas.Spaces;

namespace PandaNas.Supernets.Operations;

/// <summary>Finds which operations at a place of a supernet share weights: those of one <see cref="Operation.EntangledKind"/>.</summary>
internal static class Entanglement
{
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
                Measure(kernels, candidates[candidate], setting);
                found[candidate] = kernels;
            }
        }
        return found;
    }

    /// <summary>Whether any of some operations would share anything.</summary>
    public static bool AnyAmong(IEnumerable<Operation> candidates) => Groups([.. candidates]).Any();

    // What it takes is known when it is made, here without any tensor.
    private static void Measure(EntangledKernels kernels, Operation operation, OperationSetting setting)
    {
        using var store = WeightStore.OnlyCounting();
        OperationSetting counting =
            setting with { Network = setting.Network with { Store = store }, Name = $"{setting.Name}.{operation.Name}" };
        kernels.Used(store, counting.Name, () => operation.Make(counting));
    }

    private static IEnumerable<int[]> Groups(IReadOnlyList<Operation> candidates) =>
        Enumerable.Range(0, candidates.Count)
            .Where(candidate => candidates[candidate].EntangledKind is not null)
            .GroupBy(candidate => candidates[candidate].EntangledKind)
            .Select(group => group.ToArray())
            .Where(group => group.Length > 1);
}
