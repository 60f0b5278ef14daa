using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>Whether a decision on an update can still be taken back.</summary>
/// <param name="Until">When its days are over.</param>
/// <param name="Closed">Why it cannot; null while it can.</param>
public sealed record UndoWindow(DateTimeOffset Until, Refusal? Closed);

/// <summary>What came of an undo.</summary>
/// <param name="Revision">The new revision with the values from before; null where the decision had changed none.</param>
public sealed record Undone(OfferId OfferId, int Version, int? Revision);

/// <summary>
/// Takes a decision on an update back: the branch stands where it stood before, and is asked again. Nothing is erased: what was
/// decided stays signed, the undo is a record beside it, and values go back by a new revision. Sound only while nothing was built on
/// the decision, so it is refused once somebody quoted, edited, or HQ published or called back anew.
/// </summary>
public sealed class UndoUpdate(WriteDoor door, GroupKey key)
{
    /// <summary>How long a decision can be taken back.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(7);

    /// <summary>Whether the decision on an offer can be taken back now; null where none was made. Another branch's offer is not there (404).</summary>
    public Task<Result<UndoWindow?>> LookAsync(Sender from, BranchId branch, OfferId id, CancellationToken ct) =>
        door.ReadAsync<UndoWindow?>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var decided = await DecisionAsync(db, id, token);
            var found = await FindAsync(db, id, decided, await PackageQueries.NowAsync(db, token), token);
            if (!found.IsRefused) return new UndoWindow(found.Value.Decision.DecidedAt + Window, null);
            if (found.Refusal.Kind == KernelRefusals.NotFound) return found.Refusal;
            return found.Refusal.Kind == UndoRefusals.NothingToUndo || decided is null ? (UndoWindow?)null : new UndoWindow(decided.DecidedAt + Window, found.Refusal);
        }, ct);

    /// <summary>
    /// Takes it back. Refused with <c>refuse.package.nothing_to_undo</c>, <c>undo_too_late</c>, <c>undo_in_use</c> once a quote uses
    /// the revision it made, <c>undo_overtaken</c> once anything else happened to the package, <c>undo_taken_up</c> for a package that
    /// came with it, <c>undo_unrecorded</c>.
    /// </summary>
    public Task<Result<Undone>> RunAsync(Sender from, BranchId branch, OfferId id, CancellationToken ct) =>
        door.RunAsync<Undone>(new Command("package.undo_decision", from, TenantScope.Of(branch), Access.ManagerOf(branch), "offer", id.ToString()), async (context, token) =>
        {
            var db = context.Db;
            // A quote being made now waits or is waited for: it pins the revision that is about to be undone, or the one after.
            await db.Database.ExecuteSqlAsync($"select from packages.branch_packages p join packages.update_offers o on o.branch_id = p.branch_id and o.template_id = p.template_id where o.branch_id = {branch.Value} and o.id = {id.Value} for update of p", token);
            if (!(await FindAsync(db, id, await DecisionAsync(db, id, token), context.Now, token)).TryGet(out var found, out var refusal)) return refusal;
            var (offer, package, decision, before) = found;
            int? number = null, backTo = null;
            if (package is not null)
            {
                var (pointers, decidedVersion) = (FieldPointers.Parse(before!["pointers"]!.ToJsonString()).ToJson(), before["decidedVersion"]!.GetValue<int>());
                backTo = decision.Revision is { } made ? made - 1 : null;
                var stands = backTo ?? package.CurrentRevision;
                var target = await db.PackageRevisions.AsNoTracking().SingleAsync(r => r.BranchId == branch && r.PackageId == package.Id && r.Number == stands, token);
                var content = PackageContent.Parse(target.Content).Value;
                var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
                var ruledOn = await db.TemplateVersions.AsNoTracking().SingleAsync(v => v.TemplateId == package.TemplateId && v.Number == decidedVersion, token);
                var isCustomised = PackageQueries.IsOwn(content, studio, ruledOn);
                if (backTo is null)
                {
                    package.Decide(pointers, decidedVersion, isCustomised);
                }
                else
                {
                    number = package.Revise(content.Name, pointers, decidedVersion, isCustomised);
                    db.PackageRevisions.Add(PackageRevision.Of(branch, package.Id, number.Value, target.Content, target.Hash, pointers, RevisionOrigin.Reverted, backTo,
                        $"Version {offer.Version} undone.", context.Now, context.Caller.PersonId));
                    context.Announce(Topics.PackageRevised, branch, new JsonObject { ["packageId"] = package.Id.ToString(), ["revision"] = number });
                }
            }

            var version = await db.TemplateVersions.AsNoTracking().SingleAsync(v => v.TemplateId == offer.TemplateId && v.Number == offer.Version, token);
            offer.Reopen();
            // What it had answered is open again: the branch has again what HQ called back.
            var answered = (before?[DecideUpdate.AnsweredKey] as JsonArray ?? []).Select(a => new OfferId(Guid.Parse(a!.GetValue<string>()))).ToList();
            foreach (var asked in await db.UpdateOffers.Where(o => answered.Contains(o.Id)).ToListAsync(token))
            {
                asked.ReviewRevertAgain();
                OfferCommands.Announce(context, asked);
            }

            // HQ may be offering a newer version at this very moment: then the branch is asked about that one.
            context.IfTaken("ix_one_open_offer", UndoRefusals.Overtaken.With("HQ published a newer version"));
            var record = Consents.Sign(key, offer, version.Hash, DecisionVerdict.Undone, null, number, null, [], MergeDecisions.None.Orders, context.Now, context.Caller.PersonId);
            db.OfferDecisions.Add(record);
            var payload = new JsonObject
            {
                ["version"] = offer.Version,
                ["undone"] = decision.Verdict,
                ["revision"] = number,
                ["backTo"] = backTo,
                ["consentSha256"] = CanonicalJson.Sha256(Encoding.UTF8.GetBytes(record.Consent)),
            };
            if (answered.Count > 0) payload["askedAgain"] = new JsonArray([.. answered.Select(a => (JsonNode)a.ToString())]);
            context.Audit(payload);
            OfferCommands.Announce(context, offer);
            return new Undone(id, offer.Version, number);
        }, ct);

    /// <summary>The offer with what was decided and how it stood before, or why that cannot be taken back.</summary>
    private static async Task<Result<Ruling>> FindAsync(VaultDb db, OfferId id, OfferDecision? decision, DateTimeOffset now, CancellationToken ct)
    {
        var offer = await db.UpdateOffers.SingleOrDefaultAsync(o => o.Id == id, ct);
        if (offer is null) return KernelRefusals.NotFound;
        if (OfferMachine.Next(offer.State, OfferVerb.Undo).IsRefused) return UndoRefusals.NothingToUndo;
        if (decision is null) return UndoRefusals.Unrecorded;
        if (offer.IsAdoption && offer.State != OfferState.Ignored) return UndoRefusals.TakenUp;
        if (decision.DecidedAt + Window <= now) return UndoRefusals.TooLate.With((int)Window.TotalDays);
        if (await db.TemplateYanks.AnyAsync(y => y.TemplateId == offer.TemplateId && y.Number == offer.Version, ct)) return UndoRefusals.Overtaken.With("HQ called this version back");
        if (await db.UpdateOffers.Where(o => o.TemplateId == offer.TemplateId && o.Version > offer.Version && o.State != OfferState.Yanked).MaxAsync(o => (int?)o.Version, ct) is { } newer)
            return UndoRefusals.Overtaken.With($"HQ offered version {newer}");

        var package = await db.BranchPackages.SingleOrDefaultAsync(p => p.TemplateId == offer.TemplateId, ct);
        if (package is null) return new Ruling(offer, null, decision, null);
        var last = await db.PackageRevisions.AsNoTracking().Where(r => r.PackageId == package.Id).OrderByDescending(r => r.Number).Select(r => new { r.Number, r.CreatedAt }).FirstAsync(ct);
        if (decision.Revision is { } made ? last.Number != made : last.CreatedAt > decision.DecidedAt) return UndoRefusals.Overtaken.With($"Revision {last.Number} was saved");
        if (decision.Revision is not null)
        {
            var uses = await db.Projects.CountAsync(p => p.PackageId == package.Id && p.PackageRevision == decision.Revision, ct);
            if (uses > 0) return UndoRefusals.InUse.With(uses == 1 ? "A quote or project stands" : $"{uses} quotes and projects stand");
        }

        return JsonNode.Parse(decision.Consent)!["before"] is JsonObject before ? new Ruling(offer, package, decision, before) : UndoRefusals.Unrecorded;
    }

    private static Task<OfferDecision?> DecisionAsync(VaultDb db, OfferId id, CancellationToken ct) =>
        db.OfferDecisions.AsNoTracking().Where(d => d.OfferId == id && d.Verdict != DecisionVerdict.Undone).OrderByDescending(d => d.DecidedAt).FirstOrDefaultAsync(ct);

    /// <param name="Before">How the package stood when it was decided; null where the branch had none.</param>
    private sealed record Ruling(UpdateOffer Offer, BranchPackage? Package, OfferDecision Decision, JsonObject? Before);
}
