using System.Numerics;
using CsCheck;
using PandaNas.Spaces;
using PandaNas.Supernets.Darts;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Supernets.Darts;

public sealed class DartsSpaceTests
{
    // As printed in the released code of Liu et al. 2019 (quark0/darts, cnn/genotypes.py).
    public const string V1 =
        "Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), ('sep_conv_3x3', 1), "
        + "('skip_connect', 0), ('sep_conv_3x3', 1), "
        + "('sep_conv_3x3', 0), ('skip_connect', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
        + "('max_pool_3x3', 1), ('skip_connect', 2), "
        + "('max_pool_3x3', 0), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('avg_pool_3x3', 0)], "
        + "reduce_concat=[2, 3, 4, 5])";

    public const string V2 =
        "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
        + "('sep_conv_3x3', 1), ('skip_connect', 0), "
        + "('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
        + "('max_pool_3x3', 1), ('skip_connect', 2), "
        + "('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], "
        + "reduce_concat=[2, 3, 4, 5])";

    private static readonly DartsSpace Space = DartsSpace.Instance;

    // (1·3·6·10 pairs of edges times 7⁸ operations) for each of two cells.
    [Fact]
    public void Size_IsTheProductOfPairsAndOperations()
    {
        Assert.Equal(BigInteger.Pow(180 * BigInteger.Pow(7, 8), 2), Space.Size);
        Assert.Equal(22, Space.Choices.Length);
        Assert.Equal(16, Space.Choices.Count(choice => choice.Operations is not null));
        Assert.Equal(
            [3, 6, 10, 3, 6, 10], Space.Choices.Where(choice => choice.Operations is null).Select(choice => choice.Candidates));
        Assert.Equal(22, Space.Choices.Select(choice => choice.Name).Distinct().Count());
    }

