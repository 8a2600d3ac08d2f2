namespace PandaNas.Supernets.Operations;

/// <summary>Zero.</summary>
internal sealed record NoneOperation(string Name) : Operation(Name, ShapeChange.None)
{
    internal override bool CarriesNothing => true;

    // Whoever computes a place leaves such operations out.
    internal override IMadeOperation Make(OperationSetting setting) => throw new InvalidOperationException($"{Name} is not computed");
}
