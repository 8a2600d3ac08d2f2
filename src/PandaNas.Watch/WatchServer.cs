using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PandaNas.Reporting.Pages;
using PandaNas.Runtime.Files;

namespace PandaNas.Watch;

/// <summary>
/// Serves the page that shows the runs of a folder, on the loopback address of this machine. It reads only; the only files of the folder
/// that it hands out are the reports of runs that it found itself.
/// </summary>
internal sealed class WatchServer : IAsyncDisposable
{
    private const string Page = "index.html", EventsName = "events", ReportsName = "report/";
    private const int LargestReport = 1 << 26;

    // Nothing but this server's own files is loaded, and nothing may embed it.
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // A report is a file that anybody may have changed: it runs nothing, and loads nothing.
    private const string ReportPolicy =
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly Dictionary<string, string> Files = new(StringComparer.Ordinal)
    {
        [Page] = "text/html; charset=utf-8",
        ["watch.js"] = "text/javascript; charset=utf-8",
        ["watch.css"] = "text/css; charset=utf-8",
    };

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly RunBoard _board;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _pause;
    private RequestGuard _guard;

    private WatchServer(WebApplication application, string folder, TimeProvider clock, TimeSpan pause, string token)
    {
        (_application, _clock, _pause, Token) = (application, clock, pause, token);
        _board = new RunBoard(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), clock, pause);
        _guard = new RequestGuard(0, token);
    }

    /// <summary>The page's address, with the token.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/{Token}/");

    /// <summary>The port it listens on.</summary>
    public int Port { get; private set; }

    private string Token { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="folder">Where the runs lie.</param>
    /// <param name="port">The port; 0 is any that is free.</param>
    /// <param name="clock">Tells the time and when to look.</param>
    /// <param name="pause">How long between two looks; two seconds unless given.</param>
    /// <exception cref="BadOptionException">There is no such folder, or the port cannot be used.</exception>
    public static async Task<WatchServer> Start(string folder, int port, TimeProvider clock, TimeSpan? pause = null)
    {
        Reporting.Overviews.RunFolders.RequireFolder(folder);
        // Empty: no settings come from files or the environment, which could open it to others.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, EndsWhenTold>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 0;
            options.Limits.MaxConcurrentConnections = 100;
            options.Listen(IPAddress.Loopback, port);
        });
        WebApplication application = builder.Build();
        var server = new WatchServer(application, folder, clock, pause ?? UsualPause, RequestGuard.NewToken());
        application.Run(server.Answer);
        try
        {
            await application.StartAsync();
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await application.DisposeAsync();
            throw Unusable(port, error);
        }
        string listening = application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Single();
        server.Port = new Uri(listening).Port;
        server._guard = new RequestGuard(server.Port, server.Token);
        return server;
    }

    /// <summary>Stops to serve.</summary>
    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
    }

    private static BadOptionException Unusable(int port, Exception error) => new(
        error is AddressInUseException || error.InnerException is AddressInUseException
            ? $"port {port} is in use by another program: choose another with --port, or leave it out to have a free one"
            : $"cannot listen on port {port}: {error.GetBaseException().Message.TrimEnd('.')}. Choose another with --port, "
                + "or leave it out to have a free one",
        error);

    private async Task Answer(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers.ContentSecurityPolicy = PagePolicy;
        if (_guard.Refusal(context.Request) is { } refusal)
        {
            response.StatusCode = refusal;
            return;
        }
        string path = _guard.PathOf(context.Request)!;
        if (path.Length == 0) path = Page;
        if (Files.TryGetValue(path, out string? type)) await Send(context, type, Resource(path));
        else if (path == EventsName) await SendEvents(context);
        else if (ReportOf(path) is { } report)
        {
            response.Headers.ContentSecurityPolicy = ReportPolicy;
            await Send(context, Files[Page], report);
        }
        else response.StatusCode = StatusCodes.Status404NotFound;
    }

    private static async Task Send(HttpContext context, string type, byte[] content)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(WatchServer).Assembly.GetManifestResourceStream($"PandaNas.Watch.{name}")!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        // The page looks as reports do.
        return name == "watch.css" ? [.. Encoding.UTF8.GetBytes(StyleSheet.Text), (byte)'\n', .. content] : content;
    }

    // The path is compared with names of runs that were found, and never opened.
    private byte[]? ReportOf(string path)
    {
        if (!path.StartsWith(ReportsName, StringComparison.Ordinal)) return null;
        string name = path[ReportsName.Length..];
        name = name == RunReport.FileName ? "." : name.EndsWith("/" + RunReport.FileName, StringComparison.Ordinal)
            ? name[..^(RunReport.FileName.Length + 1)]
            : "";
        if (name.Length == 0) return null;
        if (_board.Find(name) is null) _board.Look(0);
        if (_board.Find(name) is not { } run) return null;
        string file = Path.Combine(run.Folder, RunReport.FileName);
        if (!File.Exists(file) || LeadsOut(file)) return null;
        try
        {
            return InputFile.ReadBytes(file, new FileKind("a report", LargestReport));
        }
        catch (BadDataException)
        {
            return null;
        }
    }

    // A folder that was none of a link when runs were searched may be one by now.
    private bool LeadsOut(string file)
    {
        if (new FileInfo(file).LinkTarget is not null) return true;
        string? above = Path.GetDirectoryName(file);
        for (; above?.Length > _board.Folder.Length; above = Path.GetDirectoryName(above))
            if (new DirectoryInfo(above).LinkTarget is not null) return true;
        return false;
    }

    private async Task SendEvents(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, _application.Lifetime.ApplicationStopping);
        Stream body = context.Response.Body;
        try
        {
            await body.WriteAsync(RunCard.MessageOf("folder", _board.Folder), ending.Token);
            long known = 0, heard = _clock.GetTimestamp();
            for (bool first = true; ; first = false)
            {
                (ImmutableArray<RunCard> news, ImmutableArray<string> names, long version, bool hasMore) = _board.Look(known);
                if (version != known || first)
                {
                    foreach (RunCard run in news) await body.WriteAsync(run.Message, ending.Token);
                    await body.WriteAsync(RunCard.MessageOf("names", names), ending.Token);
                    (known, heard) = (version, _clock.GetTimestamp());
                }
                else if (_clock.GetElapsedTime(heard) > Heartbeat)
                {
                    await body.WriteAsync(": still here\n\n"u8.ToArray(), ending.Token);
                    heard = _clock.GetTimestamp();
                }
                await body.FlushAsync(ending.Token);
                if (!hasMore) await Task.Delay(_pause, _clock, ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the server ends.
        }
    }

    // The command line hears signals itself.
    private sealed class EndsWhenTold : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
