using Microsoft.AspNetCore.Http.HttpResults;
using StudioVault.Domain.Kernel;
using StudioVault.Web.Hosting;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Api;

/// <summary>An endpoint of the reference.</summary>
public sealed record ApiEndpoint(string Method, string Path, ApiDoc Doc);

/// <summary><c>/docs/api</c>: for everybody, plain HTML.</summary>
public static class ApiReference
{
    public static void MapApiReference(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/docs/api").AllowAnonymous().RequireRateLimiting(Limits.Verify).ExcludeFromDescription();
        group.MapGet("", (HttpContext http, EndpointDataSource endpoints) => new RazorComponentResult<ApiReferencePage>(new Dictionary<string, object?>
        {
            [nameof(ApiReferencePage.Theme)] = ThemeCookie.Read(http.Request),
            [nameof(ApiReferencePage.Site)] = $"{http.Request.Scheme}://{http.Request.Host}",
            [nameof(ApiReferencePage.Endpoints)] = All(endpoints),
        })
        { PreventStreamingRendering = true });
        group.MapGet("/codes/{code}", (string code, HttpContext http, EndpointDataSource endpoints) => RefusalCatalogue.Find(code) is { } kind
            ? new RazorComponentResult<ApiCodePage>(new Dictionary<string, object?>
            {
                [nameof(ApiCodePage.Theme)] = ThemeCookie.Read(http.Request),
                [nameof(ApiCodePage.Kind)] = kind,
                [nameof(ApiCodePage.Of)] = All(endpoints).Select(e => e.Doc).Where(d => d.AllRefusals.Any(k => k.Code == code)).ToList(),
            })
            { PreventStreamingRendering = true }
            : Results.NotFound());
    }

    /// <summary>Every endpoint of version 1 in the order it is mapped.</summary>
    public static IReadOnlyList<ApiEndpoint> All(EndpointDataSource endpoints) =>
        [.. endpoints.Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<ApiDoc>() is not null)
            .Select(e => new ApiEndpoint(e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0], e.RoutePattern.RawText!, e.Metadata.GetMetadata<ApiDoc>()!))];
}
