using System.Text.Json.Nodes;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>A source a decider can open.</summary>
/// <param name="Title">What it is, for example "Agreement 2026-0412, version 2".</param>
/// <param name="Source">A page of ours (begins with a slash) or an https address; shown, never fetched.</param>
/// <param name="At">When it was read, or null.</param>
/// <param name="Sha256">Hash of what was read, 64 lower-case hexadecimal digits, or null.</param>
public sealed record Evidence(string Title, string Source, DateTimeOffset? At, string? Sha256)
{
    public const int Most = 10;
    public const int LongestTitle = 120;
    public const int LongestSource = 500;
}

/// <summary>
/// A concrete intended write of one branch. What it says never changes (PostgreSQL pins it) and is stored encrypted
/// (<see cref="ProposalText"/>); where it stands changes only by the edges of <see cref="ProposalMachine"/>. It is never deleted
/// (features row 5.5): of one about an erased client who, what, when and every hash stay.
/// </summary>
public sealed class Proposal : ITenantOwned
{
    /// <summary>The round a proposal is made in; an exemption waives the approvals of this one.</summary>
    public const int FirstRound = 1;

    /// <summary>End code of what an earlier start of an agent's program left open.</summary>
    public const string AgentBeganAnew = "epoch";

    public const int LongestWhy = 2_000;
    public const int LongestReason = 1_000;

    private Proposal() { }

    public BranchId BranchId { get; private init; }
    public ProposalId Id { get; private init; }

    public string Capability { get; private init; } = "";
    public string Area { get; private init; } = "";

    /// <summary>Version of the card it was made under.</summary>
    public int CapabilityVersion { get; private init; }

    public Band Band { get; private init; }

    /// <summary>Names of the compliance rules that sent it to human review; empty = none.</summary>
    public string[] Routes { get; private init; } = [];

    /// <summary>Clients it is about, in the order <see cref="Key"/> is wrapped in; empty = nobody with a key.</summary>
    public Guid[] Clients { get; private init; } = [];

    /// <summary>The project it is about: whoever becomes its client later may be named in it too. Null = none.</summary>
    public ProjectId? ProjectId { get; private init; }

    /// <summary>What opens everything sealed here and in its decisions and its execution, wrapped by all <see cref="Clients"/>; empty once one of them, or of the project's, is erased.</summary>
    public byte[] Key { get; private set; } = [];

    /// <summary>Its <see cref="ProposalText"/>, closed by the key.</summary>
    public byte[] SealedText { get; private init; } = [];

    public string TargetType { get; private init; } = "";
    public string TargetId { get; private init; } = "";
    public string TargetEtag { get; private init; } = "";
    public string? TargetHref { get; private init; }

    /// <summary>JSON array of the actor chain, acting first: kind, id, name.</summary>
    public string ChainJson { get; private init; } = "[]";

    /// <summary>Humans whose hands are in it: four eyes look for others (features row 5.4).</summary>
    public Guid[] Humans { get; private init; } = [];

    /// <summary>Delegations it rests on; looked at again before it is carried out.</summary>
    public Guid[] Delegations { get; private init; } = [];

    /// <summary>The proposing agent, or null for a person.</summary>
    public AgentId? AgentId { get; private init; }

    /// <summary>Start of the agent's program; a later start ends what an earlier one left open (features row 5.14).</summary>
    public long? Epoch { get; private init; }

    /// <summary>Canonical JSON of the policies it was made under: name and version.</summary>
    public string Policies { get; private init; } = "{}";

    /// <summary>Approval rule of its card, with what its routes add.</summary>
    public string Rule { get; private init; } = "";

    /// <summary>What a decision is bound to (<see cref="ProposalDigest"/>).</summary>
    public string Digest { get; private set; } = "";

    /// <summary>The one it was edited or recomputed from.</summary>
    public ProposalId? Replaces { get; private init; }

    /// <summary>The carried out one it takes back.</summary>
    public ProposalId? Undoes { get; private init; }

    /// <summary>The exemption it runs under without an approval, or null.</summary>
    public ExemptionId? Exemption { get; private init; }

    /// <summary>The exemption its execution rests on; null where people approve: always, or since somebody let people decide.</summary>
    public ExemptionId? RunsUnder => Round == FirstRound ? Exemption : null;

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Nobody can approve it from here on.</summary>
    public DateTimeOffset ApproveBy { get; private init; }

    /// <summary>How long an approval is good for, from the last one needed (features row 5.6).</summary>
    public int ValidForSeconds { get; private init; }

    public ProposalState State { get; private set; }

    /// <summary>Counts every change of state.</summary>
    public int Version { get; private set; }

    /// <summary>Approvals count in the round they were given in; undo begins another.</summary>
    public int Round { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }
    public PersonId? ClaimedBy { get; private set; }
    public string? ClaimedByName { get; private set; }
    public DateTimeOffset? ClaimedUntil { get; private set; }
    public DateTimeOffset? ApprovedAt { get; private set; }
    public DateTimeOffset? GraceUntil { get; private set; }

    /// <summary>Not begun by then, it expires.</summary>
    public DateTimeOffset? ExecuteBy { get; private set; }

    /// <summary>When its managers were called because little time is left.</summary>
    public DateTimeOffset? EscalatedAt { get; private set; }

    /// <summary>When somebody sent it to human review.</summary>
    public DateTimeOffset? ReviewAskedAt { get; private set; }

