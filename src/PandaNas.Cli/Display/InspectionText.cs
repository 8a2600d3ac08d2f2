using System.Globalization;
using PandaNas.Experiments.Inspection;
using PandaNas.Experiments.Options;

namespace PandaNas.Cli.Display;

/// <summary>What <c>panda data inspect</c> prints for people.</summary>
internal static class InspectionText
{
    private const int MostNamed = 10, MostClasses = 100, LongestName = 40;

    /// <summary>Prints an inspection.</summary>
    public static void Print(TextWriter output, DataInspection found, string? sheet)
    {
        Say(
            output,
            $"{found.Data}: data set '{found.DataSet}', {Counted(found.Files, "image")} of {found.Classes.Length} classes; "
            + $"the network sees {found.Channels}x{found.Height}x{found.Width}.");
        foreach (string note in found.Notes) Say(output, Sentence(note));
        PrintClasses(output, found);
        if (found.Sizes is { } sizes)
            Say(output, sizes.Different == 1
                ? $"Size: all {sizes.Median} pixels."
                : $"Sizes: {sizes.Smallest} to {sizes.Largest} pixels, median {sizes.Median}, {sizes.Different} different.");
        if (!found.Formats.IsEmpty) Say(output, $"Formats: {List(found.Formats)}.");
        if (!found.Formats.IsEmpty) Say(output, found.Flags.IsEmpty ? "Special: nothing." : $"Special: {List(found.Flags)}.");
        PrintDuplicates(output, found);
        if (!found.Unusable.IsEmpty)
            Say(
                output,
                $"Cannot be used: {Named([.. found.Unusable.Select(file => $"{file.Path} ({file.Fault})")])}. {found.Unusable[0].Reason}");
        Say(output, $"Training pixels from 0 to 1: mean {Numbers(found.Mean)}, deviation {Numbers(found.Deviation)}.");
        if (sheet is not null) Say(output, $"Contact sheet: {sheet}");
        if (found.Refusal is { } refusal) Say(output, $"A run is refused: {refusal.TrimEnd('.')}.");
        if (found.Run is { } run) PrintRun(output, run);
    }

    private static void PrintClasses(TextWriter output, DataInspection found)
    {
        bool validation = found.Validation > 0, leftOut = found.LeftOut > 0;
        IEnumerable<ClassCount> rows = found.Classes.Length <= MostClasses ? found.Classes : found.Classes.Take(MostClasses);
        var total = new ClassCount("all", found.Train, found.Validation, found.Test, found.LeftOut);
        TextTable.Print(
            output, ["class", ">train", .. validation ? (string[])[">validation"] : [], ">test", .. leftOut ? (string[])[">left out"] : []],
            rows.Append(total).Select(one => (IReadOnlyList<string>)
            [
                one.Name.Length <= LongestName ? one.Name : one.Name[..(LongestName - 1)] + "…",
                Number(one.Train),
                .. validation ? (string[])[Number(one.Validation)] : [],
                Number(one.Test),
                .. leftOut ? (string[])[Number(one.LeftOut)] : [],
            ]));
        if (found.Classes.Length > MostClasses) Say(output, $"The first {MostClasses} of {found.Classes.Length} classes; --json has all.");
    }

    private static void PrintDuplicates(TextWriter output, DataInspection found)
    {
        DuplicateFiles[] parts = [.. found.Duplicates.Where(same => same.AcrossParts)];
        DuplicateFiles[] classes = [.. found.Duplicates.Where(same => same.AcrossClasses && !same.AcrossParts)];
        if (parts.Length > 0)
            Say(
                output,
                "The same pixels in several parts, so that a test tells nothing of them, "
                + $"{Counted(parts.Length, "picture")}: {Same(parts)}.");
        if (classes.Length > 0) Say(output, $"The same pixels in several classes, {Counted(classes.Length, "picture")}: {Same(classes)}.");
        if (found.DuplicatesWithin > 0)
            Say(output, $"{Counted(found.DuplicatesWithin, "image")} show the same as another of the same part and class.");
    }

    private static void PrintRun(TextWriter output, PlannedRun run)
    {
        string ranking = run.RankingPart == "test"
            ? $"{run.TestImages} test images rank and score"
            : $"{run.RankingImages} rank, {run.TestImages} test";
        string pixels = $"{run.ImageSize}x{run.ImageSize} pixels{(run.Streamed ? ", streamed" : "")}";
        Say(
            output,
            $"A run: {run.TrainImages} train, {ranking}; {pixels}; batches of {run.BatchSize}, {run.StepsPerEpoch} steps an epoch.");
        foreach (string note in run.Notes) Say(output, Sentence(note));
    }

    private static void Say(TextWriter output, string text) => output.WriteLine(PlainText.Wrap(text, indent: 2));

    private static string Sentence(string note) => $"{char.ToUpperInvariant(note[0])}{note[1..]}.";

    private static string Same(DuplicateFiles[] groups) =>
        Named([.. groups.Select(group => string.Join(" = ", group.Paths.Take(3)) + (group.Paths.Length > 3 ? " = …" : ""))]);

    private static string Named(string[] names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Length > MostNamed ? $" and {names.Length - MostNamed} more" : "");

    private static string List(IEnumerable<FileCount> counts) => string.Join(", ", counts.Select(one => $"{Number(one.Count)} {one.Name}"));

    private static string Counted(int count, string one) => $"{Number(count)} {one}{(count == 1 ? "" : "s")}";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Numbers(IEnumerable<float> values) =>
        string.Join(' ', values.Select(value => value.ToString("F4", CultureInfo.InvariantCulture)));
}
