using System.Collections.Immutable;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Training;

/// <summary>A network's weights by what they belong to: all paths, or a kind of operation.</summary>
internal sealed class ParameterGroups
{
    /// <summary>The group of weights that every path uses.</summary>
    public const string Shared = "shared";

    /// <summary>Groups the weights of a network; kinds of operation without weights make no group.</summary>
    public ParameterGroups(Network network)
    {
        SearchSpace space = network.Space;
        ImmutableArray<string> names = [.. network.Weights.Select(weight => NameOf(space, weight))];
        IEnumerable<Weight> ofOperations = network.Weights.Where(weight => !weight.IsShared).OrderBy(weight => weight.Operations[0]);
        Names = [Shared, .. ofOperations.Select(weight => NameOf(space, weight)).Distinct()];
        OfWeights = [.. names.Select(name => Names.IndexOf(name))];
    }

    /// <summary>
    /// The groups: <see cref="Shared"/>, then the kinds of operation in the order of the space, those that share weights together and where
    /// the first of them stands, as <c>nor_conv_1x1+nor_conv_3x3</c>.
    /// </summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>For every weight of the network, in order, the index of its group.</summary>
    public ImmutableArray<int> OfWeights { get; }

    private static string NameOf(SearchSpace space, Weight weight) =>
        weight.IsShared
            ? Shared
            : string.Join('+', weight.Operations.Select(operation => space.Operations[operation]));
}
