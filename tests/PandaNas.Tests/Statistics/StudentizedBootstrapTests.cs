using PandaNas.Sampling;
using PandaNas.Statistics;

namespace PandaNas.Tests.Statistics;

public sealed class StudentizedBootstrapTests
{
    private const int Size = 20, Trials = 200;

    // Of 200 normal samples 190 are expected to be covered, with a standard error of 3.
    [Fact]
    public void Interval_CoversTheMeanOfNormalSamplesAsOftenAsItSays() => Assert.InRange(Covered(Draw.Normal, 0).Bootstrap, 179, 199);

    // Means of log-normal samples, of deviation 2 before exp, are what importance weights are like.
    [Fact]
    public void Interval_CoversSkewedSamplesWhereStudentDoesNot()
    {
        (int bootstrap, int student) = Covered(stream => Math.Exp(2 * Draw.Normal(stream)), Math.Exp(2));
        Assert.InRange(student, 0, 145);
        Assert.InRange(bootstrap, student + 20, Trials);
    }

    [Fact]
    public void Interval_IsAsWideAsStudentsForANormalSample()
    {
        RandomStream stream = RandomStream.Derive(1, "widths");
        double[] sample = [.. Enumerable.Range(0, 400).Select(_ => Draw.Normal(stream))];
        Interval interval = new StudentizedBootstrap(sample.Length, stream).Around(7, sample);
        double half = StudentsHalf(sample);
        Assert.Equal(7 - half, interval.Lower, 0.1 * half);
        Assert.Equal(7 + half, interval.Upper, 0.1 * half);
    }

    [Fact]
    public void Interval_FollowsShiftAndScale()
    {
        double[] sample = [1, 2, 4, 8, 16];
        StudentizedBootstrap bootstrap = New(5, 0);
        Interval one = bootstrap.Around(0, sample), other = bootstrap.Around(0, [.. sample.Select(value => 3 * value - 100)]);
        Assert.Equal(3 * one.Lower, other.Lower, 1e-9);
        Assert.Equal(3 * one.Upper, other.Upper, 1e-9);
        // A long tail above leaves the mean more room above.
        Assert.True(one.Upper > -one.Lower);
    }

    [Fact]
    public void EqualValues_LeaveNoWidth()
    {
        Assert.Equal(new Interval(2, 2), New(3, 0).Around(2, [0.1, 0.1, 0.1]));
        Assert.Equal(new Interval(2, 2), New(3, 0).Around(2, [0, 0, 0]));
    }

    [Fact]
    public void SameStream_GivesTheSameInterval()
    {
        double[] sample = [1, 2, 4, 8, 16];
        Assert.Equal(New(5, 3).Around(6, sample), New(5, 3).Around(6, sample));
        Assert.NotEqual(New(5, 3).Around(6, sample), New(5, 4).Around(6, sample));
    }

    private static StudentizedBootstrap New(int size, long seed) => new(size, RandomStream.Derive(seed, "test"));

    private static (int Bootstrap, int Student) Covered(Func<RandomStream, double> draw, double truth)
    {
        int bootstrap = 0, student = 0;
        RandomStream stream = RandomStream.Derive(0, "coverage");
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] sample = [.. Enumerable.Range(0, Size).Select(_ => draw(stream))];
            double mean = sample.Average();
            Interval interval = New(Size, trial).Around(mean, sample);
            if (interval.Lower <= truth && truth <= interval.Upper) bootstrap++;
            if (Math.Abs(mean - truth) <= StudentsHalf(sample)) student++;
        }
        return (bootstrap, student);
    }

    // Half the width of Student's 95% interval.
    private static double StudentsHalf(double[] sample)
    {
        Interval interval = PairedDifference.Of(sample, new double[sample.Length])!.Ci95!.Value;
        return (interval.Upper - interval.Lower) / 2;
    }
}
