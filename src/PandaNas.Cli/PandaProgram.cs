namespace PandaNas.Cli;

/// <summary>The command line <c>panda</c> as a part of other programs, which bring spaces and methods of their own.</summary>
public static class PandaProgram
{
    /// <summary>Runs a command line as <c>panda</c> would, where options can name what is in a catalog.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="catalog">What options can name.</param>
    /// <returns>The exit code: 0 done, 1 failed, 2 wrong usage, 3 bad data, 130 interrupted.</returns>
    public static int Run(string[] arguments, Catalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return PandaCommand.RunAtConsole(arguments, catalog);
    }
}
