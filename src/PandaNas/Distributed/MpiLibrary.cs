using System.Runtime.InteropServices;
using System.Text;

namespace PandaNas.Distributed;

/// <summary>
/// The functions of an MPI library, found at run time. Open MPI's handles are addresses of its own objects, MPICH's are numbers that never
/// change, and their status records differ; everything else here is the same for both.
/// </summary>
internal sealed unsafe partial class MpiLibrary
{
    /// <summary>More than the status record of either.</summary>
    public const int StatusBytes = 64;

    // Calls from several threads, one at a time.
    private const int Serialized = 2;

    private const int LongestVersion = 8192, LongestError = 1024;

    // Open MPI finds its parts by the symbols that its first library has made known.
    private const int Now = 2, Global = 0x100;

    // Microseconds.
    private const uint Nap = 50;

    private const nint MpichWorld = 0x44000000, MpichByte = 0x4c00010d, MpichErrorsReturn = 0x54000001;

    private static readonly TimeSpan s_awake = TimeSpan.FromMicroseconds(20), s_asleep = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan s_longestEnd = TimeSpan.FromSeconds(10), s_longestAbort = TimeSpan.FromSeconds(2);

    private readonly nint _handle;
    private readonly string _name;
    private readonly TimeProvider _clock;
    private readonly int _sourceOffset;
    private readonly delegate* unmanaged<nint, nint, int, int*, int> _initialize;
    private readonly delegate* unmanaged<nint, int*, int> _rank, _size;
    private readonly delegate* unmanaged<byte*, int, nint, int, int, nint, int> _send;
    private readonly delegate* unmanaged<byte*, int, nint, int, int, nint, byte*, int> _receive;
    private readonly delegate* unmanaged<int, int, nint, int*, byte*, int> _probe;
    private readonly delegate* unmanaged<byte*, nint, int*, int> _count;
    private readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int> _exchange, _gather;
    private readonly delegate* unmanaged<nint*, int*, byte*, int> _test;
    private readonly delegate* unmanaged<nint, int, int> _abort;
    private readonly delegate* unmanaged<int> _finalize;
    private readonly delegate* unmanaged<int, byte*, int*, int> _errorText;
    private readonly nint _world, _byte;
    private readonly int _anySource;

