using PandaNas.Onnx.Protocol;

namespace PandaNas.Onnx;

/// <summary>A value of double precision that is computed by nodes, written as in C#.</summary>
internal readonly record struct Formula(OnnxGraph Graph, OnnxValue Value)
{
    public static Formula operator +(Formula left, Formula right) => left.With("Add", right);

    public static Formula operator -(Formula left, Formula right) => left.With("Sub", right);

    public static Formula operator *(Formula left, Formula right) => left.With("Mul", right);

    public static Formula operator /(Formula left, Formula right) => left.With("Div", right);

    public static Formula operator +(Formula left, double right) => left + left.Number(right);

    public static Formula operator -(Formula left, double right) => left - left.Number(right);

    public static Formula operator *(Formula left, double right) => left * left.Number(right);

    public static Formula operator /(Formula left, double right) => left / left.Number(right);

    /// <summary>The largest whole number that is not above it.</summary>
    public Formula Floor() => With("Floor");

    /// <summary>The nearest whole number; halves are rounded up.</summary>
    public Formula Rounded() => (this + 0.5).Floor();

    /// <summary>Without its sign.</summary>
    public Formula Abs() => With("Abs");

    /// <summary>The smaller one.</summary>
    public Formula Min(Formula other) => With("Min", other);

    /// <summary>The larger one.</summary>
    public Formula Max(Formula other) => With("Max", other);

    /// <summary>The product of matrices.</summary>
    public Formula Times(Formula other) => With("MatMul", other);

    /// <summary>A matrix turned over.</summary>
    public Formula Transposed() => With("Transpose");

    /// <summary>The sums of a matrix's rows, as a column.</summary>
    public Formula RowSums() => this with { Value = Graph.Node("ReduceSum", [Value, Graph.Integers(1)]) };

    /// <summary>0, 1, 2 … below a number without dimensions.</summary>
    public Formula Counted() => this with { Value = Graph.Node("Range", [Number(0).Value, Value, Number(1).Value]) };

    /// <summary>This one where a condition holds, else the other.</summary>
    public Formula Where(OnnxValue condition, Formula otherwise) =>
        this with { Value = Graph.Node("Where", [condition, Value, otherwise.Value]) };

    /// <summary>In float32.</summary>
    public OnnxValue Single() => Graph.Cast(Value, TensorProto.Types.DataType.Float);

    /// <summary>A number without dimensions.</summary>
    public Formula Number(double value) => this with { Value = Graph.Doubles([value]) };

    private Formula With(string operation, params ReadOnlySpan<Formula> others)
    {
        OnnxValue[] inputs = [Value, .. others.ToArray().Select(other => other.Value)];
        return this with { Value = Graph.Node(operation, inputs) };
    }
}
