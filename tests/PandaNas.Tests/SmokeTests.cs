namespace PandaNas.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void Torch_Loads()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        Assert.Equal(3f, TorchSharp.torch.ones(3).sum().item<float>());
    }
}
