using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

internal sealed class PackagesConfiguration :
    IEntityTypeConfiguration<PackageTemplate>, IEntityTypeConfiguration<TemplateVersion>, IEntityTypeConfiguration<TemplateYank>,
    IEntityTypeConfiguration<TemplateDraft>, IEntityTypeConfiguration<PublishWave>, IEntityTypeConfiguration<BranchPackage>,
    IEntityTypeConfiguration<PackageRevision>, IEntityTypeConfiguration<UpdateOffer>, IEntityTypeConfiguration<OfferDecision>
{
    private const string Schema = "packages";

    private static readonly RowAccess Published = new(RowRule.Everyone, RowRule.Hq);
    private static readonly RowAccess HqOnly = new(RowRule.Hq, RowRule.Hq);

    public void Configure(EntityTypeBuilder<PackageTemplate> e)
    {
        e.ToTable("templates", Schema).Governed().Rows(Published);
        e.HasKey(t => t.Id);
        e.Property(t => t.Id).ValueGeneratedNever();
        e.HasIndex(t => t.Slug).IsUnique();
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<TemplateVersion> e)
    {
        e.ToTable("template_versions", Schema, t =>
        {
            t.HasCheckConstraint("ck_template_versions_number", "number > 0");
            t.HasCheckConstraint("ck_template_versions_hash", "length(hash) = 64");
            t.HasCheckConstraint("ck_template_versions_schema", "content ? 'schema_version'");
        }).Governed().InsertOnly().Rows(Published);
        e.HasKey(v => new { v.TemplateId, v.Number });
        e.Property(v => v.Content).HasColumnType("jsonb");
        e.HasOne<PackageTemplate>().WithMany().HasForeignKey(v => v.TemplateId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<TemplateYank> e)
    {
        e.ToTable("template_yanks", Schema).Governed().InsertOnly().Rows(Published);
        e.HasKey(y => new { y.TemplateId, y.Number });
        e.HasOne<TemplateVersion>().WithOne().HasForeignKey<TemplateYank>(y => new { y.TemplateId, y.Number }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<TemplateDraft> e)
    {
        e.ToTable("template_drafts", Schema).Rows(HqOnly);
        e.HasKey(d => d.TemplateId);
        e.Property(d => d.Content).HasColumnType("jsonb");
        e.HasOne<PackageTemplate>().WithOne().HasForeignKey<TemplateDraft>(d => d.TemplateId);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<PublishWave> e)
    {
        e.ToTable("publish_waves", Schema).Governed().InsertOnly().Rows(HqOnly);
        e.HasKey(w => new { w.TemplateId, w.Number, w.Wave });
        e.HasOne<TemplateVersion>().WithMany().HasForeignKey(w => new { w.TemplateId, w.Number }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<BranchPackage> e)
    {
        e.ToTable("branch_packages", Schema).Governed();
        e.HasKey(p => new { p.BranchId, p.Id });
        e.HasIndex(p => new { p.BranchId, p.TemplateId }).IsUnique();
        e.HasIndex(p => p.TemplateId);
        e.Property(p => p.Pointers).HasColumnType("jsonb");
        e.HasOne<Branch>().WithMany().HasForeignKey(p => p.BranchId).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<PackageTemplate>().WithMany().HasForeignKey(p => p.TemplateId).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<PackageRevision> e)
    {
        e.ToTable("package_revisions", Schema, t =>
        {
            t.HasCheckConstraint("ck_package_revisions_hash", "length(hash) = 64");
            t.HasCheckConstraint("ck_package_revisions_schema", "content ? 'schema_version'");
        }).Governed().InsertOnly();
        e.HasKey(r => new { r.BranchId, r.PackageId, r.Number });
        e.Property(r => r.Content).HasColumnType("jsonb");
        e.Property(r => r.Pointers).HasColumnType("jsonb");
        e.HasOne<BranchPackage>().WithMany().HasForeignKey(r => new { r.BranchId, r.PackageId }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<UpdateOffer> e)
    {
        e.ToTable("update_offers", Schema).Governed().HqWrites().Pinned(nameof(UpdateOffer.TemplateId), nameof(UpdateOffer.Version));
        e.HasKey(o => new { o.BranchId, o.Id });
        e.Property(o => o.State).HasMaxLength(20);
        e.HasIndex(o => new { o.BranchId, o.TemplateId }).IsUnique().HasFilter("state in ('Offered', 'Viewed', 'Snoozed')").HasDatabaseName("IX_one_open_offer");
        e.HasIndex(o => new { o.TemplateId, o.Version });
        e.HasOne<Branch>().WithMany().HasForeignKey(o => o.BranchId).OnDelete(DeleteBehavior.Restrict).HeldByStatement();
        e.HasOne<TemplateVersion>().WithMany().HasForeignKey(o => new { o.TemplateId, o.Version }).OnDelete(DeleteBehavior.Restrict).HeldByStatement();
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<OfferDecision> e)
    {
        e.ToTable("offer_decisions", Schema).Governed().InsertOnly();
        e.HasKey(d => new { d.BranchId, d.Id });
        e.HasIndex(d => new { d.BranchId, d.OfferId });
        e.HasOne<UpdateOffer>().WithMany().HasForeignKey(d => new { d.BranchId, d.OfferId }).OnDelete(DeleteBehavior.Restrict);
    }
}
