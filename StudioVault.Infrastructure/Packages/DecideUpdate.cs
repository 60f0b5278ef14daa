using System.Text;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>What came of a decision.</summary>
/// <param name="Revision">The branch's new revision; null where its values did not change.</param>
/// <param name="Verdict">accepted, partly_accepted or ignored.</param>
public sealed record Decided(OfferId OfferId, BranchPackageId? PackageId, int? Revision, string Verdict)
{
    /// <summary>Versions HQ had called back whose question to look again is answered by it: nothing of them is left.</summary>
    public IReadOnlyList<int> SettledRecalls { get; init; } = [];
}

/// <summary>What accepting an offer would do to papers and quotes, measured by doing it.</summary>
/// <param name="SignedAgreements">Signed papers and sealed agreements on packages of the template that were looked at.</param>
/// <param name="SignedChanged">Of those, how many would read otherwise or be gone: always 0, measured.</param>
/// <param name="PinsMoved">Quotes and projects that would stand on another revision: always 0, measured.</param>
public sealed record AcceptRehearsal(int SignedAgreements, int SignedChanged, int PinsMoved);

/// <summary>
/// The branch decides on an offer: the only place where something of HQ becomes something of the branch. Bound to the digest of
/// what the person saw; one of two who decide at once wins, the other is told by whom and what.
/// </summary>
public sealed class DecideUpdate(WriteDoor door, GroupKey key)
{
    /// <summary>In how it stood before: the offers whose question to look again was open, and is answered by the decision.</summary>
    internal const string AnsweredKey = "answered";

    private const int LongestReason = 2_000;

    /// <summary>
    /// Accepts with the given choices; fields without one follow their default (table A1). Refused with
    /// <c>refuse.package.preview_stale</c>, <c>already_decided</c>, <c>superseded</c>, <c>yanked</c>, <c>decision_missing</c>,
    /// <c>group_split</c>, <c>semantic_conflict</c>; with <c>not_viewed</c> where nobody of the branch opened the offer, and with
    /// <c>offer_snoozed</c> while it sleeps (table A2).
    /// </summary>
    public Task<Result<Decided>> AcceptAsync(Sender from, BranchId branch, OfferId id, string previewDigest, MergeDecisions decisions, string? note, CancellationToken ct) =>
        door.RunAsync<Decided>(new Command("package.accept", from, TenantScope.Of(branch), Access.ManagerOf(branch), "offer", id.ToString()),
            (context, token) => AcceptAsync(context, branch, id, previewDigest, decisions, note, context.Caller.PersonId, token), ct);

