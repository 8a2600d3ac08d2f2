using PandaNas.Costs;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Operations;

/// <summary>
/// A kind of operation that layers of a space can take. Made by the methods of this class; two of the same name in a space must be the same.
/// </summary>
public abstract record Operation
{
    /// <summary>The smallest side in pixels of what convolutions read: of single pixels libtorch's 3×3 ones are wrong (docs/dependencies.md).</summary>
    internal const int SmallestSide = 2;

    private protected Operation(string name, ShapeChange changes)
    {
        Name = SpaceName.Check(name, "operation");
        Changes = changes;
    }

    /// <summary>Its name in the space: a letter, then letters, digits, '_' and '.'.</summary>
    public string Name { get; }

    /// <summary>What it can change of its input's shape.</summary>
    public ShapeChange Changes { get; }

    /// <summary>Whether its output is its input.</summary>
    internal virtual bool IsSkip => false;

    /// <summary>Whether its output is zero.</summary>
    internal virtual bool CarriesNothing => false;

    /// <summary>The input as it is; a layer that takes it is left out. Where channels or size change it is no candidate.</summary>
    public static Operation Skip(string name) => new SkipOperation(name);

    /// <summary>Zero. For edges of cells and for residual layers; where channels or size change it is no candidate.</summary>
    public static Operation None(string name) => new NoneOperation(name);

    /// <summary>ReLU, a convolution and batch norm.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kernel">Side in pixels: odd, 1 to 15. One of 1 cannot have stride 2.</param>
    public static Operation Convolution(string name, int kernel) => new ConvolutionOperation(name, Kernel(kernel, 1));

    /// <summary>ReLU, a depthwise convolution, a 1×1 convolution and batch norm.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kernel">Side in pixels: odd, 3 to 15.</param>
    /// <param name="dilation">Pixels from one tap of the kernel to the next, 1 to 8.</param>
    public static Operation SeparableConvolution(string name, int kernel, int dilation = 1) =>
        new SeparableConvolutionOperation(name, Kernel(kernel, 3), InRange(dilation, 1, 8, nameof(dilation)));

    /// <summary>MobileNetV2's inverted convolution with ReLU6: 1×1 to so many times the channels, depthwise, 1×1, each with batch norm.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kernel">Side of the depthwise convolution in pixels: odd, 3 to 15.</param>
    /// <param name="expansion">1, which leaves out the first step, to 16.</param>
    public static Operation InvertedConvolution(string name, int kernel, int expansion) =>
        new InvertedConvolutionOperation(name, Kernel(kernel, 3), InRange(expansion, 1, 16, nameof(expansion)));

    /// <summary>
    /// Two 3×3 convolutions beside the input, as in ResNet; where the shape changes, the input is halved by average pooling and goes through
    /// a 1×1 convolution.
    /// </summary>
    public static Operation ResidualBlock(string name) => new ResidualBlockOperation(name);

    /// <summary>3×3 average pooling that leaves the padding out of the mean. It keeps the channels.</summary>
    public static Operation AveragePool(string name) => new PoolingOperation(name, PoolingKind.Average);

    /// <summary>3×3 max pooling. It keeps the channels.</summary>
    public static Operation MaxPool(string name) => new PoolingOperation(name, PoolingKind.Max);

    /// <summary>An operation of one's own: any module of TorchSharp. docs/spaces.md says what it must keep to.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="make">
    /// Makes the module for a shape, once for every place. Its initial weights come from torch's global generator, which is seeded for it.
    /// </param>
    /// <param name="layers">
    /// Its layers at that shape, for counting costs: those with weights are enough. A batch norm that <paramref name="normalize"/> adds is
    /// counted by itself. Their parameters must be as many as the module has: this is checked when a network is built.
    /// </param>
    /// <param name="changes">What it can change of its input's shape.</param>
    /// <param name="normalize">Whether a batch norm follows that suits the network; a module then needs none of its own.</param>
    public static Operation Module(
        string name, Func<OperationShape, nn.Module<Tensor, Tensor>> make, Func<OperationShape, IEnumerable<LayerShape>> layers,
        ShapeChange changes = ShapeChange.Any, bool normalize = true)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(layers);
        return new ModuleOperation(name, make, layers, changes, normalize);
    }

    /// <summary>Whether it can compute from one shape to the other.</summary>
    internal virtual bool Fits(int inputs, int outputs, int stride) =>
        (inputs == outputs || Changes.HasFlag(ShapeChange.Channels)) && (stride == 1 || Changes.HasFlag(ShapeChange.Size));

    /// <summary>Learnable scalars of one of that shape in a plain network.</summary>
    /// <exception cref="OverflowException">They are above 2⁶³ − 1.</exception>
    internal long Weights(OperationShape shape)
    {
        if (CarriesNothing) return 0;
        using var store = WeightStore.OnlyCounting();
        var options = new NetworkOptions(InputChannels: 3, shape.InputSize, Classes: 2, Channels: 0, Cells: 0);
        Make(new OperationSetting(new NetworkSetting(store, options, IsStandalone: true, Only: null), Name, shape));
        return store.Counted;
    }

    /// <summary>Makes one.</summary>
    internal abstract IMadeOperation Make(OperationSetting setting);

    private static int Kernel(int kernel, int smallest) =>
        kernel % 2 == 1 && kernel >= smallest && kernel <= 15
            ? kernel
            : throw new SpaceDefinitionException("kernel", $"is {kernel}: expected an odd number from {smallest} to 15");

    private static int InRange(int value, int smallest, int largest, string key) =>
        value >= smallest && value <= largest
            ? value
            : throw new SpaceDefinitionException(key, $"is {value}: expected {smallest} to {largest}");
}
