using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PandaNas.Watch;

/// <summary>
/// Lets only those in who have the page's address, from a page of ours or none. Other programs of this machine do not know the token; pages
/// of other sites, also those that have made their name point to this machine, send their own host or origin.
/// </summary>
/// <param name="port">The port of the server.</param>
/// <param name="token">What the address must begin with.</param>
internal sealed class RequestGuard(int port, string token)
{
    private readonly string[] _hosts = [$"127.0.0.1:{port}", $"localhost:{port}"];
    private readonly byte[] _token = Encoding.ASCII.GetBytes(token);

    /// <summary>A token that nobody guesses.</summary>
    public static string NewToken()
    {
#pragma warning disable RS0030 // It guards the page and decides nothing.
        return RandomNumberGenerator.GetHexString(32, lowercase: true);
#pragma warning restore RS0030
    }

    /// <summary>The status with which a request is refused; null if it may pass.</summary>
    public int? Refusal(HttpRequest request)
    {
        if (!_hosts.Contains(request.Host.Value, StringComparer.OrdinalIgnoreCase)) return StatusCodes.Status421MisdirectedRequest;
        foreach (string? origin in request.Headers.Origin)
            if (!_hosts.Any(host => string.Equals(origin, $"http://{host}", StringComparison.OrdinalIgnoreCase)))
                return StatusCodes.Status403Forbidden;
        // Browsers say whether another site made the request, also where it has no origin.
        foreach (string? site in request.Headers["Sec-Fetch-Site"])
            if (site is not ("same-origin" or "none")) return StatusCodes.Status403Forbidden;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) return StatusCodes.Status405MethodNotAllowed;
        return PathOf(request) is null ? StatusCodes.Status404NotFound : null;
    }

    /// <summary>What follows the token in the address, without a slash before it; null if the token is another.</summary>
    public string? PathOf(HttpRequest request)
    {
        string path = request.Path.Value ?? "";
        if (path.Length < _token.Length + 2 || path[0] != '/' || path[_token.Length + 1] != '/') return null;
        byte[] given = Encoding.UTF8.GetBytes(path[1..(_token.Length + 1)]);
        return CryptographicOperations.FixedTimeEquals(given, _token) ? path[(_token.Length + 2)..] : null;
    }
}
