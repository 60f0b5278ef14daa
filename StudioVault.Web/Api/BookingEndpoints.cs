using System.Globalization;
using System.Text.Json.Serialization;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Hosting;

namespace StudioVault.Web.Api;

/// <summary>
/// <c>GET /v1/branches/{slug}/booking</c>: whether a studio takes bookings online. For the studios' own websites, so without an
/// account and from any page; the answer may be kept for a minute.
/// </summary>
public static class BookingEndpoints
{
    public static void MapBooking(this IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup("/v1/branches").AllowAnonymous().DisableAntiforgery().RequireRateLimiting(Limits.Verify);
        open.MapGet("/{slug}/booking", ReadAsync).Documented<ApiBooking>(ApiDocs.Booking);
        open.MapNothing();
    }

    private static async Task<IResult> ReadAsync(string slug, HttpContext http, OrganizationQueries branches, CancellationToken ct)
    {
        http.Response.Headers.AccessControlAllowOrigin = "*";
        if (!(await branches.BookingAsync(slug, ct)).TryGet(out var booking, out var refusal)) return ApiProblem.Answer(refusal);
        http.Response.Headers.CacheControl = "public, max-age=60";
        return Results.Json(new ApiBooking(booking.IsOpen, booking.PausedUntil?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
    }
}

/// <summary>Whether a studio takes bookings online.</summary>
/// <param name="PausedUntil">Last day of the pause, yyyy-mm-dd in the branch's time zone; null while it takes them.</param>
public sealed record ApiBooking([property: JsonPropertyName("open")] bool Open, [property: JsonPropertyName("pausedUntil")] string? PausedUntil);
