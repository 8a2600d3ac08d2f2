using System.Collections.Immutable;
using System.Globalization;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace PandaNas.TorchCalls;

/// <summary>A call into torch whose argument the collector may free while torch reads it.</summary>
/// <param name="Method">The method that makes the call.</param>
/// <param name="Offset">Where in its code, as a disassembler shows it.</param>
/// <param name="Calls">What it calls.</param>
/// <param name="Fault">What is wrong, and what to do.</param>
/// <param name="ReachedFrom">For a tensor: a way to the method on which no dispose scope is open.</param>
public sealed record TorchCallFinding(string Method, string Offset, string Calls, string Fault, ImmutableArray<string> ReachedFrom);

/// <summary>The result of a check.</summary>
/// <param name="Assembly">The assembly checked.</param>
/// <param name="Methods">How many methods with code it has.</param>
/// <param name="TorchSharpMembers">How many different members of TorchSharp they call.</param>
/// <param name="Findings">What is wrong.</param>
public sealed record TorchCallReport(string Assembly, int Methods, int TorchSharpMembers, ImmutableArray<TorchCallFinding> Findings);

/// <summary>
/// Reads compiled code for calls into torch that depend on the garbage collector: a number or a tensor whose last use is the call may
/// be finalised while native code reads it. That is so of numbers always, also of those that TorchSharp makes inside its own methods,
/// and of tensors where no dispose scope holds them. The code is read, never run.
/// </summary>
public sealed class TorchCallCheck : IDisposable
{
    private const string TorchSharp = "TorchSharp";

    private const string LostNumber =
        "a number made for torch is used last here; hold it: using Scalar number = value.ToScalar()";
    private const string LostDetached =
        "a tensor detached from its dispose scope is used last here; hold it in a variable and dispose it after the call";
    private const string LostTensor =
        "a tensor is used last here and no dispose scope holds it; open one (using var scope = NewDisposeScope()) "
        + "or dispose the tensor after the call";
    private const string CalleeLosesNumber =
        "it makes a number for torch and does not hold it; call an overload that takes the number, and hold that";
    private const string CalleeLosesTensor =
        "it makes a tensor on its way that only a dispose scope holds; open one (using var scope = NewDisposeScope())";

    private readonly AssemblySet _assemblies;
    private readonly Summaries _summaries;
    private readonly Dictionary<MethodDefinition, bool> _losesNumber = [];
    private readonly HashSet<AssemblyDefinition> _checked;

    /// <summary>Reads assemblies and what they call.</summary>
    /// <param name="files">The assemblies to check.</param>
    /// <param name="companions">Assemblies that they use, TorchSharp among them: read too, but not reported.</param>
    /// <exception cref="BadDataException">A file is missing, or no .NET assembly.</exception>
    public TorchCallCheck(IReadOnlyList<string> files, IEnumerable<string> companions)
    {
        ArgumentNullException.ThrowIfNull(files);
        _assemblies = new AssemblySet(files.Concat(companions));
        _checked = [.. _assemblies.Assemblies.Take(files.Count)];
        _summaries = new Summaries(_assemblies);
        try
        {
            _summaries.Complete(_checked.SelectMany(MethodsOf));
        }
        catch (Exception error) when (error is not PandaNasException)
        {
            throw AssemblySet.Unreadable(files[0], error);
        }
    }

    /// <summary>Checks one assembly of a program, together with those assemblies beside it that it uses.</summary>
    /// <param name="file">The assembly.</param>
    /// <exception cref="BadDataException">It is missing, or no .NET assembly.</exception>
    public static TorchCallReport Of(string file)
    {
        string[] names = ["TorchSharp.dll", "PandaNas.dll"];
        string? Beside(string folder, string name) => Path.Combine(folder, name) is var path && File.Exists(path) ? path : null;
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        IEnumerable<string> companions = names
            .Where(name => name != Path.GetFileName(file))
            .Select(name => Beside(folder, name) ?? Beside(AppContext.BaseDirectory, name)).OfType<string>();
        using var check = new TorchCallCheck([file], companions);
        return check.Reports().Single();
    }

    /// <summary>The result for every assembly checked.</summary>
    public IEnumerable<TorchCallReport> Reports()
    {
        Dictionary<MethodDefinition, ImmutableArray<string>> unscoped = Unscoped();
        foreach (AssemblyDefinition assembly in _checked)
        {
            MethodDefinition[] methods = [.. MethodsOf(assembly)];
            IEnumerable<TorchCallFinding> findings =
                methods.SelectMany(method => Findings(method, unscoped.GetValueOrDefault(method))).Distinct();
            yield return new TorchCallReport(
                assembly.MainModule.Name, methods.Length, TorchSharpMembers(methods).Count(),
                [.. findings.OrderBy(finding => finding.Method, StringComparer.Ordinal)]);
        }
    }

