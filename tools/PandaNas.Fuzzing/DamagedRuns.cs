using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PandaNas.Cli;
using PandaNas.Experiments.Runs;

namespace PandaNas.Fuzzing;

/// <summary>
/// Damages one file of a copy of a run, a comparison or the inputs, and runs a verb on it in this process. Whatever happens, there is an
/// exit code of panda's with one message, within 10 seconds and 1 GB.
/// </summary>
internal static class DamagedRuns
{
    private const string Cell = "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|";
    private const long MostBytes = 1L << 30;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly string[] Small =
        ["--channels", "2", "--cells", "1", "--epochs", "1", "--batch-size", "8", "--threads", "1", "--precision", "float32"];

    // What each verb gets, with {0} for the folder of the damaged copy.
    private static readonly string[][] Verbs =
    [
        ["rank", "{0}/run", "--architectures", "{0}/architectures.txt", "--truth", "{0}/truth.csv", "--images", "5", "--threads", "1"],
        ["rank", "{0}/run", "--architectures", "2", "--threads", "1"],
        ["search", "{0}/run", "--population", "2", "--generations", "2", "--threads", "1"],
        ["search", "{0}/run", "--algorithm", "random", "--evaluations", "2", "--latency-table", "{0}/table.json", "--allow-other-machine"],
        ["train", "--out", "{0}/run", "--resume"],
        ["variance", "{0}/run", "--samples", "40", "--threads", "1"],
        ["retrain", "{0}/run", "--architecture", "best", "--out", "{0}/new", .. Small],
        ["retrain", "--out", "{0}/retrained", "--resume"],
        ["compare", "--out", "{0}/comparison", "--resume"],
        ["stability", "{0}/run", "{0}/comparison/spos-seed0", "--architectures", "2", "--threads", "1"],
        ["cost", "--architectures", "{0}/architectures.txt", "--latency-table", "{0}/table.json", "--allow-other-machine"],
        ["data", "inspect", "idx:{0}/images"],
        ["data", "inspect", "images:{0}/folder", "--cache", "{0}/cache"],
        ["data", "inspect", "images:{0}/folder", "--stream", "on", "--cache", "{0}/cache"],
        ["spaces", "--space", "{0}/space.yaml"],
        ["train", "--config", "{0}/options.yaml", "--data", "idx:{0}/images", "--out", "{0}/new", .. Small],
        ["train", "--space", "{0}/space.yaml", "--data", "idx:{0}/images", "--out", "{0}/new", "--epochs", "1", "--threads", "1",
            "--batch-size", "8"],
    ];

    private const string OnePixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private static readonly string[] Tokens =
        ["-1", "2147483648", "1e309", "null", "true", "[]", "{}", "\"\"", "\"x\"", "[[[[", "0", "99999999999999999999", "\u001b[2J"];

