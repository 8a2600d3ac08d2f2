// Classifies pictures that are posted to it:
//
//   panda export runs/winner --preprocessing inside --out pets.onnx
//   dotnet run -c Release --project samples/ServeModel -- pets.onnx --urls http://localhost:5000
//   curl --data-binary @cat.jpg -H 'Content-Type: image/jpeg' http://localhost:5000/classify
//   curl -F picture=@cat.jpg http://localhost:5000/classify

using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using ServeModel;

const int MostBytes = 16 << 20;

if (args is not [var file, .. var options] || file.StartsWith('-'))
{
    Console.Error.WriteLine("Usage: ServeModel MODEL.onnx [--urls http://localhost:5000]");
    return 2;
}
Classifier classifier;
try
{
    classifier = new Classifier(file);
}
catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return 3;
}
using (classifier)
{
    WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(options);
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MostBytes);
    builder.Services.Configure<FormOptions>(form => form.MultipartBodyLengthLimit = MostBytes);
    builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
    WebApplication app = builder.Build();
    app.MapGet("/health", () => classifier.Facts);
    app.MapPost("/classify", async (HttpRequest request, CancellationToken stop) =>
    {
        try
        {
            byte[] picture = await Posted.ReadAsync(request, stop);
            return Results.Ok(await classifier.ClassifyAsync(picture, stop));
        }
        catch (Refusal refusal)
        {
            return Results.Problem(refusal.Message, statusCode: (int)refusal.Status);
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Results.Problem(
                $"The picture has more than {MostBytes >> 20} MiB: scale it down.", statusCode: (int)HttpStatusCode.RequestEntityTooLarge);
        }
    });
    app.Run();
}
return 0;
