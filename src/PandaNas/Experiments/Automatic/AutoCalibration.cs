using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Torch;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Training;

namespace PandaNas.Experiments.Automatic;

/// <summary>Times what a plan is made of: some steps of trainings, on the images themselves.</summary>
/// <param name="options">Where and with how many threads it is computed, and the minutes for everything, of which each measurement takes a
/// hundredth or two.</param>
/// <param name="context">The clock and the wish to stop.</param>
internal sealed class AutoCalibration(AutoOptions options, RunContext context)
{
    private const int LeastSteps = 4, MostSteps = 1_000, Saves = 2;
    private const double MostSeconds = 6, Share = 0.01;

    private bool _isWarm;

    private TimeProvider Clock => context.Clock;

    private double Seconds => Math.Min(MostSeconds, Share * 60 * options.Minutes);

    /// <summary>An epoch of a network.</summary>
    /// <param name="training">Its options.</param>
    /// <param name="architecture">Its architecture.</param>
    /// <param name="data">Its images.</param>
    /// <returns>Its seconds.</returns>
    public double OfNetwork(RetrainOptions training, string architecture, ExperimentData data) =>
        WithTrainer(training, architecture, data, (trainer, adjusted) =>
            StepOf(trainer) * ((data.Train.Count + adjusted.BatchSize - 1) / adjusted.BatchSize));

    /// <summary>Writing the record of an epoch, and a checkpoint.</summary>
    /// <param name="training">The options of a network.</param>
    /// <param name="architecture">Its architecture.</param>
    /// <param name="data">Its images.</param>
    public (double Record, double Save) OfWriting(RetrainOptions training, string architecture, ExperimentData data)
    {
        DirectoryInfo place = Directory.CreateTempSubdirectory("panda-auto-");
        try
        {
            int number = 0;
            double record = Repeated(() => RunLog.Append(RunDirectory.LogPathOf(place.FullName), new Line(++number, 0, 0)));
            double save = WithTrainer(
                training, architecture, data, (trainer, _) => Repeated(
                    () => new Checkpoints(Path.Combine(place.FullName, $"checkpoints-{++number}")).Save(trainer.Capture())));
            // The record goes into the table of epochs, too.
            return (2 * record, save);
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    // As long as the record of an epoch, nearly.
    private sealed record Line(int Epoch, double Loss, double Seconds);

    private T WithTrainer<T>(
        RetrainOptions training, string architecture, ExperimentData data, Func<Trainer, RetrainOptions, T> measure)
    {
        // A latency that was measured before had threads of its own.
        TorchRuntime.UseThreads(options.Threads);
        training = data.Adjust(training);
        Architecture parsed = training.Family.Space.Parse(architecture);
        (Network network, Trainer trainer, _) =
            StandaloneTraining.Prepare(training, data, parsed, TorchRuntime.OpenDevice(options.Device), context);
        using (network)
        using (trainer)
            return measure(trainer, training);
    }

    // The first seconds of a process also compile code and take memory, and do not count: they are slower by half. The mean of the rest: if
    // other programs hold some steps up, they hold up the training's, too.
    private double StepOf(Trainer trainer)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        (int steps, int uncounted) = (0, LeastSteps);
        double seconds = 0;
        long last = 0;
        while (!enough.IsCancellationRequested) trainer.RunEpoch(enough.Token, AfterStep);
        context.Stop.ThrowIfCancellationRequested();
        return seconds / steps;

        void AfterStep()
        {
            long now = Clock.GetTimestamp();
            if (uncounted-- <= 0) (steps, seconds) = (steps + 1, seconds + Clock.GetElapsedTime(last, now).TotalSeconds);
            last = now;
            if (steps < MostSteps && (steps < LeastSteps || seconds < Seconds)) return;
            if (_isWarm) enough.Cancel();
            else (_isWarm, steps, seconds) = (true, 0, 0);
        }
    }

    // The first time does not count.
    private double Repeated(Action work)
    {
        work();
        long started = Clock.GetTimestamp();
        for (int times = 0; times < Saves; times++)
        {
            context.Stop.ThrowIfCancellationRequested();
            work();
        }
        return Clock.GetElapsedTime(started).TotalSeconds / Saves;
    }
}
