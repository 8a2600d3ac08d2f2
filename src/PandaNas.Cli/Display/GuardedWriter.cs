using System.Text;
using PandaNas.Messages;

namespace PandaNas.Cli.Display;

/// <summary>
/// A writer over another one. Texts are passed on as <see cref="Printable"/> shows them, so that no verb can forget it; failures, such as a
/// full disk behind it, are dealt with in one place.
/// </summary>
/// <param name="inner">Where to.</param>
/// <param name="steers">Whether texts steer a terminal and pass unchanged.</param>
internal abstract class GuardedWriter(TextWriter inner, bool steers) : TextWriter(inner.FormatProvider)
{
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Where everything goes.</summary>
    protected TextWriter Inner => inner;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value) => Try(() => inner.Write(Shown(value)));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(Shown(value)));

    public override void Flush() => Try(inner.Flush);

    /// <summary>Deals with a failure to write; what was to be written is gone.</summary>
    protected abstract void Failed(Exception error);

    private string? Shown(string? text) => text is null || steers ? text : Printable.Lines(text);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Failed(error);
        }
    }
}
