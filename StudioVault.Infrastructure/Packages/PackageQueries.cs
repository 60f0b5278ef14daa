using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>Which offers the inbox shows.</summary>
public enum InboxTab
{
    /// <summary>Offered and viewed, and versions HQ called back after the branch took them.</summary>
    ToDecide,
    Snoozed,
    Ignored,
    Accepted,
    All,
}

/// <summary>An offer in the inbox.</summary>
/// <param name="FromVersion">The newest version the branch took something of; 0 = it does not have the package yet.</param>
/// <param name="Summary">HQ's line about the version offered.</param>
/// <param name="Class">Of the gravest version in it: see <paramref name="Gravest"/>.</param>
/// <param name="Versions">How many versions are one difference in it.</param>
/// <param name="Gravest">The version that gives it its class, and HQ's line about it, where that is an earlier one folded in; else null.</param>
/// <param name="Fields">Fields offered; 0 for closed offers.</param>
/// <param name="NeedChoice">Of those, how many wait for the branch's own choice.</param>
/// <param name="Overrides">Of those, how many HQ holds where the branch has a value of its own.</param>
/// <param name="MandatoryBy">The day by which a locked field has to be taken; null when none is.</param>
/// <param name="Reading">Colleagues who look at it now.</param>
/// <param name="WhySoSoon">HQ's reason for publishing this version sooner than its cadence budget allows; null when it kept to it.</param>
public sealed record InboxRow(OfferId Id, TemplateId TemplateId, string Name, int FromVersion, int Version, string Summary, ChangeClass Class, int Versions, VersionLine? Gravest, OfferState State, bool IsAdoption,
    int Fields, int NeedChoice, int Overrides, DateOnly? MandatoryBy, DateTimeOffset OfferedAt, DateTimeOffset? ClosedAt, string? ClosedBy, string? Reason, DateOnly? SnoozedUntil, bool SnoozedToNextVersion,
    DateTimeOffset? ReviewRevertAskedAt, string? YankReason, IReadOnlyList<string> Reading, string? WhySoSoon)
{
    /// <summary>Nothing in it waits for a choice or touches an edit of the branch: it can be accepted together with others.</summary>
    public bool IsSafe => State is OfferState.Offered or OfferState.Viewed && NeedChoice == 0 && Overrides == 0 && !IsAdoption && ReviewRevertAskedAt is null;
}

/// <summary>A version with HQ's line about it.</summary>
public sealed record VersionLine(int Version, string Summary);

/// <summary>The inbox.</summary>
/// <param name="Counts">Rows behind each tab.</param>
/// <param name="Current">Packages of the branch that took HQ's newest offered version.</param>
/// <param name="Packages">All packages of the branch.</param>
public sealed record InboxView(IReadOnlyList<InboxRow> Rows, IReadOnlyDictionary<InboxTab, int> Counts, IReadOnlyList<string> Current, int Packages, DateOnly? PausedUntil, DateTimeOffset AsOf);

/// <summary>One version inside the difference.</summary>
/// <param name="WhySoSoon">HQ's reason for publishing sooner than its cadence budget allows; null when it kept to it.</param>
public sealed record ChangelogRow(int Version, string Summary, ChangeClass Class, DateTimeOffset PublishedAt, string? PublishedBy, string Hash, string? WhySoSoon);

