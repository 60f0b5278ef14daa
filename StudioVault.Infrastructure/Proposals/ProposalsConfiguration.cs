using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

internal sealed class ProposalsConfiguration : IEntityTypeConfiguration<Proposal>, IEntityTypeConfiguration<Decision>, IEntityTypeConfiguration<Execution>, IEntityTypeConfiguration<CapabilityCard>,
    IEntityTypeConfiguration<CapabilityStanding>, IEntityTypeConfiguration<QuotaCounter>, IEntityTypeConfiguration<Stop>, IEntityTypeConfiguration<StopDrill>, IEntityTypeConfiguration<ExecutorLease>,
    IEntityTypeConfiguration<Exemption>, IEntityTypeConfiguration<ExemptionUse>, IEntityTypeConfiguration<FreshSignIn>
{
    private const string Schema = "proposals";
    private const int HashLength = 64;
    private const int NameLength = 60;

    /// <summary>HQ's rows, which every branch's commands have to read.</summary>
    private static readonly RowAccess HqsRows = new(RowRule.Everyone, RowRule.Hq);

    public void Configure(EntityTypeBuilder<Proposal> e)
    {
        e.ToTable("proposals", Schema, t =>
        {
            t.HasCheckConstraint("ck_proposals_digest", $"length(digest) = {HashLength} and length(target_etag) = {HashLength}");
            // Whoever writes the state by hand still cannot run what nobody approved in time.
            t.HasCheckConstraint("ck_proposals_approved", "state not in ('Grace', 'IntentLogged', 'Succeeded') or (approved_at is not null and execute_by is not null)");
            t.HasCheckConstraint("ck_proposals_black", "band <> 'Black' or state not in ('Approved', 'Grace', 'IntentLogged', 'Succeeded')");
            // A test of reviewers is never carried out, whoever writes the state by hand.
            t.HasCheckConstraint("ck_proposals_decoy", "capability not like 'decoy.%' or (state in ('Pending', 'Claimed', 'Rejected', 'Expired', 'Withdrawn') and agent_id is null and exemption is null and approved_at is null)");
        }).Governed().HqWrites().Pinned(nameof(Proposal.Capability), nameof(Proposal.Area), nameof(Proposal.CapabilityVersion), nameof(Proposal.Band), nameof(Proposal.Routes), nameof(Proposal.Clients), nameof(Proposal.ProjectId), nameof(Proposal.SealedText),
            nameof(Proposal.TargetType), nameof(Proposal.TargetId), nameof(Proposal.TargetEtag), nameof(Proposal.TargetHref),
            nameof(Proposal.ChainJson), nameof(Proposal.Humans), nameof(Proposal.Delegations), nameof(Proposal.AgentId), nameof(Proposal.Epoch), nameof(Proposal.Policies),
            nameof(Proposal.Rule), nameof(Proposal.Digest), nameof(Proposal.Replaces), nameof(Proposal.Undoes), nameof(Proposal.Exemption), nameof(Proposal.CreatedAt), nameof(Proposal.ApproveBy), nameof(Proposal.ValidForSeconds));
        e.HasKey(p => new { p.BranchId, p.Id });
        e.Property(p => p.Capability).HasMaxLength(NameLength);
        e.Property(p => p.Area).HasMaxLength(NameLength);
        e.Property(p => p.Digest).HasMaxLength(HashLength);
        e.Property(p => p.TargetEtag).HasMaxLength(HashLength);
        e.Property(p => p.EndCode).HasMaxLength(80);
        e.Ignore(p => p.Chain);
        e.HasIndex(p => new { p.BranchId, p.State, p.ApproveBy });
        e.HasIndex(p => new { p.BranchId, p.Capability, p.ChangedAt });
        // The history of a branch, a page at a time.
        e.HasIndex(p => new { p.BranchId, p.ChangedAt, p.Id });
        // The last thirty of an agent.
        e.HasIndex(p => new { p.BranchId, p.AgentId, p.ChangedAt });
        // What the executor and the sweep look for, over all branches.
        e.HasIndex(p => p.GraceUntil).HasFilter("state = 'Grace'").HasDatabaseName("ix_proposals_grace");
        e.HasIndex(p => p.State).HasFilter("state in ('Drafted', 'Pending', 'Claimed', 'Approved', 'IntentLogged')").HasDatabaseName("ix_proposals_open");
    }

    public void Configure(EntityTypeBuilder<Decision> e)
    {
        e.ToTable("decisions", Schema).Governed().InsertOnly();
        e.HasKey(d => new { d.BranchId, d.Id });
        // Double clicks and races end here, whatever the program does.
        e.HasIndex(d => new { d.BranchId, d.ProposalId, d.Round, d.PersonId, d.OnBehalfOf }).IsUnique().AreNullsDistinct(false).HasFilter("verdict = 'Approve'").HasDatabaseName("ux_decisions_one_approval");
        e.HasIndex(d => new { d.BranchId, d.ProposalId });
        e.HasIndex(d => new { d.BranchId, d.PersonId, d.At });
        e.Property(d => d.PersonName).HasMaxLength(200);
        e.Property(d => d.Digest).HasMaxLength(HashLength);
        e.HasOne<Proposal>().WithMany().HasForeignKey(d => new { d.BranchId, d.ProposalId }).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<Execution> e)
    {
        e.ToTable("executions", Schema).Governed();
        // One for each proposal, ever.
        e.HasKey(x => new { x.BranchId, x.ProposalId });
        e.Property(x => x.Code).HasMaxLength(80);
        e.Property(x => x.UndoCapability).HasMaxLength(NameLength);
        e.HasOne<Proposal>().WithOne().HasForeignKey<Execution>(x => new { x.BranchId, x.ProposalId }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<CapabilityCard> e)
    {
        e.ToTable("capability_cards", Schema).Governed().InsertOnly().Rows(HqsRows);
        e.HasKey(c => new { c.Capability, c.Version });
        e.Property(c => c.Capability).HasMaxLength(NameLength);
        foreach (var text in (string[])[nameof(CapabilityCard.Owner), nameof(CapabilityCard.FailureMode), nameof(CapabilityCard.Rollback), nameof(CapabilityCard.TestCoverage)]) e.Property(text).HasMaxLength(CapabilityCard.LongestText);
    }

    public void Configure(EntityTypeBuilder<CapabilityStanding> e)
    {
        e.ToTable("capabilities", Schema).Governed().Rows(HqsRows);
        e.HasKey(c => c.Capability);
        e.Property(c => c.Capability).HasMaxLength(NameLength);
        e.HasOne<CapabilityCard>().WithMany().HasForeignKey(c => new { c.Capability, c.Version }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<QuotaCounter> e)
    {
        e.ToTable("quota_counters", Schema).Governed();
        e.HasKey(q => new { q.BranchId, q.Bucket, q.WindowAt });
        e.Property(q => q.Bucket).HasMaxLength(160);
    }

    public void Configure(EntityTypeBuilder<Stop> e)
    {
        var rows = RowRule.Any(RowRule.Own(), RowRule.Hq);
        // The group's stops cover every branch; the stripe on every page asks in no scope.
        e.ToTable("stops", Schema).Governed().Pinned(nameof(Stop.Level), nameof(Stop.Key), nameof(Stop.BranchId), nameof(Stop.ThrownAt)).Rows(new RowAccess(RowRule.Any(RowRule.Own(), RowRule.OfGroup(), RowRule.Hq, RowRule.Visitor), rows));
        e.HasKey(s => s.Id);
        e.Property(s => s.Key).HasMaxLength(NameLength);
        e.HasIndex(s => new { s.Level, s.Key }).IsUnique().HasFilter("lifted_at is null").HasDatabaseName("ux_stops_in_force");
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<StopDrill> e)
    {
        e.ToTable("stop_drills", Schema).Governed().InsertOnly().Rows(HqsRows);
        e.HasKey(d => d.Id);
    }

    public void Configure(EntityTypeBuilder<ExecutorLease> e)
    {
        // Not governed: a heartbeat, like presence.
        e.ToTable("executor_leases", Schema).Rows(new RowAccess(RowRule.Everyone, RowRule.Hq));
        e.HasKey(l => l.Node);
        e.Property(l => l.Node).HasMaxLength(200);
    }

    public void Configure(EntityTypeBuilder<Exemption> e)
    {
        e.ToTable("exemptions", Schema).Governed().Pinned(nameof(Exemption.Capability), nameof(Exemption.BranchId), nameof(Exemption.AgentId), nameof(Exemption.ExpiresAt), nameof(Exemption.MostUses), nameof(Exemption.Reason)).Rows(new RowAccess(RowRule.Any(RowRule.Own(), RowRule.OfGroup(), RowRule.Hq), RowRule.Hq));
        e.HasKey(x => x.Id);
        e.Property(x => x.Capability).HasMaxLength(NameLength);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<ExemptionUse> e)
    {
        e.ToTable("exemption_uses", Schema).Governed().InsertOnly();
        e.HasKey(x => new { x.BranchId, x.ProposalId });
        // Counted over all branches.
        e.HasIndex(x => x.ExemptionId);
    }

    public void Configure(EntityTypeBuilder<FreshSignIn> e)
    {
        // Not governed: a proof good for five minutes; asking for it is audited. Never changed, and forgotten in no branch's scope.
        e.ToTable("fresh_sign_ins", Schema).Rows(new RowAccess(RowRule.Everyone, Insert: RowRule.Everyone, Update: null, Delete: RowRule.Visitor)).Pinned(nameof(FreshSignIn.TicketSha256), nameof(FreshSignIn.PersonId), nameof(FreshSignIn.At));
        e.HasKey(f => f.TicketSha256);
        e.Property(f => f.TicketSha256).HasMaxLength(HashLength);
        e.Property(f => f.At).HasDefaultValueSql("clock_timestamp()");
    }
}
