using PandaNas.Data.Images;

namespace PandaNas.Data.Decoding;

/// <summary>A file cannot be used; what is known of it, and why, is in the finding.</summary>
internal sealed class ImageFaultException(ImageFinding finding) : Exception(finding.Reason)
{
    /// <summary>What was found, with its fault.</summary>
    public ImageFinding Finding => finding;
}
