using System.Collections.Concurrent;
using TorchSharp;

namespace PandaNas.Tests;

/// <summary>Numbers for torch that live as long as the tests: one made in place may be freed while torch reads it.</summary>
internal static class Number
{
    private static readonly ConcurrentDictionary<object, Scalar> Known = new();

    /// <summary>A whole number.</summary>
    public static Scalar Of(long value) => Kept(value, value.ToScalar());

    /// <summary>Another number, in double precision.</summary>
    public static Scalar Of(double value) => Kept(value, value.ToScalar());

    private static Scalar Kept(object value, Scalar number) => Known.GetOrAdd(value, number);
}
