using System.Collections.Immutable;
using PandaNas.Spaces;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.Definitions;

/// <summary>A place of a network: where one layer or one cell stands.</summary>
/// <param name="Name">Starts the names of its weights.</param>
/// <param name="Inputs">Channels of its input.</param>
/// <param name="Outputs">Channels of its output.</param>
/// <param name="Stride">1 or 2.</param>
internal abstract record Place(string Name, int Inputs, int Outputs, int Stride)
{
    /// <summary>From what to what it computes.</summary>
    public OperationShape Shape(int inputSize) => new(Inputs, Outputs, Stride, inputSize);

    /// <summary>The operations that a supernet has there.</summary>
    public abstract IEnumerable<Operation> Operations { get; }

    /// <summary>Weights that belong to none of them.</summary>
    public virtual long SharedWeights => 0;

    /// <summary>Whether there is anything to choose.</summary>
    public bool IsSearched => this is not FixedPlace;
}

/// <summary>A layer that every architecture has.</summary>
internal sealed record FixedPlace(string Name, int Inputs, int Outputs, int Stride, Operation Operation, bool Activate)
    : Place(Name, Inputs, Outputs, Stride)
{
    public override IEnumerable<Operation> Operations => [Operation];
}

/// <summary>A layer that is a choice.</summary>
/// <param name="Name">As there.</param>
/// <param name="Inputs">As there.</param>
/// <param name="Outputs">As there.</param>
/// <param name="Stride">As there.</param>
/// <param name="Slot">The choice.</param>
/// <param name="Residual">
/// Whether the input is added to the output of what is no skip, through a 1×1 convolution where the shape changes.
/// </param>
internal sealed record SearchedPlace(string Name, int Inputs, int Outputs, int Stride, Slot Slot, bool Residual)
    : Place(Name, Inputs, Outputs, Stride)
{
    public override IEnumerable<Operation> Operations => Slot.Candidates;

    public override long SharedWeights => Residual && (Inputs != Outputs || Stride > 1) ? (long)Inputs * Outputs : 0;
}

/// <summary>A cell.</summary>
/// <param name="Name">As there.</param>
/// <param name="Channels">Of input and output.</param>
/// <param name="Cell">Its graph and its first choice.</param>
/// <param name="Slots">The choices of its edges.</param>
internal sealed record CellPlace(string Name, int Channels, SpaceCell Cell, ImmutableArray<Slot> Slots) : Place(Name, Channels, Channels, 1)
{
    public override IEnumerable<Operation> Operations => Slots.SelectMany(slot => slot.Candidates);
}

/// <summary>A choice between operations.</summary>
/// <param name="Choice">Its index in the space.</param>
/// <param name="Candidates">The operations.</param>
/// <param name="Kinds">Their indices in the space.</param>
internal sealed record Slot(int Choice, ImmutableArray<Operation> Candidates, ImmutableArray<int> Kinds)
{
    /// <summary>The operation that a path takes.</summary>
    public Operation Taken(Architecture path) => Candidates[path[Choice]];

    /// <summary>Makes the operations at a place: null for what carries nothing and for what the only architecture does not take.</summary>
    public IMadeOperation?[] Make(OperationSetting setting)
    {
        var made = new IMadeOperation?[Candidates.Length];
        EntangledKernels?[] entangled = Entanglement.Among(Candidates, setting, candidate => (Kinds[candidate], ChoiceIn(candidate)));
        for (int candidate = 0; candidate < made.Length; candidate++)
        {
            Operation operation = Candidates[candidate];
            if (operation.CarriesNothing || (setting.Network.Only is { } only && only[Choice] != candidate)) continue;
            string name = $"{setting.Name}.{operation.Name}";
            made[candidate] = setting.Store.OwnedBy(
                [Kinds[candidate]], ChoiceIn(candidate), () => operation.Make(setting with { Name = name }), entangled[candidate], name);
        }
        return made;
    }

    private Func<Architecture, int> ChoiceIn(int candidate) => path => path[Choice] == candidate ? Choice : Weight.Unused;
}
