using Mono.Cecil;

namespace PandaNas.TorchCalls;

/// <summary>The summaries of all methods that some methods call, directly or not, worked out until nothing changes.</summary>
internal sealed class Summaries(AssemblySet assemblies)
{
    private readonly Dictionary<MethodDefinition, MethodSummary> _known = [];
    private readonly Dictionary<MethodDefinition, HashSet<MethodDefinition>> _users = [];
    private readonly Queue<MethodDefinition> _pending = [];
    private readonly HashSet<MethodDefinition> _waiting = [];

    /// <summary>Every method looked at, with what is known of it.</summary>
    public IReadOnlyDictionary<MethodDefinition, MethodSummary> Known => _known;

    /// <summary>Whether a method is called by another one, or made a delegate of.</summary>
    public bool IsUsed(MethodDefinition method) =>
        _users.TryGetValue(method, out HashSet<MethodDefinition>? users) && users.Any(user => user != method);

    /// <summary>Works out these methods and all that they call.</summary>
    public void Complete(IEnumerable<MethodDefinition> methods)
    {
        foreach (MethodDefinition method in methods.Where(method => method.HasBody)) Wait(method);
        while (_pending.TryDequeue(out MethodDefinition? method))
        {
            _waiting.Remove(method);
            MethodSummary before = _known.GetValueOrDefault(method, MethodSummary.Nothing);
            MethodSummary now = MethodAnalysis.Of(assemblies, method, callee => Use(callee, method));
            _known[method] = now;
            if (now.SameForCallers(before)) continue;
            foreach (MethodDefinition user in _users.GetValueOrDefault(method, [])) Wait(user);
        }
    }

    private MethodSummary Use(MethodDefinition callee, MethodDefinition user)
    {
        if (!_users.TryGetValue(callee, out HashSet<MethodDefinition>? users)) _users.Add(callee, users = []);
        users.Add(user);
        if (_known.TryGetValue(callee, out MethodSummary? summary)) return summary;
        _known.Add(callee, MethodSummary.Nothing);
        if (callee.HasBody) Wait(callee);
        return MethodSummary.Nothing;
    }

    private void Wait(MethodDefinition method)
    {
        if (_waiting.Add(method)) _pending.Enqueue(method);
    }
}
