using Mono.Cecil;
using Mono.Cecil.Rocks;
using PandaNas.Runtime.Files;

namespace PandaNas.TorchCalls;

/// <summary>Assemblies read as data: nothing of them is loaded into the process or run.</summary>
internal sealed class AssemblySet : IDisposable
{
    private static readonly FileKind Kind = new("a compiled .NET assembly (.dll)", 256L << 20, "Build it, and check the path.");

    private readonly List<AssemblyDefinition> _assemblies = [];
    private readonly Dictionary<(string Assembly, string Type), TypeDefinition> _types = [];
    private readonly Dictionary<MethodDefinition, List<MethodDefinition>> _overrides = [], _overridden = [];
    private readonly Dictionary<MethodReference, MethodDefinition?> _found = [];

    /// <summary>Reads assemblies.</summary>
    /// <exception cref="BadDataException">One is missing, or is no .NET assembly.</exception>
    public AssemblySet(IEnumerable<string> files)
    {
        foreach (string file in files) Read(file);
        foreach (TypeDefinition type in _types.Values)
            foreach (MethodDefinition method in type.Methods.Where(method => method.IsVirtual)) NoteOverride(type, method);
    }

    /// <summary>The names of the assemblies.</summary>
    public IEnumerable<AssemblyDefinition> Assemblies => _assemblies;

    /// <summary>The method that a reference names; null where it lies in another assembly.</summary>
    public MethodDefinition? Find(MethodReference reference)
    {
        if (_found.TryGetValue(reference, out MethodDefinition? known)) return known;
        MethodDefinition? found = null;
        TypeDefinition? declaring = reference.DeclaringType is ArrayType ? null : Find(reference.DeclaringType);
        for (TypeDefinition? type = declaring; type is not null && found is null; type = Find(type.BaseType))
            found = MetadataResolver.GetMethod(type.Methods, reference.GetElementMethod());
        return _found[reference] = found;
    }

    /// <summary>The methods that a virtual call of a method may run: itself and what overrides it.</summary>
    public IEnumerable<MethodDefinition> Implementations(MethodDefinition method) =>
        _overrides.TryGetValue(method, out List<MethodDefinition>? others) ? others.Prepend(method) : [method];

    /// <summary>The methods that a method overrides or implements.</summary>
    public IEnumerable<MethodDefinition> Overridden(MethodDefinition method) => _overridden.GetValueOrDefault(method, []);

    /// <summary>Whether a type is the one of that name or comes from it.</summary>
    public bool Is(TypeReference? type, string name)
    {
        for (; type is not null; type = Find(type)?.BaseType)
            if (type.FullName == name) return true;
        return false;
    }

    public void Dispose() => _assemblies.ForEach(assembly => assembly.Dispose());

    private TypeDefinition? Find(TypeReference? type)
    {
        if (type is null) return null;
        TypeReference element = type.GetElementType();
        string assembly = element.Scope switch
        {
            ModuleDefinition module => module.Assembly.Name.Name,
            { } scope => scope.Name,
            null => "",
        };
        return _types.GetValueOrDefault((assembly, element.FullName));
    }

    private void Read(string file)
    {
        AssemblyDefinition assembly;
        try
        {
            assembly = AssemblyDefinition.ReadAssembly(
                new MemoryStream(InputFile.ReadBytes(file, Kind)),
                new ReaderParameters(ReadingMode.Deferred) { AssemblyResolver = new Nowhere() });
            if (assembly.Name.Name.Length == 0) throw new InvalidDataException("it has no name");
            foreach (TypeDefinition type in assembly.MainModule.GetAllTypes()) _types.TryAdd((assembly.Name.Name, type.FullName), type);
        }
        catch (Exception error) when (error is not PandaNasException)
        {
            throw Unreadable(file, error);
        }
        _assemblies.Add(assembly);
    }

    /// <summary>The error for an assembly that cannot be read to its end.</summary>
    public static BadDataException Unreadable(string file, Exception inner)
    {
        string reason = inner.Message.Split('\n')[0].Trim();
        return new($"'{file}': this is no .NET assembly, or it is damaged ({reason}); expected a compiled .dll, build it again", inner);
    }

    // By name and count: generic arguments make signatures differ, and an override too many only makes the check stricter.
    private void NoteOverride(TypeDefinition type, MethodDefinition method)
    {
        bool Matches(MethodDefinition other) =>
            other.IsVirtual && other.Parameters.Count == method.Parameters.Count && other.Name == method.Name.Split('.')[^1];
        void Note(TypeReference? from)
        {
            if (Find(from) is not { } known) return;
            foreach (MethodDefinition slot in known.Methods.Where(Matches))
            {
                Add(_overrides, slot, method);
                Add(_overridden, method, slot);
            }
        }
        for (TypeReference? at = type.BaseType; at is not null; at = Find(at)?.BaseType) Note(at);
        for (TypeReference? at = type; at is not null; at = Find(at)?.BaseType)
            foreach (InterfaceImplementation implemented in Find(at)?.Interfaces ?? []) Note(implemented.InterfaceType);
    }

    private static void Add(Dictionary<MethodDefinition, List<MethodDefinition>> lists, MethodDefinition key, MethodDefinition value)
    {
        if (!lists.TryGetValue(key, out List<MethodDefinition>? list)) lists.Add(key, list = []);
        list.Add(value);
    }

    private sealed class Nowhere : IAssemblyResolver
    {
        public AssemblyDefinition Resolve(AssemblyNameReference name) => throw new AssemblyResolutionException(name);

        public AssemblyDefinition Resolve(AssemblyNameReference name, ReaderParameters parameters) =>
            throw new AssemblyResolutionException(name);

        public void Dispose()
        {
        }
    }
}
