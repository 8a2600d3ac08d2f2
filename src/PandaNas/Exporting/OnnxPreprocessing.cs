using PandaNas.Data.Batches;
using PandaNas.Data.Resizing;
using PandaNas.Onnx;
using static PandaNas.Onnx.Protocol.TensorProto.Types;

namespace PandaNas.Exporting;

/// <summary>
/// Makes pixels of pictures of any size what a network takes, in nodes of ONNX: fits them into a square as the readers of the training
/// images did, and normalises them. ONNX's <c>Resize</c> knows neither the readers' parts of a pixel nor their rounding; products with
/// matrices of weights, which nodes make from the picture's size, do the same arithmetic.
/// </summary>
/// <param name="fitting">
/// How pictures become squares; null where the training images were squares that were kept whole. As in <c>PictureReader</c> squares of at
/// least the side are then averaged by area, others enlarged whole, and what is not square is cropped to its middle.
/// </param>
/// <param name="channels">C: 1 grey, 3 colour.</param>
/// <param name="side">S: height and width of what the network takes.</param>
/// <param name="statistics">By which it is normalised.</param>
internal sealed class OnnxPreprocessing(Fitting? fitting, int channels, int side, ChannelStatistics statistics)
{
    // The readers' weights are whole numbers of 22 bits (ResampleAxis). Halves of 11 bits times bytes add up exactly in float32.
    private const double One = 1 << 22, Half = 1 << 11;

    /// <summary>C.</summary>
    public int Channels => channels;

    /// <summary>S.</summary>
    public int Side => side;

    /// <summary>Writes the nodes.</summary>
    /// <param name="graph">Receives them.</param>
    /// <param name="pixels">uint8 N×H×W×C.</param>
    /// <returns>float32 N×C×S×S.</returns>
    public OnnxValue Write(OnnxGraph graph, OnnxValue pixels)
    {
        long[] planar = [0, 3, 1, 2];
        OnnxValue planes = graph.Cast(graph.Node("Transpose", [pixels], ("perm", planar)), DataType.Float);
        if (fitting is { Fit: ImageFit.Pad } pad) planes = Padded(graph, planes, pad.Background);
        OnnxValue sizes = graph.Cast(graph.Node("Shape", [planes]), DataType.Double);
        Formula height = Size(2), width = Size(3);
        // Only where squares were kept whole.
        OnnxValue? isAveraged = fitting is null ? IsAveraged(height, width) : null;
        Formula columns = Weights(width, height, isAveraged).Transposed(), upper = (columns / Half).Floor();
        Formula narrowed = Product(upper) * Half + Product(columns - upper * Half);
        if (isAveraged is null) return Normalized((Weights(height, width, null).Times((narrowed / One).Rounded()) / One).Rounded());
        Formula small = Weights(height, width, isAveraged).Times(narrowed.Where(isAveraged, (narrowed / One).Rounded()));
        Formula area = height * width;
        return Normalized(((small * 2 + area) / (area * 2)).Floor().Where(isAveraged, (small / One).Rounded()));

        Formula Size(long axis) => new(graph, graph.Node("Gather", [sizes, graph.Integer(axis)]));

        Formula Product(Formula weights) => new(graph, graph.Cast(graph.Node("MatMul", [planes, weights.Single()]), DataType.Double));
    }

    /// <summary>The colour that shows at a channel.</summary>
    private double Level(Colour colour, int channel) => channels == 1
        ? (299 * colour.Red + 587 * colour.Green + 114 * colour.Blue + 500) / 1000
        : channel switch { 0 => colour.Red, 1 => colour.Green, _ => colour.Blue };

    // S×size whole numbers: how much each pixel along an axis of a picture counts in each of the network's.
    private Formula Weights(Formula size, Formula other, OnnxValue? isAveraged)
    {
        Formula target = new(size.Graph, size.Graph.Doubles([.. Enumerable.Range(0, side).Select(i => (double)i)], side, 1));
        Formula source = size.Counted(), zero = size.Number(0);
        // As ResampleAxis: a triangle as wide as two target pixels, at least as two source pixels.
        (Formula start, Formula length) = Part(size, other);
        Formula scale = length / side, reach = scale.Max(scale.Number(1));
        Formula centre = start + (target + 0.5) * scale;
        Formula shares = (scale.Number(1) - (source - centre + 0.5).Abs() / reach).Max(zero);
        Formula weights = (shares / shares.RowSums() * One).Rounded();
        if (isAveraged is null) return weights;
        // As AreaDownscale: source pixel y covers [y·S, (y+1)·S), target pixel i covers [i·size, (i+1)·size).
        Formula end = ((source + 1) * side).Min((target + 1) * size);
        return (end - (source * side).Max(target * size)).Max(zero).Where(isAveraged, weights);
    }

    // Where the part that is evaluated begins along an axis, and its length.
    private (Formula Start, Formula Length) Part(Formula size, Formula other)
    {
        if (fitting is { Fit: not ImageFit.Crop }) return (size.Number(0), size);
        Formula length = size.Min(other) * CropBox.EvaluatedShare, start = (size - length) / 2;
        if (fitting is not null) return (start, length);
        OnnxValue isSquare = size.Graph.Node("Equal", [size.Value, other.Value]);
        return (size.Number(0).Where(isSquare, start), size.Where(isSquare, length));
    }

    private OnnxValue IsAveraged(Formula height, Formula width)
    {
        OnnxGraph graph = height.Graph;
        OnnxValue isSquare = graph.Node("Equal", [height.Value, width.Value]);
        return graph.Node("And", [isSquare, graph.Node("GreaterOrEqual", [width.Value, width.Number(side).Value])]);
    }

    // In the middle of a square of the longer side.
    private OnnxValue Padded(OnnxGraph graph, OnnxValue planes, Colour background)
    {
        OnnxValue size = graph.Node("Slice", [graph.Node("Shape", [planes]), graph.Integers(2), graph.Integers(4)]);
        OnnxValue missing = graph.Node("Sub", [graph.Node("ReduceMax", [size]), size]);
        OnnxValue before = graph.Node("Div", [missing, graph.Integers(2)]), none = graph.Integers(0, 0);
        OnnxValue pads = graph.Node("Concat", [none, before, none, graph.Node("Sub", [missing, before])], ("axis", 0L));
        // Pad adds the same to all channels: zeros, of what is left without the background.
        OnnxValue colour = PerChannel(graph, channel => Level(background, channel)).Single();
        return graph.Node("Add", [graph.Node("Pad", [graph.Node("Sub", [planes, colour]), pads]), colour]);
    }

    // As ImageWriter: in double precision, then float32.
    private OnnxValue Normalized(Formula values)
    {
        Formula mean = PerChannel(values.Graph, channel => statistics.Mean[channel]);
        Formula divisor = PerChannel(values.Graph, statistics.Divisor);
        return ((values / 255 - mean) / divisor).Single();
    }

    private Formula PerChannel(OnnxGraph graph, Func<int, double> value) =>
        new(graph, graph.Doubles([.. Enumerable.Range(0, channels).Select(value)], 1, channels, 1, 1));
}
