using System.Collections.Immutable;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.Comparisons;

/// <summary>How long one method trains, with every seed.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Epochs">Epochs.</param>
/// <param name="PassesPerStep">Forward-backward passes of a mini-batch over a path in one step.</param>
internal sealed record MethodPlan(string Method, int Epochs, int PassesPerStep);

/// <summary>
/// How long the methods of a comparison train. Made once and kept in the folder: measured seconds differ when measured again.
/// </summary>
/// <param name="Methods">The methods in the order of the options.</param>
internal sealed record ComparisonPlan(ImmutableArray<MethodPlan> Methods)
{
    /// <summary>Its file in the comparison's folder.</summary>
    public const string FileName = "plan.json";

    private const string Remedy = "Restore the file, or start a new comparison.";

    /// <summary>All methods train the same epochs.</summary>
    public static ComparisonPlan EqualEpochs(IEnumerable<(string Method, int PassesPerStep)> methods, int epochs) =>
        new([.. methods.Select(method => new MethodPlan(method.Method, epochs, method.PassesPerStep))]);

    /// <summary>
    /// The method with the fewest passes a step trains the given epochs; another one with k times its passes a step trains
    /// round(epochs / k), at least 1. So no method computes more than the epochs would with the cheapest, but for that rounding.
    /// </summary>
    public static ComparisonPlan EqualPasses(IReadOnlyCollection<(string Method, int PassesPerStep)> methods, int epochs)
    {
        int fewest = methods.Min(method => method.PassesPerStep);
        return new([.. methods.Select(method => new MethodPlan(
            method.Method, Rounded((double)epochs * fewest / method.PassesPerStep), method.PassesPerStep))]);
    }

    /// <summary>
    /// The first method trains the given epochs; another one as many as take the same time by a measured epoch of both:
    /// round(epochs · seconds of the first / its seconds), at least 1.
    /// </summary>
    public static ComparisonPlan EqualSeconds(
        IReadOnlyList<(string Method, int PassesPerStep, double SecondsPerEpoch)> methods, int epochs) =>
        new([.. methods.Select(method => new MethodPlan(
            method.Method, Rounded(epochs * methods[0].SecondsPerEpoch / method.SecondsPerEpoch), method.PassesPerStep))]);

    /// <summary>The plan in a file; null when there is none.</summary>
    /// <exception cref="BadDataException">The file is damaged or was changed.</exception>
    public static ComparisonPlan? Read(string path)
    {
        if (!Path.Exists(path)) return null;
        ComparisonPlan plan = SealedRecord.Read<ComparisonPlan>(path, Remedy);
        return plan.Methods.IsDefaultOrEmpty || plan.Methods.Contains(null!)
            ? throw new BadDataException($"cannot use '{path}': it names no method. {Remedy}")
            : plan;
    }

    /// <summary>Throws unless this is a plan of that comparison.</summary>
    /// <param name="methods">Its methods with the passes of a step.</param>
    /// <param name="equal">What they get the same of.</param>
    /// <param name="epochs">The epochs of its options.</param>
    /// <param name="path">The plan's file, for the message.</param>
    /// <exception cref="BadDataException">It differs; the message says where.</exception>
    public void RequireFits(IReadOnlyCollection<(string Method, int PassesPerStep)> methods, Equality equal, int epochs, string path)
    {
        ComparisonPlan expected = equal switch
        {
            Equality.Epochs => EqualEpochs(methods, epochs),
            Equality.Passes => EqualPasses(methods, epochs),
            // Measured once: any epochs can be right but those of the first.
            _ => new([.. EqualEpochs(methods, epochs).Methods.Select((method, i) => i > 0 && i < Methods.Length
                ? method with { Epochs = Math.Clamp(Methods[i].Epochs, 1, TrainingRunOptions.MostEpochs) }
                : method)]),
        };
        if (Methods.Length != expected.Methods.Length)
            throw new BadDataException(
                $"cannot use '{path}': it has {Methods.Length} methods, the comparison {expected.Methods.Length}. {Remedy}");
        foreach ((MethodPlan found, MethodPlan wanted) in Methods.Zip(expected.Methods))
            if (found != wanted)
                throw new BadDataException(
                    $"cannot use '{path}': it has {Words(found)} where the comparison has {Words(wanted)}. {Remedy}");
    }

    /// <summary>Writes the plan to a file.</summary>
    /// <exception cref="RunFailedException">The file cannot be written.</exception>
    public void Write(string path) => AtomicFile.WriteText(path, SealedRecord.Text(this));

    private static string Words(MethodPlan plan) =>
        FormattableString.Invariant($"{plan.Method} with {plan.Epochs} epochs and {plan.PassesPerStep} passes a step");

    private static int Rounded(double epochs) =>
        Math.Clamp((int)Math.Min(Math.Round(epochs), TrainingRunOptions.MostEpochs), 1, TrainingRunOptions.MostEpochs);
}
