namespace PandaNas.Spaces;

/// <summary>A text that should be an architecture is not one; the message says what was found and what was expected.</summary>
internal sealed class ArchitectureFormatException(string message) : FormatException(message);