/// <summary>Everything the review page shows of an offer.</summary>
/// <param name="Digest">Bind the acceptance to it.</param>
/// <param name="FromVersion">The newest version the branch took something of; 0 for an adoption.</param>
/// <param name="Class">Of the gravest version in the difference, which need not be the offered one.</param>
/// <param name="Review">The difference; null for an adoption, where <paramref name="Adoption"/> is what would be written.</param>
/// <param name="BranchContent">The branch's content now, JSON; null for an adoption.</param>
/// <param name="Decision">Who decided what, once it is decided; null while it is open.</param>
/// <param name="YankedVersion">The version HQ called back: this one, or an earlier one folded into it; null when neither was.</param>
public sealed record ReviewView(OfferId Id, BranchId BranchId, string BranchName, string Currency, string TimeZone, TemplateId TemplateId, string Name, int FromVersion, int Version,
    string Summary, ChangeClass Class, OfferState State, bool IsAdoption, DateTimeOffset OfferedAt, string? Reason, DateOnly? SnoozedUntil, bool SnoozedToNextVersion, BranchPackageId? PackageId, int? Revision,
    UpdateReview? Review, PackageContent? Adoption, IReadOnlyList<ChangelogRow> Changelog, PackageUse Use, string Digest, string? BranchContent, string VersionHash, Refusal? Decision,
    DateTimeOffset? ReviewRevertAskedAt, DateTimeOffset? RevertReviewedAt, int? YankedVersion, string? YankReason, bool HasBlackout, OfferId? NewerOffer, DecisionReceipt? Receipt);

/// <summary>What the branch decided, as it stands signed in the consent ledger (features row 1.15).</summary>
/// <param name="Verdict">accepted, partly_accepted or ignored.</param>
/// <param name="Revision">The revision it made; null where the branch's values did not change.</param>
/// <param name="Rows">Each change with what was done about it; empty where the whole version was ignored or adopted.</param>
/// <param name="Consent">The canonical JSON the signature covers.</param>
/// <param name="Signature">Base64 of the DER form, by the group's audit key.</param>
public sealed record DecisionReceipt(string Verdict, string? Reason, int? Revision, DateTimeOffset At, string? By, PersonId? ById, IReadOnlyList<ReceiptRow> Rows, string Consent, string Signature);

/// <summary>One change in a receipt.</summary>
/// <param name="Decision">HQ's side, the branch's, or the entered value.</param>
/// <param name="Chosen">The person said so; false where the default on the screen was left as it was.</param>
/// <param name="Overrode">A value of the branch's own gave way to HQ's, which HQ locked.</param>
public sealed record ReceiptRow(FieldInfo Field, MergeDecision Decision, bool Chosen, bool Overrode);

/// <summary>An update the branch has not decided on.</summary>
/// <param name="Version">The version offered.</param>
/// <param name="IsSnoozed">Put off: it asks again on <paramref name="SnoozedUntil"/>, or with the next version when that is null.</param>
public sealed record PendingUpdate(OfferId Id, int Version, bool IsSnoozed, DateOnly? SnoozedUntil);

/// <summary>A package of the branch in its list.</summary>
/// <param name="DecidedVersion">The version of HQ's the branch last ruled on: what its own fields are measured against.</param>
/// <param name="StandsOn">The newest version it took something of: what it follows.</param>
/// <param name="OwnFields">Fields and elements the branch has otherwise than that version.</param>
/// <param name="Included">What a client pays without add-ons.</param>
/// <param name="ReviewsYank">HQ called a version back that the branch took, and nobody has answered yet.</param>
/// <param name="Blocked">Why new quotes are refused today, or null.</param>
public sealed record PackageRow(BranchPackageId Id, TemplateId TemplateId, string TemplateName, string Name, int Revision, int DecidedVersion, int StandsOn, int OwnFields, Money Included, int Items,
    int OpenQuotes, int Booked, PendingUpdate? Update, DateTimeOffset ChangedAt, bool ReviewsYank, Refusal? Blocked);

/// <summary>One revision in a package's history.</summary>
/// <param name="Version">The version of HQ's its values were last taken from.</param>
public sealed record RevisionRow(int Number, RevisionOrigin Origin, int? OriginNumber, int Version, string? Note, DateTimeOffset CreatedAt, string? CreatedBy, string Hash, int OpenQuotes, int Booked);

/// <summary>Two revisions side by side.</summary>
public sealed record RevisionPair(int BeforeNumber, PackageContent Before, int AfterNumber, PackageContent After);

