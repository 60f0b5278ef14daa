using System.Globalization;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>What a new version will meet in one branch.</summary>
/// <param name="Fields">Fields it would be offered.</param>
/// <param name="Conflicts">Of those, how many wait for the branch's own choice: <see cref="ReviewCounts.NeedChoice"/>.</param>
/// <param name="Overrides">Fields HQ holds where the branch has a value of its own, which it would lose by accepting: <see cref="ReviewCounts.Overrides"/>.</param>
/// <param name="Mandatory">Locked fields it has to take by a date.</param>
/// <param name="Fault">Why the merge could not be computed; null as a rule.</param>
public sealed record BranchPrediction(BranchId BranchId, string Branch, string Currency, bool IsAdoption, bool IsCustomised, int Fields, int Conflicts, int Overrides, int Mandatory, int OpenQuotes, string? Fault);

/// <summary>
/// Everything a publish would touch, found by publishing for real in a transaction that is rolled back.
/// </summary>
/// <param name="Following">Branches of the wave whose copy equals HQ's.</param>
/// <param name="Customised">Branches of the wave with values of their own: <see cref="BranchPackage.IsCustomised"/>.</param>
/// <param name="Adopting">Branches of the wave that do not have the package yet.</param>
/// <param name="OpenQuotes">Open quotes on the template's packages; they keep their revision.</param>
/// <param name="Booked">Booked projects on them; they keep theirs.</param>
/// <param name="PinsMoved">Quotes and projects whose pinned revision or its content changed in the rehearsal: always 0, measured.</param>
/// <param name="SignedAgreements">Signed papers and sealed agreements on the template's packages that were looked at before and after.</param>
/// <param name="SignedChanged">Of those, how many read otherwise after the rehearsal or were gone: always 0, measured.</param>
/// <param name="Looked">Digest of what was looked at; see <see cref="Digest"/>.</param>
public sealed record BlastRadiusReport(int Version, string Hash, ChangeClass Class, IReadOnlyList<PackageChangeReason> Reasons, int Offers, int Following, int Customised, int Adopting,
    int OpenQuotes, int Booked, int PinsMoved, int SignedAgreements, int SignedChanged, int DaysSinceLast, bool NeedsCadenceReason, IReadOnlyList<BranchPrediction> Branches, string Looked)
{
    /// <summary>No quote, no project and no signed paper is touched. Anything else is a fault of the program.</summary>
    public bool IsHarmless => PinsMoved == 0 && SignedChanged == 0;

    /// <summary>To be sent with the publish. Null where publishing would do harm: then there is nothing to publish with.</summary>
    public string? Digest => IsHarmless ? Looked : null;
}

/// <summary>
/// Looks ahead before a publish. The merges of all branches take a while where there are many, so they are made from what was read,
/// outside of any transaction: nobody who decides on an offer of the template waits for them. Then the version is published for real,
/// offered and measured in a short transaction that is rolled back; whatever a branch did meanwhile is merged again first, so that the
/// report is of the moment of that transaction.
/// </summary>
public sealed class BlastRadius(WriteDoor door)
{
    private const int Rounds = 3;
    private const int ChunkSize = 250;

    /// <summary>So many branches that moved meanwhile are merged again within the transaction, before it takes a lock; more ask for another round.</summary>
    internal int FewEnough { get; init; } = 100;

    /// <param name="order">What is about to be published; the typed version number, summary and cadence reason may still be missing.</param>
    /// <param name="progress">Told how many branches have been merged so far, of how many.</param>
    /// <returns>
    /// The report; refused as the publish would be, and with <c>refuse.package.radius_stale</c> where draft, versions or branches do not
    /// stand still long enough.
    /// </returns>
    public async Task<Result<BlastRadiusReport>> ComputeAsync(Sender from, PublishOrder order, IProgress<(int Done, int Of)>? progress, CancellationToken ct)
    {
        var merged = new Dictionary<Subject, BranchPrediction>();
        Plan? before = null;
        for (var round = 1; round <= Rounds; round++)
        {
            if (!(await LookAsync(from, order, ct)).TryGet(out var plan, out var refusal)) return refusal;
            // What was merged with another text or after other versions is worth nothing.
            if (before?.Looked != plan.Looked) merged.Clear();
            before = plan;
            if ((await MergeAsync(from, plan, merged, progress, ct)).Refusal is { } unread) return unread;
            var measured = await door.RehearseAsync<BlastRadiusReport?>(PublishTemplateVersion.CommandOf(from, order), (context, token) => MeasureAsync(context, order, plan, merged, token), ct);
            if (!measured.TryGet(out var report, out refusal)) return refusal;
            if (report is not null) return report;
        }

        return PublishRefusals.RadiusStale;
    }

