using PandaNas.Experiments.SpaceFiles;
using PandaNas.Exporting;
using PandaNas.Runtime.Files;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Runs;

/// <summary>The final weights of a run.</summary>
internal static class RunWeights
{
    /// <summary>Writes the final weights of a network, with all that says what network it is.</summary>
    public static void Save(RunDirectory run, Network network, NamedSpace space, (string Key, string Value) fact)
    {
        var metadata = new Dictionary<string, string> { ["space"] = space.Family.Space.Name, [fact.Key] = fact.Value };
        if (space.Definition is { } definition) metadata["space_definition"] = definition;
        if (FiniteTensors.Explain(network.State()) is { } broken)
            throw new Checkpoints(run.CheckpointFolder).Diverged($"at its end: {broken}");
        run.RequireHeld();
        AtomicFile.Write(run.WeightsPath, stream => SafeTensors.Write(
            stream, network.State().Select(entry => KeyValuePair.Create(entry.Name, entry.Tensor)), metadata));
    }

    /// <summary>Loads the final weights of a network.</summary>
    /// <exception cref="BadDataException">The file is missing, damaged, or of another network.</exception>
    public static void Load(Network network, string path)
    {
        Dictionary<string, Tensor> tensors = SafeTensors.Read(path);
        try
        {
            if (FiniteTensors.Explain(tensors.Select(entry => (entry.Key, entry.Value))) is { } broken)
                throw new BadDataException($"cannot use '{path}': {broken}. Restore the file, or train anew.");
            network.Load(tensors, path);
        }
        finally
        {
            foreach (Tensor tensor in tensors.Values) tensor.Dispose();
        }
    }
}
