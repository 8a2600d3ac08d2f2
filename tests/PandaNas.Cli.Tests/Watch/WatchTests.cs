using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PandaNas.Watch;

namespace PandaNas.Cli.Tests.Watch;

/// <summary>The page of <c>panda watch</c> is for who has its address, hands out nothing else, and hears of what happens.</summary>
[Collection(PandaCollection.Name)]
public sealed partial class WatchTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OnlyWhoKnowsTheAddressGetsIn()
    {
        await using WatchServer server = await Start(world.Root);
        using var client = new HttpClient();
        string page = server.Address, host = $"127.0.0.1:{server.Port}";

        Assert.Equal(HttpStatusCode.OK, (await Ask(page)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Ask(page, ("Host", $"localhost:{server.Port}"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Ask(page, ("Origin", $"http://{host}"), ("Sec-Fetch-Site", "same-origin"))).StatusCode);
        // A name of somebody else's that was made to point to this machine.
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await Ask(page, ("Host", $"evil.example:{server.Port}"))).StatusCode);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await Ask(page, ("Host", "127.0.0.1:1"))).StatusCode);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await Ask(page, ("Host", $"127.0.0.1.evil.example:{server.Port}"))).StatusCode);
        foreach (string origin in (string[])["http://evil.example", "null", $"https://{host}", $"http://{host}.evil.example"])
            Assert.Equal(HttpStatusCode.Forbidden, (await Ask(page + "events", ("Origin", origin))).StatusCode);
        foreach (string site in (string[])["cross-site", "same-site"])
            Assert.Equal(HttpStatusCode.Forbidden, (await Ask(page, ("Sec-Fetch-Site", site))).StatusCode);
        string[] others = ["/", "/events", "/report/run/report.html", $"/{new string('0', 32)}/", $"/{new string('é', 16)}/"];
        foreach (string other in others)
            Assert.Equal(HttpStatusCode.NotFound, (await Ask($"http://{host}{other}")).StatusCode);
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Options])
        {
            using var request = new HttpRequestMessage(method, page);
            using HttpResponseMessage response = await client.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        }

        async Task<HttpResponseMessage> Ask(string address, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            foreach ((string name, string value) in headers) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
            HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
            response.Dispose();
            return response;
        }
    }

    [Fact]
    public async Task PageLoadsAndRunsOnlyWhatIsItsOwn()
    {
        await using WatchServer server = await Start(world.Root);
        using var client = new HttpClient();
        string html = await client.GetStringAsync(server.Address, Stop);
        foreach (Match asked in Addresses().Matches(html))
        {
            string name = asked.Groups[1].Value;
            if (name == "data:,") continue;
            using HttpResponseMessage response = await client.GetAsync(server.Address + name, Stop);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        }
        // Texts of runs become texts only.
        string script = await client.GetStringAsync(server.Address + "watch.js", Stop);
        string[] makers = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "srcdoc"];
        foreach (string maker in makers)
            Assert.DoesNotContain(maker, script, StringComparison.Ordinal);
        Assert.DoesNotContain("//", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnlyReportsOfRunsAreHandedOut()
    {
        string place = world["served"], secret = world["secret"];
        world.Copy("served/good");
        world.Copy("served/with #?% and <b>");
        Directory.CreateDirectory(secret);
        File.WriteAllText(Path.Combine(secret, "report.html"), "secret");
        File.WriteAllText(Path.Combine(place, "report.html"), "no run");
        world.Copy("served/linked-report", run =>
        {
            File.Delete(Path.Combine(run, "report.html"));
            File.CreateSymbolicLink(Path.Combine(run, "report.html"), Path.Combine(secret, "report.html"));
        });
        world.Copy("served/replaced");
        Directory.CreateSymbolicLink(Path.Combine(place, "linked"), world.Run);
        await using WatchServer server = await Start(place);

        (int code, string headers) = await Raw(server, "report/good/report.html");
        Assert.Equal(200, code);
        Assert.Contains("Content-Security-Policy: sandbox;", headers, StringComparison.Ordinal);
        Assert.Equal(200, (await Raw(server, $"report/{Uri.EscapeDataString("with #?% and <b>")}/report.html")).Code);
        foreach (string path in (string[])
        [
            "report/report.html", "report/linked-report/report.html", "report/linked/report.html", "report/../secret/report.html",
            "report/good/../../secret/report.html", "report/%2e%2e/secret/report.html", "report/..%2fsecret%2freport.html",
            "report/good/run.json", "report/good/report.html/", "report//report.html", "report/good%00/report.html", "report/",
            $"report/{secret}/report.html", "../report.html", "run.json", "good/report.html", "report/good/..%5c..%5csecret/report.html",
        ])
            Assert.Equal((path, true), (path, (await Raw(server, path)).Code is 400 or 404));

        Directory.Delete(Path.Combine(place, "replaced"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(place, "replaced"), secret);
        Assert.Equal(404, (await Raw(server, "report/replaced/report.html")).Code);
    }

    [Fact]
    public async Task WhatHappensToARunArrives()
    {
        string place = world["followed"];
        string second = "";
        string run = world.Copy("followed/<script>alert(1)<", folder =>
        {
            File.Delete(Path.Combine(folder, "train.json"));
            string log = Path.Combine(folder, "log.jsonl");
            string[] lines = File.ReadAllLines(log);
            second = lines[1] + "\n";
            File.WriteAllText(log, lines[0] + "\n");
        });
        await using WatchServer server = await Start(place);
        using var client = new HttpClient { Timeout = Longest };
        using var reader = new StreamReader(await client.GetStreamAsync(server.Address + "events", Stop));

        Assert.Equal(place, (await Next(reader, "folder")).ToString());
        JsonNode before = await Next(reader, "run");
        Assert.Equal(
            ("<script>alert(1)<", "interrupted", "1"),
            ($"{before["name"]}", $"{before["summary"]!["state"]}", $"{before["summary"]!["done"]}"));
        Assert.Single(before["curve"]!["loss"]!.AsArray());

        File.AppendAllText(Path.Combine(run, "log.jsonl"), second);
        JsonNode after = await Next(reader, "run");
        Assert.Equal("2", $"{after["summary"]!["done"]}");
        Assert.Equal(2, after["curve"]!["loss"]!.AsArray().Count);

        using (Runtime.Files.FolderLock.Take(run))
            Assert.Equal("running", $"{(await Next(reader, "run"))["summary"]!["state"]}");
        Assert.Equal("interrupted", $"{(await Next(reader, "run"))["summary"]!["state"]}");

        world.Copy("followed/another");
        Assert.Equal("another", $"{(await Next(reader, "run"))["name"]}");
        Directory.Delete(run, recursive: true);
        JsonArray names;
        do names = (await Next(reader, "names")).AsArray();
        while (names.Count > 1);
        Assert.Equal("another", $"{names[0]}");
    }

    [Fact]
    public async Task PortInUse_IsWrongUsage()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string port = $"{((IPEndPoint)taken.LocalEndpoint).Port}";
        (await Task.Run(() => Panda.Json("watch", world.Root, "--port", port), Stop)).Refused(2, $"port {port} is in use");
        foreach (string bad in (string[])["0", "-1", "65536", "x", ""]) Panda.Json("watch", world.Root, "--port", bad).Refused(2, "--port");
        Panda.Json("watch", world["nowhere"]).Refused(2, "does not exist");
    }

    [Fact]
    public async Task InterruptEndsIt_AsItShould()
    {
        using PandaProcess process = Panda.Start("watch", world.Root, "--json");
        string first = await process.FirstLine();
        Assert.Equal("{", first);
        process.Signal(Panda.Interrupt);
        Outcome outcome = await process.Finish();
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.StartsWith("http://127.0.0.1:", outcome.Json["address"]!.ToString(), StringComparison.Ordinal);
    }

    internal static Task<WatchServer> Start(string folder) =>
        WatchServer.Start(folder, 0, TimeProvider.System, TimeSpan.FromMilliseconds(20));

    // A client that changes nothing of a path.
    private static async Task<(int Code, string Headers)> Raw(WatchServer server, string path)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port, Stop);
        await using NetworkStream stream = client.GetStream();
        string begin = new Uri(server.Address).AbsolutePath;
        await stream.WriteAsync(
            System.Text.Encoding.ASCII.GetBytes(
                $"GET {begin}{path} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nConnection: close\r\n\r\n"), Stop);
        using var reader = new StreamReader(stream);
        string answer = await reader.ReadToEndAsync(Stop);
        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
        return (int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), answer.Split("\r\n\r\n")[0]);
    }

    internal static async Task<JsonNode> Next(StreamReader reader, string kind)
    {
        while (true)
        {
            string line = await reader.ReadLineAsync(Stop).AsTask().WaitAsync(Longest, Stop) ?? throw new EndOfStreamException();
            if (line != $"event: {kind}") continue;
            string data = await reader.ReadLineAsync(Stop) ?? throw new EndOfStreamException();
            return JsonNode.Parse(data["data: ".Length..])!;
        }
    }

    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Addresses();
}
