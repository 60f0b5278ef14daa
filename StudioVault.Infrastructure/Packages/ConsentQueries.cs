using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>One decided field with what stood against each other.</summary>
/// <param name="Yours">The branch's value before it decided; null = it had none. <paramref name="Hq"/> likewise.</param>
/// <param name="Chosen">The person said so; false where the default on the screen was left as it was.</param>
/// <param name="Overrode">A value of the branch's own gave way to HQ's, which HQ locked. False in records from before it was signed.</param>
public sealed record ConsentRow(FieldInfo Field, ContentNode? Yours, ContentNode? Hq, MergeDecision Decision, bool Chosen, bool Overrode);

/// <summary>A list HQ put into another order.</summary>
/// <param name="Yours">Titles in the branch's order before it decided; <paramref name="Hq"/> likewise in HQ's.</param>
/// <param name="Choice">Whose order was taken.</param>
public sealed record ConsentOrder(string Label, IReadOnlyList<string> Yours, IReadOnlyList<string> Hq, MergeChoice Choice);

/// <summary>The public half of the key a consent is signed with.</summary>
/// <param name="Fingerprint">SHA-256 of the SubjectPublicKeyInfo, 64 lower-case hex digits.</param>
public sealed record ConsentKey(string Name, string Pem, string Fingerprint);

/// <summary>A branch's decision about a version, complete enough to be read and checked without StudioVault.</summary>
/// <param name="Verdict">accepted, partly_accepted or ignored.</param>
/// <param name="By">Name of who decided, as of now; their id is in the consent.</param>
/// <param name="Before">The revision of the package the decision was made on; null for an adoption.</param>
/// <param name="Revision">The revision it made; null where the branch's values did not change.</param>
/// <param name="RevisionHash">SHA-256 of that revision's content.</param>
/// <param name="Rows">Every decided field by section; empty where the version was ignored or adopted whole.</param>
/// <param name="Orders">Every reordered list; empty in records from before orders were signed.</param>
/// <param name="Consent">The canonical JSON that is signed.</param>
/// <param name="ConsentSha256">Of its bytes; the audit log holds the same digest.</param>
/// <param name="Signature">ECDSA P-256 with SHA-256 over those bytes, base64 of the DER form.</param>
public sealed record ConsentRecord(OfferId Offer, string Studio, string StudioSlug, string Currency, string TimeZone, string Template, string TemplateSlug, bool IsAdoption, int Version,
    string VersionHash, string Summary, DateTimeOffset PublishedAt, string Verdict, string? Reason, DateTimeOffset At, string? By, PersonId? ById, int? Before, int? Revision, string? RevisionHash,
    IReadOnlyList<ConsentRow> Rows, IReadOnlyList<ConsentOrder> Orders, string? PreviewDigest, string Consent, string ConsentSha256, string Signature, ConsentKey Key);

/// <summary>Reads the consent ledger (features row 1.15).</summary>
public sealed class ConsentQueries(WriteDoor door, GroupKey key)
{
    private static readonly string[] Verdicts = [DecisionVerdict.Accepted, DecisionVerdict.PartlyAccepted, DecisionVerdict.Ignored];

    private static readonly OfferState[] Ruled = [OfferState.Accepted, OfferState.PartlyAccepted, OfferState.Ignored];

