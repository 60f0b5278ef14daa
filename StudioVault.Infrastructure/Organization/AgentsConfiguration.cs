using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

internal sealed class AgentsConfiguration : IEntityTypeConfiguration<Agent>, IEntityTypeConfiguration<AgentKey>, IEntityTypeConfiguration<AgentKeyUse>, IEntityTypeConfiguration<Delegation>
{
    private const string Schema = "organization";
    private const int HashLength = 32;

    public void Configure(EntityTypeBuilder<Agent> e)
    {
        // Every branch reads who proposes to it; nobody deletes one.
        e.ToTable("agents", Schema).Governed().Rows(new RowAccess(RowRule.Everyone, Insert: RowRule.Hq, Update: RowRule.Hq, Delete: null)).Pinned(nameof(Agent.Id), nameof(Agent.Slug));
        e.HasKey(a => a.Id);
        e.Property(a => a.Id).ValueGeneratedNever();
        e.Property(a => a.Slug).HasMaxLength(Agent.LongestSlug);
        e.Property(a => a.Name).HasMaxLength(Agent.LongestName);
        e.Property(a => a.Purpose).HasMaxLength(Agent.LongestPurpose);
        e.HasIndex(a => a.Slug).IsUnique();
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<AgentKey> e)
    {
        // Who sends a command is looked up in no scope; no branch ever sees a hash.
        e.ToTable("agent_keys", Schema, t => t.HasCheckConstraint("ck_agent_keys_hash", $"length(secret_sha256) = {HashLength}")).Governed()
            .Rows(new RowAccess(RowRule.Any(RowRule.Hq, RowRule.Visitor), Insert: RowRule.Hq, Update: RowRule.Hq, Delete: null))
            .Pinned(nameof(AgentKey.Id), nameof(AgentKey.AgentId), nameof(AgentKey.SecretSha256), nameof(AgentKey.Capabilities), nameof(AgentKey.Branches));
        e.HasKey(k => k.Id);
        e.Property(k => k.Id).ValueGeneratedNever();
        e.Property(k => k.Name).HasMaxLength(AgentKey.LongestName);
        e.Property(k => k.Shown).HasMaxLength(AgentToken.Prefix.Length + HashLength);
        e.HasIndex(k => k.AgentId);
        e.HasOne<Agent>().WithMany().HasForeignKey(k => k.AgentId).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }

    public void Configure(EntityTypeBuilder<AgentKeyUse> e)
    {
        e.ToTable("agent_key_uses", Schema).Rows(new RowAccess(RowRule.Any(RowRule.Hq, RowRule.Visitor), Insert: RowRule.Visitor, Update: RowRule.Visitor, Delete: null));
        e.HasKey(u => u.KeyId);
        e.HasOne<AgentKey>().WithOne().HasForeignKey<AgentKeyUse>(u => u.KeyId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<Delegation> e)
    {
        var write = RowRule.Any(RowRule.Own(), RowRule.Hq);
        e.ToTable("delegations", Schema, t =>
            {
                t.HasCheckConstraint("ck_delegations_ends", "num_nonnulls(from_person_id, from_agent_id) = 1 and num_nonnulls(to_person_id, to_agent_id) = 1");
                t.HasCheckConstraint("ck_delegations_time", "starts_at < expires_at");
                t.HasCheckConstraint("ck_delegations_root", "parent_id is not null or from_person_id is not null");
            }).Governed().Rows(new RowAccess(RowRule.Any(RowRule.Own(), RowRule.Hq, RowRule.Visitor), Insert: RowRule.Own(), Update: write, Delete: null))
            .Pinned(nameof(Delegation.BranchId), nameof(Delegation.Id), nameof(Delegation.FromPersonId), nameof(Delegation.FromAgentId), nameof(Delegation.ToPersonId), nameof(Delegation.ToAgentId),
                nameof(Delegation.Capabilities), nameof(Delegation.StartsAt), nameof(Delegation.ExpiresAt), nameof(Delegation.ParentId), nameof(Delegation.Reason));
        e.HasKey(d => new { d.BranchId, d.Id });
        e.Property(d => d.Reason).HasMaxLength(Delegation.LongestReason);
        e.HasIndex(d => d.ToAgentId);
        e.HasIndex(d => new { d.BranchId, d.ToPersonId });
        e.HasIndex(d => new { d.BranchId, d.ParentId });
        e.HasOne<Branch>().WithMany().HasForeignKey(d => d.BranchId).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<Agent>().WithMany().HasForeignKey(d => d.FromAgentId).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<Agent>().WithMany().HasForeignKey(d => d.ToAgentId).OnDelete(DeleteBehavior.Restrict);
        e.HasOne<Delegation>().WithMany().HasForeignKey(d => new { d.BranchId, d.ParentId }).OnDelete(DeleteBehavior.Restrict);
        e.Property<uint>("RowVersion").IsRowVersion();
    }
}
