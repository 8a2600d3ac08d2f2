namespace PandaNas.Cli.Tests;

/// <summary>All tests that run panda: torch has one thread pool a process, so they take turns.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PandaCollection
{
    public const string Name = "panda";
}
