using PandaNas.Supernets;
using PandaNas.Tests.Golden;
using PandaNas.Training;
using static PandaNas.Tests.Training.TinyTraining;
using static TorchSharp.torch;

namespace PandaNas.Tests.Training;

public sealed class GradientMomentsTests
{
    // A factor that the collector takes while torch reads it makes wrong sums, or an error.
    [Fact]
    public async Task Sums_AreRightWhileTheCollectorRuns()
    {
        const int Additions = 400_000;
        using Network network = NewNetwork(0);
        using Tensor weight = zeros(64), gradient = ones(64);
        using var moments = new GradientMoments([weight], new ParameterGroups(network));
        using var done = new CancellationTokenSource();
        Task collecting = Task.Run(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    GC.Collect(0);
                    GC.WaitForPendingFinalizers();
                }
            },
            TestContext.Current.CancellationToken);
        try
        {
            for (int i = 0; i < Additions; i++) moments.Add([gradient], i % 3);
        }
        finally
        {
            await done.CancelAsync();
            await collecting;
        }
        double expected = Enumerable.Range(0, Additions).Sum(i => (double)(i % 3));
        Assert.All(GoldenTensors.Values(moments.Sums[0]), value => Assert.Equal(expected, value));
    }
}
