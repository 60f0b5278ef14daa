using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>
/// HQ's side of a branch's package: what its own values are told from, and what holds its edits today. The one answer of the editor,
/// of going back, of the package page and of the list.
/// </summary>
/// <param name="Decided">The version the branch ruled on last: what is its own is measured against it, called back or not.</param>
/// <param name="Hq">That version in the branch's currency with its own tax.</param>
/// <param name="Rules">Of the newest version the branch ruled on that HQ has not called back; none where it called back all of them.</param>
/// <param name="Ruling">The content of that version: what limits are measured from, and what a locked field may always go to.</param>
internal sealed record HqSide(TemplateVersion Decided, PackageContent Hq, FieldRules Rules, PackageContent Ruling)
{
    /// <summary>Rules of a version HQ called back hold nobody: it asks to go back before them.</summary>
    public static async Task<HqSide> OfAsync(VaultDb db, Branch studio, BranchPackage package, DateOnly today, CancellationToken ct)
    {
        var recalled = await db.TemplateYanks.AsNoTracking().Where(y => y.TemplateId == package.TemplateId).Select(y => y.Number).ToListAsync(ct);
        // The version ruled on, and before it, where that was called back, the newest one that was not.
        var versions = await db.TemplateVersions.AsNoTracking()
            .Where(v => v.TemplateId == package.TemplateId && v.Number <= package.DecidedVersion && (v.Number == package.DecidedVersion || !recalled.Contains(v.Number)))
            .OrderByDescending(v => v.Number).Take(2).ToListAsync(ct);
        var decided = versions[0];
        var hq = Read(studio, decided).Content;
        if (versions.Find(v => !recalled.Contains(v.Number)) is not { } ruling) return new HqSide(decided, hq, new FieldRules([], today), hq);
        var (content, rules) = Read(studio, ruling);
        return new HqSide(decided, hq, new FieldRules(rules, today), content);
    }

    private static (PackageContent Content, IReadOnlyList<FieldRule> Rules) Read(Branch studio, TemplateVersion version)
    {
        var template = TemplateContent.Parse(version.Content).Value;
        return (template.ProjectTo(studio.Currency, PackageCommands.TaxTermsOf(studio, template)).Value, template.Rules);
    }
}
