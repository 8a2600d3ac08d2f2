using PandaNas.Experiments;

string folder = Directory.CreateTempSubdirectory("ten-lines-").FullName;
ExperimentOptions options = OptionFile.ApplyPreset(ExperimentOptions.ForSupernet, "quickstart");
options = options with { TrainImages = 600, Training = options.Training with { Epochs = 1 } };
SupernetResult result = SupernetExperiment.Train(options, folder, resume: false, RunContext.Quiet);
Console.WriteLine(result.ValidationAccuracy);
