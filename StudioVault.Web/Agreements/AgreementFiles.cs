using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Documents;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Documents;
using StudioVault.Web.Documents.Agreements;
using StudioVault.Web.Organization;

namespace StudioVault.Web.Agreements;

/// <summary>Documents of agreements for the branch's people: the stored ones as they are, and the view as amended, printed when asked for. Rights are those of the page.</summary>
public static class AgreementFiles
{
    /// <param name="site">Address of StudioVault as clients reach it: stands in what is printed.</param>
    public static void MapAgreementFiles(this IEndpointRouteBuilder routes, Uri site)
    {
        routes.MapGet("/agreements/{id:guid}/v{version:int}/paper.pdf", (Guid id, int version, HttpContext http, OrganizationQueries organization, AgreementQueries agreements, CancellationToken ct) =>
            StoredAsync(id, version, FileKind.Paper, http, organization, agreements, ct));
        routes.MapGet("/agreements/{id:guid}/v{version:int}/certificate.pdf", (Guid id, int version, HttpContext http, OrganizationQueries organization, AgreementQueries agreements, CancellationToken ct) =>
            StoredAsync(id, version, FileKind.Certificate, http, organization, agreements, ct));
        routes.MapGet("/agreements/{id:guid}/v{version:int}/review.pdf", (Guid id, int version, HttpContext http, OrganizationQueries organization, AgreementQueries agreements, CancellationToken ct) =>
            StoredAsync(id, version, FileKind.Shown, http, organization, agreements, ct));
        routes.MapGet("/agreements/{id:guid}/as-amended.pdf", (Guid id, DateOnly? on, HttpContext http, OrganizationQueries organization, AgreementQueries agreements, DocumentRenderer documents, DocumentPrinter printer, TimeProvider time, CancellationToken ct) =>
            AmendedAsync(id, on, site, http, organization, agreements, documents, printer, time, ct));
    }

    private static async Task<IResult> StoredAsync(Guid id, int version, FileKind kind, HttpContext http, OrganizationQueries organization, AgreementQueries agreements, CancellationToken ct)
    {
        if (!(await BranchAsync(http, organization, ct)).TryGet(out var branch, out var refusal)) return Refused(http, id, refusal);
        return (await agreements.FileAsync(PersonClaims.SenderOf(http.User), branch, new AgreementId(id), version, kind, ct)).TryGet(out var file, out refusal)
            ? Results.Bytes(file.Bytes, "application/pdf", file.Name) : Refused(http, id, refusal);
    }

    private static async Task<IResult> AmendedAsync(Guid id, DateOnly? on, Uri site, HttpContext http, OrganizationQueries organization, AgreementQueries agreements, DocumentRenderer documents,
        DocumentPrinter printer, TimeProvider time, CancellationToken ct)
    {
        if (!(await BranchAsync(http, organization, ct)).TryGet(out var branch, out var refusal)) return Refused(http, id, refusal);
        if (!(await agreements.FindAsync(PersonClaims.SenderOf(http.User), branch, new AgreementId(id), ct)).TryGet(out var view, out refusal)) return Refused(http, id, refusal);
        if (view.Chain is not { } chain) return Refused(http, id, view.Unreadable ?? AgreementRefusals.NotInForce);
        var day = on ?? view.Today;
        var html = await documents.RenderAsync<ConformedDocument>(new()
        {
            [nameof(ConformedDocument.Conformed)] = chain.On(day),
            [nameof(ConformedDocument.Papers)] = PaperReading.Sources(view),
            [nameof(ConformedDocument.Site)] = site.ToString(),
        });
        return (await printer.PrintAsync(html, time.GetUtcNow(), ct)).TryGet(out var pdf, out refusal)
            ? Results.Bytes(pdf, "application/pdf", $"{view.Number}-view-as-amended-{AgreementContent.Day(day)}.pdf") : Refused(http, id, refusal);
    }

    private static async Task<Result<BranchId>> BranchAsync(HttpContext http, OrganizationQueries organization, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!(await organization.SessionAsync(PersonClaims.SenderOf(http.User), ct)).TryGet(out var session, out var refusal)) return refusal;
        return Session.CurrentBranch(session, http.User) is { } branch ? branch.Id : KernelRefusals.NotFound;
    }

    private static IResult Refused(HttpContext http, Guid id, Refusal refusal) => refusal.Kind == KernelRefusals.NotFound ? Results.NotFound()
        : RefusedDocument.Of(http, refusal, $"/agreements/{id}", "Back to the agreement");
}
