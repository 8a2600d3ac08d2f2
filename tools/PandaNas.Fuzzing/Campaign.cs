using System.Diagnostics;
using System.Runtime.InteropServices;
using Trace = SharpFuzz.Common.Trace;

namespace PandaNas.Fuzzing;

/// <summary>Feeds one reader with mutated inputs; those that reach new code are mutated further.</summary>
internal sealed unsafe class Campaign
{
    private const int MapBytes = 1 << 16, LongestInput = 1 << 16, LongestKept = 4096;
    private const long MostBytes = 400_000_000;
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(2);
    private static readonly byte* Map = (byte*)NativeMemory.AllocZeroed(MapBytes);

    private readonly string _name, _corpusFolder, _findingsFolder;
    private readonly Reader _reader;
    private readonly Mutation _mutation;
    private readonly List<byte[]> _corpus = [];
    // For each place of the map, which orders of magnitude of its count have been seen.
    private readonly byte[] _seen = new byte[MapBytes];
    private readonly HashSet<string> _known = [];

    public Campaign(string name, Reader reader, Random random, string corpusFolder, string findingsFolder)
    {
        (_name, _reader, _corpusFolder, _findingsFolder) = (name, reader, corpusFolder, findingsFolder);
        _mutation = new Mutation(random, reader.Words);
    }

    /// <summary>Gives instrumented code a place to count in; before the first of it runs.</summary>
    public static void Prepare() => Trace.SharedMem = Map;

    public int Inputs { get; private set; }

    public int Accepted { get; private set; }

    public int Refused { get; private set; }

    public int CorpusSize => _corpus.Count;

    public int Edges => _seen.Count(seen => seen != 0);

    public List<string> Findings { get; } = [];

    public void Run(int inputs)
    {
        foreach (byte[] seed in Seeds()) TryInput(seed, keepAlways: true);
        while (Inputs < inputs) TryInput(_mutation.Of(_corpus), keepAlways: false);
    }

    private IEnumerable<byte[]> Seeds()
    {
        foreach (byte[] seed in _reader.Seeds) yield return seed;
        if (!Directory.Exists(_corpusFolder)) yield break;
        foreach (string file in Directory.GetFiles(_corpusFolder).Order(StringComparer.Ordinal)) yield return File.ReadAllBytes(file);
    }

    private void TryInput(byte[] input, bool keepAlways)
    {
        if (input.Length > LongestInput) input = input[..LongestInput];
        Inputs++;
        new Span<byte>(Map, MapBytes).Clear();
        Trace.PrevLocation = 0;
        long started = Stopwatch.GetTimestamp(), bytes = GC.GetTotalAllocatedBytes();
        try
        {
            _reader.Read(input);
            Accepted++;
        }
        catch (Exception error) when (_reader.IsRefusal(error))
        {
            Refused++;
        }
        catch (Exception error)
        {
            Report(input, $"{error.GetType().Name} at {Place(error)}");
        }
        if (Stopwatch.GetElapsedTime(started) > Slowest) Report(input, "slow");
        if (GC.GetTotalAllocatedBytes() - bytes > MostBytes) Report(input, "memory");
        if (ReachedNewCode() || keepAlways) Keep(input, keepAlways);
    }

    private bool ReachedNewCode()
    {
        bool found = false;
        for (int place = 0; place < MapBytes; place++)
        {
            if (Map[place] == 0) continue;
            byte magnitude = (byte)(1 << Math.Min(7, (int)Math.Log2(Map[place])));
            if ((_seen[place] & magnitude) != 0) continue;
            _seen[place] |= magnitude;
            found = true;
        }
        return found;
    }

    private void Keep(byte[] input, bool fromCorpus)
    {
        _corpus.Add(input);
        if (fromCorpus || input.Length > LongestKept || Environment.GetEnvironmentVariable("FUZZ_KEEP") != "1") return;
        Directory.CreateDirectory(_corpusFolder);
        File.WriteAllBytes(Path.Combine(_corpusFolder, Name(input)), input);
    }

    private void Report(byte[] input, string what)
    {
        if (!_known.Add(what)) return;
        Findings.Add(what);
        Directory.CreateDirectory(_findingsFolder);
        File.WriteAllBytes(Path.Combine(_findingsFolder, Name(input)), input);
        Console.Error.WriteLine($"{_name}: {what}: {Path.Combine(_findingsFolder, Name(input))}");
    }

    private static string Name(byte[] input) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..12];

    private static string Place(Exception error) =>
        error.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("PandaNas", StringComparison.Ordinal))?.Trim().Split(" in ")[0]
            ?? error.Message;
}
