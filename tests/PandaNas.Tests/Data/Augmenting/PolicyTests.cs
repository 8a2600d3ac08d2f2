using PandaNas.Data.Augmenting;
using PandaNas.Sampling;

namespace PandaNas.Tests.Data.Augmenting;

public sealed class PolicyTests
{
    private const int Draws = 20_000;

    // By the table: 0.6 of 25 pairs times its own probability, and so on.
    [Fact]
    public void AutoAugment_DrawsEachOperationAsOftenAsItsTableSays()
    {
        Dictionary<ImageOperation, double> expected = AutoAugment.Pairs.SelectMany(pair => new[] { pair.First, pair.Second })
            .GroupBy(step => step.Operation).ToDictionary(
                steps => steps.Key, steps => steps.Sum(step => step.Probability) / AutoAugment.Pairs.Length);
        Dictionary<ImageOperation, int> found = Count(new AutoAugment(), 224, draws => Assert.InRange(draws.Count, 0, 2));
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        // Five standard deviations of a binomial share; a pair may draw an operation twice, hence the slack.
        foreach ((ImageOperation operation, double share) in expected)
            Assert.Equal(share, found[operation] / (double)Draws, 5 * Math.Sqrt(share / Draws) + 1e-9);
    }

    [Fact]
    public void RandAugment_DrawsNOfFourteenEvenly_AtItsMagnitude()
    {
        var signs = new Dictionary<ImageOperation, HashSet<int>>();
        Dictionary<ImageOperation, int> found = Count(new RandAugment(2, 15), 331, draws =>
        {
            Assert.Equal(2, draws.Count);
            foreach (OperationDraw draw in draws)
            {
                if (!signs.TryGetValue(draw.Operation, out HashSet<int>? known)) signs[draw.Operation] = known = [];
                known.Add(Math.Sign(draw.Magnitude));
                Assert.Equal(Half(draw.Operation), Math.Abs(draw.Magnitude), 1e-9);
            }
        });
        Assert.Equal(14, found.Count);
        Assert.All(found.Values, count => Assert.InRange(count, 2 * Draws / 14.0 * 0.85, 2 * Draws / 14.0 * 1.15));
        Assert.Equal([-1, 1], signs[ImageOperation.ShearX].Order());
        Assert.Equal([1], signs[ImageOperation.Posterize]);
    }

    // Half of the largest magnitudes: 0.3, 150/331 of the side, 30 degrees, 0.9, 4 bits, 255.
    private static double Half(ImageOperation operation) => operation switch
    {
        ImageOperation.ShearX or ImageOperation.ShearY => 0.15,
        ImageOperation.TranslateX or ImageOperation.TranslateY => 75,
        ImageOperation.Rotate => 15,
        ImageOperation.Brightness or ImageOperation.Color or ImageOperation.Contrast or ImageOperation.Sharpness => 0.45,
        ImageOperation.Posterize => 6,
        ImageOperation.Solarize => 127.5,
        _ => 0,
    };

    [Fact]
    public void ColorJitter_StaysInItsRanges_InEveryOrder()
    {
        var jitter = new ColorJitter(0.4, 2, 0.3, 0.1);
        RandomStream random = RandomStream.Derive(0, "jitter");
        var orders = new HashSet<string>();
        double least = double.MaxValue, most = double.MinValue;
        for (int i = 0; i < 2000; i++)
        {
            List<OperationDraw> draws = [];
            jitter.Draw(random, draws);
            orders.Add(string.Join(' ', draws.Select(draw => draw.Operation)));
            double Magnitude(ImageOperation operation) => draws.Single(draw => draw.Operation == operation).Magnitude;
            Assert.InRange(Magnitude(ImageOperation.Brightness), -0.4, 0.4);
            Assert.InRange(Magnitude(ImageOperation.Color), -0.3, 0.3);
            Assert.InRange(Magnitude(ImageOperation.Hue), -0.1, 0.1);
            // The factor is not below 0.
            double contrast = Magnitude(ImageOperation.Contrast);
            (least, most) = (Math.Min(least, contrast), Math.Max(most, contrast));
        }
        Assert.Equal(24, orders.Count);
        Assert.InRange(least, -1, -0.99);
        Assert.InRange(most, 1.98, 2);
    }

    [Fact]
    public void ColorJitter_None_DrawsNothing()
    {
        RandomStream random = RandomStream.Derive(0, "jitter");
        string state = random.State;
        List<OperationDraw> draws = [];
        ColorJitter.None.Draw(random, draws);
        Assert.Empty(draws);
        Assert.Equal(state, random.State);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0.4,0.4,0.4,0.1")]
    [InlineData("0,0,1E-05,0.5")]
    public void ColorJitter_IsWrittenAsItIsRead(string text) => Assert.Equal(text, ColorJitter.Parse(text).ToString());

    [Theory]
    [InlineData("0.4")]
    [InlineData("0.4,0.4,0.4")]
    [InlineData("0.4,0.4,0.4,x")]
    [InlineData("0.4,0.4,0.4,0.6")]
    [InlineData("-0.1,0,0,0")]
    [InlineData("NaN,0,0,0")]
    public void ColorJitter_Nonsense(string text) => Assert.Throws<BadOptionException>(() => ColorJitter.Parse(text));

    [Theory]
    [InlineData("2")]
    [InlineData("0,9")]
    [InlineData("15,9")]
    [InlineData("2,31")]
    [InlineData("2,-1")]
    [InlineData("2,9,1")]
    [InlineData("two,9")]
    public void RandAugment_Nonsense(string text) => Assert.Throws<BadOptionException>(() => RandAugment.Parse(text));

    [Fact]
    public void RandAugment_IsWrittenAsItIsRead() => Assert.Equal("2,9", RandAugment.Parse(" 2,9 ").ToString());

    private static Dictionary<ImageOperation, int> Count(IAugmentationPolicy policy, int side, Action<List<OperationDraw>> check)
    {
        RandomStream random = RandomStream.Derive(0, "policy");
        var counts = new Dictionary<ImageOperation, int>();
        List<OperationDraw> draws = [];
        for (int i = 0; i < Draws; i++)
        {
            draws.Clear();
            policy.Draw(side, random, draws);
            check(draws);
            foreach (OperationDraw draw in draws) counts[draw.Operation] = counts.GetValueOrDefault(draw.Operation) + 1;
        }
        return counts;
    }
}
