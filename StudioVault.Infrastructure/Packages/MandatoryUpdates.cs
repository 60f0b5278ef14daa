using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>
/// Mandatory without overwriting (features row 1.11b): past its day a mandatory change of HQ stops NEW quotes of a package until
/// the branch has taken it. Nothing is ever written for the branch.
/// </summary>
public sealed class MandatoryUpdates
{
    /// <summary>The refusal that stops new quotes of the package today, or null.</summary>
    internal async Task<Refusal?> OverdueAsync(VaultDb db, Branch studio, BranchPackage package, DateOnly today, CancellationToken ct)
    {
        // Only what was offered to this branch and not called back can bind it.
        var offered = await db.UpdateOffers.AsNoTracking()
            .Where(o => o.TemplateId == package.TemplateId && o.State != OfferState.Yanked && !db.TemplateYanks.Any(y => y.TemplateId == o.TemplateId && y.Number == o.Version))
            .OrderByDescending(o => o.Version).FirstOrDefaultAsync(ct);
        if (offered is null) return null;
        var revision = await db.PackageRevisions.AsNoTracking().SingleAsync(r => r.BranchId == studio.Id && r.PackageId == package.Id && r.Number == package.CurrentRevision, ct);
        var version = await db.TemplateVersions.AsNoTracking().SingleAsync(v => v.TemplateId == package.TemplateId && v.Number == offered.Version, ct);
        var hq = TemplateContent.Parse(version.Content).Value;
        return hq.ProjectTo(studio.Currency, PackageCommands.TaxTermsOf(studio, hq)) is { IsRefused: false } projected
            ? new FieldRules(hq.Rules, today).NewQuotesBlocked(PackageContent.Parse(revision.Content).Value.ToTree(), projected.Value.ToTree()) : null;
    }
}
