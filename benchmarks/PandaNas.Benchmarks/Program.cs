using PandaNas.Benchmarks;

// One noun a benchmark; each prints a table that can be pasted into results/.
return args is ["step", .. var options] ? StepBenchmark.Run(options) : Usage();

static int Usage()
{
    Console.Error.WriteLine("usage: PandaNas.Benchmarks step [--threads N] [--channels C] [--cells N] [--image-size S] [--batch-size B] [--steps K] [--rounds R]");
    return 2;
}
