using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Documents;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Web.Organization;

namespace StudioVault.Web.Documents;

/// <summary>A decision as files: the PDF for people, the signed record for programs. Rights are those of the review.</summary>
public static class ConsentEndpoints
{
    public static void MapConsents(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/updates/{id:guid}/consent.pdf", PdfAsync);
        routes.MapGet("/updates/{id:guid}/consent.json", RecordAsync);
    }

    private static async Task<IResult> PdfAsync(Guid id, HttpContext http, OrganizationQueries organization, ConsentQueries consents, DocumentRenderer documents, DocumentPrinter printer, CancellationToken ct)
    {
        if (!(await ReadAsync(id, http, organization, consents, ct)).TryGet(out var consent, out var refusal)) return Refused(http, id, refusal);
        var html = await documents.RenderAsync<ConsentDocument>(new() { [nameof(ConsentDocument.Consent)] = consent });
        return (await printer.PrintAsync(html, consent.At, ct)).TryGet(out var pdf, out refusal)
            ? Results.Bytes(pdf, "application/pdf", ConsentFile.NameOf(consent, "pdf")) : Refused(http, id, refusal, $"/updates/{id}/consent.json");
    }

    private static async Task<IResult> RecordAsync(Guid id, HttpContext http, OrganizationQueries organization, ConsentQueries consents, CancellationToken ct) =>
        (await ReadAsync(id, http, organization, consents, ct)).TryGet(out var consent, out var refusal)
            ? Results.Bytes(ConsentFile.ToJson(consent), "application/json", ConsentFile.NameOf(consent, "json")) : Refused(http, id, refusal);

    private static async Task<Result<ConsentRecord>> ReadAsync(Guid id, HttpContext http, OrganizationQueries organization, ConsentQueries consents, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var sender = PersonClaims.SenderOf(http.User);
        if (!(await organization.SessionAsync(sender, ct)).TryGet(out var session, out var refusal)) return refusal;
        return Session.CurrentBranch(session, http.User) is { } branch ? await consents.ConsentAsync(sender, branch.Id, new OfferId(id), ct) : KernelRefusals.NotFound;
    }

    private static IResult Refused(HttpContext http, Guid id, Refusal refusal, string? instead = null) => refusal.Kind == KernelRefusals.NotFound ? Results.NotFound()
        : RefusedDocument.Of(http, refusal, $"/updates/{id}", instead: instead);
}
