using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Tests.Golden;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Tests.Supernets;

/// <summary>Compares networks with what the generators in Golden/ computed with PyTorch.</summary>
internal static class GoldenNetworks
{
    public const double Relative = 1e-4;

    // The files were made on a processor; cuDNN adds in another order. A mistake is far larger.
    // In the deep networks of ProxylessNAS its rounding decides the side of a kink now and then: PyTorch itself on an H200 has a gradient
    // of path 7 wrong by 0.985% in channels-last memory, and no other by more than 0.006%.
    private const double OnGpu = 2e-2;

    /// <summary>Gives a network the weights of a file; both must have the same ones.</summary>
    public static T Loaded<T>(GoldenTensors golden, T network, string prefix = "weights.") where T : Network
    {
        Dictionary<string, Tensor> weights = golden.Below(prefix);
        Assert.Equal(weights.Keys.Order(), network.State().Select(entry => entry.Name).Order());
        network.Load(weights, "golden");
        return network;
    }

    /// <summary>
    /// Asserts the logits, loss and gradients of every path of a file, and that they are the same bits when computed again; returns how
    /// many paths there were.
    /// </summary>
    public static int CheckPaths(GoldenTensors golden, Network network, double floor, bool channelsLast, double relative = Relative)
    {
        (Device device, relative) = DeviceOf(network, relative);
        int path = 0;
        for (; golden.Has($"path.{path:D2}.candidates"); path++)
        {
            string key = $"path.{path:D2}.";
            int batch = golden.Ints(key + "batch")[0];
            Tensor images = Images(golden, $"images.{batch}", channelsLast, device), labels = golden[$"labels.{batch}"].to(device);
            var architecture = new Architecture(golden.Ints(key + "candidates"));
            (Tensor logits, Tensor loss) = Pass();
            GoldenTensors.AssertClose(golden[key + "logits"], logits, relative, floor, key + "logits");
            GoldenTensors.AssertClose(golden[key + "loss"], loss, relative, 0, key + "loss");
            CheckGradients(golden, key + "gradient.", network, floor, relative);
            List<double[]> before = Bits(logits, network);
            Assert.Equal(before, Bits(Pass().Logits, network));

            (Tensor Logits, Tensor Loss) Pass()
            {
                foreach (Weight weight in network.Weights) weight.Tensor.grad = null;
                Tensor logits = network.Forward(images, architecture, training: true), loss = functional.cross_entropy(logits, labels);
                loss.backward();
                return (logits, loss);
            }
        }
        return path;
    }

    /// <summary>Asserts that a stand-alone network, its weights loaded, trains two steps and evaluates as PyTorch's did.</summary>
    public static void CheckStandalone(
        GoldenTensors golden, string key, Network network, bool channelsLast, double auxiliaryWeight = 0, double floor = 1e-6,
        double relative = Relative, string? leftOut = null)
    {
        (Device device, relative) = DeviceOf(network, relative);
        var architecture = new Architecture(golden.Ints(key + "candidates"));
        for (int batch = 0; batch < 2; batch++)
        {
            foreach (Weight weight in network.Weights) weight.Tensor.grad = null;
            TrainingOutput output =
                network.ForwardTraining(Images(golden, $"{key}images.{batch}", channelsLast, device), architecture, DropPath.None);
            Tensor labels = golden[$"{key}labels.{batch}"].to(device), loss = functional.cross_entropy(output.Logits, labels);
            Assert.Equal(auxiliaryWeight > 0, output.AuxiliaryLogits is not null);
            if (output.AuxiliaryLogits is { } auxiliary)
            {
                GoldenTensors.AssertClose(
                    golden[$"{key}auxiliary_logits.{batch}"], auxiliary, relative, floor, $"{key}auxiliary_logits.{batch}");
                loss = loss.add(functional.cross_entropy(auxiliary, labels), Number.Of(auxiliaryWeight));
            }
            loss.backward();
            GoldenTensors.AssertClose(
                golden[$"{key}training_logits.{batch}"], output.Logits, relative, floor, $"{key}training_logits.{batch}");
        }
        CheckGradients(golden, key + "gradient.", network, floor, relative, leftOut);
        Assert.NotEmpty(network.Statistics);
        CheckStatistics();

        using Tensor evaluated = network.Forward(Images(golden, $"{key}images.2", channelsLast, device), architecture, training: false);
        GoldenTensors.AssertClose(golden[key + "evaluation_logits"], evaluated, relative, floor, key + "evaluation_logits");
        CheckStatistics();

        void CheckStatistics()
        {
            foreach ((string name, Tensor statistic) in network.Statistics)
                GoldenTensors.AssertClose(golden[$"{key}after.{name}"], statistic, relative, floor, key + name);
        }
    }

    /// <summary>
    /// Images as stored, or in channels-last memory: what training batches are, and what kernels made for that layout need.
    /// </summary>
    public static Tensor Images(GoldenTensors golden, string name, bool channelsLast, Device device)
    {
        Tensor images = golden[name].to(device);
        return channelsLast ? images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : images;
    }

    private static List<double[]> Bits(Tensor logits, Network network) =>
        [GoldenTensors.Values(logits), .. network.Weights.Select(
            weight => weight.Tensor.grad).OfType<Tensor>().Select(GoldenTensors.Values)];

    // Where a network lives, and how closely it can follow the file there.
    private static (Device Device, double Relative) DeviceOf(Network network, double relative)
    {
        Device device = network.Weights[0].Tensor.device;
        return (device, device.type == TorchSharp.DeviceType.CPU ? relative : Math.Max(relative, OnGpu));
    }

    // No gradient and a gradient of zeros are the same; the file leaves out those of zeros.
    private static void CheckGradients(
        GoldenTensors golden, string prefix, Network network, double floor, double relative, string? leftOut = null)
    {
        foreach (Weight weight in network.Weights.Where(weight => weight.Name != leftOut))
        {
            string name = prefix + weight.Name;
            using Tensor expected = golden.Has(name) ? golden[name].alias() : zeros_like(weight.Tensor);
            GoldenTensors.AssertClose(expected, weight.Tensor.grad, relative, floor, name);
        }
        Assert.Contains(network.Weights, weight => golden.Has(prefix + weight.Name));
    }
}
