using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements.Evidence;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Documents;
using StudioVault.Web.Organization;

namespace StudioVault.Web.Proof;

/// <summary>The evidence pack of an agreement as a download for people of the branch.</summary>
public static class EvidenceEndpoints
{
    public static void MapEvidence(this IEndpointRouteBuilder routes) => routes.MapGet("/agreements/{id:guid}/evidence.zip", PackAsync);

    private static async Task<IResult> PackAsync(Guid id, HttpContext http, OrganizationQueries organization, EvidencePack packs, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var sender = PersonClaims.SenderOf(http.User);
        if (!(await organization.SessionAsync(sender, ct)).TryGet(out var session, out var refusal)) return Refused(http, id, refusal);
        if (Session.CurrentBranch(session, http.User) is not { } branch) return Results.NotFound();
        return (await packs.MakeAsync(sender, branch.Id, new AgreementId(id), ct)).TryGet(out var pack, out refusal) ? Results.Bytes(pack.Zip, "application/zip", pack.Name) : Refused(http, id, refusal);
    }

    private static IResult Refused(HttpContext http, Guid id, Refusal refusal) => refusal.Kind == KernelRefusals.NotFound ? Results.NotFound()
        : RefusedDocument.Of(http, refusal, $"/agreements/{id}", "Back to the agreement", "The evidence pack could not be made");
}
