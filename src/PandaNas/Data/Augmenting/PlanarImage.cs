namespace PandaNas.Data.Augmenting;

/// <summary>A square image of red, green and blue planes that operations change in place. One per thread: its buffers are kept.</summary>
/// <param name="side">Height and width in pixels.</param>
internal sealed class PlanarImage(int side)
{
    private byte[] _planes = new byte[3 * side * side];
    private byte[] _spare = new byte[3 * side * side];

    /// <summary>Height and width in pixels.</summary>
    public int Side => side;

    /// <summary>3×H×W bytes.</summary>
    public Span<byte> Planes => _planes;

    /// <summary>One of the planes, H×W bytes.</summary>
    /// <param name="channel">0 red, 1 green, 2 blue.</param>
    public Span<byte> Plane(int channel) => _planes.AsSpan(channel * side * side, side * side);

    /// <summary>3×H×W bytes of anything, to make the next image in.</summary>
    public Span<byte> Spare => _spare;

    /// <summary>Makes the spare bytes the image, and the image spare.</summary>
    public void Swap() => (_planes, _spare) = (_spare, _planes);

    /// <summary>Applies operations one after the other.</summary>
    public void Apply(List<OperationDraw> draws)
    {
        foreach (OperationDraw draw in draws) Apply(draw);
    }

    /// <summary>Applies one operation.</summary>
    public void Apply(OperationDraw draw)
    {
        switch (draw.Operation)
        {
            case ImageOperation.Identity:
                break;
            case ImageOperation.ShearX or ImageOperation.ShearY or ImageOperation.TranslateX or ImageOperation.TranslateY:
            case ImageOperation.Rotate:
                GeometricOperations.Apply(this, draw);
                break;
            case ImageOperation.Brightness or ImageOperation.Color or ImageOperation.Contrast or ImageOperation.Sharpness:
                BlendOperations.Apply(this, draw);
                break;
            case ImageOperation.Hue:
                HueRotation.Apply(this, draw.Magnitude);
                break;
            default:
                TableOperations.Apply(this, draw);
                break;
        }
    }
}