    private MpiLibrary(nint handle, string name, TimeProvider clock)
    {
        (_handle, _name, _clock) = (handle, name, clock);
        Version = ReadVersion();
        nint errorsReturn;
        if (Version.StartsWith("Open MPI", StringComparison.Ordinal))
        {
            (_world, _byte, errorsReturn) = (Find("ompi_mpi_comm_world"), Find("ompi_mpi_byte"), Find("ompi_mpi_errors_return"));
            (_anySource, _sourceOffset) = (-1, 0);
        }
        else if (Version.StartsWith("MPICH", StringComparison.Ordinal) || Version.StartsWith("Intel(R) MPI", StringComparison.Ordinal))
        {
            (_world, _byte, errorsReturn) = (MpichWorld, MpichByte, MpichErrorsReturn);
            // Two numbers that make the count come first.
            (_anySource, _sourceOffset) = (-2, 8);
        }
        else
        {
            throw new RunFailedException(
                $"'{name}' is '{Version}', whose binary interface is unknown: start with the mpirun of Open MPI 4 or 5 "
                + $"or of MPICH 3.1 to 4, or name the library of one of these in {Launch.LibraryVariable}");
        }
        _initialize = (delegate* unmanaged<nint, nint, int, int*, int>)Find("MPI_Init_thread");
        _rank = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_rank");
        _size = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_size");
        _send = (delegate* unmanaged<byte*, int, nint, int, int, nint, int>)Find("MPI_Send");
        _receive = (delegate* unmanaged<byte*, int, nint, int, int, nint, byte*, int>)Find("MPI_Recv");
        _probe = (delegate* unmanaged<int, int, nint, int*, byte*, int>)Find("MPI_Iprobe");
        _count = (delegate* unmanaged<byte*, nint, int*, int>)Find("MPI_Get_count");
        _exchange = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int>)Find("MPI_Ialltoall");
        _gather = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int>)Find("MPI_Iallgather");
        _test = (delegate* unmanaged<nint*, int*, byte*, int>)Find("MPI_Test");
        _abort = (delegate* unmanaged<nint, int, int>)Find("MPI_Abort");
        _finalize = (delegate* unmanaged<int>)Find("MPI_Finalize");
        _errorText = (delegate* unmanaged<int, byte*, int*, int>)Find("MPI_Error_string");
        Initialize(errorsReturn);
    }

    /// <summary>What the library says that it is, in one line.</summary>
    public string Version { get; }

    /// <summary>The number of this process.</summary>
    public int Rank { get; private set; }

    /// <summary>How many processes found each other.</summary>
    public int Size { get; private set; }

    /// <summary>Loads the first of these libraries that is there, and joins the processes that were started with this one.</summary>
    /// <param name="names">Its names.</param>
    /// <param name="clock">Measures how long this process waits for others.</param>
    /// <exception cref="RunFailedException">None is there, or it is of a kind that is unknown, or they cannot find each other.</exception>
    public static MpiLibrary Join(IReadOnlyList<string> names, TimeProvider clock)
    {
        var reasons = new List<string>();
        foreach (string name in names)
        {
            nint handle = Open(name, Now | Global);
            if (handle != 0) return new MpiLibrary(handle, name, clock);
            reasons.Add(Marshal.PtrToStringUTF8(LastError()) ?? name);
        }
        throw new RunFailedException(
            $"no MPI library can be loaded ({string.Join("; ", reasons)}): install the one that mpirun is of, on Debian openmpi-bin "
            + $"or mpich, or name its file in {Launch.LibraryVariable}");
    }

    /// <summary>MPI_Send of bytes.</summary>
    public void Send(int to, int tag, ReadOnlySpan<byte> message)
    {
        fixed (byte* start = message) Check(_send(start, message.Length, _byte, to, tag, _world));
    }

    /// <summary>MPI_Iprobe of any rank, then MPI_Recv of what it found.</summary>
    public bool TryReceive(int tag, out int from, out byte[] message)
    {
        byte* status = stackalloc byte[StatusBytes];
        int isThere, count;
        (from, message) = (-1, []);
        Check(_probe(_anySource, tag, _world, &isThere, status));
        if (isThere == 0) return false;
        from = *(int*)(status + _sourceOffset);
        Check(_count(status, _byte, &count));
        message = new byte[count];
        fixed (byte* start = message) Check(_receive(start, count, _byte, from, tag, _world, status));
        return true;
    }

    /// <summary>MPI_Ialltoall, and <see cref="Wait"/> for it.</summary>
    public void Exchange(ReadOnlySpan<float> parts, Span<float> received)
    {
        int bytes = parts.Length / Size * sizeof(float);
        // A number of MPICH's is in its lower half.
        nint request = 0;
        fixed (float* start = parts, end = received)
        {
            Check(_exchange(start, bytes, _byte, end, bytes, _byte, _world, &request));
            Wait(&request);
        }
    }

    /// <summary>MPI_Iallgather, and <see cref="Wait"/> for it.</summary>
    public void Gather(ReadOnlySpan<float> mine, Span<float> all)
    {
        int bytes = mine.Length * sizeof(float);
        nint request = 0;
        fixed (float* start = mine, end = all)
        {
            Check(_gather(start, bytes, _byte, end, bytes, _byte, _world, &request));
            Wait(&request);
        }
    }

    /// <summary>MPI_Abort, in which this process ends where that does not end it.</summary>
    public void Abort(int exitCode)
    {
        // Under srun MPICH waits here until Slurm kills it, half a minute later; by now the launcher has been told.
        using ITimer tooLong = _clock.CreateTimer(_ => Exit(exitCode), null, s_longestAbort, Timeout.InfiniteTimeSpan);
        _abort(_world, exitCode);
    }

    /// <summary>MPI_Finalize, in which this process ends where it does not return.</summary>
    /// <param name="exitCode">That of this process.</param>
    public void Finish(int exitCode)
    {
        // Seen once with MPICH's ranks a slow network apart: after each had said that it leaves, one never came back from here. Nothing is
        // lost by going, and MPI's own end is no way out (its communicators are gone), nor that of libraries that a thread is still in.
        using ITimer tooLong = _clock.CreateTimer(_ => Exit(exitCode), null, s_longestEnd, Timeout.InfiniteTimeSpan);
        Check(_finalize());
    }

    // MPI's own waiting keeps the processor, which a rank that this one waits for may need: beside other work, or with more ranks than
    // processors. So this gives it away soon, and sleeps when it takes long.
    private void Wait(nint* request)
    {
        byte* status = stackalloc byte[StatusBytes];
        long began = _clock.GetTimestamp();
        while (true)
        {
            int isThrough;
            Check(_test(request, &isThrough, status));
            if (isThrough != 0) return;
            TimeSpan waited = _clock.GetElapsedTime(began);
            if (waited > s_asleep) Sleep(Nap);
            else if (waited > s_awake) Thread.Yield();
        }
    }

    private void Initialize(nint errorsReturn)
    {
        int provided, rank, size;
        Check(_initialize(0, 0, Serialized, &provided));
        var returnErrors = (delegate* unmanaged<nint, nint, int>)Find("MPI_Comm_set_errhandler");
        Check(returnErrors(_world, errorsReturn));
        if (provided < Serialized)
            throw new RunFailedException($"'{_name}' ({Version}) was built without threads: use an MPI that allows them, as Debian's do");
        Check(_rank(_world, &rank));
        Check(_size(_world, &size));
        (Rank, Size) = (rank, size);
    }

    private void Check(int code)
    {
        if (code == 0) return;
        byte* text = stackalloc byte[LongestError];
        int length = 0;
        _errorText(code, text, &length);
        throw new RunFailedException($"MPI reports: {FirstLine(text, length)}");
    }

    // May be called before anything else.
    private string ReadVersion()
    {
        var version = (delegate* unmanaged<byte*, int*, int>)Find("MPI_Get_library_version");
        byte* text = stackalloc byte[LongestVersion];
        int length = 0;
        version(text, &length);
        return FirstLine(text, length);
    }

    private static string FirstLine(byte* text, int length) =>
        Encoding.UTF8.GetString(text, length).Split('\n')[0].Split(", package")[0].Replace('\t', ' ').Trim('\0', ' ');

    private nint Find(string symbol) => NativeLibrary.TryGetExport(_handle, symbol, out nint address)
        ? address
        : throw new RunFailedException(
            $"'{_name}' has no {symbol}: it is no MPI library that is known. Name that of Open MPI or MPICH in {Launch.LibraryVariable}");

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int exitCode);

    // .NET's own loading keeps a library's symbols to itself.
    [LibraryImport("libdl.so.2", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string name, int flags);

    [LibraryImport("libdl.so.2", EntryPoint = "dlerror")]
    private static partial nint LastError();
}
