using Microsoft.AspNetCore.Http.HttpResults;
using StudioVault.Domain.Kernel;

namespace StudioVault.Web.Shell;

public partial class RefusedPage
{
    /// <summary>Answers a request with the page. What was begun of another answer must be gone by then.</summary>
    internal static async Task WriteAsync(HttpContext http, string title, Refusal refusal)
    {
        http.Response.Headers.CacheControl = "no-store";
        // A page may have been under way in this scope, and its renderer serves one page only.
        var before = http.RequestServices;
        await using var scope = before.CreateAsyncScope();
        http.RequestServices = scope.ServiceProvider;
        try
        {
            var isRead = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
            await new RazorComponentResult<RefusedPage>(new Dictionary<string, object?>
            {
                [nameof(Title)] = title,
                [nameof(Refusal)] = refusal,
                [nameof(Again)] = isRead ? $"{http.Request.PathBase}{http.Request.Path}{http.Request.QueryString}" : null,
                [nameof(Theme)] = ThemeCookie.Read(http.Request),
            })
            { StatusCode = refusal.Kind.HttpStatus, PreventStreamingRendering = true }.ExecuteAsync(http);
        }
        finally
        {
            http.RequestServices = before;
        }
    }
}
