namespace PandaNas.Supernets.Operations;

/// <summary>From what to what an operation computes: N×<paramref name="Inputs"/>×S×S to N×<paramref name="Outputs"/>×T×T.</summary>
/// <param name="Inputs">Channels of its input.</param>
/// <param name="Outputs">Channels of its output.</param>
/// <param name="Stride">1, which keeps the size, or 2, which halves it, rounded up.</param>
/// <param name="InputSize">S: height and width of its input in pixels.</param>
public readonly record struct OperationShape(int Inputs, int Outputs, int Stride, int InputSize)
{
    /// <summary>T: height and width of the output in pixels.</summary>
    public int OutputSize => (InputSize + Stride - 1) / Stride;

    /// <summary>Whether the output has the shape of the input.</summary>
    public bool IsKept => Inputs == Outputs && Stride == 1;
}

/// <summary>What an operation can change of its input's shape.</summary>
[Flags]
public enum ShapeChange
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The number of channels.</summary>
    Channels = 1,

    /// <summary>The size, by a stride of 2.</summary>
    Size = 2,

    /// <summary>Both.</summary>
    Any = Channels | Size,
}
