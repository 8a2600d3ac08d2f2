using Mono.Cecil;
using Mono.Cecil.Cil;

namespace PandaNas.Tests.Runtime.Files;

/// <summary>Finds, in compiled code, what opens files.</summary>
internal static class FileOpenings
{
    private static readonly string[] Openers =
    [
        "System.IO.FileStream::.ctor", "System.IO.StreamReader::.ctor", "System.IO.MemoryMappedFiles.MemoryMappedFile::CreateFromFile",
        "System.IO.File::Append", "System.IO.File::Create",
        "System.IO.File::Open", "System.IO.File::Read", "System.IO.FileInfo::Open", "System.IO.FileInfo::Create",
        "System.Xml.XmlReader::Create",
        "SkiaSharp.SKData::Create", "SkiaSharp.SKCodec::Create", "SkiaSharp.SKBitmap::Decode", "SkiaSharp.SKImage::FromEncodedData",
        "SkiaSharp.SKFileStream::.ctor",
        "TorchSharp.torch::load", "TorchSharp.torch/jit::load", "TorchSharp.torch/nn/Module::load",
    ];

    /// <summary>Calls that open a path, as "Type.Method: what is called"; code that the compiler makes counts as its author's.</summary>
    public static IEnumerable<string> In(string assembly) => Calls(assembly)
        .Where(call => Openers.Any(opener => Name(call.Callee).StartsWith(opener, StringComparison.Ordinal)) && TakesPath(call.Callee))
        .Select(call => $"{call.Caller}: {Name(call.Callee)}")
        .Distinct();

    /// <summary>The types that call methods of a type.</summary>
    public static IEnumerable<string> CallersOf(string assembly, string type, params string[] methods) => Calls(assembly)
        .Where(call => call.Callee.DeclaringType.FullName == type && methods.Contains(call.Callee.Name))
        .Select(call => call.Caller[..call.Caller.LastIndexOf('.')])
        .Distinct();

    private static List<(string Caller, MethodReference Callee)> Calls(string path)
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(path);
        IEnumerable<MethodDefinition> methods = assembly.MainModule.GetTypes().SelectMany(type => type.Methods);
        return
        [
            .. methods.Where(method => method.HasBody).SelectMany(method => method.Body.Instructions
                .Where(instruction => instruction.OpCode.Code is Code.Call or Code.Callvirt or Code.Newobj or Code.Ldftn)
                .Select(instruction => (Author(method), (MethodReference)instruction.Operand)))
        ];
    }

    private static bool TakesPath(MethodReference method) =>
        method.Parameters.FirstOrDefault()?.ParameterType.FullName is "System.String" or null;

    private static string Name(MethodReference method) => $"{method.DeclaringType.FullName}::{method.Name}";

    // Lambdas and iterators are nested types and methods with names such as <Read>b__0.
    private static string Author(MethodDefinition method)
    {
        TypeDefinition type = method.DeclaringType;
        string name = method.Name;
        while (type.DeclaringType is not null && type.Name.StartsWith('<'))
            (name, type) = (type.Name.Length > 2 && type.Name[1] != '>' ? type.Name : name, type.DeclaringType);
        if (name.StartsWith('<') && name.IndexOf('>', StringComparison.Ordinal) is > 1 and var end) name = name[1..end];
        while (type.DeclaringType is not null) type = type.DeclaringType;
        return $"{type.Name}.{name}";
    }
}
