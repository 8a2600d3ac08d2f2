using System.Net;

namespace ServeModel;

/// <summary>A request that cannot be answered, and what whoever sent it should do.</summary>
internal sealed class Refusal(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status => status;
}