    /// <summary>
    /// Declines the whole version: the branch stays on what it has and is asked again when HQ changes something anew. Refused with
    /// <c>refuse.package.offer_snoozed</c> while it sleeps.
    /// </summary>
    public Task<Result<Decided>> IgnoreAsync(Sender from, BranchId branch, OfferId id, string reason, CancellationToken ct) =>
        door.RunAsync<Decided>(new Command("package.ignore", from, TenantScope.Of(branch), Access.ManagerOf(branch), "offer", id.ToString()), async (context, token) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
            if (reason.Length > LongestReason) return KernelRefusals.TooLong.At("reason", LongestReason);
            if (!(await ReviewCase.LoadAsync(context.Db, branch, id, context.Now, token)).TryGet(out var review, out var refusal)) return refusal;
            if (!review.Offer.IsOpen) return await OfferCommands.DecidedByAsync(context.Db, review.Offer, token);
            if (OfferMachine.Next(review.Offer.State, OfferVerb.Ignore).Refusal is { } denied) return denied;
            if (review.Package is { } package) package.Decide(review.Review!.Ignored().ToJson(), review.Offer.Version, IsCustomised(review));
            review.Offer.Close(OfferState.Ignored, reason.Trim(), context.Now, context.Caller.PersonId);
            Remember(context, review, DecisionVerdict.Ignored, null, null, reason.Trim(), [], MergeDecisions.None.Orders, context.Caller.PersonId, []);
            return new Decided(id, review.Package?.Id, null, DecisionVerdict.Ignored);
        }, ct);

    /// <summary>
    /// What accepting would do beyond the package, measured: it is done for real in a transaction that is rolled back, as on the screen
    /// at first, with HQ's side where there is no default. Anybody who may read the offer may ask.
    /// </summary>
    /// <returns>The measurement, or why it could not be accepted so.</returns>
    public Task<Result<AcceptRehearsal>> RehearseAsync(Sender from, BranchId branch, OfferId id, CancellationToken ct) =>
        door.RehearseAsync<AcceptRehearsal>(new Command("package.accept", from, TenantScope.Of(branch), Access.ReaderOf(branch), "offer", id.ToString()), async (context, token) =>
        {
            if (!(await ReviewCase.LoadAsync(context.Db, branch, id, context.Now, token)).TryGet(out var review, out var refusal)) return refusal;
            var before = await Pins.ReadAsync(context, review.Offer.TemplateId, token);
            review.Offer.View(context.Now);
            if (review.Offer.State == OfferState.Snoozed)
            {
                review.Offer.Wake();
                review.Offer.View(context.Now);
            }

            var decisions = MergeDecisions.Of(review.Review?.Rows.Where(r => !r.IsAlreadyEqual && r.Default is null).Select(r => (r.Path, MergeDecision.Hq)) ?? []);
            if ((await AcceptAsync(context, branch, id, review.Digest, decisions, null, context.Caller.PersonId, token)).Refusal is { } denied) return denied;
            await context.WriteAuditAsync(token);
            await context.Db.SaveChangesAsync(token);
            var after = await Pins.ReadAsync(context, review.Offer.TemplateId, token);
            return new AcceptRehearsal(before.Signed.Count, after.SignedChangedSince(before), after.MovedSince(before));
        }, ct);

    /// <summary>The acceptance inside somebody's command.</summary>
    /// <param name="by">Whom the consent names: whoever decided, which need not be whoever carries it out.</param>
    internal async Task<Result<Decided>> AcceptAsync(WriteContext context, BranchId branch, OfferId id, string previewDigest, MergeDecisions decisions, string? note, PersonId? by, CancellationToken ct)
    {
        if (Remarks.Fault("note", note, LongestReason) is { } endless) return endless;
        if (!(await ReviewCase.LoadAsync(context.Db, branch, id, context.Now, ct)).TryGet(out var review, out var refusal)) return refusal;
        if (!review.Offer.IsOpen) return await OfferCommands.DecidedByAsync(context.Db, review.Offer, ct);
        if (OfferMachine.Next(review.Offer.State, OfferVerb.Accept).Refusal is { } denied) return denied;
        if (review.Digest != previewDigest)
        {
            // A colleague may have decided between two of our reads: then that is the news, not the numbers that moved.
            await context.Db.Entry(review.Offer).ReloadAsync(ct);
            return review.Offer.IsOpen ? PackageRefusals.PreviewStale : await OfferCommands.DecidedByAsync(context.Db, review.Offer, ct);
        }

        if (review.Adoption is { } adoption) return Adopt(context, review, adoption, previewDigest, Trim(note), by);

        var package = review.Package!;
        if (!review.Review!.Decide(decisions, previewDigest).TryGet(out var outcome, out refusal)) return refusal;
        var verdict = DecisionVerdict.Of(outcome.Verdict);
        var pointers = outcome.Pointers.ToJson();
        int? number = null;
        if (outcome.ChangesValues)
        {
            number = package.Revise(outcome.Merged.Name, pointers, review.Offer.Version, PackageQueries.IsOwn(outcome.Merged, review.Studio, review.Versions[^1]));
            context.Db.PackageRevisions.Add(PackageRevision.Of(branch, package.Id, number.Value, outcome.Merged.ToJson(), outcome.Merged.Hash(), pointers,
                RevisionOrigin.AcceptedUpdate, review.Offer.Version, Trim(note), context.Now, by));
            context.Announce(Topics.PackageRevised, branch, new JsonObject { ["packageId"] = package.Id.ToString(), ["revision"] = number });
        }
        else
        {
            // Everything was declined, or both sides said the same already: ruled on, nothing to write down anew.
            package.Decide(pointers, review.Offer.Version, IsCustomised(review));
        }

        review.Offer.Close(outcome.Verdict, Trim(note), context.Now, by);
        var settled = await RecallAnswers.SettleAsync(context, review, outcome.Merged, ct);
        Remember(context, review, verdict, previewDigest, number, Trim(note), outcome.Taken, outcome.Orders, by, settled);
        return new Decided(id, package.Id, number, verdict) { SettledRecalls = Recalled(settled) };
    }

    /// <summary>The branch takes a package it did not have.</summary>
    private Decided Adopt(WriteContext context, ReviewCase review, PackageContent content, string digest, string? note, PersonId? by)
    {
        var branch = review.Studio.Id;
        var pointers = FieldPointers.At(review.Offer.Version).ToJson();
        var package = BranchPackage.Adopt(branch, BranchPackageId.New(), review.Offer.TemplateId, review.Offer.Version, content.Name, pointers, isCustomised: false);
        context.Db.BranchPackages.Add(package);
        context.IfTaken("ix_branch_packages_branch_id_template_id", KernelRefusals.StaleWrite);
        context.Db.PackageRevisions.Add(PackageRevision.Of(branch, package.Id, 1, content.ToJson(), content.Hash(), pointers, RevisionOrigin.Adopted, review.Offer.Version,
            note, context.Now, by));
        review.Offer.Close(OfferState.Accepted, note, context.Now, by);
        Remember(context, review, DecisionVerdict.Accepted, digest, 1, note, [], MergeDecisions.None.Orders, by, []);
        context.Announce(Topics.PackageRevised, branch, new JsonObject { ["packageId"] = package.Id.ToString(), ["revision"] = 1 });
        return new Decided(review.Offer.Id, package.Id, 1, DecisionVerdict.Accepted);
    }

    /// <summary>The signed consent, the audit entry and the event of a decision (features row 1.15).</summary>
    private void Remember(WriteContext context, ReviewCase review, string verdict, string? digest, int? revision, string? reason, IReadOnlyList<TakenDecision> taken,
        IReadOnlyDictionary<string, MergeChoice> orders, PersonId? by, IReadOnlyList<(UpdateOffer Offer, IReadOnlyList<int> Recalled)> settled)
    {
        var before = Before(context.Db, review.Package);
        if (settled.Count > 0) before![AnsweredKey] = new JsonArray([.. settled.Select(s => (JsonNode)s.Offer.Id.ToString())]);
        var decision = Consents.Sign(key, review.Offer, review.Versions[^1].Hash, verdict, digest, revision, reason, taken, orders, context.Now, by, before);
        context.Db.OfferDecisions.Add(decision);
        var payload = new JsonObject
        {
            ["template"] = review.Template.Slug,
            ["version"] = review.Offer.Version,
            ["verdict"] = verdict,
            ["revision"] = revision,
            ["previewDigest"] = digest,
            ["consentSha256"] = CanonicalJson.Sha256(Encoding.UTF8.GetBytes(decision.Consent)),
        };
        // What is not silent has to be found: the branch's own values that gave way to a lock, and HQ's questions this answers.
        if (taken.Where(t => t.Overrode).ToList() is { Count: > 0 } overrode) payload["ownReplaced"] = new JsonArray([.. overrode.Select(t => (JsonNode)t.Path)]);
        if (settled.Count > 0) payload["settledRecalls"] = new JsonArray([.. Recalled(settled).Select(r => (JsonNode)r)]);
        context.Audit(payload);
        OfferCommands.Announce(context, review.Offer);
    }

    /// <summary>Whether the values the branch keeps are other than those of the version it rules on.</summary>
    private static bool IsCustomised(ReviewCase review) => PackageQueries.IsOwn(PackageContent.Parse(review.Revision!.Content).Value, review.Studio, review.Versions[^1]);

    /// <summary>What the branch had ruled on before this decision: without it the decision could not be taken back.</summary>
    private static JsonObject? Before(VaultDb db, BranchPackage? package) => package is null ? null : new JsonObject
    {
        ["decidedVersion"] = db.Entry(package).Property(p => p.DecidedVersion).OriginalValue,
        ["pointers"] = JsonNode.Parse(db.Entry(package).Property(p => p.Pointers).OriginalValue),
    };

    private static List<int> Recalled(IReadOnlyList<(UpdateOffer Offer, IReadOnlyList<int> Recalled)> settled) => [.. settled.SelectMany(s => s.Recalled).Distinct().Order()];

    private static string? Trim(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
