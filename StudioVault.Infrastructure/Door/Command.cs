using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Door;

/// <summary>The outside of a command: everything the door needs before it opens.</summary>
/// <param name="Action">Verb for the audit, <c>area.verb</c>; the same word as the button.</param>
/// <param name="From">Who sends it.</param>
/// <param name="Scope">Whose rows it may touch.</param>
/// <param name="Access">What it demands of the caller.</param>
/// <param name="ObjectType">Kind of thing it is about, for the audit.</param>
/// <param name="ObjectId">Which one.</param>
public sealed record Command(string Action, Sender From, TenantScope Scope, Access Access, string ObjectType, string ObjectId);

/// <summary>What an audit entry about a proposal is joined to (APP-11).</summary>
/// <param name="Capability">Its name.</param>
/// <param name="ProposalId">Which proposal.</param>
/// <param name="ApprovalState">Where it stood or stands now, in the words of the state machine.</param>
/// <param name="PolicyVersion">Version of the rules it was made under.</param>
public sealed record ProposalLink(string Capability, string ProposalId, string ApprovalState, string? PolicyVersion);
