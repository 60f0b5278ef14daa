using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Documents;
using StudioVault.Web.Organization;

namespace StudioVault.Web.Proposals;

/// <summary>The approval history of a branch as a file, under the conditions of the page; for its managers.</summary>
public static class QueueExport
{
    public const string Path = "/queue/export.jsonl";

    public static void MapQueueExport(this IEndpointRouteBuilder routes) => routes.MapGet(Path, ExportAsync);

    private static async Task<IResult> ExportAsync(string? show, string? capability, string? who, string? from, string? to, HttpContext http, OrganizationQueries organization, QueueHistories histories, TimeProvider time, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var sender = PersonClaims.SenderOf(http.User);
        if (!(await organization.SessionAsync(sender, ct)).TryGet(out var session, out var refusal)) return Refused(http, refusal);
        if (Session.CurrentBranch(session, http.User) is not { } branch) return Refused(http, KernelRefusals.NotFound);
        var address = HistoryAddress.Read(capability, who, from, to, out var unreadable);
        // A page may leave out what it cannot read; a file would hold more than was asked for.
        if (show is not (null or "" or "done" or "all")) unreadable ??= "show";
        if (unreadable is not null) return Refused(http, ApiRefusals.Parameter.At(unreadable, unreadable, "it cannot be read"));
        var (filter, history) = (show == "all" ? QueueFilter.All : QueueFilter.Done, address.ToHistory(branch.TimeZone));
        if ((await histories.ExportingAsync(sender, branch.Id, filter, history, ct)).Refusal is { } no) return Refused(http, no);
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        return Results.Stream(async output =>
        {
            // The answer has begun: whoever may no longer read it gets a file that breaks off, not one that looks whole.
            if ((await histories.WriteAsync(sender, branch.Id, branch.Slug, filter, history, output, ct)).IsRefused) http.Abort();
        }, "application/jsonl", string.Create(CultureInfo.InvariantCulture, $"studiovault-approvals-{branch.Slug}-{time.GetUtcNow().UtcDateTime:yyyy-MM-dd}.jsonl"));
    }

    private static RazorComponentResult<DocumentRefused> Refused(HttpContext http, Refusal refusal) =>
        RefusedDocument.Of(http, refusal, "/queue?show=done", "Back to the history", "The history was not exported");
}
