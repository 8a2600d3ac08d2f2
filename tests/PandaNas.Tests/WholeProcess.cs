namespace PandaNas.Tests;

/// <summary>Tests that measure the process, as its memory: nothing may run beside them.</summary>
[CollectionDefinition(nameof(WholeProcess), DisableParallelization = true)]
public sealed class WholeProcess;
