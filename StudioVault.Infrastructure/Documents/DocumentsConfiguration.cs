using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Documents;

internal sealed class DocumentsConfiguration : IEntityTypeConfiguration<SealKeyRow>, IEntityTypeConfiguration<FingerprintRow>
{
    private const string Schema = "documents";

    public void Configure(EntityTypeBuilder<SealKeyRow> e)
    {
        // Public but for the private key, which is encrypted with a key that is not in the database.
        e.ToTable("seal_keys", Schema, t => t.HasCheckConstraint("ck_seal_keys_life", "(private_key is null) = (retired_at is not null)"))
            .Governed().Pinned(nameof(SealKeyRow.Certificate)).Rows(new RowAccess(RowRule.Everyone, RowRule.Hq));
        e.HasKey(k => k.Fingerprint);
        e.Property(k => k.Fingerprint).HasMaxLength(64);
    }

    public void Configure(EntityTypeBuilder<FingerprintRow> e)
    {
        // Whoever holds a file may ask whether it is ours: /verify has no sign-in. Hence nothing in it belongs to a branch.
        e.ToTable("fingerprints", Schema, t => t.HasCheckConstraint("ck_fingerprints_whole", "length(sha256) = 64 and length > 0"))
            .Governed().InsertOnly().Rows(new RowAccess(RowRule.Everyone, RowRule.Everyone));
        e.HasKey(f => f.Sha256);
        e.Property(f => f.Sha256).HasMaxLength(64);
        e.Property(f => f.PdfId).HasMaxLength(64);
        e.Property(f => f.ContentHash).HasMaxLength(64);
        e.HasIndex(f => f.PdfId);
        e.HasIndex(f => f.ContentHash);
    }
}
