using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

internal sealed class AgreementsConfiguration : IEntityTypeConfiguration<Project>
{
    public void Configure(EntityTypeBuilder<Project> e)
    {
        e.ToTable("projects", "agreements").Governed().Pinned(nameof(Project.PackageId), nameof(Project.PackageRevision));
        e.HasKey(p => new { p.BranchId, p.Id });
        e.Property(p => p.ClientName).HasMaxLength(120);
        e.HasIndex(p => new { p.BranchId, p.PackageId, p.PackageRevision, p.State });
        e.HasOne<PackageRevision>().WithMany().HasForeignKey(p => new { p.BranchId, p.PackageId, p.PackageRevision }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }
}
