using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using SkiaSharp;

namespace PandaNas.Cli.Tests.Samples;

/// <summary>The service with the model of a tiny training on photos, started once for a class of tests.</summary>
public sealed class ServedModel : IAsyncLifetime
{
    private const int Photos = 24;

    private readonly TemporaryFolder _folder = new();
    private Process? _service;
    private Task _drained = Task.CompletedTask;

    // What is too large is refused before it is sent; else the connection may be closed while it is.
    public HttpClient Client { get; } = new() { DefaultRequestHeaders = { ExpectContinue = true } };

    public string Run => this["winner"];

    public string this[string name] => _folder[name];

    public async ValueTask InitializeAsync()
    {
        PhotoFolder.Write(this["photos"], Photos);
        string[] retrain =
        [
            "retrain", "--architecture", TrainedRun.Architectures[0], "--out", Run, "--data", $"images:{this["photos"]}", "--skip-corrupt",
            .. "--image-size 16 --channels 2 --cells 1 --epochs 1 --batch-size 8 --threads 1 --precision float32".Split(' '),
        ];
        foreach (string[] arguments in (string[][])[retrain, ["export", Run, "--preprocessing", "inside", "--out", this["photos.onnx"]]])
        {
            Outcome outcome = Panda.Run(arguments);
            Assert.True(outcome.Code == 0, outcome.Error);
        }
        _service = Start(this["photos.onnx"]);
        Client.BaseAddress = await Address(_service);
        _drained = _service.StandardOutput.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_service is { HasExited: false }) _service.Kill();
        await _drained;
        _service?.Dispose();
        _folder.Dispose();
    }

    /// <summary>Starts the service with a model.</summary>
    public static Process Start(string model) => Sample.Start("ServeModel", model, "--urls", "http://127.0.0.1:0");

    private static async Task<Uri> Address(Process service)
    {
        const string Said = "Now listening on: ";
        while (await service.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line.IndexOf(Said, StringComparison.Ordinal) is >= 0 and int at) return new Uri(line[(at + Said.Length)..]);
        throw new InvalidOperationException(await service.StandardError.ReadToEndAsync());
    }
}

/// <summary>samples/ServeModel, started as people start it: what it answers is what the library says of the same files.</summary>
[Collection(PandaCollection.Name)]
public sealed class ServeModelTests(ServedModel served) : IClassFixture<ServedModel>
{
    private const int Clients = 8;

    // Turned by EXIF, grey, transparent, of two sizes: the service decodes and the model fits as the library does.
    [Fact]
    public async Task EightClients_GetWhatTheLibrarySays()
    {
        using Model model = Model.Load(served.Run);
        string[] files = [.. Directory.GetFiles(served["photos"], "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".jpg", StringComparison.Ordinal) || file.EndsWith(".png", StringComparison.Ordinal))];
        string[] broken = [.. files.Where(file => new FileInfo(file).Length == 200)];
        files = [.. files.Except(broken)];
        await Parallel.ForEachAsync(
            files.Concat(files), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (file, stop) =>
            {
                JsonNode answer = await Answer(HttpStatusCode.OK, Body(await File.ReadAllBytesAsync(file, stop), "image/jpeg"));
                Prediction expected;
                lock (model) expected = model.Predict(file);
                Assert.Equal(expected.Label, (string)answer["label"]!);
                Assert.Equal(expected.Probability, (double)answer["probability"]!, 1e-4);
                Assert.Equal(model.Classes.Length, answer["classes"]!.AsArray().Count);
            });
        byte[] damaged = await File.ReadAllBytesAsync(broken[0], TestContext.Current.CancellationToken);
        JsonNode truncated = await Answer(HttpStatusCode.BadRequest, Body(damaged, "image/jpeg"));
        Assert.Contains("The picture is", (string)truncated["detail"]!, StringComparison.Ordinal);

        JsonNode health = JsonNode.Parse(await served.Client.GetStringAsync("/health", TestContext.Current.CancellationToken))!;
        Assert.Equal(model.Classes, health["classes"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(TrainedRun.Architectures[0], (string)health["architecture"]!);
    }

    [Fact]
    public async Task WhatIsNoPicture_IsRefusedWithTheReason()
    {
        byte[] large = Png(3000, 3000), medium = Png(1000, 1000), small = Png(20, 10);
        (HttpStatusCode Status, string Words, HttpContent Content)[] cases =
        [
            (HttpStatusCode.UnsupportedMediaType, "content type is 'text/plain'", Body(small, "text/plain")),
            (HttpStatusCode.UnsupportedMediaType, "content type is ''", new ByteArrayContent(small)),
            (HttpStatusCode.UnsupportedMediaType, "no JPEG, PNG", Body([.. Enumerable.Repeat((byte)'<', 100)], "image/svg+xml")),
            (HttpStatusCode.BadRequest, "is empty", Body([], "image/png")),
            (HttpStatusCode.BadRequest, "truncated", Body(medium[..(medium.Length / 2)], "image/png")),
            (HttpStatusCode.BadRequest, "has 2 files",
                new MultipartFormDataContent { { Part(small), "a", "a.png" }, { Part(small), "b", "b.png" } }),
            (HttpStatusCode.BadRequest, "has 0 files", new MultipartFormDataContent { { new StringContent("x"), "a" } }),
            (HttpStatusCode.BadRequest, "form cannot be read", Body("--x"u8.ToArray(), "multipart/form-data; boundary=y")),
            (HttpStatusCode.RequestEntityTooLarge, "above the limit of 8 million", Body(large, "image/png")),
            (HttpStatusCode.RequestEntityTooLarge, "more than 16 MiB", Body(new byte[17 << 20], "image/png")),
            (HttpStatusCode.RequestEntityTooLarge, "more than 16 MiB",
                new MultipartFormDataContent { { Part(new byte[17 << 20]), "a", "a.png" } }),
        ];
        foreach ((HttpStatusCode status, string words, HttpContent content) in cases)
        {
            JsonNode refused = await Answer(status, content);
            Assert.Contains(words, (string)refused["detail"]!, StringComparison.Ordinal);
        }
        // It goes on.
        await Answer(HttpStatusCode.OK, new MultipartFormDataContent { { Part(small), "picture", "a.png" } });
        await Answer(HttpStatusCode.OK, Body(small, "application/octet-stream"));
    }

    [Fact]
    public async Task WhatIsNoModel_IsRefusedAtTheStart()
    {
        Panda.Run("export", served.Run, "--out", served["outside.onnx"]);
        await File.WriteAllTextAsync(served["text.onnx"], "no model", TestContext.Current.CancellationToken);
        foreach ((string file, string words) in new (string, string)[]
        {
            ("outside.onnx", "--preprocessing inside"), ("text.onnx", "no model that ONNX Runtime can run"),
            ("missing.onnx", "missing.onnx"),
        })
        {
            using Process process = ServedModel.Start(served[file]);
            string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(3, process.ExitCode);
            Assert.Contains(words, error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }
    }

    private async Task<JsonNode> Answer(HttpStatusCode status, HttpContent content)
    {
        using HttpResponseMessage response = await served.Client.PostAsync("/classify", content, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, $"{response.StatusCode}, expected {status}: {text}");
        return JsonNode.Parse(text)!;
    }

    private static ByteArrayContent Body(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private static ByteArrayContent Part(byte[] bytes) => Body(bytes, "image/png");

    private static byte[] Png(int width, int height)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(SKColors.SeaGreen);
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