/// <summary>What going back to a revision would write.</summary>
/// <param name="BeforeNumber">The current revision.</param>
/// <param name="Kept">Fields that stay as they are now, because HQ holds them.</param>
public sealed record RevertPreview(int BeforeNumber, PackageContent Before, PackageContent After, IReadOnlyList<KeptField> Kept);

/// <summary>A version HQ called back after the branch took it.</summary>
/// <param name="Offer">To be answered with keep or revert.</param>
/// <param name="Version">The version called back; the offer may be of a later one that it was folded into.</param>
/// <param name="TakenIn">The revision that took it; null when every value of it was declined.</param>
/// <param name="TakenBy">The version whose offer took it: the same one or a later.</param>
public sealed record YankToReview(OfferId Offer, int Version, string? Reason, DateTimeOffset AskedAt, int? TakenIn, int TakenBy);

/// <summary>A package page: the content at one revision, with its history.</summary>
/// <param name="Rules">HQ's rules that hold for the branch's edits today.</param>
/// <param name="StandsOn">The newest version the branch took something of; <paramref name="DecidedVersion"/> is the newest it ruled on.</param>
/// <param name="HqContent">HQ's content of the version the branch ruled on, in the branch's currency: what its own fields are told from.</param>
/// <param name="RulingContent">HQ's content of the version the rules are of, what limits are measured from: another one where HQ called back the one ruled on.</param>
public sealed record PackageView(BranchPackageId Id, BranchId BranchId, string BranchName, string Currency, string TimeZone, TemplateId TemplateId, string TemplateName, string Name, int CurrentRevision, int ShownRevision,
    int DecidedVersion, int StandsOn, PackageContent Content, PackageContent HqContent, FieldRules Rules, PackageContent RulingContent, IReadOnlyList<RevisionRow> Revisions, PendingUpdate? Update, YankToReview? Yank, Refusal? Blocked)
{
    public RevisionRow Current => Revisions[0];

    public RevisionRow Shown => Revisions.First(r => r.Number == ShownRevision);

    public bool IsCurrent => ShownRevision == CurrentRevision;

    /// <summary>Whether going back to the revision answers HQ's request to look at a called-back version again.</summary>
    public bool AnswersYank(int revision) => Yank is { TakenBy: var taken }
        && new RevisionLineage(Revisions.Select(r => new RevisionStep(r.Number, r.Origin, r.OriginNumber))).IsBefore(revision, taken);

    /// <summary>Every field with its mark, as of today.</summary>
    public PackageStanding Standing => PackageStanding.Of(Content, HqContent, Rules, RulingContent);
}

/// <summary>What a branch's people ask about updates and packages.</summary>
public sealed class PackageQueries(WriteDoor door, MandatoryUpdates mandatory, PresenceBoard presence)
{
    /// <summary>Name of the presence place of an offer.</summary>
    public static string PlaceOf(OfferId id) => $"offer:{id}";

