using System.Text;

namespace PandaNas.Cli.Display;

/// <summary>Passes texts on as <see cref="Printable"/> shows them, so that no verb can forget it.</summary>
/// <param name="inner">Where to.</param>
internal sealed class PrintableWriter(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    /// <summary>Where everything goes.</summary>
    public TextWriter Inner => inner;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => inner.Write(Printable.Lines(value.ToString()));

    public override void Write(string? value) => inner.Write(value is null ? null : Printable.Lines(value));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    public override void WriteLine(string? value) => inner.WriteLine(value is null ? null : Printable.Lines(value));

    public override void Flush() => inner.Flush();
}
