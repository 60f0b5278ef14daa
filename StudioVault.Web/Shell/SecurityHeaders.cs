namespace StudioVault.Web.Shell;

/// <summary>Headers every answer carries, and the place where browsers report a breach of the content policy.</summary>
internal static partial class SecurityHeaders
{
    /// <summary>
    /// No script and no style sheet but our own files. Style attributes stay allowed because Radzen sets sizes and
    /// positions with them; they cannot load or run anything.
    /// </summary>
    internal const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self'; style-src-elem 'self'; style-src-attr 'unsafe-inline'; " +
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; " +
        "object-src 'none'; frame-ancestors 'none'; report-uri /csp";

    /// <summary>Adds the headers; also lets browsers keep for ever what carries its version in its address, and never a page of somebody signed in.</summary>
    /// <param name="requireHttps">Browsers are told to come by HTTPS only, for a year from each visit. Not for this machine's own name, which is every developer's.</param>
    internal static void UseSecurityHeaders(this WebApplication app, bool requireHttps) => app.Use((context, next) =>
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            // A page that needs less says so itself, whole. The framework puts a policy of its own on every page, which says nothing but
            // who may frame it: that one is no reason to leave ours out.
            if (!headers.ContentSecurityPolicy.Any(p => p?.Contains("default-src", StringComparison.Ordinal) == true)) headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers.TryAdd("Referrer-Policy", "same-origin");
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            // The header counts over TLS only; siblings of our host are not ours to speak for.
            if (requireHttps && context.Request.IsHttps && !ThisMachine.Contains(context.Request.Host.Host)) headers.StrictTransportSecurity = "max-age=31536000";
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()";
            if (context.Response.StatusCode == StatusCodes.Status200OK && NamesItsVersion(context.Request))
                headers.CacheControl = "public, max-age=31536000, immutable";
            // What somebody signed in is shown is a branch's affairs: neither the disk of a shared tablet nor a proxy keeps it (WEB-7),
            // whatever the page itself says or forgets to say.
            else if (context.User.Identity?.IsAuthenticated == true && context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(context);
    });

    private static readonly string[] ThisMachine = ["localhost", "127.0.0.1", "[::1]"];

    private static bool NamesItsVersion(HttpRequest request) =>
        request.Path.StartsWithSegments("/fonts") || (request.Path.StartsWithSegments("/_content") && request.Query.ContainsKey("v"));

    /// <summary>Logs what browsers blocked; at most 8 KB of it, since anybody can post here.</summary>
    internal static void MapCspReports(this WebApplication app) => app.MapPost("/csp", async (HttpContext context, ILoggerFactory logs) =>
    {
        var buffer = new char[8 * 1024];
        using var reader = new StreamReader(context.Request.Body);
        var length = await reader.ReadBlockAsync(buffer, context.RequestAborted);
        LogViolation(logs.CreateLogger("StudioVault.Web.Csp"), new string(buffer, 0, length));
        return Results.NoContent();
    }).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();

    [LoggerMessage(Level = LogLevel.Warning, Message = "A browser blocked content: {Report}")]
    private static partial void LogViolation(ILogger logger, string report);
}
