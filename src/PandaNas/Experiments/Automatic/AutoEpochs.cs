using System.Globalization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;

namespace PandaNas.Experiments.Automatic;

/// <summary>
/// What is trained beside the known network, and how long both are: decided when both are there and were timed, before either is trained,
/// so that however often a training is killed and resumed, it ends with the same model. Written as <c>epochs.json</c>.
/// </summary>
/// <param name="Rival">The other network.</param>
/// <param name="OfKnown">Epochs of the known network.</param>
/// <param name="OfRival">Epochs of the other one.</param>
/// <param name="Remarks">What is to be said of it, a sentence each.</param>
internal sealed record AutoEpochs(AutoNetwork Rival, int OfKnown, int OfRival, IReadOnlyList<string> Remarks)
{
    /// <summary>The file in the folder.</summary>
    public const string FileName = "epochs.json";

    // Of the epochs: what is worth a word.
    private const double WorthSaying = 1.25;

    /// <summary>What was decided in a folder; null while nothing is.</summary>
    /// <exception cref="BadDataException">The file is damaged or was changed.</exception>
    public static AutoEpochs? Read(string folder) => SealedRecord.ReadResult<AutoEpochs>(Path.Combine(folder, FileName));

    /// <summary>Decides: both take the time that is planned for them.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="known">Seconds of an epoch of the known network, as just measured.</param>
    /// <param name="rival">The other network, and the same of it.</param>
    /// <param name="remarks">What is to be said already.</param>
    public static AutoEpochs Of(AutoPlan plan, double known, (AutoNetwork Network, double Epoch) rival, IEnumerable<string> remarks)
    {
        int planned = plan.Epochs, now = Fitting(known);
        double change = (double)now / planned;
        return new AutoEpochs(rival.Network, now, Fitting(rival.Epoch), change is > 1 / WorthSaying and < WorthSaying
            ? [.. remarks]
            : [
                .. remarks,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The machine is {(change < 1 ? "slower" : "faster")} now than when its speed was measured: the {plan.Known.Name} "
                    + $"network trains {PlainText.Count(now, "epoch")} instead of {planned:N0}, to keep the time."),
            ]);

        // No fewer than make a training, and then it takes longer.
        int Fitting(double epoch) => Math.Max(Math.Min(planned, AutoRules.TrainingEpochs), plan.EpochsIn(epoch));
    }
}
