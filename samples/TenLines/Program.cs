using PandaNas;

var images = Images.FashionMnistSmall; // yours: ImageFolder.Open("photos")
using var supernet = Supernet.Train(images, new() { Preset = "quickstart", Epochs = 3 }, "runs/mine");
var ranking = supernet.Rank(10);
Console.WriteLine($"Of ten random ones: {ranking.BestFirst[0].Architecture}");
var found = supernet.Search(new() { MaxParameters = 60_000, Population = 10, Generations = 4 });
using var model = supernet.Retrain(found.Best, new() { Epochs = 3 });
Console.WriteLine($"Found {model.Architecture}: test accuracy {model.TestAccuracy:P1}");
foreach (string picture in args) Console.WriteLine($"{picture}: {model.Predict(picture).Label}");
