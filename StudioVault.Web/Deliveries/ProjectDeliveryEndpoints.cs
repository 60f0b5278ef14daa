using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Documents;
using StudioVault.Web.Organization;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Deliveries;

/// <summary><c>/projects/{id}/delivery</c>: people of a branch make deliveries, fill and end them. Plain forms without a circuit, which large files need.</summary>
public static class ProjectDeliveryEndpoints
{
    private const int LongestToken = 4096;

    public static void MapProjectDeliveries(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/projects/{project:guid}/delivery");
        group.MapGet("", (Guid project, HttpContext http, Work work, CancellationToken ct) => work.PageAsync(http, project, null, ct));
        group.MapPost("", async (Guid project, [FromForm] string? title, HttpContext http, Work work, CancellationToken ct) =>
            await work.DoAsync(http, project, async (from, branch) => (await work.Deliveries.OpenAsync(from, branch, new ProjectId(project), title ?? "", ct)).Refusal, ct));
        group.MapPost("/{delivery:guid}/extend", async (Guid project, Guid delivery, [FromForm] string? until, [FromForm] string? reason, HttpContext http, Work work, CancellationToken ct) =>
            await work.DoAsync(http, project, async (from, branch) => DateOnly.TryParseExact(until, "yyyy-MM-dd", out var day)
                ? (await work.Deliveries.ExtendAsync(from, branch, new ProjectId(project), new DeliveryId(delivery), day, reason ?? "", ct)).Refusal : DeliveryRefusals.NotLater, ct));
        group.MapPost("/{delivery:guid}/revoke", async (Guid project, Guid delivery, [FromForm] string? reason, HttpContext http, Work work, CancellationToken ct) =>
            await work.DoAsync(http, project, async (from, branch) => (await work.Deliveries.RevokeAsync(from, branch, new ProjectId(project), new DeliveryId(delivery), reason ?? "", ct)).Refusal, ct));
        // The token is looked at by hand, as its part comes by: reading the form whole would first put all files into memory or a temporary folder.
        group.MapPost("/{delivery:guid}/files", UploadAsync).DisableAntiforgery();
    }

    private static async Task<IResult> UploadAsync(Guid project, Guid delivery, HttpContext http, Work work, IAntiforgery antiforgery, CancellationToken ct)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        // Slow lines upload large files for hours.
        if (http.Features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinRequestBodyDataRateFeature>() is { } pace) pace.MinDataRate = new(bytesPerSecond: 1, gracePeriod: TimeSpan.FromMinutes(1));
        return await work.DoAsync(http, project, async (from, branch) =>
        {
            if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary) return DeliveryRefusals.NoFile;
            var reader = new MultipartReader(boundary.Value!, http.Request.Body);
            var (isOurs, added) = (false, 0);
            while (await reader.ReadNextSectionAsync(ct) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)) continue;
                if (!disposition.IsFileDisposition())
                {
                    var buffer = new char[LongestToken];
                    using var text = new StreamReader(section.Body, leaveOpen: true);
                    var length = await text.ReadBlockAsync(buffer, ct);
                    http.Request.Headers["RequestVerificationToken"] = new string(buffer, 0, length);
                    isOurs = await antiforgery.IsRequestValidAsync(http);
                    continue;
                }

                if (!isOurs) return KernelRefusals.SignedOut;
                var name = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value ?? "";
                if (name.Length == 0) continue;
                var result = await work.Deliveries.AddFileAsync(from, branch, new DeliveryId(delivery), name, section.Body, ct);
                if (result.IsRefused) return result.Refusal;
                added++;
            }

            if (added == 0) return DeliveryRefusals.NoFile;
            return null;
        }, ct);
    }

    /// <summary>What every request here needs.</summary>
    public sealed class Work(OrganizationQueries organization, DeliveryCommands deliveries, ClientLinks links, IAntiforgery antiforgery)
    {
        public DeliveryCommands Deliveries => deliveries;

        /// <summary>Does something and comes back to the page, with its refusal if there is one.</summary>
        public async Task<IResult> DoAsync(HttpContext http, Guid project, Func<Sender, BranchId, Task<Refusal?>> work, CancellationToken ct)
        {
            if (!(await BranchAsync(http, ct)).TryGet(out var branch, out var none)) return Refused(http, project, none);
            var refusal = await work(PersonClaims.SenderOf(http.User), branch);
            return refusal is null ? Results.LocalRedirect($"~/projects/{project}/delivery") : await PageAsync(http, project, refusal, ct);
        }

        public async Task<IResult> PageAsync(HttpContext http, Guid project, Refusal? refusal, CancellationToken ct)
        {
            http.Response.Headers.CacheControl = "no-store";
            if (!(await BranchAsync(http, ct)).TryGet(out var branch, out var none)) return Refused(http, project, none);
            if (!(await deliveries.OfProjectAsync(PersonClaims.SenderOf(http.User), branch, new ProjectId(project), ct)).TryGet(out var found, out var no))
            {
                if (no.Kind == KernelRefusals.NotFound) return Results.NotFound();
                (found, refusal) = (("", []), no);
            }

            var token = antiforgery.GetAndStoreTokens(http);
            return DeliveryEndpoints.Part<ProjectDeliveryPage>(new()
            {
                [nameof(ProjectDeliveryPage.Project)] = project,
                [nameof(ProjectDeliveryPage.Client)] = found.Client,
                [nameof(ProjectDeliveryPage.Deliveries)] = found.Deliveries,
                [nameof(ProjectDeliveryPage.Link)] = (Func<Delivery, string>)(d => $"{http.Request.Scheme}://{http.Request.Host}/d/{links.TokenOf(LinkKind.Delivery, d.BranchId, d.Id.Value)}"),
                [nameof(ProjectDeliveryPage.TokenField)] = token.FormFieldName,
                [nameof(ProjectDeliveryPage.Token)] = token.RequestToken,
                [nameof(ProjectDeliveryPage.Refusal)] = refusal,
                [nameof(ProjectDeliveryPage.Theme)] = ThemeCookie.Read(http.Request),
            }, refusal?.Kind.HttpStatus ?? StatusCodes.Status200OK);
        }

        private async Task<Result<BranchId>> BranchAsync(HttpContext http, CancellationToken ct)
        {
            if (!(await organization.SessionAsync(PersonClaims.SenderOf(http.User), ct)).TryGet(out var session, out var refusal)) return refusal;
            return Session.CurrentBranch(session, http.User) is { } branch ? branch.Id : KernelRefusals.NotFound;
        }

        private static IResult Refused(HttpContext http, Guid project, Refusal refusal) => refusal.Kind == KernelRefusals.NotFound ? Results.NotFound()
            : DeliveryEndpoints.Part<DocumentRefused>(new()
            {
                [nameof(DocumentRefused.Title)] = "The deliveries cannot be shown now",
                [nameof(DocumentRefused.Refusal)] = refusal,
                [nameof(DocumentRefused.Back)] = $"/projects/{project}",
                [nameof(DocumentRefused.BackWords)] = "Back to the project",
                [nameof(DocumentRefused.Again)] = $"/projects/{project}/delivery",
                [nameof(DocumentRefused.Theme)] = ThemeCookie.Read(http.Request),
            }, refusal.Kind.HttpStatus);
    }
}
