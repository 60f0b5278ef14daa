using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;

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

/// <summary>Looks ahead before a publish.</summary>
public sealed class BlastRadius(WriteDoor door)
{
    /// <param name="order">What is about to be published; the typed version number, summary and cadence reason may still be missing.</param>
    /// <param name="progress">Told how many branches have been merged so far, of how many.</param>
    public Task<Result<BlastRadiusReport>> ComputeAsync(Sender from, PublishOrder order, IProgress<(int Done, int Of)>? progress, CancellationToken ct) =>
        door.RehearseAsync<BlastRadiusReport>(PublishTemplateVersion.CommandOf(from, order), async (context, token) =>
        {
            var template = await context.Db.Templates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == order.TemplateId, token);
            if (template is null) return KernelRefusals.NotFound;
            var last = await context.Db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == order.TemplateId).OrderByDescending(v => v.Number).FirstOrDefaultAsync(token);
            var before = await Pins.ReadAsync(context, order.TemplateId, token);
            var looked = await PublishTemplateVersion.RadiusDigestAsync(context.Db, order, token);
            var rehearsal = order with
            {
                ConfirmVersion = template.LatestVersion + 1,
                DeclaredClass = ChangeClass.Major,
                Summary = string.IsNullOrWhiteSpace(order.Summary) ? "…" : order.Summary,
                CadenceReason = string.IsNullOrWhiteSpace(order.CadenceReason) ? "…" : order.CadenceReason,
            };
            if (!(await PublishTemplateVersion.WorkAsync(context, rehearsal, token)).TryGet(out var published, out var refusal)) return refusal;

            var versions = await context.Db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == order.TemplateId).OrderBy(v => v.Number).ToListAsync(token);
            var branches = await PredictAsync(context, order, versions, progress, token);
            var after = await Pins.ReadAsync(context, order.TemplateId, token);
            var days = last is null ? int.MaxValue : (int)(context.Now - last.PublishedAt).TotalDays;
            var change = last is null ? null : PackageChange.Between(TemplateContent.Parse(last.Content).Value, TemplateContent.Parse(versions[^1].Content).Value);
            return new BlastRadiusReport(published.Version, published.Hash, change?.Class ?? ChangeClass.Minor, change?.Reasons ?? [], published.Offers,
                branches.Count(b => b is { IsAdoption: false, IsCustomised: false }), branches.Count(b => b.IsCustomised), branches.Count(b => b.IsAdoption),
                branches.Sum(b => b.OpenQuotes), before.Booked, after.MovedSince(before), before.Signed.Count, after.SignedChangedSince(before),
                days, days < PublishTemplateVersion.CadenceBudget.TotalDays, branches, looked);
        }, ct);

    private static async Task<List<BranchPrediction>> PredictAsync(WriteContext context, PublishOrder order, List<TemplateVersion> versions,
        IProgress<(int, int)>? progress, CancellationToken ct)
    {
        var studios = await context.Db.Branches.AsNoTracking().Where(b => order.Branches == null || order.Branches.Contains(b.Id)).OrderBy(b => b.Name).ToListAsync(ct);
        var packages = await context.Db.BranchPackages.AsNoTracking().Where(p => p.TemplateId == order.TemplateId)
            .Join(context.Db.PackageRevisions.AsNoTracking(), p => new { p.BranchId, PackageId = p.Id, Number = p.CurrentRevision },
                r => new { r.BranchId, r.PackageId, r.Number }, (p, r) => new { Package = p, Revision = r })
            .ToDictionaryAsync(x => x.Package.BranchId, ct);
        var quotes = await context.Db.Projects.AsNoTracking().Where(p => ProjectMachine.Open.Contains(p.State))
            .Join(context.Db.BranchPackages.AsNoTracking().Where(p => p.TemplateId == order.TemplateId), q => new { q.BranchId, Id = q.PackageId }, p => new { p.BranchId, p.Id }, (q, p) => q.BranchId)
            .GroupBy(b => b).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var quoted = await QuotedAsync(context, order.TemplateId, ct);
        var published = ReviewCase.Read(versions);
        var predictions = new List<BranchPrediction>(studios.Count);
        foreach (var studio in studios)
        {
            var mine = packages.GetValueOrDefault(studio.Id);
            var open = quotes.GetValueOrDefault(studio.Id);
            if (mine is null)
            {
                predictions.Add(new BranchPrediction(studio.Id, studio.Name, studio.Currency, true, false, 0, 0, 0, 0, open, null));
            }
            else
            {
                var review = ReviewCase.Build(mine.Package, mine.Revision, published, versions[^1].Number, BranchClock.DayOf(context.Now, studio.TimeZone),
                    quoted.GetValueOrDefault(studio.Id) ?? [], new PackageUse(open, 0));
                var counts = review.IsRefused ? null : review.Value.Counts;
                predictions.Add(new BranchPrediction(studio.Id, studio.Name, studio.Currency, false, mine.Package.IsCustomised, counts?.Changes ?? 0, counts?.NeedChoice ?? 0,
                    counts?.Overrides ?? 0, counts?.Mandatory ?? 0, open, review.Refusal?.Sentence));
            }

            progress?.Report((predictions.Count, studios.Count));
        }

        return predictions;
    }

    /// <summary>Elements in open quotes, by branch.</summary>
    private static async Task<Dictionary<BranchId, HashSet<string>>> QuotedAsync(WriteContext context, TemplateId template, CancellationToken ct)
    {
        var db = context.Db;
        var rows = await db.PackageRevisions.AsNoTracking()
            .Where(r => db.BranchPackages.Any(p => p.BranchId == r.BranchId && p.Id == r.PackageId && p.TemplateId == template)
                && db.Projects.Any(p => p.BranchId == r.BranchId && p.PackageId == r.PackageId && p.PackageRevision == r.Number && ProjectMachine.Open.Contains(p.State)))
            .Select(r => new { r.BranchId, r.Content }).ToListAsync(ct);
        return rows.GroupBy(r => r.BranchId).ToDictionary(g => g.Key,
            g => g.SelectMany(r => UpdateReview.ElementsOf(PackageContent.Parse(r.Content).Value)).ToHashSet(StringComparer.Ordinal));
    }
}
