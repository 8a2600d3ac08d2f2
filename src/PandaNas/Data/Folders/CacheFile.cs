using System.Security.Cryptography;
using System.Text;
using PandaNas.Runtime.Files;

namespace PandaNas.Data.Folders;

/// <summary>Files of the user's cache folder that belong to one image folder.</summary>
internal static class CacheFile
{
    private const string NamePrefix = "pandanas-";
    private static readonly TimeSpan s_leftoverAge = TimeSpan.FromDays(1);

    /// <summary>The file of a kind for an image folder: its name comes from the folder's absolute path.</summary>
    /// <param name="cacheFolder">Where the cache is.</param>
    /// <param name="kind">What the file holds, one word.</param>
    /// <param name="imageFolder">The image folder's absolute path.</param>
    /// <param name="extension">With the dot.</param>
    public static string PathOf(string cacheFolder, string kind, string imageFolder, string extension)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(imageFolder));
        return Path.Combine(cacheFolder, $"{NamePrefix}{kind}-{Convert.ToHexStringLower(digest.AsSpan(0, 16))}{extension}");
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="RunFailedException">The cache folder cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(path, write);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or RunFailedException)
        {
            string reason = (error.InnerException ?? error).Message.TrimEnd('.');
            throw new RunFailedException(
                $"cannot write the image cache in '{folder}': {reason}. Free space there, or choose another cache folder, "
                + "for example with the environment variable XDG_CACHE_HOME, then run again.", error);
        }
    }

    /// <summary>Removes what processes that were killed while they wrote a cache file left behind more than a day ago.</summary>
    public static void RemoveLeftovers(string cacheFolder, TimeProvider clock)
    {
        try
        {
            var hiddenToo = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true };
            foreach (string file in Directory.EnumerateFiles(cacheFolder, "*.tmp", hiddenToo))
            {
                // The user may have chosen a folder that others use: only our own names are touched.
                bool ours = Path.GetFileName(file).TrimStart('.').StartsWith(NamePrefix, StringComparison.Ordinal);
                if (ours && clock.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(file) > s_leftoverAge) File.Delete(file);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Tidying up is no reason to fail; writing reports what is wrong with the folder.
        }
    }
}
