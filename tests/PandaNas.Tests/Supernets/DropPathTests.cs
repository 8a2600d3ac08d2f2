using PandaNas.Sampling;
using PandaNas.Supernets;

namespace PandaNas.Tests.Supernets;

public sealed class DropPathTests
{
    // What ranks drop together is what one process drops.
    [Fact]
    public void PartOfABatch_IsDroppedAsInTheWhole()
    {
        var whole = new DropPath(0.5, RandomStream.Derive(1, "drop"));
        var part = new DropPath(0.5, RandomStream.Derive(1, "drop"), before: 3, after: 2);
        for (int branch = 0; branch < 3; branch++)
        {
            float[] expected = whole.Draw(12), actual = part.Draw(7);
            Assert.Equal(expected[3..10], actual);
            Assert.Contains(0f, expected);
            Assert.Contains(2f, expected);
        }
    }
}
