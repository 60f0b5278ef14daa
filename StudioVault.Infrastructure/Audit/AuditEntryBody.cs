using Npgsql;
using StudioVault.Domain.Audit;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// From a stored entry to the body whose hash is its leaf. The sequencer and the verifier both come here, so that a changed
/// column is a changed leaf.
/// </summary>
internal static class AuditEntryBody
{
    /// <summary>The columns <see cref="Read"/> expects, in order.</summary>
    public const string Columns =
        "e.id, e.at, e.actor_kind, e.actor_id, e.root_id, e.on_behalf_of, e.branch_id, e.action, e.capability, e.proposal_id, e.approval_state, " +
        "e.object_type, e.object_id, e.outcome, e.reason_code, e.payload_sha256, e.policy_version";

    public static AuditBody Read(NpgsqlDataReader row, int first)
    {
        string? Text(int column) => row.IsDBNull(first + column) ? null : row.GetString(first + column);
        return new AuditBody
        {
            Id = row.GetGuid(first),
            At = row.GetFieldValue<DateTimeOffset>(first + 1),
            ActorType = row.GetString(first + 2),
            ActorId = row.GetString(first + 3),
            RootId = row.GetString(first + 4),
            OnBehalfOf = row.GetFieldValue<string[]>(first + 5),
            BranchId = row.IsDBNull(first + 6) ? null : row.GetGuid(first + 6),
            Action = row.GetString(first + 7),
            Capability = Text(8),
            ProposalId = Text(9),
            ApprovalState = Text(10),
            ObjectType = row.GetString(first + 11),
            ObjectId = row.GetString(first + 12),
            Outcome = row.GetString(first + 13),
            ReasonCode = Text(14),
            PayloadSha256 = Text(15),
            PolicyVersion = Text(16),
        };
    }
}
