using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.OnnxRuntime;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda export</c>: writes a network to a file that other programs run.</summary>
internal static class ExportVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "export",
            "Write a trained network as a file that runs without this program: ONNX, or its weights alone.",
            """
            RUN is a finished retraining, or a supernet with --architecture: then the network has the supernet's weights, and running
            statistics are made for it. The file says what turns pixels into a class: names, size, mean, deviation (docs/export.md).
            ONNX Runtime runs the model on images of the run before it is written; if it does not agree, nothing is.
            """,
            "panda export runs/winner",
            "panda export runs/winner --preprocessing inside --out pets.onnx",
            "panda export runs/panda --architecture best --out candidate.onnx",
            "panda export runs/winner --int8 --preprocessing inside --out small.onnx",
            "panda export runs/winner --format safetensors --out pets.safetensors");
        var run = new Argument<string>("RUN") { Description = "folder of a finished retraining, or of a supernet" };
        var format = new Option<string>("--format")
        {
            Description = "kind of file",
            HelpName = "onnx|safetensors",
            DefaultValueFactory = _ => "onnx",
        };
        var architecture = new Option<string?>("--architecture")
        {
            Description = "of a supernet: in the space's notation, or best: the best one of its last search",
            HelpName = "TEXT|best",
        };
        var fold = new Option<bool?>("--fold-norms")
        {
            Description = "whether batch norms become part of the convolutions before them, which is faster [default: true]",
            HelpName = "true|false",
        };
        var preprocessing = new Option<string?>("--preprocessing")
        {
            Description = "outside: the model takes normalised float32 N×C×S×S; inside: uint8 N×H×W×C of any size [default: outside]",
            HelpName = "inside|outside",
        };
        var int8 = new Option<bool>("--int8")
        {
            Description = "compute in 8 bits: a smaller file; scales come from training images of the run",
        };
        var file = new Option<string?>("--out")
        {
            Description = "the file [default: a new one in RUN, model.onnx or model.safetensors]",
            HelpName = "FILE",
        };
        format.AcceptOnlyFromAmong("onnx", "safetensors");
        preprocessing.AcceptOnlyFromAmong("inside", "outside");
        command.Add(run);
        foreach (Option option in (Option[])[format, architecture, fold, preprocessing, int8, file]) command.Add(option);
        OptionFlags<SupernetOptions> flags = OptionFlags<SupernetOptions>.AddOfEvaluation(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            (string folder, bool isOnnx) = (parsed.GetValue(run)!, parsed.GetValue(format) == "onnx");
            bool isShaped = parsed.GetValue(fold) is not null || parsed.GetValue(preprocessing) is not null || parsed.GetValue(int8);
            if (!isOnnx && isShaped)
                throw new BadOptionException(
                    "--fold-norms, --preprocessing and --int8 are for --format onnx: weights are written as they are");
            var options = new OnnxOptions
            {
                FoldNorms = parsed.GetValue(fold) ?? true,
                Int8 = parsed.GetValue(int8),
                Preprocessing = parsed.GetValue(preprocessing) == "inside" ? Preprocessing.Inside : Preprocessing.Outside,
            };
            string target = parsed.GetValue(file)
                ?? RunFolderFlags.Unused(Path.Combine(folder, "model"), isOnnx ? ".onnx" : ".safetensors");
            ExportResult result = context.WithProgress(work => ModelExport.Export(
                folder, parsed.GetValue(architecture), isOnnx ? ExportFormat.Onnx : ExportFormat.SafeTensors, options, target,
                stored => flags.Apply(parsed, stored), work, model => new OnnxSession(model, threads: 1)));
            return context.Print(parsed.GetValue(json), result, output => Print(output, result));
        });
        return command;
    }

    private static void Print(TextWriter output, ExportResult result)
    {
        output.WriteLine($"  {ArchitectureTable.Wrap(result.Architecture, 2)}");
        if (result.Statistics is { } statistics)
            output.WriteLine(PlainText.Wrap(string.Create(
                CultureInfo.InvariantCulture,
                $"Weights are the supernet's; running statistics were made on {statistics.Batches} x {statistics.BatchSize} "
                + $"training images. Accuracy on {statistics.Images:N0} ranking images: {statistics.Accuracy:P2} with them, "
                + $"{statistics.AccuracyInSupernet:P2} in the supernet.")));
        if (result.Agreement is { } agreement)
        {
            string says = result.Onnx!.Int8 ? "In 8 bits ONNX Runtime was compared" : "ONNX Runtime agrees";
            output.WriteLine(PlainText.Wrap(string.Create(
                CultureInfo.InvariantCulture,
                $"{says} on {agreement.Images:N0} {result.CheckedOn}: logits differ by at most "
                + $"{agreement.LargestDifference:E1} of the largest, {agreement.SameClasses:N0} get the same class.")));
            if (agreement is { Accuracy: { } accuracy, AccuracyInTorch: { } inTorch })
                output.WriteLine(PlainText.Wrap(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Accuracy on them: {inTorch:P2} in torch, {accuracy:P2} in ONNX Runtime{(result.Onnx.Int8 ? " with 8 bits" : "")}.")));
            if (agreement.LargestPixelDifference is { } pixels)
                output.WriteLine(PlainText.Wrap(string.Create(
                    CultureInfo.InvariantCulture,
                    $"What it makes of pixels differs by at most {pixels:0.##} of 255 from what training saw.")));
        }
        output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"Model: {result.File} ({result.Bytes:N0} bytes, {result.Seconds:F1} s)"));
    }
}
