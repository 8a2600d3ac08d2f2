namespace PandaNas.Cli.Tests;

/// <summary>Tests that run panda in this process for the most part; they take turns.</summary>
[CollectionDefinition(Name)]
public sealed class PandaCollection
{
    public const string Name = "panda";
}

/// <summary>Tests that wait for processes of their own for the most part, so that they can run beside the others.</summary>
[CollectionDefinition(Name)]
public sealed class ProcessCollection
{
    public const string Name = "processes";
}
