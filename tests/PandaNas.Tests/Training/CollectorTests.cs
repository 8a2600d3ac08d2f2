using System.Security.Cryptography;
using PandaNas.Data.Batches;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;
using static PandaNas.Tests.Training.TinyTraining;
using static TorchSharp.torch;

namespace PandaNas.Tests.Training;

/// <summary>
/// Trainings beside a collector that never rests: what torch reads must be held, or it is finalised under torch's hands. tools/ has
/// the long version, <c>collector-stress</c>.
/// </summary>
public sealed class CollectorTests
{
    private const int Steps = 2;

    public static MatrixTheoryData<string, string> Trainings => new(Catalog.Default.SpaceNames, Catalog.Default.MethodNames);

    [Theory]
    [MemberData(nameof(Trainings))]
    public void Training_BesideARestlessCollector_EndsWithTheSameBits(string space, string method)
    {
        string undisturbed = Train(space, method);
        using (new RestlessCollector()) Assert.Equal(undisturbed, Train(space, method));
    }

    private static string Train(string name, string methodName)
    {
        SpaceFamily family = new SupernetOptions { Space = name }.Family;
        NetworkOptions sizes = name switch
        {
            "nasbench201" => Small,
            "darts" => Small with { Cells = 2 },
            _ => family.Complete(Small with { Channels = 0, Cells = 0, WidthMultiplier = 0.125 }, standalone: false),
        };
        TrainingMethod method = Catalog.Default.FindMethod(methodName);
        MethodSetting setting = MethodSetting.Of(new SupernetOptions(), family, sizes, Examples);
        using ImageSet images = RandomImages();
        using Network network = family.Supernet(sizes, CPU, RandomStream.Derive(0, "weights"));
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(CropPadding: 1, Flip: true));
        var options = new SupernetOptions { Epochs = 3, BatchSize = 6 };
        using var trainer = new Trainer(
            network, batches, method.Paths(setting), method.Data(setting), options, 5, CPU, TimeProvider.System,
            method.Update(setting, network));
        RunSteps(trainer, Steps);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string _, Tensor tensor) in trainer.Capture().Tensors.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            hash.AppendData(Bytes(tensor));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>A thread that does nothing but allocate, collect and run finalizers.</summary>
    private sealed class RestlessCollector : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _stop;

        public RestlessCollector()
        {
            _thread = new Thread(Run) { IsBackground = true };
            _thread.Start();
        }

        public void Dispose()
        {
            _stop = true;
            _thread.Join();
        }

        private void Run()
        {
            while (!_stop)
            {
                GC.KeepAlive(new byte[1 << 12]);
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        }
    }
}
