using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.OnnxRuntime;
using PandaNas.Ranking;
using PandaNas.Runtime.Torch;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda predict</c>: classifies pictures.</summary>
internal static class PredictVerb
{
    private const string StandardInput = "-";

    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "predict",
            "Say what is on pictures: classes with probabilities, and how many are right where folders say what they are.",
            """
            MODEL is the folder of a finished retraining, or one with its model.json and weights.safetensors (and space.yaml), or an
            ONNX file that 'panda export' wrote. Pictures are read as in training: turned by EXIF, in sRGB, fitted as its own were; what
            training refuses is refused in the same words, and of several pictures the others are classified. - reads one image from
            standard input. In a folder, at any depth, sub-folders that are called as classes of the model say what their pictures are:
            then accuracy, accuracy by class and what was taken for what are printed; of train, val and test folders test is taken.
            --csv prints a line for every image as soon as it is known, --json one document with all of them.
            """,
            "panda predict runs/winner cat.jpg",
            "panda predict pets.onnx photos --csv > photos.csv",
            "panda predict runs/winner photos/test --top 5 --json",
            "curl -s https://example.org/cat.jpg | panda predict pets.onnx -");
        var model = new Argument<string>("MODEL") { Description = "folder of a finished retraining, or an ONNX file exported from one" };
        var pictures = new Argument<string[]>("PICTURE")
        {
            Description = "an image, several, a folder of them, or - for one on standard input",
            Arity = ArgumentArity.OneOrMore,
        };
        command.Add(model);
        command.Add(pictures);
        OptionFlags<PredictOptions> flags = OptionFlags<PredictOptions>.Add(command);
        var csv = new Option<bool>("--csv") { Description = "print a line for every image as CSV on standard output" };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(csv);
        command.Add(json);
        command.SetAction(parsed => Run(
            context, parsed.GetValue(model)!, parsed.GetValue(pictures)!, flags.Apply(parsed, new PredictOptions()), parsed.GetValue(csv),
            parsed.GetValue(json)));
        return command;
    }

    private static int Run(VerbContext context, string path, string[] pictures, PredictOptions options, bool csv, bool json)
    {
        if (csv && json) throw new BadOptionException("--csv and --json exclude each other: choose one");
        if (pictures.Contains(StandardInput) && pictures.Length > 1)
            throw new BadOptionException("- stands for one image on standard input: name no others beside it");
        using Classifier model = Load(path, options, context.Catalog);
        var table = new PredictionTable(context.Output, Math.Min(options.Top, model.Classes.Length));
        // Lines on a terminal say by themselves how far it is.
        PredictionResult result = csv && !Console.IsOutputRedirected
            ? Work(RunContext.Quiet with { Stop = context.Stop })
            : context.WithProgress(Work);
        if (csv) return ExitCode.Done;
        return context.Print(json, result, output => PredictionText.Print(output, result));

        PredictionResult Work(RunContext work) => pictures[0] != StandardInput
            ? PredictionExperiment.Run(model, pictures, options, work, csv ? table.Write : null)
            : OfStandardInput(model, options, work, csv ? table.Write : null);
    }

    private static Classifier Load(string path, PredictOptions options, Catalog catalog)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new BadOptionException("MODEL is empty: name a folder or an ONNX file");
        if (!Path.Exists(path))
            throw new BadDataException(
                $"'{path}' does not exist; expected the folder of a finished retraining, or an ONNX file exported from one. "
                + "Check the path.");
        if (!Directory.Exists(path)) return OnnxClassifier.Load(path, options.Threads);
        TorchRuntime.UseThreads(options.Threads);
        return Model.Load(path, catalog, options.Device);
    }

    private static PredictionResult OfStandardInput(
        Classifier model, PredictOptions options, RunContext work, Action<PredictedImage>? each)
    {
        if (!Console.IsInputRedirected)
            throw new BadOptionException("- reads an image from standard input, which is a terminal: pipe a file into it");
        using Stream input = Console.OpenStandardInput();
        PredictionResult result = PredictionExperiment.Run(model, input, "standard input", options, work);
        each?.Invoke(result.Predictions[0]);
        return result;
    }

    /// <summary>A line of CSV for every picture, below a header.</summary>
    private sealed class PredictionTable(TextWriter output, int top)
    {
        private bool _hasHeader;

        public void Write(PredictedImage image)
        {
            if (!_hasHeader) output.WriteLine(Header);
            _hasHeader = true;
            output.WriteLine(string.Join(
                ',',
                [
                    Csv.Cell(image.Image), Csv.Cell(image.TrueClass ?? ""),
                    .. image.Classes.SelectMany(
                        one => (string[])[Csv.Cell(one.Label), one.Probability.ToString("0.######", CultureInfo.InvariantCulture)]),
                    .. Enumerable.Repeat("", 2 * (top - image.Classes.Length)), Csv.Cell(image.Error ?? ""),
                ]));
        }

        private string Header =>
            "image,true_class,predicted_class,probability"
            + string.Concat(
                Enumerable.Range(2, top - 1).Select(place => FormattableString.Invariant($",class_{place},probability_{place}")))
            + ",error";
    }
}
