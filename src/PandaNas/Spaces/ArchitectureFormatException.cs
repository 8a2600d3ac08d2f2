namespace PandaNas.Spaces;

/// <summary>A text that should be an architecture is not one; the message says what was found and what was expected.</summary>
public sealed class ArchitectureFormatException(string message) : FormatException(message);