    /// <summary>The update inbox of a branch.</summary>
    public Task<Result<InboxView>> InboxAsync(Sender from, BranchId branch, InboxTab tab, string? search, CancellationToken ct) =>
        door.ReadAsync<InboxView>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, caller, token) =>
        {
            var now = await NowAsync(db, token);
            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var today = BranchClock.DayOf(now, studio.TimeZone);
            var offers = await db.UpdateOffers.AsNoTracking().Where(o => o.State != OfferState.Superseded).OrderByDescending(o => o.OfferedAt).ThenBy(o => o.Id).ToListAsync(token);
            var templates = await db.Templates.AsNoTracking().ToDictionaryAsync(t => t.Id, token);
            var packages = await db.BranchPackages.AsNoTracking().ToDictionaryAsync(p => p.TemplateId, token);
            var yanks = (await db.TemplateYanks.AsNoTracking().ToListAsync(token)).ToLookup(y => y.TemplateId);
            var standsOn = packages.ToDictionary(p => p.Key, p => FieldPointers.Parse(p.Value.Pointers).StandsOn);
            var counts = Enum.GetValues<InboxTab>().ToDictionary(t => t, t => offers.Count(o => InTab(o, t)));
            var shown = offers.Where(o => InTab(o, tab)).ToList();
            if (!string.IsNullOrWhiteSpace(search))
                shown = [.. shown.Where(o => templates[o.TemplateId].Name.Contains(search, StringComparison.OrdinalIgnoreCase))];
            var versionIds = shown.Select(o => o.TemplateId).Distinct().ToList();
            var versions = (await db.TemplateVersions.AsNoTracking().Where(v => versionIds.Contains(v.TemplateId)).OrderBy(v => v.Number).ToListAsync(token)).ToLookup(v => v.TemplateId);
            var revisions = (await db.PackageRevisions.AsNoTracking()
                .Join(db.BranchPackages, r => new { r.BranchId, Id = r.PackageId, r.Number }, p => new { p.BranchId, p.Id, Number = p.CurrentRevision }, (r, p) => r).ToListAsync(token)).ToDictionary(r => r.PackageId);
            var names = await NamesAsync(db, shown.Select(o => o.ClosedBy), token);
            var reading = await presence.WhoIsAtAsync([.. shown.Where(o => o.IsOpen).Select(o => PlaceOf(o.Id))], branch, caller.PersonId, token);
            var rows = shown.ConvertAll(o =>
            {
                var package = packages.GetValueOrDefault(o.TemplateId);
                var version = versions[o.TemplateId].Single(v => v.Number == o.Version);
                var span = OfferSpan.Of(o, package, versions[o.TemplateId], offers.Where(d => d.TemplateId == o.TemplateId), [.. yanks[o.TemplateId].Select(y => y.Number)]);
                var review = o.IsOpen && package is not null
                    ? Readable(ReviewCase.Build(package, revisions[package.Id], ReviewCase.Read(versions[o.TemplateId].Where(v => v.Number <= o.Version)), o.Version, today, new HashSet<string>(), new PackageUse(0, 0))) : null;
                return new InboxRow(o.Id, o.TemplateId, templates[o.TemplateId].Name, standsOn.GetValueOrDefault(o.TemplateId), o.Version, version.Summary, span.Class, span.Versions.Count,
                    span.Gravest.Class > version.Class ? new VersionLine(span.Gravest.Number, span.Gravest.Summary) : null, o.State, o.IsAdoption,
                    review?.Counts.Changes ?? 0, review?.Counts.NeedChoice ?? 0, review?.Counts.Overrides ?? 0, review?.Rows.Where(x => x.IsMandatory).Min(x => x.Lock!.MandatoryBy), o.OfferedAt, o.ClosedAt, names(o.ClosedBy), o.Reason, o.SnoozedUntil,
                    o.SnoozedToNextVersion, o.RevertReviewedAt is null ? o.ReviewRevertAskedAt : null, YankOf(o, yanks[o.TemplateId])?.Reason, [.. reading[PlaceOf(o.Id)].Select(p => p.Name)], version.CadenceReason);
            });
            var current = packages.Values.Where(p => offers.Where(o => o.TemplateId == p.TemplateId && o.State != OfferState.Yanked).Max(o => (int?)o.Version) <= standsOn[p.TemplateId]).Select(p => p.Name).Order(StringComparer.Ordinal);
            return new InboxView(rows, counts, [.. current], packages.Count, studio.UpdatesPausedUntil >= today ? studio.UpdatesPausedUntil : null, now);
        }, ct);

    /// <summary>How many offers wait for the branch; 0 while it has paused updates. For the menu.</summary>
    public Task<Result<int>> WaitingAsync(Sender from, BranchId branch, CancellationToken ct) =>
        door.ReadAsync<int>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
        {
            var now = await NowAsync(db, token);
            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            if (studio.UpdatesPausedUntil >= BranchClock.DayOf(now, studio.TimeZone)) return 0;
            return await db.UpdateOffers.CountAsync(o => o.State == OfferState.Offered || o.State == OfferState.Viewed || (o.ReviewRevertAskedAt != null && o.RevertReviewedAt == null), token);
        }, ct);

    /// <summary>An offer to review. Another branch's offer is not there (404).</summary>
    public Task<Result<ReviewView>> ReviewAsync(Sender from, BranchId branch, OfferId id, CancellationToken ct) =>
        door.ReadAsync<ReviewView>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var now = await NowAsync(db, token);
            if (!(await ReviewCase.LoadAsync(db, branch, id, now, token)).TryGet(out var review, out var refusal)) return refusal;
            var names = await NamesAsync(db, review.Versions.Select(v => v.PublishedBy), token);
            var offered = review.Versions[^1];
            var fromVersion = review.Package is { } own ? FieldPointers.Parse(own.Pointers).StandsOn : 0;
            // What was ignored on the way is no part of the difference.
            var ruledOn = review.Package?.DecidedVersion ?? 0;
            var yanks = await db.TemplateYanks.AsNoTracking().Where(y => y.TemplateId == review.Offer.TemplateId).ToListAsync(token);
            var yank = YankOf(review.Offer, yanks);
            var offers = await db.UpdateOffers.AsNoTracking().Where(o => o.TemplateId == review.Offer.TemplateId).ToListAsync(token);
            var span = OfferSpan.Of(review.Offer, review.Package, review.Versions, offers, [.. yanks.Select(y => y.Number)]);
            // What a branch that has nothing of it yet reads is where the package comes from: all of its versions that stand.
            var log = review.Package is null ? review.Versions.Where(v => v.Number == review.Offer.Version || yanks.TrueForAll(y => y.Number != v.Number)).Reverse() : span.Versions.Where(v => v.Number > ruledOn);
            var newer = offers.Where(o => o.Version > review.Offer.Version && o.State != OfferState.Yanked).MaxBy(o => o.Version);
            return new ReviewView(id, branch, review.Studio.Name, review.Studio.Currency, review.Studio.TimeZone, review.Offer.TemplateId, review.Template.Name, fromVersion, review.Offer.Version,
                offered.Summary, span.Class, review.Offer.State, review.Offer.IsAdoption, review.Offer.OfferedAt, review.Offer.Reason, review.Offer.SnoozedUntil, review.Offer.SnoozedToNextVersion,
                review.Package?.Id, review.Revision?.Number, review.Review, review.Adoption,
                [.. log.Select(v => new ChangelogRow(v.Number, v.Summary, v.Class, v.PublishedAt, names(v.PublishedBy), v.Hash, v.CadenceReason))],
                review.Use, review.Digest, review.Revision?.Content, offered.Hash, review.Offer.IsOpen ? null : await OfferCommands.DecidedByAsync(db, review.Offer, token),
                review.Offer.ReviewRevertAskedAt, review.Offer.RevertReviewedAt, yank?.Number, yank?.Reason, await db.Blackouts.AnyAsync(b => b.EndsOn >= review.Today, token), newer?.Id,
                review.Offer.State is OfferState.Accepted or OfferState.PartlyAccepted or OfferState.Ignored ? await ReceiptAsync(db, review, token) : null);
        }, ct);

    /// <summary>The branch's packages by name.</summary>
    public Task<Result<IReadOnlyList<PackageRow>>> PackagesAsync(Sender from, BranchId branch, string? search, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<PackageRow>>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var now = await NowAsync(db, token);
            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var today = BranchClock.DayOf(now, studio.TimeZone);
            var packages = await db.BranchPackages.AsNoTracking().OrderBy(p => p.Name).ToListAsync(token);
            if (!string.IsNullOrWhiteSpace(search)) packages = [.. packages.Where(p => p.Name.Contains(search, StringComparison.OrdinalIgnoreCase))];
            var revisions = (await db.PackageRevisions.AsNoTracking()
                .Join(db.BranchPackages, r => new { r.BranchId, Id = r.PackageId, r.Number }, p => new { p.BranchId, p.Id, Number = p.CurrentRevision }, (r, p) => r).ToListAsync(token)).ToDictionary(r => r.PackageId);
            var offers = (await db.UpdateOffers.AsNoTracking().ToListAsync(token)).ToLookup(o => o.TemplateId);
            var templates = await db.Templates.AsNoTracking().ToDictionaryAsync(t => t.Id, t => t.Name, token);
            var projects = (await db.Projects.AsNoTracking().GroupBy(p => new { p.PackageId, p.State }).Select(g => new { g.Key.PackageId, g.Key.State, Count = g.Count() }).ToListAsync(token)).ToLookup(p => p.PackageId);
            var rows = new List<PackageRow>(packages.Count);
            foreach (var package in packages)
            {
                var content = PackageContent.Parse(revisions[package.Id].Content).Value;
                var hq = await HqSide.OfAsync(db, studio, package, today, token);
                rows.Add(new PackageRow(package.Id, package.TemplateId, templates[package.TemplateId], package.Name, package.CurrentRevision, package.DecidedVersion, FieldPointers.Parse(package.Pointers).StandsOn,
                    PackageStanding.Of(content, hq.Hq, hq.Rules, hq.Ruling).OwnCount, content.IncludedTotal, content.Items.Count,
                    projects[package.Id].Where(p => ProjectMachine.Open.Contains(p.State)).Sum(p => p.Count), projects[package.Id].Where(p => ProjectMachine.UnderWay.Contains(p.State)).Sum(p => p.Count),
                    PendingOf(offers[package.TemplateId]), revisions[package.Id].CreatedAt,
                    offers[package.TemplateId].Any(o => o.ReviewRevertAskedAt is not null && o.RevertReviewedAt is null), await mandatory.OverdueAsync(db, studio, package, today, token)));
            }

            return rows;
        }, ct);

    /// <summary>One package at a revision (the current one by default). Another branch's package is not there (404).</summary>
    public Task<Result<PackageView>> PackageAsync(Sender from, BranchId branch, BranchPackageId id, int? revision, CancellationToken ct) =>
        door.ReadAsync<PackageView>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var now = await NowAsync(db, token);
            var package = await db.BranchPackages.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, token);
            if (package is null) return KernelRefusals.NotFound;
            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var today = BranchClock.DayOf(now, studio.TimeZone);
            var revisions = await db.PackageRevisions.AsNoTracking().Where(r => r.PackageId == id).OrderByDescending(r => r.Number)
                .Select(r => new { r.Number, r.Origin, r.OriginNumber, r.Pointers, r.Note, r.CreatedAt, r.CreatedBy, r.Hash }).ToListAsync(token);
            var number = revision ?? package.CurrentRevision;
            var content = await db.PackageRevisions.AsNoTracking().Where(r => r.PackageId == id && r.Number == number).Select(r => r.Content).SingleOrDefaultAsync(token);
            if (content is null) return KernelRefusals.NotFound;
            var template = await db.Templates.AsNoTracking().SingleAsync(t => t.Id == package.TemplateId, token);
            var hq = await HqSide.OfAsync(db, studio, package, today, token);
            var names = await NamesAsync(db, revisions.Select(r => r.CreatedBy), token);
            var offers = await db.UpdateOffers.AsNoTracking().Where(o => o.TemplateId == package.TemplateId).ToListAsync(token);
            var asked = offers.Where(o => o.ReviewRevertAskedAt is not null && o.RevertReviewedAt is null).MaxBy(o => o.Version);
            var yank = asked is null ? null : YankOf(asked, await db.TemplateYanks.AsNoTracking().Where(y => y.TemplateId == asked.TemplateId).ToListAsync(token));
            var lineage = new RevisionLineage(revisions.Select(r => new RevisionStep(r.Number, r.Origin, r.OriginNumber)));
            var projects = (await db.Projects.AsNoTracking().Where(p => p.PackageId == id).GroupBy(p => new { p.PackageRevision, p.State }).Select(g => new { g.Key.PackageRevision, g.Key.State, Count = g.Count() }).ToListAsync(token)).ToLookup(p => p.PackageRevision);
            return new PackageView(id, branch, studio.Name, studio.Currency, studio.TimeZone, package.TemplateId, template.Name, package.Name, package.CurrentRevision, number, package.DecidedVersion,
                FieldPointers.Parse(package.Pointers).StandsOn, PackageContent.Parse(content).Value, hq.Hq, hq.Rules, hq.Ruling,
                revisions.ConvertAll(r => new RevisionRow(r.Number, r.Origin, r.OriginNumber, FieldPointers.Parse(r.Pointers).StandsOn, r.Note, r.CreatedAt, names(r.CreatedBy), r.Hash,
                    projects[r.Number].Where(p => ProjectMachine.Open.Contains(p.State)).Sum(p => p.Count), projects[r.Number].Where(p => ProjectMachine.UnderWay.Contains(p.State)).Sum(p => p.Count))),
                PendingOf(offers),
                asked is null ? null : new YankToReview(asked.Id, yank?.Number ?? asked.Version, yank?.Reason, asked.ReviewRevertAskedAt!.Value, lineage.TookIn(asked.Version), asked.Version),
                await mandatory.OverdueAsync(db, studio, package, today, token));
        }, ct);

    /// <summary>Two revisions of a package, for their difference. A revision or package that is not there is 404.</summary>
    public Task<Result<RevisionPair>> CompareAsync(Sender from, BranchId branch, BranchPackageId id, int before, int after, CancellationToken ct) =>
        door.ReadAsync<RevisionPair>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var contents = await db.PackageRevisions.AsNoTracking().Where(r => r.PackageId == id && (r.Number == before || r.Number == after)).ToDictionaryAsync(r => r.Number, r => r.Content, token);
            return contents.TryGetValue(before, out var old) && contents.TryGetValue(after, out var now)
                ? new RevisionPair(before, PackageContent.Parse(old).Value, after, PackageContent.Parse(now).Value) : KernelRefusals.NotFound;
        }, ct);

    /// <summary>What going back to a revision would change, and what HQ's rules would keep. Refused as the command would be.</summary>
    public Task<Result<RevertPreview>> RevertPreviewAsync(Sender from, BranchId branch, BranchPackageId id, int toRevision, CancellationToken ct) =>
        door.ReadAsync<RevertPreview>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var package = await db.BranchPackages.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, token);
            if (package is null) return KernelRefusals.NotFound;
            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            return (await PackageCommands.PlanRevertAsync(db, package, studio, toRevision, await NowAsync(db, token), token)).TryGet(out var plan, out var refusal)
                ? new RevertPreview(package.CurrentRevision, plan.Before, plan.After, plan.Kept) : refusal;
        }, ct);

    /// <summary>
    /// Whether content says anything else than HQ's in a version: what <see cref="BranchPackage.IsCustomised"/> remembers, whichever
    /// action it was, and what the package page marks field by field. What HQ leaves to the branch counts too, but for its own tax.
    /// </summary>
    internal static bool IsOwn(PackageContent content, Branch studio, TemplateContent version) =>
        !ContentNode.Same(content.ToTree(), version.ProjectTo(studio.Currency, PackageCommands.TaxTermsOf(studio, version)).Value.ToTree());

    /// <inheritdoc cref="IsOwn(PackageContent, Branch, TemplateContent)"/>
    internal static bool IsOwn(PackageContent content, Branch studio, TemplateVersion version) => IsOwn(content, studio, TemplateContent.Parse(version.Content).Value);

    /// <summary>
    /// The recall an offer is about: of its own version, or of an earlier one that was folded into it. The request and the recall are of one moment.
    /// </summary>
    private static TemplateYank? YankOf(UpdateOffer offer, IEnumerable<TemplateYank> ofTemplate) =>
        ofTemplate.OrderByDescending(y => y.YankedAt == offer.ReviewRevertAskedAt).FirstOrDefault(y => y.YankedAt == offer.ReviewRevertAskedAt || y.Number == offer.Version);

    private static PendingUpdate? PendingOf(IEnumerable<UpdateOffer> offers) => offers.Where(o => o.State is OfferState.Offered or OfferState.Viewed or OfferState.Snoozed).MaxBy(o => o.Version) is { } open
        ? new PendingUpdate(open.Id, open.Version, open.State == OfferState.Snoozed, open.SnoozedUntil) : null;

    private static async Task<DecisionReceipt?> ReceiptAsync(VaultDb db, ReviewCase review, CancellationToken ct)
    {
        var decision = await db.OfferDecisions.AsNoTracking().Where(d => d.OfferId == review.Offer.Id).OrderByDescending(d => d.DecidedAt).FirstOrDefaultAsync(ct);
        if (decision is null) return null;
        var names = await NamesAsync(db, [decision.DecidedBy], ct);
        // Titles are looked up in the branch's package and in every version it could have been about.
        ContentObject?[] trees = [review.Revision is null ? null : Tree(review.Revision.Content), .. review.Versions.Reverse().Select(v => Tree(v.Content))];
        var rows = new List<ReceiptRow>();
        var signed = JsonNode.Parse(decision.Consent)!.AsObject();
        foreach (var (path, taken) in (signed["decisions"] as JsonObject ?? []).OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            if (ContentTree.From(new JsonObject { ["decision"] = taken!["decision"]?.DeepClone() }).Value.Find("decision") is { } node && MergeDecision.Read(node) is { } read)
                rows.Add(new ReceiptRow(FieldCatalogue.Describe(path, trees), read, taken["chosen"]?.GetValue<bool>() == true, taken[Consents.OverrodeKey]?.GetValue<bool>() == true));
        }

        foreach (var (path, choice) in signed["orders"] as JsonObject ?? [])
        {
            var field = FieldCatalogue.Describe(path, trees);
            rows.Add(new ReceiptRow(field with { Label = $"{field.Label}: order" }, MergeDecision.Of((string?)choice == "hq" ? MergeChoice.Hq : MergeChoice.Branch), true, false));
        }

        return new DecisionReceipt(decision.Verdict, decision.Reason, decision.Revision, decision.DecidedAt, names(decision.DecidedBy), decision.DecidedBy, [.. rows.OrderBy(r => r.Field.Section)], decision.Consent, decision.Signature);

        static ContentObject? Tree(string content) => ContentTree.Parse(content).TryGet(out var tree, out _) ? tree : null;
    }

    private static UpdateReview? Readable(Result<UpdateReview> review) => review.IsRefused ? null : review.Value;

    private static bool InTab(UpdateOffer offer, InboxTab tab) => tab switch
    {
        InboxTab.ToDecide => offer.State is OfferState.Offered or OfferState.Viewed || (offer.ReviewRevertAskedAt is not null && offer.RevertReviewedAt is null),
        InboxTab.Snoozed => offer.State == OfferState.Snoozed,
        InboxTab.Ignored => offer.State == OfferState.Ignored,
        InboxTab.Accepted => offer.State is OfferState.Accepted or OfferState.PartlyAccepted,
        _ => true,
    };

    internal static Task<DateTimeOffset> NowAsync(VaultDb db, CancellationToken ct) =>
        db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(ct);

    internal static async Task<Func<PersonId?, string?>> NamesAsync(VaultDb db, IEnumerable<PersonId?> people, CancellationToken ct)
    {
        var ids = people.OfType<PersonId>().Select(p => p.Value).Distinct().ToList();
        var names = await db.Users.AsNoTracking().Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, ct);
        return id => id is { } i ? names.GetValueOrDefault(i.Value) : null;
    }
}
