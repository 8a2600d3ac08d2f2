using PandaNas.Data.Batches;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Automatic;

/// <summary>Times what a plan is made of: some steps of every kind of training, on the images themselves.</summary>
/// <param name="device">Where it is computed.</param>
/// <param name="minutes">Minutes for everything, of which each measurement takes a hundredth at most.</param>
/// <param name="context">The clock and the wish to stop.</param>
internal sealed class AutoCalibration(Device device, double minutes, RunContext context)
{
    private const int WarmUp = 3, LeastSteps = 4, MostSteps = 200, Saves = 2;
    private const double MostSeconds = 4, Share = 0.01;

    private TimeProvider Clock => context.Clock;

    private double Seconds => Math.Min(MostSeconds, Share * 60 * minutes);

    /// <summary>An epoch of a supernet, and scoring an architecture with it.</summary>
    /// <param name="options">The supernet's options.</param>
    /// <param name="data">Its images.</param>
    public (double Epoch, double Evaluation) OfSupernet(SupernetOptions options, ExperimentData data)
    {
        using var supernet = new SupernetSetup(data.Adjust(options), data, device);
        supernet.DecidePrecision(Clock);
        double epoch;
        using (Trainer trainer = supernet.NewTrainer(Clock, null)) epoch = EpochOf(trainer, supernet.Options, data);
        using LabelledImages images = data.RankingImages(Math.Min(AutoRules.RankingImages, data.Ranking.Count), options.Seed);
        using var evaluator = new SubnetEvaluator(
            supernet.Network,
            EvaluationBatches.Make(images, data.Statistics, SupernetEvaluation.BatchSizeOf(supernet.Options, data), device),
            BatchNormCalibration.Of(supernet.Options, data, supernet.Network, device));
        RandomStream random = RandomStream.Derive(options.Seed, "speed");
        return (epoch, Repeated(() => evaluator.Accuracy(UniformArchitectures.Draw(supernet.Network.Space, random))));
    }

    /// <summary>An epoch of a network by itself.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="architecture">Its architecture.</param>
    /// <param name="data">Its images.</param>
    /// <returns>Its multiply-adds, and the seconds.</returns>
    public (long Macs, double Epoch) OfNetwork(RetrainOptions options, string architecture, ExperimentData data) =>
        WithTrainer(options, architecture, data, (trainer, adjusted, macs) => (macs, EpochOf(trainer, adjusted, data)));

    /// <summary>Writing the record of an epoch, and a checkpoint.</summary>
    /// <param name="options">The options of a network by itself.</param>
    /// <param name="architecture">Its architecture.</param>
    /// <param name="data">Its images.</param>
    public (double Record, double Save) OfWriting(RetrainOptions options, string architecture, ExperimentData data)
    {
        DirectoryInfo place = Directory.CreateTempSubdirectory("panda-auto-");
        try
        {
            int number = 0;
            double record = Repeated(() => RunLog.Append(RunDirectory.LogPathOf(place.FullName), new Line(++number, 0, 0)), Saves);
            double save = WithTrainer(
                options, architecture, data, (trainer, _, _) => Repeated(
                    () => new Checkpoints(Path.Combine(place.FullName, $"checkpoints-{++number}")).Save(trainer.Capture()), Saves));
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
        RetrainOptions options, string architecture, ExperimentData data, Func<Trainer, RetrainOptions, long, T> measure)
    {
        options = data.Adjust(options);
        SpaceFamily family = options.Family;
        Architecture parsed = family.Space.Parse(architecture);
        (Network network, Trainer trainer, _) = StandaloneTraining.Prepare(options, data, parsed, device, context);
        using (network)
        using (trainer)
            return measure(
                trainer, options, family.LiveCost(data.NetworkOptions(options, standalone: true), parsed).MultiplyAdds);
    }

    private double EpochOf(Trainer trainer, TrainingRunOptions options, ExperimentData data) =>
        StepOf(trainer) * ((data.Train.Count + options.BatchSize - 1) / options.BatchSize);

    // The first steps also compile code and take memory. The mean: if other programs hold some steps up, they hold up the training's, too.
    private double StepOf(Trainer trainer)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        var steps = new List<double>();
        int done = 0;
        long last = 0;
        while (!enough.IsCancellationRequested) trainer.RunEpoch(enough.Token, AfterStep);
        context.Stop.ThrowIfCancellationRequested();
        return steps.Average();

        void AfterStep()
        {
            long now = Clock.GetTimestamp();
            if (++done > WarmUp) steps.Add(Clock.GetElapsedTime(last, now).TotalSeconds);
            last = now;
            if (steps.Count >= MostSteps || steps.Count >= LeastSteps && steps.Sum() >= Seconds) enough.Cancel();
        }
    }

    // The first time does not count.
    private double Repeated(Action work, int most = MostSteps)
    {
        work();
        long started = Clock.GetTimestamp();
        for (int times = 1; ; times++)
        {
            context.Stop.ThrowIfCancellationRequested();
            work();
            double elapsed = Clock.GetElapsedTime(started).TotalSeconds;
            if (times >= most || times >= LeastSteps && elapsed >= Seconds) return elapsed / times;
        }
    }
}
