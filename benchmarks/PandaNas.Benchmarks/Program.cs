using System.Diagnostics;
using PandaNas.Data;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;
using TorchSharp;

int threads = int.Parse(args[0]), C = int.Parse(args[1]), N = int.Parse(args[2]), S = int.Parse(args[3]); string method = args[4];
torch.set_num_threads(threads);
var rnd = new Random(1); int count = 256 * 40; var px = new byte[count * 3 * S * S]; rnd.NextBytes(px);
var labels = Enumerable.Range(0, count).Select(i => i % 10).ToArray();
using var set = ImageSet.FromArray(px, labels, 3, S, S, [.. Enumerable.Range(0, 10).Select(i => "c" + i)]);
var fam = new NasBench201Family(); var dev = torch.CPU;
using var net = fam.Supernet(new NetworkOptions(3, S, 10, C, N), dev, RandomStream.Derive(0, "weights"));
Console.WriteLine($"{net.Weights.Count} tensors {net.Weights.Sum(w => w.Tensor.numel())}");
var choices = fam.Space.Choices.Select(c => c.Candidates).ToArray();
System.Collections.Immutable.ImmutableArray<System.Collections.Immutable.ImmutableArray<int>> ch = [.. choices];
IPathSampler ps = method == "panda" ? new GradientNormPathSampler(ch, 5, p => p) : new UniformPathSampler(ch, 5);
IDataSampler ds = method == "panda" ? new ImportanceDataSampler(count, p => p) : new UniformDataSampler(count);
using var t = new Trainer(net, new BatchMaker(set, ChannelStatistics.Of(set), new(2, true)), ps, ds, new TrainingOptions { Epochs = 5, BatchSize = 256 }, 0, dev, TimeProvider.System);
while (!t.IsFinished) { var sw = Stopwatch.StartNew(); var r = t.RunEpoch()!; Console.WriteLine($"{sw.Elapsed.TotalMilliseconds / 40:F1} ms/step loss {r.Loss:F3} p {string.Join(' ', r.PathProbabilities.Select(x => x.ToString("F3")))} live {DisposeScopeManager.Statistics.ThreadTotalLiveCount} {GC.CollectionCount(0)}"); }