    /// <summary>
    /// It takes human review: a compliance rule met it, nobody approves its band here, or somebody sent it there. Only a manager with no
    /// hand in it closes it; it runs out for approvals, and not by itself, and whoever proposed it does not take it back.
    /// </summary>
    public bool TakesReview => ReviewAskedAt is not null || Band == Band.Black || Routes.Length > 0;

    /// <summary>Why it ended as it did: a refusal code or a word of the machine; null while it lives and after success.</summary>
    public string? EndCode { get; private set; }

    /// <summary>What whoever took it back said, closed by the key.</summary>
    public byte[]? SealedEndNote { get; private set; }

    /// <summary>The one that took its place.</summary>
    public ProposalId? ReplacedBy { get; private set; }

    /// <summary>The proposal that takes it back.</summary>
    public ProposalId? UndoneBy { get; private set; }

    /// <summary>What a new proposal says.</summary>
    public sealed record Content
    {
        public required BranchId Branch { get; init; }
        public required string Capability { get; init; }
        public required string Area { get; init; }
        public required int CapabilityVersion { get; init; }
        public required Band Band { get; init; }
        public required IReadOnlyList<string> Routes { get; init; }
        public required ProposalText Text { get; init; }
        public required IReadOnlyList<Guid> Clients { get; init; }
        public required ProjectId? Project { get; init; }
        public required byte[] Key { get; init; }
        public required byte[] SealedText { get; init; }
        public required string TargetType { get; init; }
        public required string TargetId { get; init; }
        public required string TargetEtag { get; init; }
        public required string? TargetHref { get; init; }
        public required IReadOnlyList<Actor> Chain { get; init; }
        public required IReadOnlyList<Guid> Humans { get; init; }
        public required IReadOnlyList<Guid> Delegations { get; init; }
        public required AgentId? AgentId { get; init; }
        public required long? Epoch { get; init; }
        public required JsonObject Policies { get; init; }
        public required ApprovalRule Rule { get; init; }
        public required ProposalId? Replaces { get; init; }
        public required ProposalId? Undoes { get; init; }
        public required ExemptionId? Exemption { get; init; }
        public required DateTimeOffset At { get; init; }
        public required TimeSpan ApproveWithin { get; init; }
        public required TimeSpan ValidFor { get; init; }

        /// <summary>When the one it takes the place of was sent to human review: it stays there.</summary>
        public DateTimeOffset? ReviewAskedAt { get; init; }
    }

    /// <summary>A new proposal, its digest computed; pending unless it has to wait.</summary>
    public static Proposal Of(Content c, ProposalState state)
    {
        // What PostgreSQL keeps is what the digest is made of: whole microseconds.
        var approveBy = new DateTimeOffset((c.At + c.ApproveWithin).UtcTicks / 10 * 10, TimeSpan.Zero);
        var proposal = new Proposal
        {
            BranchId = c.Branch,
            Id = ProposalId.New(),
            Capability = c.Capability,
            Area = c.Area,
            CapabilityVersion = c.CapabilityVersion,
            Band = c.Band,
            Routes = [.. c.Routes],
            Clients = [.. c.Clients],
            ProjectId = c.Project,
            Key = c.Key,
            SealedText = c.SealedText,
            TargetType = c.TargetType,
            TargetId = c.TargetId,
            TargetEtag = c.TargetEtag,
            TargetHref = c.TargetHref,
            ChainJson = ProposalText.Canonical(new JsonArray([.. c.Chain.Select(a => (JsonNode)new JsonObject { ["kind"] = a.Kind.ToString(), ["id"] = a.Id, ["name"] = a.Name })])),
            Humans = [.. c.Humans],
            Delegations = [.. c.Delegations],
            AgentId = c.AgentId,
            Epoch = c.Epoch,
            Policies = ProposalText.Canonical(c.Policies),
            Rule = ProposalText.Canonical(c.Rule.ToJson()),
            Replaces = c.Replaces,
            Undoes = c.Undoes,
            Exemption = c.Exemption,
            CreatedAt = c.At,
            ChangedAt = c.At,
            ApproveBy = approveBy,
            ValidForSeconds = (int)c.ValidFor.TotalSeconds,
            State = state,
            ReviewAskedAt = c.ReviewAskedAt,
            Round = FirstRound,
        };
        proposal.Digest = ProposalDigest.Of(proposal, c.Text);
        return proposal;
    }

    /// <summary>Who proposed and on whose behalf, acting first.</summary>
    public IReadOnlyList<Actor> Chain => ChainOf(ChainJson);

    /// <summary>The chain as it is stored.</summary>
    public static IReadOnlyList<Actor> ChainOf(string json) =>
        [.. JsonNode.Parse(json)!.AsArray().Select(a => new Actor(Enum.Parse<ActorKind>((string)a!["kind"]!), (string)a["id"]!, (string)a["name"]!))];

    /// <summary>Every agent of a chain: a stop on any of them covers what it proposed.</summary>
    public static IReadOnlyList<AgentId> AgentsOf(IEnumerable<Actor> chain) =>
        [.. chain.Where(a => a.Kind == ActorKind.Agent && Guid.TryParse(a.Id, out _)).Select(a => new AgentId(Guid.Parse(a.Id)))];

    /// <summary>Starts in the time to undo, under an exemption.</summary>
    public Proposal StartGrace(DateTimeOffset at, TimeSpan grace)
    {
        (State, ApprovedAt, GraceUntil, ExecuteBy) = (ProposalState.Grace, at, at + grace, at + grace + TimeSpan.FromSeconds(ValidForSeconds));
        return this;
    }
}
