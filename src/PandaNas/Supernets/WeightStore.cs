using System.Collections.Immutable;
using PandaNas.Sampling;
using PandaNas.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// Makes and keeps the tensors of a network while its layers are built: weights initialised from a random stream, and running
/// statistics. Layers hold the tensors they asked for; the store owns them. One that only counts makes none: its layers know their sizes
/// and nothing else.
/// </summary>
internal sealed class WeightStore : IDisposable
{
    private readonly List<Weight> _weights = [];
    private readonly List<(string Name, Tensor Tensor)> _statistics = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<(string Name, Tensor Tensor)> _constants = [];
    private readonly List<(string Name, KernelWeights Part)> _parts = [];
    private readonly List<IDisposable> _owned = [];
    private readonly Device _device = null!;
    private readonly RandomStream _random = null!;
    private readonly Generator? _generator;
    private ImmutableArray<int> _operations = [];
    private Func<Architecture, int> _choiceIn = _ => Weight.Unused;
    private (EntangledKernels Kernels, string Name)? _entangled;

    /// <summary>An empty store.</summary>
    /// <param name="device">Where the tensors live.</param>
    /// <param name="random">Seeds the initial values.</param>
    public WeightStore(Device device, RandomStream random)
    {
        _device = device;
        _random = random;
        _generator = new Generator(random.NextUInt64() >> 1, CPU);
    }

    private WeightStore()
    {
    }

    /// <summary>A store that makes no tensors.</summary>
    internal static WeightStore OnlyCounting() => new();

    /// <summary>Whether it makes no tensors.</summary>
    internal bool OnlyCounts => _generator is null;

    /// <summary>How many learnable scalars layers asked for, where the store only counts.</summary>
    internal long Counted { get; private set; }

    /// <summary>All weights in the order in which the layers asked for them.</summary>
    public IReadOnlyList<Weight> Weights => _weights;

    /// <summary>Tensors that are saved with the weights but not trained: running means and variances.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> Statistics => _statistics;

    /// <summary>Tensors that are saved with the weights and that neither training nor statistics change.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> Constants => _constants;

    /// <summary>What operations share, by the name that each would give a copy of its own.</summary>
    public IReadOnlyList<(string Name, KernelWeights Part)> Parts => _parts;

    /// <summary>Where the tensors live.</summary>
    public Device Device => _device;

    /// <summary>Weights made inside <paramref name="build"/> belong to an operation at a place of the network.</summary>
    /// <param name="operations">The kind of operation, an index into the space's operations, or those that share the weights.</param>
    /// <param name="choiceIn">
    /// The choice at which a path takes the operation at that place; <see cref="Weight.Unused"/> if it does not.
    /// </param>
    /// <param name="build">Makes the operation's layers.</param>
    /// <param name="kernels">What it shares with others; null where it shares nothing.</param>
    /// <param name="name">Starts the names of its weights; needed where it shares some.</param>
    public T OwnedBy<T>(
        ImmutableArray<int> operations, Func<Architecture, int> choiceIn, Func<T> build, EntangledKernels? kernels = null, string name = "")
    {
        var before = (_operations, _choiceIn, _entangled);
        (_operations, _choiceIn, _entangled) = (operations, choiceIn, kernels is null ? null : (kernels, name));
        try
        {
            return build();
        }
        finally
        {
            (_operations, _choiceIn, _entangled) = before;
        }
    }

    /// <summary>
    /// The weights of a convolution as PyTorch initialises them, uniform in ±1/√(fan-in); a part of other operations' where the one
    /// that is being made shares them.
    /// </summary>
    /// <param name="name">Unique in its network.</param>
    /// <param name="shape">Outputs × inputs of a group × height × width.</param>
    public KernelWeights Kernel(string name, long[] shape)
    {
        if (_entangled is not var (kernels, start))
            return new(Uniform(name, shape, Bound(shape)), shape);
        string part = name[(start.Length + 1)..];
        if (OnlyCounts)
        {
            kernels.Measure(part, shape);
            return new(null!, shape);
        }
        var taken = new KernelWeights(kernels.Whole(this, part), shape);
        _parts.Add((name, taken));
        return taken;
    }

    /// <summary>PyTorch's bound of a convolution's initial weights and biases: 1/√(fan-in).</summary>
    /// <param name="kernel">Outputs × inputs of a group × height × width.</param>
    public static double Bound(long[] kernel) => 1 / Math.Sqrt(kernel[1] * kernel[2] * kernel[3]);

    /// <summary>A weight with values uniform in ±<paramref name="bound"/>.</summary>
    public Tensor Uniform(string name, long[] shape, double bound)
    {
        if (OnlyCounts) return Count(shape);
        using Tensor values = empty(shape, dtype: ScalarType.Float32);
        values.uniform_(-bound, bound, _generator!);
        return Add(name, values.to(_device));
    }

    /// <summary>A weight with all values the same.</summary>
    public Tensor Constant(string name, long[] shape, double value) => OnlyCounts ? Count(shape) : Add(name, Filled(shape, value));

    /// <summary>A running statistic, not trained.</summary>
    public Tensor Statistic(string name, long[] shape, double value) => OnlyCounts ? null! : TakeStatistic(name, Filled(shape, value));

    /// <summary>A seed for a generator that somebody else draws initial values from.</summary>
    public long NextSeed() => (long)(_random.NextUInt64() >> 1);

    /// <summary>Takes over a weight that somebody else made, float32 and on the store's device.</summary>
    public Tensor TakeWeight(string name, Tensor values) => Add(name, values);

    /// <summary>
    /// Takes over a running statistic: a moving average whose share of a batch is <see cref="Network.StatisticsMomentum"/>.
    /// </summary>
    public Tensor TakeStatistic(string name, Tensor values) => Keep(_statistics, name, values);

    /// <summary>Takes over a constant.</summary>
    public Tensor TakeConstant(string name, Tensor values) => Keep(_constants, name, values);

    /// <summary>Takes over something that is to be freed with the tensors.</summary>
    public void Own(IDisposable resource) => _owned.Add(resource);

    /// <summary>Frees every tensor.</summary>
    public void Dispose()
    {
        foreach (Weight weight in _weights)
        {
            weight.Tensor.grad?.Dispose();
            weight.Tensor.Dispose();
        }
        foreach ((_, Tensor tensor) in _statistics.Concat(_constants)) tensor.Dispose();
        foreach (IDisposable resource in _owned) resource.Dispose();
        _generator?.Dispose();
    }

    /// <summary>Counts learnable scalars that somebody else would make.</summary>
    internal void Count(long scalars) => Counted = checked(Counted + scalars);

    // Nobody computes with it.
    private Tensor Count(long[] shape)
    {
        Count(shape.Aggregate(1L, (product, length) => checked(product * length)));
        return null!;
    }

    private Tensor Filled(long[] shape, double value)
    {
        using Scalar filling = value.ToScalar();
        return full(shape, filling, dtype: ScalarType.Float32, device: _device);
    }

    private Tensor Add(string name, Tensor values)
    {
        Claim(name);
        Tensor tensor = values.DetachFromDisposeScope();
        tensor.requires_grad = true;
        _weights.Add(new Weight(name, tensor, _operations, _choiceIn));
        return tensor;
    }

    private Tensor Keep(List<(string Name, Tensor Tensor)> list, string name, Tensor values)
    {
        Claim(name);
        Tensor tensor = values.DetachFromDisposeScope();
        list.Add((name, tensor));
        return tensor;
    }

    private void Claim(string name)
    {
        if (!_names.Add(name)) throw new InvalidOperationException($"two tensors of a network are named '{name}'");
    }
}
