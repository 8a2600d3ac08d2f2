using PandaNas.Distributed;

namespace PandaNas.Tests.Distributed;

public sealed class LaunchTests
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4 PMIX_RANK=1", 1, 4, "libmpi.so.40")]
    [InlineData("PMI_RANK=0 PMI_SIZE=2", 0, 2, "libmpich.so.12")]
    [InlineData("PMIX_RANK=3 SLURM_STEP_NUM_TASKS=8 SLURM_PROCID=3", 3, 8, "libmpi.so.40")]
    [InlineData("PMI_RANK=0 PMI_SIZE=2 PANDA_MPI=/opt/mpi/libmpi.so", 0, 2, "/opt/mpi/libmpi.so")]
    public void LaunchersTellThePlace(string environment, int rank, int size, string library)
    {
        Launch launch = Of(environment)!;
        Assert.Equal((rank, size, library), (launch.Rank, launch.Size, launch.Libraries[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1")]
    [InlineData("SLURM_PROCID=0 SLURM_NTASKS=4")]
    [InlineData("PMI_RANK=x PMI_SIZE=2")]
    [InlineData("PMI_RANK=2 PMI_SIZE=2")]
    public void AProcessByItself_IsNoJob(string environment) => Assert.Null(Of(environment));

    private static Launch? Of(string environment)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(pair => pair.Split('=')[0], pair => pair.Split('=')[1]);
        return Launch.Of(variables.GetValueOrDefault);
    }
}
