using System.Collections.Immutable;
using PandaNas.Spaces;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.Definitions;

/// <summary>
/// A search space as its author writes it: what the networks are made of, from the images to the classifier, and where operations may be
/// chosen. <see cref="Catalog.With(SpaceDefinition)"/> lets options name it. docs/spaces.md has examples, in C# and in YAML.
/// </summary>
/// <param name="Name">The name by which options select the space.</param>
/// <param name="Summary">One sentence for lists of spaces.</param>
public sealed record SpaceDefinition(string Name, string Summary)
{
    /// <summary>What reads the images.</summary>
    public required StemLayer Stem { get; init; }

    /// <summary>What comes between stem and head, in order.</summary>
    public required ImmutableArray<SpacePart> Body { get; init; }

    /// <summary>
    /// Outputs of a 1×1 convolution after the body; 0 leaves it out. Batch norm, activation, the mean over all pixels and a linear
    /// classifier follow.
    /// </summary>
    public int HeadChannels { get; init; }

    /// <summary>Starts the names of the weights from there on.</summary>
    internal string HeadName { get; init; } = "head";

    /// <summary>The activation of stem, head, and of what reads an activated value.</summary>
    public Activation Activation { get; init; }

    /// <summary>
    /// Batches on which running statistics are made anew before an architecture is evaluated; 0 is a supernet that normalises by batch
    /// statistics. The option <c>bn-calibration-batches</c> overrides it.
    /// </summary>
    public int CalibrationBatches { get; init; }

    /// <summary>Makes the space with its notation and keys; operations joined by dashes unless a space has its own.</summary>
    internal Func<SpaceOutline, OperationSpace> MakeSpace { get; init; } = outline => new OperationSpace(outline);
}

/// <summary>The activation of a network.</summary>
public enum Activation
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,
}

/// <summary>A convolution of the images and batch norm.</summary>
/// <param name="Channels">Its outputs.</param>
/// <param name="Kernel">Side in pixels, odd.</param>
/// <param name="Stride">1 or 2.</param>
/// <param name="Activate">Whether the activation follows. Most operations activate what they read, and then it need not.</param>
public sealed record StemLayer(int Channels, int Kernel = 3, int Stride = 1, bool Activate = false);

/// <summary>A part of a network's body.</summary>
public abstract record SpacePart
{
    private protected SpacePart()
    {
    }

    /// <summary>
    /// What starts the names of the weights of its n-th place; null for <c>body.PART.PLACE</c> and the name of a fixed operation.
    /// </summary>
    internal Func<int, string>? PlaceName { get; init; }

    /// <summary>
    /// What its n-th choice is called: that of a layer, or of an edge of a cell that stands here first; null for the usual.
    /// </summary>
    internal Func<int, string>? ChoiceName { get; init; }
}

/// <summary>Layers that every architecture has.</summary>
/// <param name="Operation">Their operation.</param>
/// <param name="Channels">Outputs of each; 0 keeps them.</param>
/// <param name="Stride">1 or 2, of the first of them; the others have 1.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Activate">Whether the activation follows each.</param>
public sealed record FixedLayers(Operation Operation, int Channels = 0, int Stride = 1, int Count = 1, bool Activate = false) : SpacePart;

/// <summary>Layers each of which is a choice by itself.</summary>
/// <param name="Candidates">What each may be. Where channels or size change, those that cannot change them are left out.</param>
/// <param name="Channels">Outputs of each; 0 keeps them.</param>
/// <param name="Stride">1 or 2, of the first of them; the others have 1.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Residual">Whether the input is added to the output where the shape is kept and the operation is no skip.</param>
/// <param name="Projection">
/// Whether a residual layer adds its input where it changes the shape, too: halved by average pooling, if its stride is 2, and through a
/// 1×1 convolution that all candidates share. Without <paramref name="Residual"/> it has no effect.
/// </param>
public sealed record SearchedLayers(
    ImmutableArray<Operation> Candidates, int Channels = 0, int Stride = 1, int Count = 1, bool Residual = false, bool Projection = false)
    : SpacePart;

/// <summary>Cells, all with the same choices as everywhere else where <paramref name="Cell"/> stands. They keep the shape.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Count">How many, one after the other.</param>
public sealed record Cells(Cell Cell, int Count = 1) : SpacePart;

/// <summary>
/// A small graph whose edges are choices: node 0 is its input, the last node its output, every node the sum of its edges.
/// </summary>
/// <param name="Name">Unique in the space.</param>
/// <param name="Edges">The edges, from lower to higher nodes.</param>
public sealed record Cell(string Name, ImmutableArray<CellEdge> Edges)
{
    /// <summary>The most nodes of a cell.</summary>
    internal const int MostNodes = 16;

    /// <summary>A cell with an edge from every node to every later one, and the same candidates on all.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="candidates">What each edge may be.</param>
    public static Cell Complete(string name, int nodes, ImmutableArray<Operation> candidates) =>
        new(name,
        [
            .. from target in Enumerable.Range(1, Math.Max(0, nodes - 1))
               from source in Enumerable.Range(0, target)
               select new CellEdge(source, target, candidates),
        ]);
}

/// <summary>An edge of a cell.</summary>
/// <param name="Source">The node that it reads.</param>
/// <param name="Target">The node that it adds to, above the source.</param>
/// <param name="Candidates">What it may be.</param>
public sealed record CellEdge(int Source, int Target, ImmutableArray<Operation> Candidates);