    /// <summary>
    /// The signed decision about an offer. An offer of another branch, or one nobody ruled on, is not there (404); a record that its
    /// signature or the version's hash does not bear out is refused with <c>refuse.package.consent_damaged</c>.
    /// </summary>
    public Task<Result<ConsentRecord>> ConsentAsync(Sender from, BranchId branch, OfferId id, CancellationToken ct) =>
        door.ReadAsync<ConsentRecord>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var offer = await db.UpdateOffers.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, token);
            var decision = offer is null ? null : await db.OfferDecisions.AsNoTracking().Where(d => d.OfferId == id && Verdicts.Contains(d.Verdict))
                .OrderByDescending(d => d.DecidedAt).FirstOrDefaultAsync(token);
            // A decision that was taken back is no consent any more; the audit log still tells of both.
            if (offer is null || decision is null || !Ruled.Contains(offer.State)) return KernelRefusals.NotFound;

            var bytes = Encoding.UTF8.GetBytes(decision.Consent);
            var signed = JsonNode.Parse(decision.Consent)!.AsObject();
            var versions = await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == offer.TemplateId && v.Number <= offer.Version).OrderByDescending(v => v.Number).ToListAsync(token);
            var version = versions[0];
            var template = TemplateContent.Parse(version.Content).Value;
            if (!key.Verify(bytes, decision.Signature) || (string?)signed["versionHash"] != version.Hash || template.Hash() != version.Hash) return OfferRefusals.ConsentDamaged;

            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var names = await PackageQueries.NamesAsync(db, [decision.DecidedBy], token);
            var slug = await db.Templates.AsNoTracking().Where(t => t.Id == offer.TemplateId).Select(t => new { t.Name, t.Slug }).SingleAsync(token);
            var package = await db.BranchPackages.AsNoTracking().SingleOrDefaultAsync(p => p.TemplateId == offer.TemplateId, token);
            var revisions = package is null ? [] : await db.PackageRevisions.AsNoTracking().Where(r => r.PackageId == package.Id && r.CreatedAt <= decision.DecidedAt)
                .OrderByDescending(r => r.Number).Take(2).ToListAsync(token);
            var made = revisions.Find(r => r.Number == decision.Revision);
            var before = offer.IsAdoption ? null : revisions.Find(r => r.Number != decision.Revision);
            var yours = before is null ? null : Tree(before.Content);
            var projected = template.ProjectTo(studio.Currency, PackageCommands.TaxTermsOf(studio, template));
            var hq = projected.IsRefused ? null : projected.Value.ToTree();
            // Titles of what is gone by now are in an earlier version.
            ContentObject?[] named = [yours, hq, .. versions.Select(v => Tree(v.Content))];
            return new ConsentRecord(id, studio.Name, studio.Slug, studio.Currency, studio.TimeZone, slug.Name, slug.Slug, offer.IsAdoption, version.Number, version.Hash, version.Summary, version.PublishedAt,
                decision.Verdict, decision.Reason, decision.DecidedAt, names(decision.DecidedBy), decision.DecidedBy, before?.Number, decision.Revision, made?.Hash,
                [.. Rows(signed, yours, hq, named)], [.. Orders(signed, yours, hq, named)], decision.PreviewDigest, decision.Consent, CanonicalJson.Sha256(bytes), decision.Signature,
                new ConsentKey(key.Signer.Name, key.Signer.Key.ToPem(), Convert.ToHexStringLower(SHA256.HashData(key.Signer.Key.Spki.Span))));
        }, ct);

    private static IEnumerable<ConsentRow> Rows(JsonObject signed, ContentObject? yours, ContentObject? hq, ContentObject?[] named)
    {
        var rows = new List<ConsentRow>();
        foreach (var (path, taken) in signed["decisions"] as JsonObject ?? [])
        {
            if (ContentTree.From(new JsonObject { ["decision"] = taken!["decision"]?.DeepClone() }).Value.Find("decision") is { } node && MergeDecision.Read(node) is { } decision)
                rows.Add(new ConsentRow(FieldCatalogue.Describe(path, named), ContentTree.Find(yours, path), ContentTree.Find(hq, path), decision, taken["chosen"]?.GetValue<bool>() == true, taken[Consents.OverrodeKey]?.GetValue<bool>() == true));
        }

        return rows.OrderBy(r => r.Field.Section).ThenBy(r => r.Field.Path, StringComparer.Ordinal);
    }

    private static IEnumerable<ConsentOrder> Orders(JsonObject signed, ContentObject? yours, ContentObject? hq, ContentObject?[] named)
    {
        foreach (var (path, choice) in signed["orders"] as JsonObject ?? [])
            yield return new ConsentOrder(FieldCatalogue.Describe(path, named).Label, Titles(yours, path), Titles(hq, path), (string?)choice == "hq" ? MergeChoice.Hq : MergeChoice.Branch);

        static IReadOnlyList<string> Titles(ContentObject? tree, string path) => ContentTree.Find(tree, path) is ContentList list
            ? [.. list.Elements.Select(e => e.Find("title") is ContentValue { Text.Length: > 0 } title ? title.Text : e.Id ?? "")] : [];
    }

    private static ContentObject? Tree(string content) => ContentTree.Parse(content).TryGet(out var tree, out _) ? tree : null;
}
