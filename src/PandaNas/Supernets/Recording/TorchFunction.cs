using static TorchSharp.torch;

namespace PandaNas.Supernets.Recording;

/// <summary>Operations of torch as one on a tape: torch records them and goes back through them.</summary>
internal sealed class TorchFunction(Func<Tensor[], Tensor> compute) : FusedFunction
{
    public override bool IsNoted => false;

    public override bool UsesWeights => true;

    public override List<Tensor> Forward(Kept? kept, object?[] arguments)
    {
        // What torch goes back to: its gradients end in these, and nothing else holds them.
        var leaves = new Tensor?[arguments.Length];
        Tensor[] inputs = [.. arguments.Cast<Tensor>()];
        for (int i = 0; i < inputs.Length; i++)
            if (Tape.NeedsGradient(inputs[i])) inputs[i] = leaves[i] = inputs[i].detach().requires_grad_().DetachFromDisposeScope();
        using var _ = enable_grad();
        Tensor output = Tape.Unrecorded(() => compute(inputs));
        if (output.requires_grad)
        {
            kept!.Keep(leaves, output);
        }
        else
        {
            kept!.KeepNothing();
            Free(leaves);
        }
        return [output.detach()];
    }

    public override List<Tensor?> Backward(Kept kept, Tensor?[] gradients)
    {
        var leaves = (Tensor?[])kept.Plan!;
        kept.Tensors[0].backward([gradients[0]!]);
        List<Tensor?> results = [.. leaves.Select(leaf => leaf?.grad)];
        Free(leaves);
        return results;
    }

    // What torch does in here is not told apart.
    public override void NoteBackward(OperationProfile profile, long started, IEnumerable<Tensor> tensors)
    {
    }

    private static void Free(Tensor?[] leaves)
    {
        foreach (Tensor? leaf in leaves) leaf?.Dispose();
    }
}
