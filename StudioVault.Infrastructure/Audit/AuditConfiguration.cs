using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

internal sealed class AuditConfiguration :
    IEntityTypeConfiguration<AuditEntry>, IEntityTypeConfiguration<AuditLeaf>,
    IEntityTypeConfiguration<AuditCheckpoint>, IEntityTypeConfiguration<SequencerState>
{
    private const string Schema = "audit";

    public void Configure(EntityTypeBuilder<AuditEntry> e)
    {
        // Entries without a branch are HQ's. A transaction always sees the entry it wrote itself: the audit trigger asks for it.
        e.ToTable("entries", Schema).InsertOnly().Rows(new RowAccess(
            RowRule.Any(RowRule.Own(), RowRule.Hq, "xid = (select pg_current_xact_id_if_assigned())"), RowRule.Any(RowRule.Own(), RowRule.OfGroup(), RowRule.Hq)));
        e.HasKey(x => x.Id);
        e.Property(x => x.At).HasDefaultValueSql("clock_timestamp()");
        e.Property<ulong>("Xid").HasColumnType("xid8").HasDefaultValueSql("pg_current_xact_id()");
        e.HasIndex("Xid");
        // The list of the log is ordered by time and id; each condition people ask for has an index that is already in that order.
        e.HasIndex(x => new { x.At, x.Id });
        e.HasIndex(x => new { x.BranchId, x.At, x.Id });
        e.HasIndex(x => new { x.Action, x.At, x.Id });
        e.HasIndex(x => new { x.ActorId, x.At, x.Id });
        e.HasIndex(x => new { x.ObjectType, x.ObjectId, x.At, x.Id });
        e.HasIndex(x => new { x.ProposalId, x.At, x.Id }).HasFilter("proposal_id is not null");
        e.HasIndex(x => new { x.Capability, x.At, x.Id }).HasFilter("capability is not null");
        e.HasIndex(x => new { x.At, x.Id }, "IX_entries_refused").HasFilter("outcome = 'refused'");
        e.HasIndex(x => new { x.At, x.Id }, "IX_entries_not_staff").HasFilter("actor_kind <> 'staff'");
        e.Property(x => x.PayloadSha256).HasMaxLength(64);
    }

    public void Configure(EntityTypeBuilder<AuditLeaf> e)
    {
        e.ToTable("leaves", Schema, t => t.HasCheckConstraint("ck_leaves_hash", "length(hash) = 32 and idx >= 0")).InsertOnly().SequencerOnly();
        e.HasKey(x => x.Index);
        e.Property(x => x.Index).HasColumnName("Idx").ValueGeneratedNever();
        e.HasIndex(x => x.EntryId).IsUnique();
        e.HasOne<AuditEntry>().WithOne().HasForeignKey<AuditLeaf>(x => x.EntryId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<AuditCheckpoint> e)
    {
        e.ToTable("checkpoints", Schema, t => t.HasCheckConstraint("ck_checkpoints_root", "length(root) = 32")).InsertOnly().SequencerOnly();
        e.HasKey(x => x.Size);
        e.Property(x => x.Size).ValueGeneratedNever();
        e.Property(x => x.At).HasDefaultValueSql("clock_timestamp()");
    }

    public void Configure(EntityTypeBuilder<SequencerState> e)
    {
        e.ToTable("sequencer_state", Schema, t => t.HasCheckConstraint("ck_sequencer_state_one", "id = 1")).SequencerOnly();
        e.HasKey(x => x.Id);
        e.Property(x => x.Id).ValueGeneratedNever();
        e.Property(x => x.Horizon).HasColumnType("xid8");
    }
}
