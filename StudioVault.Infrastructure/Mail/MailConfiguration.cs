using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Mail;

internal sealed class MailConfiguration : IEntityTypeConfiguration<MailMessage>
{
    public void Configure(EntityTypeBuilder<MailMessage> e)
    {
        e.ToTable("messages", "mail").Governed().Pinned(nameof(MailMessage.ClientId), nameof(MailMessage.Letter));
        e.HasKey(m => new { m.BranchId, m.Id });
        e.Property(m => m.Subject).HasMaxLength(200);
        e.Property(m => m.Problem).HasMaxLength(300);
        e.HasIndex(m => m.DueAt).HasFilter("state = 'Queued'").HasDatabaseName("ix_messages_queued");
        e.HasIndex(m => new { m.BranchId, m.AboutId });
        e.HasOne<Client>().WithMany().HasForeignKey(m => new { m.BranchId, m.ClientId }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }
}
