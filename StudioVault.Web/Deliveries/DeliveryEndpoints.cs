using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Web.Hosting;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Deliveries;

/// <summary><c>/d/{token}</c>: what was delivered, for whoever has the link. Never a bare "not found": what is over says so.</summary>
public static class DeliveryEndpoints
{
    public static void MapDeliveries(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/d/{token}").AllowAnonymous().RequireRateLimiting(Limits.Verify);
        group.MapGet("", PageAsync);
        group.MapMethods("/files/{id:guid}", [HttpMethods.Get, HttpMethods.Head], FileAsync);
    }

    private static async Task<IResult> PageAsync(string token, HttpContext http, ClientLinks links, DeliveryCommands deliveries, CancellationToken ct)
    {
        if (!(await FindAsync(token, http, links, deliveries, ct)).TryGet(out var view, out var refusal)) return Unknown(http, refusal);
        return Page(http, token, view, view.Closed, null);
    }

    private static async Task<IResult> FileAsync(string token, Guid id, HttpContext http, ClientLinks links, DeliveryCommands deliveries, DeliveryFiles files, CancellationToken ct)
    {
        if (!(await FindAsync(token, http, links, deliveries, ct)).TryGet(out var view, out var refusal)) return Unknown(http, refusal);
        if (view.Closed is { } closed) return Page(http, token, view, closed, null);
        if (view.Files.FirstOrDefault(f => f.Id == id) is not { } file) return Page(http, token, view, null, KernelRefusals.NotFound);
        if (!(await files.OpenAsync(view.Delivery.BranchId, file.Sha256, file.Length, ct)).TryGet(out var stream, out refusal)) return Page(http, token, view, null, refusal);
        // Whatever it is, it is saved and never shown: a page somebody uploaded must not run here as one of ours.
        return Results.File(stream, "application/octet-stream", file.Name, file.AddedAt, new EntityTagHeaderValue($"\"{file.Sha256}\""), enableRangeProcessing: true);
    }

    private static async Task<Result<DeliveryView>> FindAsync(string token, HttpContext http, ClientLinks links, DeliveryCommands deliveries, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers["X-Robots-Tag"] = "noindex, nofollow";
        return links.Read(LinkKind.Delivery, token) is { } link ? await deliveries.OfLinkAsync(link, ct) : KernelRefusals.NotFound;
    }

    private static IResult Page(HttpContext http, string token, DeliveryView view, Refusal? closed, Refusal? refusal) => Part<DeliveryPage>(new()
    {
        [nameof(DeliveryPage.View)] = view,
        [nameof(DeliveryPage.Here)] = $"/d/{token}",
        [nameof(DeliveryPage.Closed)] = closed,
        [nameof(DeliveryPage.Refusal)] = refusal,
        [nameof(DeliveryPage.Theme)] = ThemeCookie.Read(http.Request),
    }, (closed ?? refusal)?.Kind.HttpStatus ?? StatusCodes.Status200OK);

    private static IResult Unknown(HttpContext http, Refusal refusal) => Part<DeliveryUnknownPage>(new()
    {
        [nameof(DeliveryUnknownPage.Refusal)] = refusal.Kind == KernelRefusals.NotFound ? null : refusal,
        [nameof(DeliveryUnknownPage.Theme)] = ThemeCookie.Read(http.Request),
    }, refusal.Kind.HttpStatus);

    internal static RazorComponentResult<T> Part<T>(Dictionary<string, object?> parameters, int status) where T : IComponent => new(parameters) { StatusCode = status, PreventStreamingRendering = true };
}
