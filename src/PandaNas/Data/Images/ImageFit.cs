namespace PandaNas.Data.Images;

/// <summary>How a picture becomes a square of the network's side; the same whether it is decoded once or for every batch.</summary>
public enum ImageFit
{
    /// <summary>Pictures that all have one square size are kept whole unless they are streamed; all others are cropped.</summary>
    Auto,

    /// <summary>The middle square of 7/8 of the shorter side, as usual on ImageNet.</summary>
    Crop,

    /// <summary>The whole picture, its longer side shortened.</summary>
    Squash,

    /// <summary>The whole picture in the middle of a square of its longer side, the rest in the background's colour.</summary>
    Pad,
}
