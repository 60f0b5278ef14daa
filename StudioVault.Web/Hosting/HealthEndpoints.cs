namespace StudioVault.Web.Hosting;

/// <summary>
/// <c>/health/live</c>: the process answers; restart it when it does not. <c>/health/ready</c>: give it visitors; 503 with
/// the reasons when not.
/// </summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").AllowAnonymous().DisableHttpMetrics().AddEndpointFilter(async (context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return await next(context);
        });
        group.MapGet("/live", () => Results.Json(new { status = "live" }));
        group.MapGet("/ready", async (Readiness readiness, CancellationToken ct) =>
        {
            var report = await readiness.ReportAsync(ct);
            return Results.Json(report, statusCode: report.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }
}
