using System.Collections.Immutable;
using PandaNas.Data.Formats;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Options;

/// <summary>Which networks: the space and their sizes, and the images that they are for.</summary>
public abstract record SpaceOptions : OptionSet
{
    private NamedSpace? _found;

    /// <summary>What the options can name.</summary>
    public Catalog Catalog { get; init; } = Catalog.Default;

    /// <summary>A preset whose values are used where nothing else is said; null for none.</summary>
    [Option("preset", "start from a preset", Group = OptionGroup.Start, IsUsual = true, Names = NameKind.Preset, IsStored = false)]
    public string? Preset
    {
        get => Get<string?>(null);
        init
        {
            Set(value);
            if (value is not null) Lay(Layer.Preset, OptionFile.ReadPreset(GetType(), value), TakesFromPreset);
        }
    }

    /// <summary>A YAML file whose values are used over the preset's; null for none.</summary>
    [Option("config", "then take options from a YAML file of 'key: value' lines, keys as the flags",
        Group = OptionGroup.Start, Value = "FILE", IsStored = false)]
    public string? Config
    {
        get => Get<string?>(null);
        init
        {
            Set(value);
            if (value is not null) Lay(Layer.File, OptionFile.Read(GetType(), value), _ => true);
        }
    }

    /// <summary>The search space: its name, or the path of a YAML file that defines one.</summary>
    [Option("space", "search space: {names}, or a file that defines one",
        Group = OptionGroup.Network, IsUsual = true, Value = "NAME|PATH.yaml", Names = NameKind.Space, PassesOn = true)]
    public string Space { get => Get(Catalog.SpaceNames[0]); init => Set(value); }

    /// <summary>C: channels of the first stage; 0 is what is usual in the space.</summary>
    [Option("channels", "C: channels of the first stage; 0 is what is usual in the space",
        Group = OptionGroup.Network, Least = 0, Most = 1024, PassesOn = true)]
    public int Channels { get => Get(0); init => Set(value); }

    /// <summary>N: cells, of a stage or in all; 0 is what is usual in the space.</summary>
    [Option("cells", "N: cells per stage, in darts cells in all; 0 is what is usual in the space",
        Group = OptionGroup.Network, Least = 0, Most = 100, PassesOn = true)]
    public int Cells { get => Get(0); init => Set(value); }

    /// <summary>How networks start, in spaces with two stems.</summary>
    [Option("stem", "small keeps the size of the images, large reduces it at once; auto is large from 64 pixels",
        Group = OptionGroup.Network, PassesOn = true)]
    public Stem Stem { get => Get(Stem.Auto); init => Set(value); }

    /// <summary>Factor on all widths, in spaces with widths of their own.</summary>
    [Option("width-multiplier", "factor on all widths, in spaces with widths of their own",
        Group = OptionGroup.Network, Above = 0, Most = 10, PassesOn = true)]
    public double WidthMultiplier { get => Get(1.0); init => Set(value); }

    /// <summary>All widths, in spaces with widths of their own and instead of them; empty keeps those.</summary>
    [Option("widths", "proxylessnas: channels of stem, first block, six stages and head, instead of its own",
        Group = OptionGroup.Network, Value = "N,N,…", Unit = "channels", Least = 1, Most = 1 << 14, PassesOn = true)]
    public ImmutableArray<int> Widths { get => Get<ImmutableArray<int>>([]); init => Set(value); }

    /// <summary>Where the images come from, as FORMAT:PATH.</summary>
    [Option("data", "images; FORMAT is one of {names}",
        Group = OptionGroup.Data, IsUsual = true, Value = "FORMAT:PATH", Names = NameKind.Format, MayChange = true,
        OfEvaluation = true, PassesOn = true)]
    public string Data { get => Get("fashion-mnist-small"); init => Set(value); }

    /// <summary>
    /// Side in pixels to which images are scaled; 0 keeps them or, of a folder with other than one square size, is a usual one.
    /// </summary>
    [Option(
        "image-size",
        "side of the images; 0 keeps those of one square size, fits others to 32 to 224 by their sizes, and streamed "
        + "ones to 224",
        Group = OptionGroup.Data, IsUsual = true, Unit = "pixels", Least = 0, Most = 4096, PassesOn = true)]
    public int ImageSize { get => Get(0); init => Set(value); }

    /// <summary>The space that <see cref="Space"/> names; looked up once.</summary>
    internal NamedSpace FoundSpace
    {
        get => _found is { } found && found.Text == Space
            ? found
            : _found = OptionDescription.Of(GetType(), nameof(Space)).Naming(() => Catalog.FindSpace(Space));
        init
        {
            Set(value.Text, name: nameof(Space));
            _found = value;
        }
    }

    /// <summary>Where the images come from, wherever the process stands.</summary>
    internal DataSource Source =>
        OptionDescription.Of(GetType(), nameof(Data)).Naming(() => DataSource.Parse(Data, Catalog.Formats).Absolute());

    /// <summary>The networks of the space.</summary>
    internal SpaceFamily Family => FoundSpace.Family;

    /// <summary>Whether both sets have the same values.</summary>
    public virtual bool Equals(SpaceOptions? other) => base.Equals(other);

    /// <summary>A hash of the values.</summary>
    public override int GetHashCode() => base.GetHashCode();

    /// <summary>The options over values of other ones, with the spaces that those know.</summary>
    private protected SpaceOptions OverRun(SpaceOptions run, Func<OptionDescription, bool> takes)
    {
        SpaceOptions options = (SpaceOptions)Over(Layer.Stored, run.WithAllExplicit(), takes) with { Catalog = run.Catalog };
        options._found = run._found;
        return options;
    }

    /// <summary>Whether a value of a preset counts.</summary>
    private protected virtual bool TakesFromPreset(OptionDescription option) => true;

    /// <inheritdoc/>
    private protected override void Check() => _ = (FoundSpace, Source);

    /// <inheritdoc/>
    private protected override IReadOnlyList<string> NamesOf(NameKind kind) =>
        kind == NameKind.Method ? Catalog.MethodNames : base.NamesOf(kind);

    /// <inheritdoc/>
    internal override OptionSet Normalized() => this with { Data = Source.ToString() };

    /// <inheritdoc/>
    internal override string IdentityOf(OptionDescription option) =>
        option.Name == nameof(Space) ? FoundSpace.Identity : base.IdentityOf(option);
}