    /// <summary>The members of TorchSharp that are called, by whether they lose a number of their own.</summary>
    public IEnumerable<(string Member, bool LosesNumber)> MembersCalled() =>
        TorchSharpMembers(_checked.SelectMany(MethodsOf)).Select(member => (Name(member), LosesNumber(member)));

    /// <inheritdoc/>
    public void Dispose() => _assemblies.Dispose();

    private static IEnumerable<MethodDefinition> MethodsOf(AssemblyDefinition assembly) =>
        assembly.MainModule.GetAllTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);

    private IEnumerable<MethodDefinition> TorchSharpMembers(IEnumerable<MethodDefinition> methods) =>
        methods
            .SelectMany(method => _summaries.Known[method].Calls)
            .Select(call => call.Callee)
            .Where(callee => AssemblyOf(callee) == TorchSharp)
            .Distinct();

    private IEnumerable<TorchCallFinding> Findings(MethodDefinition method, ImmutableArray<string> reachedFrom)
    {
        MethodSummary summary = _summaries.Known[method];
        TorchCallFinding Finding(Instruction at, MethodReference callee, string fault, ImmutableArray<string> way) =>
            new(Name(method), "IL_" + at.Offset.ToString("x4", CultureInfo.InvariantCulture), Name(callee), fault, way);
        foreach (Loss loss in summary.Losses)
        {
            if (!loss.HeldByScope)
                yield return Finding(loss.At, loss.Callee, loss.Kind == OriginKind.Scalar ? LostNumber : LostDetached, []);
            else if (!reachedFrom.IsDefault)
                yield return Finding(loss.At, loss.Callee, LostTensor, reachedFrom);
        }
        foreach (KnownCall call in summary.Calls)
        {
            if (IsChecked(call.Callee)) continue;
            if (LosesNumber(call.Callee))
                yield return Finding(call.At, call.Callee, CalleeLosesNumber, []);
            else if (!call.InScope && !reachedFrom.IsDefault && LosesTensor(call.Callee))
                yield return Finding(call.At, call.Callee, CalleeLosesTensor, reachedFrom);
        }
    }

    // Methods that run where no dispose scope need be open, with one way there. What others make delegates of, torch calls back.
    private Dictionary<MethodDefinition, ImmutableArray<string>> Unscoped()
    {
        var ways = new Dictionary<MethodDefinition, ImmutableArray<string>>();
        var pending = new Queue<MethodDefinition>();
        foreach (MethodDefinition root in _checked.SelectMany(MethodsOf).Where(IsEntrance))
        {
            ways.Add(root, [Name(root)]);
            pending.Enqueue(root);
        }
        while (pending.TryDequeue(out MethodDefinition? method))
            foreach (KnownCall call in _summaries.Known[method].Calls)
            {
                if (call.InScope || (call.MakesDelegate && !IsChecked(method))) continue;
                foreach (MethodDefinition callee in _assemblies.Implementations(call.Callee))
                    if (_summaries.Known.ContainsKey(callee) && ways.TryAdd(callee, [.. ways[method], Name(callee)]))
                        pending.Enqueue(callee);
            }
        return ways;
    }

    // What nothing here calls. Overrides of what others declare are called by those: PandaNas runs a user's modules in a dispose scope.
    private bool IsEntrance(MethodDefinition method) => !_summaries.IsUsed(method) && _assemblies.Overridden(method).All(IsChecked);

    private bool LosesNumber(MethodDefinition method)
    {
        if (_losesNumber.TryGetValue(method, out bool answer)) return answer;
        if (AssemblyOf(method) != TorchSharp || !_summaries.Known.TryGetValue(method, out MethodSummary? summary)) return false;
        _losesNumber[method] = false;
        return _losesNumber[method] = summary.Losses.Any(loss => !loss.HeldByScope) || summary.Calls.Any(call => LosesNumber(call.Callee));
    }

    // Of tensors only the member's own: what those that it calls lose, most of it while layers are made, is nobody's values.
    private bool LosesTensor(MethodDefinition method) =>
        AssemblyOf(method) == TorchSharp && _summaries.Known.TryGetValue(method, out MethodSummary? summary)
            && summary.Losses.Any(loss => loss.HeldByScope);

    private bool IsChecked(MethodDefinition method) => _checked.Contains(method.Module.Assembly);

    private static string AssemblyOf(MethodDefinition method) => method.Module.Assembly.Name.Name;

    private static string Name(MethodReference method)
    {
        string type = method.DeclaringType.FullName.Replace('/', '.');
        return $"{type}.{method.Name}({string.Join(", ", method.Parameters.Select(parameter => parameter.ParameterType.Name))})";
    }
}
