using Microsoft.EntityFrameworkCore;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>How far one branch's copy of a template follows HQ: the one answer of every page of HQ's that counts who is behind.</summary>
/// <param name="StandsOn">The newest version the branch took something of; ignoring a version leaves it where it was.</param>
/// <param name="NewestVersion">HQ's newest version that is not called back; 0 when all of them are.</param>
internal sealed record CopyStanding(Guid BranchId, Guid PackageId, Guid TemplateId, bool IsCustomised, int StandsOn, int NewestVersion)
{
    /// <summary>All copies the transaction may see; to be narrowed by the caller.</summary>
    public static IQueryable<CopyStanding> Of(VaultDb db) =>
        // What a copy stands on is in its pointers; taken out by the database, for they are long and there are many. Of before it was
        // written down there, they say only what was synced.
        db.Database.SqlQuery<CopyStanding>($"""
            select p.branch_id as "BranchId", p.id as "PackageId", p.template_id as "TemplateId", p.is_customised as "IsCustomised",
              coalesce((p.pointers->'default'->>'stands_on')::int, (p.pointers->'default'->>'synced_from')::int) as "StandsOn",
              coalesce(n.number, 0) as "NewestVersion"
            from packages.branch_packages p
            left join (
              select v.template_id, max(v.number) as number from packages.template_versions v
              where not exists (select from packages.template_yanks y where y.template_id = v.template_id and y.number = v.number)
              group by v.template_id
            ) n on n.template_id = p.template_id
            """);
}
