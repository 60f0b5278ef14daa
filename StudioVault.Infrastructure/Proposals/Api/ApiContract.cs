using System.Text.Json.Nodes;

namespace StudioVault.Infrastructure.Proposals.Api;

// Version 1 of what leaves through the public API. Members are only ever added (contracts/api/openapi.v1.json holds the shape).

/// <summary>What became of a proposal that was sent.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">Pending, Drafted when it waits for its turn, or Grace under an exemption.</param>
/// <param name="Band">GREEN, AMBER, RED or BLACK: what an approval demands.</param>
/// <param name="Digest">What every decision is bound to, 64 hexadecimal digits.</param>
/// <param name="ApproveBy">Nobody can approve it after that.</param>
/// <param name="Location">Where it is found.</param>
public sealed record ApiSubmitted(Guid Id, string State, string Band, string Digest, DateTimeOffset ApproveBy, string Location);

/// <summary>A proposal.</summary>
/// <param name="Branch">Short name of the branch.</param>
/// <param name="Capability">What it would do.</param>
/// <param name="CapabilityVersion">Version of the capability's card it was made under.</param>
/// <param name="State">Drafted, Pending, Claimed, Approved, Grace, IntentLogged, Succeeded, Failed, UnknownOutcome, Rejected, Expired, Superseded, TargetChanged, Killed or Withdrawn.</param>
/// <param name="Version">Counts every change of state.</param>
/// <param name="Routes">Compliance rules that sent it to human review.</param>
/// <param name="Chain">Who proposed and on whose behalf, acting first.</param>
/// <param name="EndCode">Why it ended as it did; null while it lives and after success.</param>
/// <param name="ReplacedBy">The one that took its place.</param>
/// <param name="Erased">A client it was about was erased: a sentence stands for its title, and nothing for what else it said.</param>
public sealed record ApiProposal(Guid Id, string Branch, string Capability, int CapabilityVersion, string Band, string State, int Version, string Title, string Why, JsonObject Args, ApiTarget Target,
    IReadOnlyList<ApiChange> Changes, IReadOnlyList<string> Notes, IReadOnlyList<ApiEvidence> Evidence, IReadOnlyList<ApiActor> Chain, IReadOnlyList<string> Routes, string Digest, DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt, DateTimeOffset ApproveBy, DateTimeOffset? ExecuteBy, string? EndCode, Guid? Replaces, Guid? ReplacedBy, ApiOutcome? Outcome, bool Erased);

/// <summary>What a proposal is about; the etag is a hash of exactly what the write depends on.</summary>
public sealed record ApiTarget(string Type, string Id, string Etag);

/// <summary>A field before and after, as people read it.</summary>
public sealed record ApiChange(string Name, string? Before, string? After);

/// <summary>A source a decider can open.</summary>
/// <param name="Source">An https address, or a page of ours that begins with a slash.</param>
/// <param name="At">When it was read.</param>
/// <param name="Sha256">Hash of what was read, 64 lower-case hexadecimal digits.</param>
public sealed record ApiEvidence(string Title, string Source, DateTimeOffset? At, string? Sha256);

/// <summary>Somebody of the chain: staff or agent.</summary>
public sealed record ApiActor(string Kind, string Id, string Name);

/// <summary>What was done, or the code of what kept it from being done.</summary>
public sealed record ApiOutcome(DateTimeOffset? EndedAt, string? Summary, string? Code);

/// <summary>A page of a list.</summary>
/// <param name="Next">Send it as <c>cursor</c> for the next page; null on the last.</param>
public sealed record ApiProposalPage(IReadOnlyList<ApiProposal> Items, string? Next);

/// <summary>What a human said.</summary>
/// <param name="Verdict">Approve, Reject, Undo, SendToReview, FoundDone, FoundNotDone or TakeOver.</param>
/// <param name="Round">Approvals count in the round they were given in; an undo begins another.</param>
/// <param name="StandingIn">Whether they stood in for somebody else.</param>
/// <param name="Digest">What they saw.</param>
public sealed record ApiDecision(Guid Id, string Verdict, int Round, string By, bool StandingIn, DateTimeOffset At, string? Reason, string Digest);

/// <summary>Every decision on a proposal, the oldest first.</summary>
public sealed record ApiDecisions(Guid ProposalId, string State, IReadOnlyList<ApiDecision> Items);

/// <summary>Something that may be proposed.</summary>
/// <param name="Version">Version of its card.</param>
/// <param name="ApproveWithinSeconds">Time to decide.</param>
/// <param name="ValidForSeconds">Time from the last approval to the execution.</param>
/// <param name="Input">JSON Schema of its arguments, 2020-12.</param>
/// <param name="Branches">Short names of the branches where this key may propose it.</param>
public sealed record ApiCapability(string Name, string Area, string Title, string What, bool Enabled, int Version, string Band, string RiskTier, string Owner, string FailureMode, string Rollback,
    int ApproveWithinSeconds, int ValidForSeconds, JsonObject Input, IReadOnlyList<string> Branches);

/// <summary>Every capability there is, by area and name.</summary>
public sealed record ApiCapabilities(IReadOnlyList<ApiCapability> Items);

/// <summary>How much of a bucket is used in the window that runs.</summary>
/// <param name="Bucket">agent, owner or capability.</param>
public sealed record ApiQuota(string Capability, string Bucket, int Used, int Cap, int WindowSeconds, DateTimeOffset RefillsAt);

/// <summary>How much the branch's people can look at.</summary>
/// <param name="Open">Open proposals of all agents.</param>
/// <param name="Capacity">As many as they can look at.</param>
/// <param name="Mine">Open ones of this agent.</param>
/// <param name="Share">As many as this agent may have open; more wait as Drafted.</param>
/// <param name="Waiting">Those of this agent that wait.</param>
/// <param name="MostWaiting">As many as may wait.</param>
public sealed record ApiAttention(int Open, int Capacity, int Mine, int Share, int Waiting, int MostWaiting);

/// <summary>Quotas of this agent in a branch.</summary>
public sealed record ApiQuotas(string Branch, IReadOnlyList<ApiQuota> Items, ApiAttention Attention);

/// <summary>Who the key stands for and what it may.</summary>
public sealed record ApiMe(ApiAgent Agent, ApiKey? Key, IReadOnlyList<ApiBranch> Branches);

public sealed record ApiAgent(Guid Id, string Slug, string Name, string Purpose, bool Disabled);

/// <summary>The key this request came with.</summary>
/// <param name="Shown">Its first characters.</param>
public sealed record ApiKey(string Shown, string Name, DateTimeOffset ExpiresAt);

/// <summary>A branch this key reaches.</summary>
/// <param name="Slug">Its short name: what requests call it.</param>
public sealed record ApiBranch(string Slug, string Name, string Currency, string TimeZone, IReadOnlyList<ApiPower> Powers);

/// <summary>A chain of delegations.</summary>
/// <param name="Capabilities">What it gives; null = everything.</param>
/// <param name="OnBehalfOf">Names, nearest first.</param>
public sealed record ApiPower(IReadOnlyList<string>? Capabilities, IReadOnlyList<string> OnBehalfOf, DateTimeOffset ExpiresAt);
