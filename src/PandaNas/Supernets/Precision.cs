using System.Text.Json.Serialization;

namespace PandaNas.Supernets;

/// <summary>The type in which a network keeps activations and computes convolutions.</summary>
internal enum Precision
{
    /// <summary>IEEE 754 single precision throughout.</summary>
    Float32,

    /// <summary>Activations and the factors of convolutions in bfloat16; accumulation, statistics and weights in float32.</summary>
    [JsonStringEnumMemberName("bfloat16")]
    BFloat16,
}
