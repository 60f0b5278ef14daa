using Microsoft.AspNetCore.Antiforgery;
using StudioVault.Domain.Kernel;
using StudioVault.Web.Api;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Hosting;

/// <summary>
/// Requests that a page of another site makes with our visitor's cookie (WEB-6). SameSite holds back those of other sites, but a
/// sibling subdomain is the same site: for live connections it is the Origin that tells, for forms their token.
/// </summary>
internal static partial class ForeignRequests
{
    private static readonly string[] Live = ["/hubs", "/_blazor"];

    /// <summary>
    /// Refuses live connections, and everything that opens one, to pages of another origin. Browsers always say the Origin there, and a
    /// page cannot forge it; programs say none and bring a key.
    /// </summary>
    /// <param name="site">The address under which StudioVault is reached, for proxies that do not hand on the host they were asked for.</param>
    /// <param name="requireHttps">Pages of our own host that came without TLS are foreign then: anybody on the way could have written them.</param>
    internal static void UseOriginGuard(this WebApplication app, Uri site, bool requireHttps) => app.Use((http, next) =>
    {
        if (!Live.Any(p => http.Request.Path.StartsWithSegments(p))) return next(http);
        var origin = http.Request.Headers.Origin;
        if (origin.Count == 0 || (origin is [{ } only] && IsOurs(only, http.Request.Host, site, requireHttps))) return next(http);
        LogForeign(app.Logger, http.Request.Path, origin.ToString());
        return ApiProblem.WriteAsync(http, KernelRefusals.ForeignOrigin, null);
    });

    /// <summary>
    /// Refuses every form that must carry a token and carries none or a wrong one. Endpoints that read a form do so by themselves, with an
    /// empty answer; those that read nothing, as signing out, would not.
    /// </summary>
    internal static void UseFormGuard(this WebApplication app) => app.Use((http, next) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IAntiforgeryMetadata>() is { RequiresValidation: true } && http.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false }
            ? RefusedPage.WriteAsync(http, "Nothing was done", KernelRefusals.StaleForm)
            : next(http));

    /// <param name="origin">As browsers write it: scheme, host and a port that is not the scheme's own; or the word null.</param>
    internal static bool IsOurs(string origin, HostString host, Uri site, bool requireHttps)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var page) || (page.Scheme != Uri.UriSchemeHttp && page.Scheme != Uri.UriSchemeHttps)) return false;
        if (page.PathAndQuery != "/" || page.UserInfo.Length > 0) return false;
        if (Uri.Compare(page, site, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0) return true;
        if (requireHttps && page.Scheme != Uri.UriSchemeHttps) return false;
        return host.HasValue && Uri.TryCreate($"{page.Scheme}://{host.ToUriComponent()}", UriKind.Absolute, out var here)
            && Uri.Compare(page, here, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A page of {Origin} asked for {Path} with the cookie of one of our visitors, perhaps; it was refused")]
    private static partial void LogForeign(ILogger logger, string path, string origin);
}
