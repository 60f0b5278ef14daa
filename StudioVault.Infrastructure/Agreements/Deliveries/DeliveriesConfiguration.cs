using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements.Deliveries;

internal sealed class DeliveriesConfiguration : IEntityTypeConfiguration<Delivery>, IEntityTypeConfiguration<DeliveryFile>
{
    private const string Schema = "agreements";

    public void Configure(EntityTypeBuilder<Delivery> e)
    {
        // Never online for less than was promised, and never offline without a reason: said by PostgreSQL, whatever the program does.
        e.ToTable("deliveries", Schema, t =>
        {
            t.HasCheckConstraint("ck_deliveries_promise", "(promised_until is null) = (online_until is null) and (promised_until is null or online_until >= promised_until)");
            t.HasCheckConstraint("ck_deliveries_revoked", "(revoked_at is null) = (revoked_reason is null)");
            t.HasCheckConstraint("ck_deliveries_extended", "(extended_at is null) = (extended_from is null) and (extended_from is null or extended_from >= promised_until)");
        }).Governed().Pinned(nameof(Delivery.ProjectId), nameof(Delivery.AgreementId), nameof(Delivery.OpenedAt), nameof(Delivery.OnlineDays), nameof(Delivery.TermsVersion), nameof(Delivery.PromisedUntil));
        e.HasKey(d => new { d.BranchId, d.Id });
        e.HasIndex(d => new { d.BranchId, d.ProjectId });
        e.Property(d => d.Title).HasMaxLength(Delivery.LongestTitle);
        e.Property(d => d.ExtendedReason).HasMaxLength(Delivery.LongestReason);
        e.Property(d => d.ExtendedFromReason).HasMaxLength(Delivery.LongestReason);
        e.Property(d => d.RevokedReason).HasMaxLength(Delivery.LongestReason);
        e.Property(d => d.TimeZone).HasMaxLength(64);
        e.HasOne<Project>().WithMany().HasForeignKey(d => new { d.BranchId, d.ProjectId }).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<Agreement>().WithMany().HasForeignKey(d => new { d.BranchId, d.AgreementId }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<DeliveryFile> e)
    {
        e.ToTable("delivery_files", Schema, t => t.HasCheckConstraint("ck_delivery_files_whole", "length(sha256) = 64 and length > 0")).Governed().InsertOnly();
        e.HasKey(f => new { f.BranchId, f.DeliveryId, f.Id });
        e.Property(f => f.Name).HasMaxLength(DeliveryFile.LongestName + 1);
        e.HasIndex(f => new { f.BranchId, f.DeliveryId, f.Sha256, f.Name }).IsUnique();
        e.HasOne<Delivery>().WithMany().HasForeignKey(f => new { f.BranchId, f.DeliveryId }).OnDelete(DeleteBehavior.Restrict);
    }
}
