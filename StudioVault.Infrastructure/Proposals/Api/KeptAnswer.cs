using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Api;

/// <summary>
/// What an agent was answered under an idempotency key, written in the transaction of the proposal: who asks again gets the same
/// bytes and no second proposal (APP-8). Belongs to the agent, so that a key that was rotated goes on with it.
/// </summary>
public sealed class KeptAnswer
{
    public const int LongestKey = 100;

    /// <summary>How long an answer is kept at least.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(48);

    private KeptAnswer() { }

    public AgentId AgentId { get; private init; }
    public string Key { get; private init; } = "";

    /// <summary>Of the canonical form of the request.</summary>
    public string RequestSha256 { get; private init; } = "";

    public string Location { get; private init; } = "";
    public byte[] Body { get; private init; } = [];
    public DateTimeOffset At { get; private init; }

    public static KeptAnswer Of(AgentId agent, string key, string requestSha256, string location, byte[] body, DateTimeOffset at) =>
        new() { AgentId = agent, Key = key, RequestSha256 = requestSha256, Location = location, Body = body, At = at };
}

internal sealed class KeptAnswerConfiguration : IEntityTypeConfiguration<KeptAnswer>
{
    /// <summary>Name of the key, which two of the same request meet at.</summary>
    public const string KeyName = "pk_kept_answers";

    public void Configure(EntityTypeBuilder<KeptAnswer> e)
    {
        // Looked up before any branch is; written with a proposal in its branch's scope. No branch reads one.
        e.ToTable("kept_answers", "proposals").Rows(new RowAccess(RowRule.Visitor, Insert: RowRule.Everyone, Update: null, Delete: RowRule.Visitor));
        e.HasKey(a => new { a.AgentId, a.Key });
        e.Property(a => a.Key).HasMaxLength(KeptAnswer.LongestKey);
        e.Property(a => a.RequestSha256).HasMaxLength(64);
        e.Property(a => a.Location).HasMaxLength(200);
        e.HasIndex(a => a.At);
    }
}
