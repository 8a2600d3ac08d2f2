using System.Net;

namespace ServeModel;

/// <summary>The picture in a request: its body, or the file of a form.</summary>
internal static class Posted
{
    /// <summary>Reads it.</summary>
    /// <exception cref="Refusal">There is none.</exception>
    /// <exception cref="BadHttpRequestException">It is too large.</exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken stop)
    {
        if (request.HasFormContentType) return await FromFormAsync(request, stop);
        string type = request.ContentType ?? "";
        if (!type.StartsWith("image/", StringComparison.OrdinalIgnoreCase)
            && !type.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase))
            throw new Refusal(
                HttpStatusCode.UnsupportedMediaType,
                $"The content type is '{type}': expected image/jpeg, image/png or another image, application/octet-stream, or "
                + "multipart/form-data with one file.");
        return await AllOfAsync(request.Body, stop);
    }

    private static async Task<byte[]> FromFormAsync(HttpRequest request, CancellationToken stop)
    {
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(stop);
        }
        catch (Exception error) when (error is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new Refusal(HttpStatusCode.BadRequest, $"The form cannot be read: {error.Message}");
        }
        if (form.Files.Count != 1)
            throw new Refusal(HttpStatusCode.BadRequest, $"The form has {form.Files.Count} files: expected one, a picture.");
        await using Stream file = form.Files[0].OpenReadStream();
        return await AllOfAsync(file, stop);
    }

    private static async Task<byte[]> AllOfAsync(Stream stream, CancellationToken stop)
    {
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, stop);
        return bytes.Length > 0 ? bytes.ToArray() : throw new Refusal(HttpStatusCode.BadRequest, "The picture is empty.");
    }
}
