using System.Globalization;

namespace PandaNas.Distributed;

/// <summary>
/// The place of this process among those that <c>mpirun</c> or Slurm's <c>srun</c> started together, as its environment tells. Nothing is
/// loaded to find out.
/// </summary>
/// <param name="Rank">Its number, from 0.</param>
/// <param name="Size">How many there are; at least 2.</param>
/// <param name="Libraries">Where to look for the MPI that started them, the likeliest first.</param>
internal sealed record Launch(int Rank, int Size, IReadOnlyList<string> Libraries)
{
    /// <summary>Names the file of the MPI library where it is none of the usual ones.</summary>
    public const string LibraryVariable = "PANDA_MPI";

    // The names that Debian and others give to Open MPI 4 and 5, and to MPICH 4 and what has its binary interface.
    private const string OpenMpi = "libmpi.so.40", Mpich = "libmpich.so.12", LikeMpich = "libmpi.so.12";

    // Rank and size as Open MPI's mpirun tells them, MPICH's (and Slurm's pmi2), and Slurm's pmix.
    private static readonly (string Rank, string Size, string[] Libraries)[] Launchers =
    [
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", [OpenMpi]),
        ("PMI_RANK", "PMI_SIZE", [Mpich, LikeMpich, OpenMpi]),
        ("PMIX_RANK", "SLURM_STEP_NUM_TASKS", [OpenMpi, Mpich, LikeMpich]),
    ];

    /// <summary>The place of a process in whose environment variables have these values; null for a process by itself.</summary>
    public static Launch? Of(Func<string, string?> variable)
    {
        foreach ((string rankName, string sizeName, string[] usual) in Launchers)
        {
            if (Number(variable(rankName)) is not { } rank || Number(variable(sizeName)) is not { } size) continue;
            if (size < 2 || rank >= size) return null;
            return new Launch(rank, size, variable(LibraryVariable) is { Length: > 0 } own ? [own] : usual);
        }
        return null;
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