    public static int Try(int cases, int first, string folder)
    {
        string good = Path.Combine(folder, "good"), copy = Path.Combine(folder, "copy");
        if (!File.Exists(Path.Combine(good, "made"))) Make(good);
        string[] files =
        [
            .. Directory.GetFiles(good, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(good, file))
                .Where(file => Path.GetFileName(file) != "made")
                .Order(StringComparer.Ordinal)
        ];
        var codes = new SortedDictionary<int, int>();
        int findings = 0;
        for (int number = first; number < first + cases; number++)
        {
            var random = new Random(number);
            string file = files[random.Next(files.Length)];
            string[][] verbs = VerbsFor(file);
            string[] verb = Array.ConvertAll(
                verbs[random.Next(verbs.Length)], word => string.Format(CultureInfo.InvariantCulture, word, copy));
            if (Directory.Exists(copy)) Directory.Delete(copy, recursive: true);
            Copy(good, copy);
            string how = Damage(Path.Combine(copy, file), random);
            // What is behind the seal is to be reached too.
            if (random.Next(2) == 0 && TrySeal(Path.Combine(copy, file))) how += ", sealed again";
            // Whoever starts again after the process ended goes on behind this one.
            File.WriteAllText(Path.Combine(folder, "at"), $"{number} {file} {how} {string.Join(' ', verb)}\n");
            (int code, string error, TimeSpan time, long bytes) = Run(verb);
            codes[code] = codes.GetValueOrDefault(code) + 1;
            string problem = error.Contains("internal error", StringComparison.Ordinal) ? "internal error"
                : error.Contains("   at ", StringComparison.Ordinal) ? "stack trace"
                : code is not (0 or 1 or 2 or 3) ? "exit code"
                : code != 0 && !error.Contains("panda: ", StringComparison.Ordinal) ? "no message"
                : time > Longest ? "slow"
                : bytes > MostBytes ? "memory"
                : "";
            if (problem.Length == 0) continue;
            findings++;
            string message = error.Trim().Split('\n')[^1];
            Console.WriteLine(
                $"{number}: {problem}, exit code {code}, {time.TotalSeconds:F1} s: {file} ({how}): {string.Join(' ', verb)}: {message}");
        }
        string counts = string.Join(", ", codes.Select(pair => $"{pair.Key}: {pair.Value}"));
        Console.WriteLine(
            $"{cases} cases on {files.Length} files and {Verbs.Length} command lines, {findings} finding(s); exit codes {counts}");
        return findings == 0 ? 0 : 1;
    }

    // A verb that does not read a file says nothing about its damage.
    private static string[][] VerbsFor(string file)
    {
        string top = file.Split(Path.DirectorySeparatorChar)[0];
        string[][] some = [.. Verbs.Where(verb => verb.Any(word => word.Contains("/" + top, StringComparison.Ordinal)))];
        return some.Length > 0 ? some : Verbs;
    }

