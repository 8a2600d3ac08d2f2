using Mono.Cecil;

namespace PandaNas.TorchCalls;

/// <summary>What the check must know of types.</summary>
internal static class TypeFacts
{
    public const string Scalar = "TorchSharp.Scalar";
    public const string Tensor = "TorchSharp.torch/Tensor";
    public const string DisposeScope = "TorchSharp.DisposeScope";
    public const string DisposeScopes = "TorchSharp.DisposeScopeManager";

    /// <summary>A type with the generic arguments of a call in their place.</summary>
    public static TypeReference Within(this TypeReference type, MemberReference? member) => type switch
    {
        GenericParameter { Type: GenericParameterType.Method } parameter when member is GenericInstanceMethod call
            && parameter.Position < call.GenericArguments.Count => call.GenericArguments[parameter.Position],
        GenericParameter { Type: GenericParameterType.Type } parameter when member?.DeclaringType is GenericInstanceType declaring
            && parameter.Position < declaring.GenericArguments.Count => declaring.GenericArguments[parameter.Position],
        _ => type,
    };

    /// <summary>Whether values of a type cannot hold or address an object.</summary>
    public static bool IsPlain(this TypeReference type) => type.MetadataType is
        MetadataType.Void or MetadataType.Boolean or MetadataType.Char or MetadataType.String
        or (>= MetadataType.SByte and <= MetadataType.Double);

    /// <summary>Whether values of a type are, or hold, addresses of memory that is not the collector's.</summary>
    public static bool IsAddress(this TypeReference type, MemberReference? member)
    {
        // What takes the place of a parameter is written in the caller's terms.
        if (type.Within(member) is var actual && actual != type) return actual.IsAddress(null);
        return type switch
        {
            PointerType or FunctionPointerType => true,
            ByReferenceType => false,
            ArrayType array => array.ElementType.IsAddress(member),
            GenericInstanceType { Name: "Span`1" or "ReadOnlySpan`1" or "Memory`1" or "ReadOnlyMemory`1" } span =>
                span.GenericArguments[0].Within(member) is { IsValueType: true } or PointerType or GenericParameter,
            GenericInstanceType generic => generic.GenericArguments.Any(argument => argument.IsAddress(member)),
            _ => type.MetadataType is MetadataType.IntPtr or MetadataType.UIntPtr,
        };
    }

    /// <summary>Whether a type is a delegate, as far as its name tells.</summary>
    public static bool IsDelegate(this AssemblySet assemblies, TypeReference type) =>
        assemblies.Is(type.GetElementType(), "System.MulticastDelegate")
        || (type.Namespace == "System" && type.Name.Split('`')[0] is "Func" or "Action" or "Predicate");
}
