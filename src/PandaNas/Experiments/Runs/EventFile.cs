using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using PandaNas.Runtime.Files;
using Tensorboard;

namespace PandaNas.Experiments.Runs;

/// <summary>
/// A file of TensorBoard's events: records of a length, its checksum, a message and its checksum (CRC-32C, masked). The messages are
/// TorchSharp's; its writer is not used, because it counts time in units that TensorBoard does not know and cannot take anything back.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class EventFile(string path)
{
    private const string FileVersion = "brain.Event:2";
    private const int HeadBytes = 12, TailBytes = 4, LargestEvent = 1 << 28, ShortBytes = 4096;

    private static readonly FileKind Kind =
        new("a file of TensorBoard's events", 1 << 30, "Name another folder for TensorBoard.") { MayBeEmpty = true };

    /// <summary>The events that are whole, each with where it ends; none after one that is not. None where there is no file.</summary>
    /// <exception cref="BadDataException">The file cannot be read.</exception>
    public List<(Event Event, int End)> Read()
    {
        var events = new List<(Event, int)>();
        if (!Path.Exists(path)) return events;
        byte[] bytes = InputFile.ReadBytes(path, Kind);
        int end = 0;
        while (TryRead(bytes.AsSpan(end), out Event read, out int length)) events.Add((read, end += length));
        return events;
    }

    /// <summary>Takes what comes after a place away, for example what a killed process left half written.</summary>
    /// <exception cref="RunFailedException">It cannot be written.</exception>
    public void Cut(int end)
    {
        if (new FileInfo(path) is { Exists: true } file && file.Length > end) AtomicFile.Cut(path, end);
    }

    /// <summary>Appends events; a new file begins with its version.</summary>
    /// <exception cref="RunFailedException">It cannot be written.</exception>
    public void Append(params IEnumerable<Event> events)
    {
        using var bytes = new MemoryStream();
        foreach (Event one in events)
        {
            if (bytes.Length == 0 && IsNew) Write(bytes, new Event { WallTime = one.WallTime, FileVersion = FileVersion });
            Write(bytes, one);
        }
        AtomicFile.Append(path, bytes.ToArray());
    }

    /// <summary>Whether the file is missing, or no longer than its first events.</summary>
    public bool IsShort => new FileInfo(path) is not { Exists: true, Length: > ShortBytes };

    private bool IsNew => new FileInfo(path) is not { Exists: true, Length: > 0 };

    private static void Write(MemoryStream stream, Event one)
    {
        byte[] message = one.ToByteArray();
        Span<byte> head = stackalloc byte[HeadBytes], tail = stackalloc byte[TailBytes];
        BinaryPrimitives.WriteInt64LittleEndian(head, message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Checksum(head[..8]));
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Checksum(message));
        stream.Write(head);
        stream.Write(message);
        stream.Write(tail);
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out Event read, out int length)
    {
        (read, length) = (null!, 0);
        if (bytes.Length < HeadBytes + TailBytes) return false;
        long size = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (size is < 0 or > LargestEvent || bytes.Length < HeadBytes + size + TailBytes) return false;
        ReadOnlySpan<byte> message = bytes.Slice(HeadBytes, (int)size);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Checksum(bytes[..8])) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[(HeadBytes + (int)size)..]) != Checksum(message)) return false;
        try
        {
            // An array: TorchSharp's messages are of a kind that is not read from spans.
            read = Event.Parser.ParseFrom(message.ToArray());
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
        length = HeadBytes + (int)size + TailBytes;
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes) crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
