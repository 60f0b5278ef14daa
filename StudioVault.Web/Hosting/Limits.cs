using System.Threading.RateLimiting;
using StudioVault.Domain.Organization;

namespace StudioVault.Web.Hosting;

/// <summary>HTTP rate limits. They see requests, not messages inside a circuit; commands are limited by the database.</summary>
public static class Limits
{
    public const string SignIn = "sign-in";

    public static void AddVaultLimits(this IServiceCollection services) => services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = async (context, ct) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "60";
            if (context.HttpContext.Request.HasFormContentType)
                context.HttpContext.Response.Redirect($"/login?refused={OrganizationRefusals.TooManyTries.Code}");
            else
                await context.HttpContext.Response.WriteAsync(OrganizationRefusals.TooManyTries.Sentence, ct);
        };
        options.AddPolicy(SignIn, http => RateLimitPartition.GetSlidingWindowLimiter(
            http.Connection.RemoteIpAddress?.ToString() ?? "?",
            _ => new SlidingWindowRateLimiterOptions { PermitLimit = 60, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6, QueueLimit = 0 }));
    });
}