    private static (int Code, string Error, TimeSpan Time, long Bytes) Run(string[] arguments)
    {
        TextWriter output = Console.Out, error = Console.Error;
        using StringWriter results = new(), messages = new();
        long started = Stopwatch.GetTimestamp(), bytes = GC.GetTotalAllocatedBytes();
        // What does not end ends the process; the script says where it was.
        using var watch = new Timer(
            _ => Environment.FailFast("a verb took more than a minute"), null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
        try
        {
            Console.SetOut(results);
            Console.SetError(messages);
            int code = PandaProgram.Run(arguments, Catalog.Default);
            return (code, messages.ToString(), Stopwatch.GetElapsedTime(started), GC.GetTotalAllocatedBytes() - bytes);
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    private static string Damage(string path, Random random)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bool text = !bytes.AsSpan().Contains((byte)0);
        string content = text ? Encoding.UTF8.GetString(bytes) : "";
        string[] lines = content.Split('\n');
        int line = random.Next(lines.Length);
        switch (random.Next(text ? 10 : 4))
        {
            case 0:
                File.WriteAllBytes(path, bytes[..random.Next(bytes.Length + 1)]);
                return "truncated";
            case 1:
                if (bytes.Length > 0) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(path, bytes);
                return "flipped";
            case 2:
                File.Delete(path);
                if (random.Next(2) == 0) Directory.CreateDirectory(path);
                return "deleted";
            case 3:
                File.WriteAllBytes(path, [.. bytes, .. bytes]);
                return "doubled";
            case 4:
                File.WriteAllText(path, string.Join('\n', [.. lines[..line], lines[line], .. lines[line..]]));
                return "line twice";
            case 5:
                File.WriteAllText(path, string.Join('\n', [.. lines[..line], .. lines[(line + 1)..]]));
                return "line missing";
            case 6:
                File.WriteAllText(path, content.TrimEnd('\n'));
                return "without its last line break";
            case 7:
                string repeated = string.Concat(Enumerable.Repeat("[", 30_000));
                File.WriteAllText(path, string.Join('\n', [.. lines[..line], repeated, .. lines[line..]]));
                return "nested";
            default:
                MatchCollection values = Regex.Matches(content, "\"[^\"\n]*\"|[-0-9.e]+|true|false");
                if (values.Count == 0) goto case 0;
                Match value = values[random.Next(values.Count)];
                string put = Tokens[random.Next(Tokens.Length)];
                File.WriteAllText(path, content[..value.Index] + put + content[(value.Index + value.Length)..]);
                return $"{put} for {value.Value}";
        }
    }

    private static bool TrySeal(string path)
    {
        if (!File.Exists(path) || !path.EndsWith(".json", StringComparison.Ordinal)) return false;
        try
        {
            JsonObject record = RunJson.ReadObject(path, "");
            if (!record.ContainsKey("sha256")) return false;
            File.WriteAllText(path, SealedRecord.Text(record));
            return true;
        }
        catch (Exception error) when (error is BadDataException or JsonException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    private static void Make(string folder)
    {
        Directory.CreateDirectory(folder);
        WriteImages(Path.Combine(folder, "images"));
        foreach (string part in (string[])["train", "test"])
            foreach (string name in (string[])["a", "b"])
                foreach (string number in (string[])["1", "2"])
                {
                    Directory.CreateDirectory(Path.Combine(folder, "folder", part, name));
                    File.WriteAllBytes(Path.Combine(folder, "folder", part, name, number + ".png"), Convert.FromBase64String(OnePixel));
                }
        File.WriteAllText(Path.Combine(folder, "architectures.txt"), Cell + "\n");
        File.WriteAllText(Path.Combine(folder, "truth.csv"), $"architecture,idx\n{Cell},90\n");
        File.WriteAllText(Path.Combine(folder, "space.yaml"), Readers.Space);
        File.WriteAllText(Path.Combine(folder, "options.yaml"), "method: spos\nseed: 3\n");
        string data = $"idx:{folder}/images";
        foreach (string[] command in (string[][])[
            ["train", "--data", data, "--validation-images", "15", "--out", $"{folder}/run", .. Small],
            ["search", $"{folder}/run", "--population", "2", "--generations", "2", "--threads", "1"],
            ["variance", $"{folder}/run", "--samples", "40", "--threads", "1"],
            ["rank", $"{folder}/run", "--architectures", "3", "--threads", "1"],
            ["retrain", $"{folder}/run", "--architecture", "best", "--out", $"{folder}/retrained", .. Small],
            ["compare", "--data", data, "--methods", "spos,panda", "--seeds", "0", "--architectures", "3", "--validation-images", "15",
                "--out", $"{folder}/comparison", .. Small],
            ["latency", "--channels", "2", "--cells", "1", "--threads", "1", "--repetitions", "1", "--rounds", "1", "--networks", "2",
                "--held-out", "2", "--out", $"{folder}/table.json"],
            ["data", "inspect", $"images:{folder}/folder", "--cache", $"{folder}/cache"]])
            if (Run(command) is (not 0, var error, _, _)) throw new InvalidOperationException($"{string.Join(' ', command)}: {error}");
        File.WriteAllText(Path.Combine(folder, "made"), "");
    }

    private static void WriteImages(string folder)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(0);
        foreach ((string part, byte count) in ((string, byte)[])[("train", 60), ("t10k", 30)])
        {
            byte[] pixels = new byte[count * 64];
            random.NextBytes(pixels);
            File.WriteAllBytes(
                Path.Combine(folder, $"{part}-images-idx3-ubyte"), [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 8, 0, 0, 0, 8, .. pixels]);
            File.WriteAllBytes(
                Path.Combine(folder, $"{part}-labels-idx1-ubyte"),
                [0, 0, 8, 1, 0, 0, 0, count, .. Enumerable.Range(0, count).Select(i => (byte)(i % 3))]);
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (string folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories).Prepend(from))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        // A run may name the folder in which it was made.
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
