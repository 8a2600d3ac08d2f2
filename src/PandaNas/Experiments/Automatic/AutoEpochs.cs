using System.Globalization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;

namespace PandaNas.Experiments.Automatic;

/// <summary>
/// How long the model and its baseline train, decided when both are known and timed: as planned, unless the machine has become slower
/// or faster. Then the epochs change by steps of a quarter, upwards by two at most, because to end early hurts less than to end late. What
/// little a machine's pace differs from one time to the next changes nothing: a run that was killed and resumed trains what an undisturbed
/// one trains. Written as <c>epochs.json</c>.
/// </summary>
/// <param name="Model">Epochs of the model.</param>
/// <param name="Baseline">Epochs of its baseline.</param>
/// <param name="Remark">What is to be said of it: a sentence; null where all is as planned.</param>
internal sealed record AutoEpochs(int Model, int Baseline, string? Remark)
{
    /// <summary>The file in the folder.</summary>
    public const string FileName = "epochs.json";

    private const double Step = 1.25, Most = Step * Step;

    // A pace beyond is no pace.
    private const double Extreme = 100;

    /// <summary>What was decided in a folder; null while nothing is.</summary>
    /// <exception cref="BadDataException">The file is damaged or was changed.</exception>
    public static AutoEpochs? Read(string folder) => SealedRecord.ReadResult<AutoEpochs>(Path.Combine(folder, FileName));

    /// <summary>Decides.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="supernet">Seconds that the epochs of the supernet took, without what interruptions cost; 0 without one.</param>
    /// <param name="model">Multiply-adds of the model, and seconds of an epoch of it as just measured.</param>
    /// <param name="baseline">The same of the baseline.</param>
    public static AutoEpochs Of(
        AutoPlan plan, double supernet, (long Macs, double Epoch) model, (long Macs, double Epoch) baseline)
    {
        double late = plan.Searches ? supernet + plan.Speed.Open - plan.SecondsOf(AutoPlan.Supernet) : 0;
        double both = 2 * (plan.SecondsOf(AutoPlan.Model) - plan.Speed.Open) - late;
        (int ofModel, int ofBaseline) = (plan.EpochsOf(model.Macs), plan.EpochsOf(baseline.Macs));
        // One pace for both: what single measurements differ by is chance more than the networks.
        double fits = Math.Clamp(both / (ofModel * model.Epoch + ofBaseline * baseline.Epoch), 1 / Extreme, Extreme);
        double factor = Math.Min(Most, Math.Pow(Step, Math.Round(Math.Log(fits, Step))));
        string? remark = factor == 1 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"The machine is {(factor < 1 ? "slower" : "faster")} now than when its speed was measured: the model trains "
            + $"{PlainText.Count(Changed(ofModel), "epoch")} instead of {ofModel:N0}, to keep the time.");
        return new AutoEpochs(Changed(ofModel), Changed(ofBaseline), remark);

        int Changed(int planned) => (int)Math.Clamp(
            Math.Round(factor * planned), Math.Min(planned, AutoRules.TrainingEpochs), TrainingRunOptions.MostEpochs);
    }
}
