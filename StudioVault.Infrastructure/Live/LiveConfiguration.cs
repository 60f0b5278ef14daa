using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Live;

internal sealed class LiveConfiguration :
    IEntityTypeConfiguration<OutboxEvent>, IEntityTypeConfiguration<OutboxPosition>, IEntityTypeConfiguration<Presence>
{
    private const string Schema = "live";

    private static readonly string EventRows = RowRule.Any(RowRule.Own("space_id"), RowRule.OfGroup("space_id"), RowRule.Hq);
    private static readonly string PresenceRows = RowRule.Any(RowRule.Own(), RowRule.Hq);

    public void Configure(EntityTypeBuilder<OutboxEvent> e)
    {
        e.ToTable("outbox", Schema, t =>
        {
            t.HasCheckConstraint("ck_outbox_band", "band in ('GREEN','AMBER','RED','BLACK')");
            t.HasCheckConstraint("ck_outbox_mls_group", "band = 'GREEN' or mls_group is not null");
        }).InsertOnly().Rows(new RowAccess(EventRows, EventRows));
        e.HasKey(x => x.Id);
        e.Property(x => x.Ts).HasDefaultValueSql("clock_timestamp()");
        e.Property<ulong>("Xid").HasColumnType("xid8").HasDefaultValueSql("pg_current_xact_id()");
        e.HasIndex("Xid");
        e.Property(x => x.Band).HasDefaultValue("GREEN");
        e.Property(x => x.PolicyVersion).HasDefaultValue("0");
        e.Property(x => x.Qos).HasDefaultValue((short)1);
        // Most events have no key: they are spared the index.
        e.HasIndex(x => x.IdempotencyKey).IsUnique().HasFilter("idempotency_key is not null");
    }

    public void Configure(EntityTypeBuilder<OutboxPosition> e)
    {
        e.ToTable("positions", Schema).InsertOnly().SequencerOnly();
        e.HasKey(x => x.Position);
        e.Property(x => x.Position).ValueGeneratedNever();
        e.HasIndex(x => x.EventId).IsUnique();
    }

    public void Configure(EntityTypeBuilder<Presence> e)
    {
        e.ToTable("presence", Schema).Rows(new RowAccess(PresenceRows, PresenceRows));
        e.HasKey(x => new { x.Place, x.PersonId });
        e.Property(x => x.SeenAt).HasDefaultValueSql("clock_timestamp()");
    }
}
