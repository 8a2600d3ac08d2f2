using PandaNas.Ranking;

namespace PandaNas.Tests.Ranking;

public sealed class TruthColumnTests
{
    private static readonly string[] Columns = ["index", "cifar10", "cifar100", "ImageNet16-120"];

    [Fact]
    public void Default_IsTheDataSetsOwnColumn()
    {
        Assert.Equal("cifar10", TruthColumn.Choose(Columns, "CIFAR10", null, false));
        Assert.Equal("ImageNet16-120", TruthColumn.Choose(Columns, "imagenet16-120", null, false));
        Assert.Equal("cifar10", TruthColumn.Choose(Columns, "cifar10", "Cifar10", false));
    }

    [Fact]
    public void AnotherDataSetsColumn_IsRefusedUnlessAllowed()
    {
        string message = Assert.Throws<BadDataException>(() => TruthColumn.Choose(Columns, "cifar10", "cifar100", false)).Message;
        Assert.Contains("'cifar100' does not belong to the data set 'cifar10'", message, StringComparison.Ordinal);
        Assert.Contains("TruthColumn cifar100 and AllowMismatch", message, StringComparison.Ordinal);
        Assert.Equal("cifar100", TruthColumn.Choose(Columns, "cifar10", "cifar100", true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DataSetWithoutColumn_SaysWhatExistsAndHowToOverride(bool allowMismatch)
    {
        string message = Assert.Throws<BadDataException>(() => TruthColumn.Choose(Columns, "fashion-mnist", null, allowMismatch)).Message;
        Assert.Contains("index, cifar10, cifar100, ImageNet16-120", message, StringComparison.Ordinal);
        Assert.Contains("TruthColumn NAME and AllowMismatch", message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownColumn_SaysWhatExists()
    {
        string message = Assert.Throws<BadDataException>(() => TruthColumn.Choose(Columns, "cifar10", "svhn", true)).Message;
        Assert.Contains("no column 'svhn'", message, StringComparison.Ordinal);
        Assert.Contains("index, cifar10", message, StringComparison.Ordinal);
        Assert.Contains(
            "none", Assert.Throws<BadDataException>(() => TruthColumn.Choose([], "cifar10", null, false)).Message,
            StringComparison.Ordinal);
    }
}
