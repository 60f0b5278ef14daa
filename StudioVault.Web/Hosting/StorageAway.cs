using System.Globalization;
using Microsoft.AspNetCore.Authentication.Cookies;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Api;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Hosting;

/// <summary>
/// What visitors get while the database does not answer: a refusal with its code, its next step and when to try again, instead of an
/// empty 500.
/// </summary>
internal static partial class StorageAway
{
    /// <summary>When it is worth trying again.</summary>
    private const int RetrySeconds = 5;

    /// <summary>Makes an answer that says so inside a page say it by its status too, and not be kept.</summary>
    internal static void Mark(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.CacheControl = "no-store";
    }

    /// <summary>Answers what PostgreSQL could not, wherever in the request it failed. Everything else is a fault of ours and goes on to the error page.</summary>
    internal static void UseStorageRefusals(this WebApplication app) => app.Use(async (http, next) =>
    {
        http.Response.OnStarting(() =>
        {
            // Whoever refused it, and however: programs and proxies are told when to come again.
            if (http.Response.StatusCode == StatusCodes.Status503ServiceUnavailable && http.Response.Headers.RetryAfter.Count == 0)
                http.Response.Headers.RetryAfter = RetrySeconds.ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        try
        {
            await next(http);
        }
        catch (Exception e) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested && VaultErrors.OfDatabase(e) is not null)
        {
            var refusal = VaultErrors.OfDatabase(e)!;
            LogRefused(app.Logger, e, refusal.Code);
            http.Response.Clear();
            if (http.Request.Path.StartsWithSegments("/v1")) await ApiProblem.WriteAsync(http, refusal, RetrySeconds);
            else await RefusedPage.WriteAsync(http, "This page cannot be shown now", refusal);
        }
    });

    /// <summary>
    /// Looks whether somebody's sign-in still holds, and leaves it as it is when the database cannot say: that tells nothing about the
    /// person. They can do nothing with it meanwhile, since every read and every command asks the same database, and the next request
    /// asks again.
    /// </summary>
    internal static async Task ValidateAsync(CookieValidatePrincipalContext context, Func<CookieValidatePrincipalContext, Task> validate)
    {
        try
        {
            await validate(context);
        }
        catch (Exception e) when (VaultErrors.OfDatabase(e) is not null)
        {
            LogUnasked(context.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StorageAway)), e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request was refused because the database did not answer: {Code}")]
    private static partial void LogRefused(ILogger logger, Exception exception, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Whether a sign-in still holds could not be asked: the database did not answer")]
    private static partial void LogUnasked(ILogger logger, Exception exception);
}
