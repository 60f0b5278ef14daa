using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>
/// Accepts an update in which nothing waits for a choice, by the same way the branch does by hand; the consent names the approver.
/// Refused with <c>refuse.package.not_safe</c>, <c>offer_snoozed</c>, as <see cref="DecideUpdate"/>, and with <c>refuse.kernel.not_found</c>.
/// </summary>
public sealed class PackageAcceptSafe(DecideUpdate decide) : ICapability
{
    public const string Name = "package.accept_safe";

    public CapabilityDefinition Definition { get; } = new(Name, "Packages", "Accept a safe update", "Takes over a new version of HQ’s package where nothing conflicts with what the branch has and nothing is left to choose.",
        new([new("offerId", InputKind.Id, "Update")]), Band.Amber, IsAtomic: true,
        new("Package owners", "medium", "The branch sells at a price or under a clause it did not mean to take over.", "The package goes back to the revision before; quotes keep what they pin.", "PackageAcceptSafeTests",
            Band.Amber, TimeSpan.FromDays(7), TimeSpan.FromHours(4), PerAgent: 20, PerOwner: 40, PerBranch: 40, TimeSpan.FromDays(1)))
    {
        UndoneBy = [PackageRevert.Name],
        RejectReasons = ["We look at it by hand", "Not in this season", "The price does not suit us", "Ask HQ first", "Not now"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        if (!(await FindAsync(db, call, call.Now, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (offer, package, review) = (found.Offer, found.Package!, found.Review!);
        var taken = review.Rows.Where(r => !r.IsAlreadyEqual && r.Default == MergeChoice.Hq).ToList();
        var kept = review.Rows.Count(r => !r.IsAlreadyEqual && r.Default == MergeChoice.Branch);
        var notes = new List<string> { $"{CapabilityWords.Count(found.Use.OpenQuotes, "open quote keeps", "open quotes keep")} the revision they pin." };
        if (kept > 0) notes.Add($"{CapabilityWords.Count(kept, "field stays", "fields stay")} as the branch has it.");
        if (review.Counts.KeptEdits > 0) notes.Add($"{CapabilityWords.Count(review.Counts.KeptEdits, "own edit of the branch is", "own edits of the branch are")} not touched.");
        return new IntendedWrite($"Accept version {offer.Version} of {found.Template.Name}: {CapabilityWords.Count(taken.Count, "change", "changes")}, no conflict", $"version {offer.Version} of {found.Template.Name}",
            new("offer", offer.Id.ToString(), TargetRef.EtagOf(new JsonObject
            {
                ["content"] = found.Revision!.Hash,
                ["offer"] = offer.Id.ToString(),
                ["pointers"] = CanonicalJson.Sha256(JsonNode.Parse(package.Pointers)),
                ["revision"] = package.CurrentRevision,
                ["version"] = found.Versions[^1].Hash,
            }), $"/updates/{offer.Id}"),
            PackageWords.Facts(taken.Select(r => (r.Field, r.Yours, r.Hq)), found.Studio.Currency))
        { About = Concern.Nobody, Notes = notes };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (!(await FindAsync(context.Db, call, context.Now, ct)).TryGet(out var found, out var refusal)) return refusal;
        // Whoever approved has read what it changes.
        found.Offer.View(context.Now);
        var before = found.Package!.CurrentRevision;
        if (!(await decide.AcceptAsync(context, call.Branch, found.Offer.Id, found.Digest, MergeDecisions.None, null, call.Approver ?? context.Caller.PersonId, ct)).TryGet(out var decided, out refusal)) return refusal;
        var href = $"/packages/{decided.PackageId}";
        if (decided.Revision is not { } revision) return new Effect($"Version {found.Offer.Version} is accepted; the package said the same already.", href, null);
        return new Effect($"The package is at revision {revision}.", href,
            new(PackageRevert.Name, CapabilityWords.Args(("packageId", decided.PackageId.ToString()), ("toRevision", before), ("reason", CapabilityWords.RolledBack))));
    }

    private static async Task<Result<ReviewCase>> FindAsync(VaultDb db, CapabilityCall call, DateTimeOffset now, CancellationToken ct)
    {
        if (!(await ReviewCase.LoadAsync(db, call.Branch, new(call.Id("offerId")), now, ct)).TryGet(out var found, out var refusal)) return refusal;
        if (!found.Offer.IsOpen) return await OfferCommands.DecidedByAsync(db, found.Offer, ct);
        if (found.Offer.State == OfferState.Snoozed) return OfferRefusals.Snoozed;
        if (found.Review is not { } review || found.Package is null) return OfferRefusals.NotSafe.With("the branch does not have the package yet");
        if (found.Offer.ReviewRevertAskedAt is not null) return OfferRefusals.NotSafe.With("HQ asked to look at it again");
        if (review.Counts.NeedChoice > 0) return OfferRefusals.NotSafe.With(CapabilityWords.Count(review.Counts.NeedChoice, "field needs a choice", "fields need a choice"));
        if (!review.Counts.IsSafe) return OfferRefusals.NotSafe.With(CapabilityWords.Count(review.Counts.Overrides, "field of the branch’s own is locked", "fields of the branch’s own are locked"));
        if (review.Decide(MergeDecisions.None, review.Digest).Refusal is { } no) return no;
        return found;
    }
}
