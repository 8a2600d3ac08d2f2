using CsCheck;
using PandaNas.Searching;

namespace PandaNas.Tests.Searching;

public sealed class ParetoOrderTests
{
    // Few values, so that there are ties.
    private static readonly Gen<double[][]> Points = Gen.Select(Gen.Int[1, 3], Gen.Int[1, 25]).SelectMany(
        (coordinates, count) => Gen.Double[0, 1].Select(value => Math.Round(value * 6)).Array[coordinates].Array[count]);

    [Fact]
    public void Fronts_AreThoseThatPeelingGives() => Points.Sample(points =>
    {
        List<int> left = [.. Enumerable.Range(0, points.Length)];
        foreach (List<int> front in ParetoOrder.Fronts(points))
        {
            int[] expected = [.. left.Where(one => !left.Any(other => IsBelow(points[other], points[one])))];
            Assert.Equal(expected, front);
            left = [.. left.Except(front)];
        }
        Assert.Empty(left);
    });

    [Fact]
    public void Front_IsTheFirstOfEqualsOfTheFirstFront() => Points.Sample(points =>
    {
        List<int> front = ParetoOrder.Front(points);
        int[] expected =
        [
            .. ParetoOrder.Fronts(points)[0]
                .Where(one => !Enumerable.Range(0, one).Any(earlier => points[earlier].SequenceEqual(points[one])))
        ];
        Assert.Equal(expected, front);
    });

    [Fact]
    public void CrowdingDistances_AreTheGapsBetweenNeighbours() => Gen.Double[0, 1].Array[2].Array[1, 20].Sample(points =>
    {
        // Which of two equal values is the neighbour is a matter of order.
        if (Enumerable.Range(0, 2).Any(coordinate => points.DistinctBy(point => point[coordinate]).Count() < points.Length)) return;
        int[] front = [.. Enumerable.Range(0, points.Length)];
        double[] distances = ParetoOrder.CrowdingDistances(points, front);
        for (int one = 0; one < points.Length; one++)
        {
            double expected = Enumerable.Range(0, 2).Sum(coordinate =>
            {
                double value = points[one][coordinate];
                double smallest = points.Min(point => point[coordinate]);
                double largest = points.Max(point => point[coordinate]);
                if (value == smallest || value == largest) return double.PositiveInfinity;
                double below = points.Select(point => point[coordinate]).Where(other => other < value).Max();
                double above = points.Select(point => point[coordinate]).Where(other => other > value).Min();
                return (above - below) / (largest - smallest);
            });
            Assert.Equal(expected, distances[one], 1e-9);
        }
    });

    [Fact]
    public void CrowdingDistances_OfEqualPointsAreZeroBetweenTheEnds() =>
        Assert.Equal(
            [double.PositiveInfinity, 0, double.PositiveInfinity], ParetoOrder.CrowdingDistances([[1, 1], [1, 1], [1, 1]], [0, 1, 2]));

    private static bool IsBelow(double[] one, double[] other) =>
        one.Zip(other).All(pair => pair.First <= pair.Second) && one.Zip(other).Any(pair => pair.First < pair.Second);
}
