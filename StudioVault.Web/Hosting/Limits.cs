using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using StudioVault.Domain.Documents;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Web.Agreements.Client;
using StudioVault.Web.Api;

namespace StudioVault.Web.Hosting;

/// <summary>HTTP rate limits. They see requests, not messages inside a circuit; commands are limited by the database.</summary>
public static class Limits
{
    public const string SignIn = "sign-in";

    /// <summary>Questions about documents: anybody may ask, and guessing 64 digits leads nowhere, so it is the work that is limited.</summary>
    public const string Verify = "verify";

    /// <summary>Proofs of the audit log: every tablet of a branch asks behind one address, and an answer costs a few milliseconds.</summary>
    public const string Proofs = "proofs";

    public static void AddVaultLimits(this IServiceCollection services) => services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = async (context, ct) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "60";
            if (context.HttpContext.Request.Path.StartsWithSegments("/v1"))
                await ApiProblem.WriteAsync(context.HttpContext, ApiRefusals.TooManyRequests, 60);
            else if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName == Verify)
                await context.HttpContext.Response.WriteAsync($"{DocumentRefusals.TooManyQuestions.Sentence} {DocumentRefusals.TooManyQuestions.NextStep}", ct);
            else if (context.HttpContext.Request.HasFormContentType)
                context.HttpContext.Response.Redirect($"/login?refused={OrganizationRefusals.TooManyTries.Code}");
            else
                await context.HttpContext.Response.WriteAsync(OrganizationRefusals.TooManyTries.Sentence, ct);
        };
        options.AddPolicy(SignIn, http => OfAddress(http, 60));
        options.AddPolicy(Verify, http => OfAddress(http, 240));
        options.AddPolicy(Proofs, http => OfAddress(http, 1_200));
    });

    /// <summary>Counted for a household: with IPv6 one machine has billions of addresses of its network to knock from.</summary>
    internal static RateLimitPartition<string> OfAddress(HttpContext http, int aMinute) => RateLimitPartition.GetSlidingWindowLimiter(
        ClientDevice.Visitor(http.Connection.RemoteIpAddress),
        _ => new SlidingWindowRateLimiterOptions { PermitLimit = aMinute, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6, QueueLimit = 0 });
}
