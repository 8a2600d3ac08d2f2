using PandaNas.Costs;
using PandaNas.Spaces;
using PandaNas.Supernets.NasBench201;

namespace PandaNas.Tests.Supernets.NasBench201;

/// <summary>
/// The layers of NAS-Bench-201's stand-alone networks (Dong and Yang 2020, section 2.1), written out for the tests: C=16, N=5, affine
/// batch norms, convolutions without bias, 32×32 images.
/// </summary>
internal static class NasBench201Costs
{
    public static IEnumerable<LayerShape> Layers(Architecture architecture, int classes = 10)
    {
        yield return Convolution(3, 16, 3, 32);
        yield return new BatchNormShape(16, true);
        foreach ((int channels, int size) in new[] { (16, 32), (32, 16), (64, 8) })
        {
            if (channels > 16)
            {
                yield return Convolution(channels / 2, channels, 3, size);
                yield return new BatchNormShape(channels, true);
                yield return Convolution(channels, channels, 3, size);
                yield return new BatchNormShape(channels, true);
                yield return Convolution(channels / 2, channels, 1, size);
            }
            for (int cell = 0; cell < 5; cell++)
                foreach (int operation in architecture.Candidates)
                    if (operation is NasBench201Space.Convolution1x1 or NasBench201Space.Convolution3x3)
                    {
                        yield return Convolution(channels, channels, operation == NasBench201Space.Convolution1x1 ? 1 : 3, size);
                        yield return new BatchNormShape(channels, true);
                    }
        }
        yield return new BatchNormShape(64, true);
        yield return new LinearShape(64, classes, true);
    }

    private static ConvolutionShape Convolution(int from, int to, int kernel, int size) => new(from, to, kernel, 1, 1, false, size, size);
}
