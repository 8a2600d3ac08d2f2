namespace PandaNas.Tests;

/// <summary>
/// Tests that say what torch's generator gives: the process has one, from which tests beside them would draw too. On two processors that
/// happened in no run, on sixteen in the first.
/// </summary>
[CollectionDefinition(nameof(TorchGenerator), DisableParallelization = true)]
public sealed class TorchGenerator;
