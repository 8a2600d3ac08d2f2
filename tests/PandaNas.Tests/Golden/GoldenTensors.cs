using PandaNas.Exporting;
using static TorchSharp.torch;

namespace PandaNas.Tests.Golden;

/// <summary>One of the tensor files that make_supernet.py writes with PyTorch.</summary>
internal sealed class GoldenTensors : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors;

    public GoldenTensors(string name) => _tensors = SafeTensors.Read(Path.Combine(AppContext.BaseDirectory, "Golden", name));

    public Tensor this[string name] => _tensors[name];

    public bool Has(string name) => _tensors.ContainsKey(name);

    /// <summary>The tensors below a prefix, under the names that follow it.</summary>
    public Dictionary<string, Tensor> Below(string prefix) =>
        _tensors
            .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);

    public int[] Ints(string name) => [.. _tensors[name].data<long>().Select(value => (int)value)];

    public double[] Doubles(string name) => Values(_tensors[name]);

    /// <summary>Asserts that the values differ by no more than a share of the largest expected magnitude, or the floor.</summary>
    public static void AssertClose(Tensor expected, Tensor? actual, double relative, double floor, string what)
    {
        double[] wanted = Values(expected);
        double[] found = actual is null ? new double[wanted.Length] : Values(actual);
        if (actual is not null) Assert.Equal(expected.shape, actual.shape);
        double allowed = Math.Max(floor, relative * wanted.Max(Math.Abs));
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(
                Math.Abs(wanted[i] - found[i]) <= allowed,
                $"{what}[{i}] is {found[i]}, PyTorch has {wanted[i]} (allowed difference {allowed})");
    }

    public static double[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values) tensor.Dispose();
    }
}
