namespace PandaNas.Supernets.Operations;

public abstract partial record Operation
{
    private static OperationType NoneType { get; } = new("none", [], (name, _) => None(name));

    /// <summary>Zero. For edges of cells and for residual layers; where channels or size change it is no candidate.</summary>
    public static Operation None(string name) => new NoneOperation(name);
}

/// <summary>Zero.</summary>
internal sealed record NoneOperation(string Name) : Operation(Name, ShapeChange.None)
{
    internal override bool CarriesNothing => true;

    // Whoever computes a place leaves such operations out.
    internal override IMadeOperation Make(OperationSetting setting) => throw new InvalidOperationException($"{Name} is not computed");
}