    [Fact]
    public void EveryArchitecture_SurvivesFormatAndParse() => AnyArchitecture.Sample(architecture =>
    {
        string text = Space.Format(architecture);
        Assert.Equal(architecture, Space.Parse(text));
        Assert.Equal(architecture, Space.Parse(text.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal(
            architecture,
            Space.Parse("\n " + text.Replace('\'', '"').Replace("range(2, 6)", "[2, 3, 4, 5,]", StringComparison.Ordinal) + " "));
    });

    [Fact]
    public void DifferentArchitectures_HaveDifferentTexts() => Gen.Select(AnyArchitecture, AnyArchitecture).Sample((one, other) =>
        Assert.Equal(one.Equals(other), Space.Format(one) == Space.Format(other)));

    [Fact]
    public void PublishedGenotypes_AreReadAndWrittenWithTheLowerSourceFirst()
    {
        Architecture first = Space.Parse(V1);
        Assert.Equal(
            [(0, 3), (1, 3), (0, 2), (1, 3), (0, 2), (1, 3), (0, 3), (2, 2)],
            DartsSpace.Edges(first, DartsCellKind.Normal).Select(edge => (edge.Source, edge.Operation)));
        Assert.Equal(
            [(0, 0), (1, 0), (0, 0), (2, 2), (0, 0), (2, 2), (0, 1), (2, 2)],
            DartsSpace.Edges(first, DartsCellKind.Reduction).Select(edge => (edge.Source, edge.Operation)));
        Assert.Equal(
            "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
            + "('skip_connect', 0), ('sep_conv_3x3', 1), "
            + "('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), "
            + "('max_pool_3x3', 1), ('max_pool_3x3', 1), "
            + "('skip_connect', 2), ('max_pool_3x3', 0), ('skip_connect', 2), ('max_pool_3x3', 1), ('skip_connect', 2)], "
            + "reduce_concat=range(2, 6))",
            Space.Format(Space.Parse(V2)));
    }

    [Fact]
    public void ChoiceOf_AgreesWithTheEdges() => Gen.Select(
        AnyArchitecture, Gen.Enum<DartsCellKind>(), Gen.Int[0, 3]).Sample((architecture, cell, node) =>
    {
        DartsEdge[] kept = [.. DartsSpace.Edges(architecture, cell).Skip(2 * node).Take(2)];
        Assert.NotEqual(kept[0].Source, kept[1].Source);
        for (int source = 0; source < node + DartsSpace.Inputs; source++)
            for (int operation = 0; operation < 7; operation++)
            {
                var edge = new DartsEdge(source, operation);
                int? choice = DartsSpace.ChoiceOf(architecture, cell, node, edge);
                Assert.Equal(kept.Contains(edge), choice is not null);
                if (choice is null) continue;
                Assert.Equal(operation, Space.OperationAt(architecture, choice.Value));
                Assert.EndsWith(
                    Array.IndexOf(kept, edge) == 0 ? "lower edge" : "upper edge", Space.Choices[choice.Value].Name,
                    StringComparison.Ordinal);
            }
    });

    [Theory]
    [InlineData("sep_conv_3x3", "sep_conv_7x7", "'sep_conv_7x7' is unknown")]
    [InlineData(
        "('skip_connect', 0), ('sep_conv_3x3', 1)", "('skip_connect', 1), ('sep_conv_3x3', 1)",
        "both edges of node 3 of 'normal' come from 1")]
    [InlineData("('sep_conv_3x3', 0), ('skip_connect', 2)]", "('sep_conv_3x3', 0), ('skip_connect', 5)]", "node 5 can only use 0 to 4")]
    [InlineData("('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ", "", "'normal' has 6 edges")]
    [InlineData("normal_concat=[2, 3, 4, 5]", "normal_concat=range(1, 6)", "'normal_concat' is not range(2, 6)")]
    [InlineData("normal_concat=[2, 3, 4, 5]", "normal_concat=[2, 3, 4]", "'normal_concat' is not range(2, 6)")]
    [InlineData("normal_concat=[2, 3, 4, 5], ", "", "'normal_concat' is missing")]
    [InlineData("reduce_concat", "normal_concat", "'normal_concat' stands twice")]
    [InlineData("('sep_conv_3x3', 1)", "('sep_conv_3x3', -1)", "expected a number at character 35, found '-1)")]
    [InlineData("('sep_conv_3x3', 1)", "('sep_conv_3x3', 99999999999)", "expected a number")]
    [InlineData("('sep_conv_3x3', 1)", "('sep_conv_3x3' 1)", "expected ','")]
    [InlineData("('sep_conv_3x3', 1)", "['sep_conv_3x3', 1)", "expected ']'")]
    [InlineData("Genotype(", "Genotyp(", "expected 'Genotype' at character 1")]
    public void WrongGenotypes_SayWhatIsWrong(string from, string to, string message)
    {
        int at = V1.IndexOf(from, StringComparison.Ordinal);
        string text = V1.Remove(at, from.Length).Insert(at, to);
        string error = Assert.Throws<ArchitectureFormatException>(() => Space.Parse(text)).Message;
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains("The form is Genotype(normal=", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")]
    [InlineData("Genotype(")]
    [InlineData("Genotype()")]
    [InlineData("Genotype(normal=[('sep_conv_3x3, 0)])")]
    public void OtherTexts_AreRefused(string text) => Assert.Throws<ArchitectureFormatException>(() => Space.Parse(text));

    [Fact]
    public void TextAfterTheGenotype_IsRefused() => Assert.Throws<ArchitectureFormatException>(() => Space.Parse(V1 + ")"));

    [Fact]
    public void RandomText_ParsesOrIsAFormatError() => FuzzedText.Of(V2, "()[]=,'\" 0123456_normalreduceconcat").Sample(text =>
    {
        try
        {
            Space.Check(Space.Parse(text));
        }
        catch (ArchitectureFormatException)
        {
        }
    });

    private static Gen<Architecture> AnyArchitecture { get; } = RandomArchitectures.Of(Space);
}
