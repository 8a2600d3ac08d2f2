using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;

string folder = Directory.CreateTempSubdirectory("ten-lines-").FullName;
SupernetOptions options = new() { Preset = "quickstart", TrainImages = 600, Epochs = 1 };
SupernetResult result = SupernetExperiment.Train(options, folder, resume: false, RunContext.Quiet);
Console.WriteLine(result.ValidationAccuracy);
