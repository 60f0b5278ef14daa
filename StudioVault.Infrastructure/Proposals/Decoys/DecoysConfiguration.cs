using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Decoys;

internal sealed class DecoysConfiguration : IEntityTypeConfiguration<Decoy>, IEntityTypeConfiguration<DecoySwitch>
{
    private const string Schema = "proposals";

    public void Configure(EntityTypeBuilder<Decoy> e)
    {
        // Headquarters plants them: a branch's log does not tell beforehand.
        e.ToTable("decoys", Schema).Governed().InsertOnly().HqWrites();
        e.HasKey(d => new { d.BranchId, d.ProposalId });
        e.Property(d => d.Imitates).HasMaxLength(60);
        e.Property(d => d.TextId).HasMaxLength(60);
        e.Property(d => d.Flaw).HasMaxLength(300);
        e.Property(d => d.ShownAgentName).HasMaxLength(200);
        e.Property(d => d.ShownForName).HasMaxLength(200);
        e.Ignore(d => d.ShownChain);
        e.HasIndex(d => new { d.BranchId, d.PlantedAt });
        e.HasOne<Proposal>().WithOne().HasForeignKey<Decoy>(d => new { d.BranchId, d.ProposalId }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<DecoySwitch> e)
    {
        e.ToTable("decoy_switches", Schema).Governed().InsertOnly().Rows(new RowAccess(RowRule.Any(RowRule.Own(), RowRule.OfGroup(), RowRule.Hq), RowRule.Hq));
        e.HasKey(s => s.Id);
        e.Property(s => s.Reason).HasMaxLength(DecoySwitch.LongestReason);
        e.Property(s => s.ByName).HasMaxLength(200);
        e.HasIndex(s => new { s.BranchId, s.At });
    }
}
