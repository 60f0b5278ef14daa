using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

internal sealed class AgreementsConfiguration : IEntityTypeConfiguration<Project>, IEntityTypeConfiguration<Client>, IEntityTypeConfiguration<ProjectClient>, IEntityTypeConfiguration<Agreement>,
    IEntityTypeConfiguration<AgreementPaper>, IEntityTypeConfiguration<PaperKey>, IEntityTypeConfiguration<Signing>, IEntityTypeConfiguration<PartySignature>, IEntityTypeConfiguration<SealedPaper>, IEntityTypeConfiguration<StoredFile>,
    IEntityTypeConfiguration<Invoice>, IEntityTypeConfiguration<CreditNote>, IEntityTypeConfiguration<SessionAssignment>, IEntityTypeConfiguration<Withdrawal>, IEntityTypeConfiguration<PictureRelease>,
    IEntityTypeConfiguration<ReleaseWithdrawal>
{
    private const string Schema = "agreements";
    private const int HashLength = 64;

    public void Configure(EntityTypeBuilder<Project> e)
    {
        e.ToTable("projects", Schema).Governed().Pinned(nameof(Project.PackageId), nameof(Project.PackageRevision), nameof(Project.Rules));
        e.HasKey(p => new { p.BranchId, p.Id });
        e.Property(p => p.ClientName).HasMaxLength(Project.LongestName);
        e.Property(p => p.StartsAt).HasMaxLength(5);
        e.Property(p => p.Venue).HasMaxLength(ProjectCommands.LongestVenue);
        e.Property(p => p.Rules).HasColumnType("jsonb");
        e.HasIndex(p => new { p.BranchId, p.PackageId, p.PackageRevision, p.State });
        e.HasOne<PackageRevision>().WithMany().HasForeignKey(p => new { p.BranchId, p.PackageId, p.PackageRevision }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<Client> e)
    {
        e.ToTable("clients", Schema).Governed();
        e.HasKey(c => new { c.BranchId, c.Id });
        e.Property(c => c.Name).HasMaxLength(Client.LongestName);
        e.Property(c => c.Email).HasMaxLength(254);
        e.HasIndex(c => new { c.BranchId, c.Email });
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<ProjectClient> e)
    {
        e.ToTable("project_clients", Schema).Governed();
        e.HasKey(c => new { c.BranchId, c.ProjectId, c.ClientId });
        e.HasOne<Project>().WithMany().HasForeignKey(c => new { c.BranchId, c.ProjectId }).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<Client>().WithMany().HasForeignKey(c => new { c.BranchId, c.ClientId }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<Agreement> e)
    {
        e.ToTable("agreements", Schema).Governed().Pinned(nameof(Agreement.ProjectId), nameof(Agreement.Number));
        e.HasKey(a => new { a.BranchId, a.Id });
        e.HasIndex(a => new { a.BranchId, a.ProjectId }).IsUnique().HasFilter("state <> 'Void'");
        e.Property(a => a.Number).HasMaxLength(40);
        e.HasIndex(a => new { a.BranchId, a.Number }).IsUnique();
        e.HasOne<Project>().WithMany().HasForeignKey(a => new { a.BranchId, a.ProjectId }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<AgreementPaper> e)
    {
        // No sealed row, no execution: said by PostgreSQL, whatever the program does.
        e.ToTable("papers", Schema, t => t
            .HasCheckConstraint("ck_papers_executed", "(state = 'Executed') = (sealed_id is not null) and (sealed_id is null or sealed_id = id)"))
            .Governed().Pinned(nameof(AgreementPaper.AgreementId), nameof(AgreementPaper.Version), nameof(AgreementPaper.Kind), nameof(AgreementPaper.BaseHash));
        e.HasKey(p => new { p.BranchId, p.Id });
        e.HasIndex(p => new { p.BranchId, p.AgreementId, p.Version }).IsUnique().HasFilter("state <> 'Void'");
        e.HasIndex(p => p.SentAt).HasFilter("state = 'Sealing'").HasDatabaseName("ix_papers_sealing");
        e.Property(p => p.BaseHash).HasMaxLength(HashLength);
        e.Property(p => p.ContentHash).HasMaxLength(HashLength);
        e.Property(p => p.ShownSha256).HasMaxLength(HashLength);
        e.HasOne<Agreement>().WithMany().HasForeignKey(p => new { p.BranchId, p.AgreementId }).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<SealedPaper>().WithOne().HasForeignKey<AgreementPaper>(p => new { p.BranchId, p.SealedId }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<PaperKey> e)
    {
        e.ToTable("paper_keys", Schema).Governed().InsertOnly();
        e.HasKey(k => new { k.BranchId, k.PaperId, k.ClientId });
        e.HasOne<Client>().WithMany().HasForeignKey(k => new { k.BranchId, k.ClientId }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<Signing> e)
    {
        e.ToTable("signings", Schema).Governed().Pinned(nameof(Signing.PaperId), nameof(Signing.Issue), nameof(Signing.PartyId), nameof(Signing.ClientId));
        e.HasKey(s => new { s.BranchId, s.Id });
        e.Property(s => s.PartyId).HasMaxLength(64);
        e.HasIndex(s => new { s.BranchId, s.PaperId, s.Issue, s.PartyId }).IsUnique();
        e.HasOne<AgreementPaper>().WithMany().HasForeignKey(s => new { s.BranchId, s.PaperId }).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<Client>().WithMany().HasForeignKey(s => new { s.BranchId, s.ClientId }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<PartySignature> e)
    {
        e.ToTable("signatures", Schema, t => t.HasCheckConstraint("ck_signatures_hashes",
            $"length(content_hash) = {HashLength} and length(shown_sha256) = {HashLength} and length(evidence_sha256) = {HashLength}")).Governed().InsertOnly();
        e.HasKey(s => new { s.BranchId, s.SigningId });
        e.Property(s => s.PartyId).HasMaxLength(64);
        e.Property(s => s.Disclosure).HasMaxLength(40);
        e.HasIndex(s => new { s.BranchId, s.PaperId, s.Issue });
        e.HasOne<Signing>().WithOne().HasForeignKey<PartySignature>(s => new { s.BranchId, s.SigningId }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<SealedPaper> e)
    {
        e.ToTable("sealed_papers", Schema, t => t.HasCheckConstraint("ck_sealed_papers_complete",
            $"length(content_hash) = {HashLength} and length(document_sha256) = {HashLength} and length(certificate_sha256) = {HashLength} and length(content) > 0 and document_sha256 <> certificate_sha256"))
            .Governed().InsertOnly();
        e.HasKey(s => new { s.BranchId, s.PaperId });
        e.HasIndex(s => new { s.BranchId, s.AgreementId, s.Version }).IsUnique();
        e.Property(s => s.SealKey).HasMaxLength(HashLength);
        e.HasOne<Agreement>().WithMany().HasForeignKey(s => new { s.BranchId, s.AgreementId }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<Withdrawal> e)
    {
        e.ToTable("withdrawals", Schema, t => t.HasCheckConstraint("ck_withdrawals_whole", $"length(content_hash) = {HashLength} and length(evidence_sha256) = {HashLength} and length(evidence) > 0")).Governed().InsertOnly();
        e.HasKey(w => new { w.BranchId, w.AgreementId });
        e.Property(w => w.PartyId).HasMaxLength(64);
        e.HasOne<Agreement>().WithMany().HasForeignKey(w => new { w.BranchId, w.AgreementId }).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<SealedPaper>().WithMany().HasForeignKey(w => new { w.BranchId, w.PaperId }).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<Client>().WithMany().HasForeignKey(w => new { w.BranchId, w.ClientId }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<PictureRelease> e)
    {
        e.ToTable("releases", Schema, t => t.HasCheckConstraint("ck_releases_given", "(state = 'Given') = (evidence is not null) and (evidence is null) = (given_at is null) and (evidence is null) = (evidence_sha256 is null)"))
            .Governed().Pinned(nameof(PictureRelease.AgreementId), nameof(PictureRelease.ClientId), nameof(PictureRelease.PartyId), nameof(PictureRelease.Content), nameof(PictureRelease.ContentHash));
        e.HasKey(r => new { r.BranchId, r.Id });
        e.Property(r => r.PartyId).HasMaxLength(64);
        e.Property(r => r.ContentHash).HasMaxLength(HashLength);
        e.Property(r => r.EvidenceSha256).HasMaxLength(HashLength);
        e.Property(r => r.DocumentSha256).HasMaxLength(HashLength);
        e.HasIndex(r => new { r.BranchId, r.AgreementId, r.Number }).IsUnique();
        e.HasOne<Agreement>().WithMany().HasForeignKey(r => new { r.BranchId, r.AgreementId }).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<SealedPaper>().WithMany().HasForeignKey(r => new { r.BranchId, r.PaperId }).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<Client>().WithMany().HasForeignKey(r => new { r.BranchId, r.ClientId }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<ReleaseWithdrawal> e)
    {
        e.ToTable("release_withdrawals", Schema).Governed().InsertOnly();
        e.HasKey(w => new { w.BranchId, w.ReleaseId, w.Purpose });
        e.Property(w => w.Purpose).HasMaxLength(200);
        e.HasOne<PictureRelease>().WithMany().HasForeignKey(w => new { w.BranchId, w.ReleaseId }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<StoredFile> e)
    {
        e.ToTable("files", "documents", t => t.HasCheckConstraint("ck_files_whole", $"length(sha256) = {HashLength} and length > 0 and length(content) > length")).Governed().InsertOnly();
        e.HasKey(f => new { f.BranchId, f.PaperId, f.Sha256 });
        e.HasOne<AgreementPaper>().WithMany().HasForeignKey(f => new { f.BranchId, f.PaperId }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<Invoice> e)
    {
        // What is given back on an invoice never comes to more than it asks for, nor a refund to more than came in.
        e.ToTable("invoices", Schema, t =>
        {
            t.HasCheckConstraint("ck_invoices_paid", "(state = 'Paid') = (paid_on is not null) and (state = 'Paid') = (method is not null) and amount > 0");
            t.HasCheckConstraint("ck_invoices_credit", "goodwill >= 0 and goodwill <= amount and refunded >= 0 and refunded <= amount - goodwill and (refunded = 0 or state = 'Paid')");
        }).Governed().Pinned(nameof(Invoice.ProjectId), nameof(Invoice.AgreementId), nameof(Invoice.Number), nameof(Invoice.Version), nameof(Invoice.PaymentId), nameof(Invoice.Title), nameof(Invoice.Amount), nameof(Invoice.Currency));
        e.HasKey(i => new { i.BranchId, i.Id });
        e.Property(i => i.Number).HasMaxLength(50);
        e.Property(i => i.Title).HasMaxLength(200);
        e.Property(i => i.PaymentId).HasMaxLength(64);
        e.Property(i => i.Currency).HasMaxLength(3);
        e.HasIndex(i => new { i.BranchId, i.Number }).IsUnique();
        e.HasIndex(i => new { i.BranchId, i.ProjectId });
        e.HasOne<Agreement>().WithMany().HasForeignKey(i => new { i.BranchId, i.AgreementId }).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<Project>().WithMany().HasForeignKey(i => new { i.BranchId, i.ProjectId }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<CreditNote> e)
    {
        e.ToTable("credit_notes", Schema, t => t.HasCheckConstraint("ck_credit_notes_void", "(state = 'Void') = (voided_at is not null) and (state = 'Void') = (voided_reason is not null) and amount > 0"))
            .Governed().Pinned(nameof(CreditNote.InvoiceId), nameof(CreditNote.ProjectId), nameof(CreditNote.Number), nameof(CreditNote.Kind), nameof(CreditNote.Amount), nameof(CreditNote.Currency), nameof(CreditNote.Reason));
        e.HasKey(n => new { n.BranchId, n.Id });
        e.Property(n => n.Number).HasMaxLength(60);
        e.Property(n => n.Currency).HasMaxLength(3);
        e.Property(n => n.Reason).HasMaxLength(CreditNote.LongestReason);
        e.Property(n => n.VoidedReason).HasMaxLength(CreditNote.LongestReason);
        e.HasIndex(n => new { n.BranchId, n.Number }).IsUnique();
        e.HasIndex(n => new { n.BranchId, n.InvoiceId });
        e.HasIndex(n => new { n.BranchId, n.ProjectId });
        e.HasOne<Invoice>().WithMany().HasForeignKey(n => new { n.BranchId, n.InvoiceId }).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<Project>().WithMany().HasForeignKey(n => new { n.BranchId, n.ProjectId }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<SessionAssignment> e)
    {
        e.ToTable("session_assignments", Schema).Governed();
        e.HasKey(a => new { a.BranchId, a.ProjectId, a.PersonId });
        e.HasIndex(a => new { a.BranchId, a.PersonId });
        e.HasOne<Project>().WithMany().HasForeignKey(a => new { a.BranchId, a.ProjectId }).OnDelete(DeleteBehavior.Restrict);
    }
}
