using PandaNas.Distributed;

namespace PandaNas.Tests.Distributed;

public sealed class NapsTests
{
    [Fact]
    public void TheyGrow_UntilSomethingComes()
    {
        var naps = new Naps();
        Assert.Equal([1, 2, 4, 8, 16, 32, 50, 50], Enumerable.Range(0, 8).Select(_ => naps.Next()));
        naps.Reset();
        Assert.Equal([1, 2], Enumerable.Range(0, 2).Select(_ => naps.Next()));
    }

    // What comes is met after at most twice the time, and a little.
    [Fact]
    public void ThePauseIsNoLongerThanWhatWasWaitedBefore()
    {
        var naps = new Naps();
        int waited = 0;
        for (int i = 0; i < 100; i++)
        {
            int next = naps.Next();
            Assert.InRange(next, 1, waited + 1);
            waited += next;
        }
    }
}