    /// <summary>Everything the merges start from but the content of the branches.</summary>
    private Task<Result<Plan>> LookAsync(Sender from, PublishOrder order, CancellationToken ct) =>
        door.ReadAsync<Plan>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var now = await db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(token);
            var looked = await PublishTemplateVersion.RadiusDigestAsync(db, order, token);
            if (await RehearsalOfAsync(db, order, token) is not { } rehearsal) return KernelRefusals.NotFound;
            // Whatever refuses the publish is said before anything is merged.
            if (!(await PublishTemplateVersion.JudgeAsync(db, now, rehearsal, token)).TryGet(out var judged, out var refusal)) return refusal;
            var versions = await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == order.TemplateId).OrderBy(v => v.Number).ToListAsync(token);
            if (versions.Count >= judged.Number) return PublishRefusals.RadiusStale;
            return new Plan(looked, judged, [.. ReviewCase.Read(versions), new PublishedVersion(judged.Number, now, rehearsal.Summary.Trim(), judged.Hash, judged.Content)],
                await SubjectsAsync(db, order, now, token));
        }, ct);

    /// <summary>Merges every branch of the plan that is not merged yet; their content is read a chunk at a time, and no transaction is open meanwhile.</summary>
    private async Task<Result<Done>> MergeAsync(Sender from, Plan plan, Dictionary<Subject, BranchPrediction> merged, IProgress<(int, int)>? progress, CancellationToken ct)
    {
        var todo = plan.Subjects.Where(s => !merged.ContainsKey(s)).ToList();
        var done = plan.Subjects.Count - todo.Count;
        foreach (var chunk in todo.Chunk(ChunkSize))
        {
            if (!(await door.ReadAsync<Contents>(from, TenantScope.Hq, Access.Hq, async (db, _, token) => await ContentsAsync(db, chunk, token), ct)).TryGet(out var contents, out var refusal)) return refusal;
            foreach (var subject in chunk)
            {
                ct.ThrowIfCancellationRequested();
                merged[subject] = Predict(subject, plan, contents);
                progress?.Report((++done, plan.Subjects.Count));
            }
        }

        return Done.It;
    }

    /// <summary>Publishes in the transaction given and looks at what that did.</summary>
    /// <returns>The report; null where what was merged is not of this moment any more.</returns>
    private async Task<Result<BlastRadiusReport?>> MeasureAsync(WriteContext context, PublishOrder order, Plan plan, Dictionary<Subject, BranchPrediction> merged, CancellationToken ct)
    {
        if (await RehearsalOfAsync(context.Db, order, ct) is not { } rehearsal) return KernelRefusals.NotFound;
        if (await PublishTemplateVersion.RadiusDigestAsync(context.Db, order, ct) != plan.Looked) return (BlastRadiusReport?)null;
        var subjects = await SubjectsAsync(context.Db, order, context.Now, ct);
        var moved = subjects.FindAll(s => !merged.ContainsKey(s));
        if (moved.Count > FewEnough) return (BlastRadiusReport?)null;
        var contents = await ContentsAsync(context.Db, moved, ct);
        foreach (var subject in moved) merged[subject] = Predict(subject, plan, contents);

        // From here on rows are locked, until the transaction is rolled back.
        var before = await Pins.ReadAsync(context, order.TemplateId, ct);
        if (!(await PublishTemplateVersion.WorkAsync(context, rehearsal, ct)).TryGet(out var published, out var refusal)) return refusal;
        if ((published.Version, published.Hash) != (plan.Judged.Number, plan.Judged.Hash)) return (BlastRadiusReport?)null;
        var after = await Pins.ReadAsync(context, order.TemplateId, ct);

        var branches = subjects.ConvertAll(s => merged[s]);
        var days = plan.Judged.LastPublishedAt is { } last ? (int)(context.Now - last).TotalDays : int.MaxValue;
        return new BlastRadiusReport(published.Version, published.Hash, plan.Judged.Class, plan.Judged.Reasons, published.Offers,
            branches.Count(b => b is { IsAdoption: false, IsCustomised: false }), branches.Count(b => b.IsCustomised), branches.Count(b => b.IsAdoption),
            branches.Sum(b => b.OpenQuotes), before.Booked, after.MovedSince(before), before.Signed.Count, after.SignedChangedSince(before),
            days, days < PublishTemplateVersion.CadenceBudget.TotalDays, branches, plan.Looked);
    }

    /// <summary>The order with what may still be missing in it; null where there is no such template.</summary>
    private static async Task<PublishOrder?> RehearsalOfAsync(VaultDb db, PublishOrder order, CancellationToken ct) =>
        await db.Templates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == order.TemplateId, ct) is not { } template ? null : order with
        {
            ConfirmVersion = template.LatestVersion + 1,
            DeclaredClass = ChangeClass.Major,
            Summary = string.IsNullOrWhiteSpace(order.Summary) ? "…" : order.Summary,
            CadenceReason = string.IsNullOrWhiteSpace(order.CadenceReason) ? "…" : order.CadenceReason,
        };

    /// <summary>The branches that would be offered it, by name, with everything of theirs that can change. One statement, so all of one moment.</summary>
    private static async Task<List<Subject>> SubjectsAsync(VaultDb db, PublishOrder order, DateTimeOffset now, CancellationToken ct)
    {
        var (all, wave, open) = (order.Branches is null, (order.Branches ?? []).Select(b => b.Value).ToArray(), ProjectMachine.Open.Select(s => s.ToString()).ToArray());
        var rows = await db.Database.SqlQuery<SubjectRow>($"""
            select b.id as "BranchId", b.name as "Name", b.currency as "Currency", b.time_zone as "TimeZone", p.id as "PackageId", coalesce(p.pointers::text, '') as "Pointers",
              coalesce(p.current_revision, 0) as "Revision", coalesce(p.is_customised, false) as "IsCustomised", coalesce(q.quotes, 0) as "OpenQuotes", coalesce(q.revisions, '') as "Quoted"
            from organization.branches b
            left join packages.branch_packages p on p.branch_id = b.id and p.template_id = {order.TemplateId.Value}
            left join (
              select branch_id, package_id, count(*)::int as quotes, string_agg(distinct package_revision::text, ',') as revisions from agreements.projects
              where state = any({open}) group by branch_id, package_id
            ) q on q.branch_id = p.branch_id and q.package_id = p.id
            where {all} or b.id = any({wave})
            order by b.name, b.id
            """).ToListAsync(ct);
        return rows.ConvertAll(r => new Subject(order.TemplateId, r, BranchClock.DayOf(now, r.TimeZone)));
    }

    /// <summary>The revisions the branches stand on and those their open quotes pin. Revisions never change, so they may be read at any moment.</summary>
    private static async Task<Contents> ContentsAsync(VaultDb db, IReadOnlyList<Subject> subjects, CancellationToken ct)
    {
        var wanted = subjects.Where(s => s.Row.PackageId is not null).SelectMany(s => s.Pinned.Append(s.Row.Revision).Distinct().Select(n => (s.Row.BranchId, PackageId: s.Row.PackageId!.Value, Number: n))).ToList();
        if (wanted.Count == 0) return new Contents([]);
        var (branches, packages, numbers) = (wanted.Select(w => w.BranchId).ToArray(), wanted.Select(w => w.PackageId).ToArray(), wanted.Select(w => w.Number).ToArray());
        var revisions = await db.PackageRevisions.FromSql($"""
            select r.* from packages.package_revisions r
            join unnest({branches}, {packages}, {numbers}) as w (branch_id, package_id, number) on w.branch_id = r.branch_id and w.package_id = r.package_id and w.number = r.number
            """).AsNoTracking().ToListAsync(ct);
        return new Contents(revisions.ToDictionary(r => (r.BranchId.Value, r.Number)));
    }

    /// <summary>The merge an acceptance would make, without a database.</summary>
    private static BranchPrediction Predict(Subject subject, Plan plan, Contents contents)
    {
        var (row, branch) = (subject.Row, new BranchId(subject.Row.BranchId));
        if (row.PackageId is null) return new BranchPrediction(branch, row.Name, row.Currency, true, false, 0, 0, 0, 0, row.OpenQuotes, null);
        var quoted = subject.Pinned.SelectMany(n => UpdateReview.ElementsOf(PackageContent.Parse(contents.Revisions[(row.BranchId, n)].Content).Value)).ToHashSet(StringComparer.Ordinal);
        var review = ReviewCase.Build(subject.Template, row.Pointers, contents.Revisions[(row.BranchId, row.Revision)], plan.Versions, plan.Judged.Number, subject.Today, quoted, new PackageUse(row.OpenQuotes, 0));
        var counts = review.IsRefused ? null : review.Value.Counts;
        return new BranchPrediction(branch, row.Name, row.Currency, false, row.IsCustomised, counts?.Changes ?? 0, counts?.NeedChoice ?? 0,
            counts?.Overrides ?? 0, counts?.Mandatory ?? 0, row.OpenQuotes, review.Refusal?.Sentence);
    }

    /// <summary>What is merged with what.</summary>
    /// <param name="Looked">Digest of draft, versions and targets.</param>
    /// <param name="Versions">All published ones and, last, the draft as the version it would become.</param>
    private sealed record Plan(string Looked, Judged Judged, IReadOnlyList<PublishedVersion> Versions, List<Subject> Subjects);

    /// <summary>A branch with all that a merge takes from it: two that are equal merge alike.</summary>
    private sealed record Subject(TemplateId Template, SubjectRow Row, DateOnly Today)
    {
        /// <summary>Revisions that open quotes pin.</summary>
        public IEnumerable<int> Pinned => Row.Quoted.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture));
    }

    private sealed record Contents(Dictionary<(Guid BranchId, int Number), PackageRevision> Revisions);
}

/// <summary>A branch and its copy of a template as the database knows them.</summary>
/// <param name="PackageId">Null where the branch does not have the package.</param>
/// <param name="OpenQuotes">Quotes on the package that no client has decided on.</param>
/// <param name="Quoted">Numbers of the revisions they pin, with commas.</param>
internal sealed record SubjectRow(Guid BranchId, string Name, string Currency, string TimeZone, Guid? PackageId, string Pointers, int Revision, bool IsCustomised, int OpenQuotes, string Quoted);
