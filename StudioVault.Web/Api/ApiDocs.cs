using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;

namespace StudioVault.Web.Api;

/// <summary>The words and examples of the reference.</summary>
public static class ApiDocs
{
    /// <summary>Codes every endpoint may answer with.</summary>
    public static readonly IReadOnlyList<RefusalKind> Everywhere =
    [
        ApiRefusals.KeyMissing, AgentRefusals.KeyUnknown, AgentRefusals.KeyRevoked, AgentRefusals.KeyExpired, AgentRefusals.Disabled, AgentRefusals.OwnerGone,
        ApiRefusals.TooManyRequests, KernelRefusals.StorageUnavailable, ApiRefusals.Failed,
    ];

    /// <summary>Those of endpoints anybody may ask.</summary>
    public static readonly IReadOnlyList<RefusalKind> WithoutKey = [ApiRefusals.TooManyRequests, KernelRefusals.StorageUnavailable, ApiRefusals.Failed];

    /// <summary>Media type of all but a few.</summary>
    public const string Json = "application/json";

    /// <summary>Signed notes come and go as text, byte for byte.</summary>
    private const string Text = "text/plain";

    private static readonly RefusalKind[] OfBranch =
    [
        KernelRefusals.NotFound, DelegationRefusals.None, DelegationRefusals.NotBegun, DelegationRefusals.Expired, DelegationRefusals.Revoked, DelegationRefusals.PersonGone, DelegationRefusals.AgentGone,
    ];

    private static readonly RefusalKind[] OfBody = [ApiRefusals.MediaType, ApiRefusals.TooLarge, ApiRefusals.Malformed];

    private static readonly RefusalKind[] OfWriting = [KernelRefusals.StorageFull, KernelRefusals.StaleWrite, AuditRefusals.Unavailable];

    private const string Digest = "9f2b6c0d4a1e8b7755d3c1f0e6a98d42b1c7f3e05a6d8c9b2e4f7a1035d6c8e9";
    private const string Etag = "3c1f0e6a98d42b1c7f3e05a6d8c9b2e4f7a1035d6c8e99f2b6c0d4a1e8b77550";
    private const string Id = "019aa7c4-6f0e-7d31-9b52-3f1d2c4b5a69";

    private const string Proposal = $$"""
        {
          "id": "{{Id}}",
          "branch": "porto",
          "capability": "invoice.discount",
          "capabilityVersion": 1,
          "band": "AMBER",
          "state": "Pending",
          "version": 0,
          "title": "Discount € 40.00 on “Balance” of R. Almeida",
          "why": "The album was a week late.",
          "args": { "invoiceId": "019aa7b0-1c2d-7e3f-8a4b-5c6d7e8f9a0b", "amount": "40.00", "reason": "Late album" },
          "target": { "type": "invoice", "id": "019aa7b0-1c2d-7e3f-8a4b-5c6d7e8f9a0b", "etag": "{{Etag}}" },
          "changes": [ { "name": "To pay", "before": "€ 480.00", "after": "€ 440.00" } ],
          "notes": [],
          "evidence": [ { "title": "Delivery of the album", "source": "https://example.com/parcels/1Z999", "at": "2026-11-20T09:12:00+00:00", "sha256": null } ],
          "chain": [ { "kind": "agent", "id": "019aa7a1-0000-7000-8000-000000000001", "name": "Invoice helper" }, { "kind": "staff", "id": "019aa7a1-0000-7000-8000-000000000002", "name": "Ana Ribeiro" } ],
          "routes": [],
          "digest": "{{Digest}}",
          "createdAt": "2026-11-21T20:14:09.123456+00:00",
          "changedAt": "2026-11-21T20:14:09.123456+00:00",
          "approveBy": "2026-11-22T20:14:09.123456+00:00",
          "executeBy": null,
          "endCode": null,
          "replaces": null,
          "replacedBy": null,
          "outcome": null,
          "erased": false
        }
        """;

    public static ApiDoc Submit { get; } = new("submitProposal", "Propose something",
        "Sends a concrete intended write to the people of a branch. The answer is always 202 Accepted: nothing is done until people approved exactly this and the time to undo is over. The same Idempotency-Key with the same body gets the same answer byte for byte and makes no second proposal, for at least 24 hours; the header Idempotency-Replayed says so. A refusal is not kept.",
        StatusCodes.Status202Accepted, $$"""
        {
          "id": "{{Id}}",
          "state": "Pending",
          "band": "AMBER",
          "digest": "{{Digest}}",
          "approveBy": "2026-11-22T20:14:09.123456+00:00",
          "location": "/v1/proposals/{{Id}}"
        }
        """, """
        {
          "branch": "porto",
          "capability": "invoice.discount",
          "args": { "invoiceId": "019aa7b0-1c2d-7e3f-8a4b-5c6d7e8f9a0b", "amount": "40.00", "reason": "Late album" },
          "why": "The album was a week late.",
          "evidence": [ { "title": "Delivery of the album", "source": "https://example.com/parcels/1Z999", "at": "2026-11-20T09:12:00Z" } ]
        }
        """, Words(("Idempotency-Key", "8 to 100 letters, digits, hyphens, underscores, colons or dots; a new one for each proposal.")),
        [
            .. OfBody, .. OfBranch, ApiRefusals.IdempotencyKeyMissing, ApiRefusals.IdempotencyMismatch, AgentRefusals.OutOfKeyScope, DelegationRefusals.OutOfScope,
            CapabilityRefusals.Unknown, CapabilityRefusals.NotEnabled, CapabilityRefusals.Killed, ProposalRefusals.ArgumentMissing, ProposalRefusals.ArgumentUnknown, ProposalRefusals.ArgumentWrong, ProposalRefusals.EvidenceMalformed,
            KernelRefusals.ReasonRequired, KernelRefusals.TooLong, QuotaRefusals.Agent, QuotaRefusals.Owner, QuotaRefusals.Capability, QuotaRefusals.Attention, .. OfWriting,
        ])
    { RequestType = typeof(ApiProposalRequest), NeedsRequest = true };

    public static ApiDoc List { get; } = new("listProposals", "Your proposals", "The proposals this agent made in a branch, the newest first, in pages.", StatusCodes.Status200OK,
        $$"""
        {
          "items": [ {{Proposal.Replace("\n", "\n  ", StringComparison.Ordinal)}} ],
          "next": "AZqnxG8OfTGbUj8dLEtaaVTRSZQ0Gv0w"
        }
        """, null,
        Words(("branch", "Short name of the branch. Required."), ("state", "Only those in this state, for example Pending."), ("capability", "Only those under this capability."),
            ("cursor", "The value of next of the page before. Opaque; good for the same branch and filters alone."), ("limit", "Items on a page, 1 to 100; 50 when not said.")),
        [.. OfBranch, ApiRefusals.Parameter, ApiRefusals.Cursor]);

    public static ApiDoc Read { get; } = new("getProposal", "One proposal", "One of this agent's own proposals as it stands now. Poll it, or listen on the hub and read it when it changed.", StatusCodes.Status200OK, Proposal, null,
        Words(("id", "Id of the proposal.")), [KernelRefusals.NotFound]);

    public static ApiDoc Decisions { get; } = new("listDecisions", "Decisions on a proposal", "What humans said about it, the oldest first. Every decision is bound to the digest they saw.", StatusCodes.Status200OK, $$"""
        {
          "proposalId": "{{Id}}",
          "state": "Rejected",
          "items": [
            { "id": "019aa7c5-1b2c-7d3e-8f4a-5b6c7d8e9f0a", "verdict": "Reject", "round": 1, "by": "Rui Costa", "standingIn": false,
              "at": "2026-11-21T20:16:40.002113+00:00", "reason": "Wrong amount or day", "digest": "{{Digest}}" }
          ]
        }
        """, null, Words(("id", "Id of the proposal.")), [KernelRefusals.NotFound]);

    public static ApiDoc Withdraw { get; } = new("withdrawProposal", "Take a proposal back", "Ends one of this agent's own proposals while nobody has carried it out. What takes human review stays until a manager has closed it. Answers 202 with the proposal as it stands then.", StatusCodes.Status202Accepted,
        Proposal.Replace("\"Pending\"", "\"Withdrawn\"", StringComparison.Ordinal), """{ "reason": "The client paid meanwhile." }""", Words(("id", "Id of the proposal.")),
        [.. OfBody, KernelRefusals.NotFound, ProposalRefusals.NotOpen, ProposalRefusals.InReview, AgentRefusals.OutOfKeyScope, DelegationRefusals.OutOfScope, .. OfWriting])
    { RequestType = typeof(ApiWithdrawRequest) };

    private const string Capability = """
        {
          "name": "invoice.discount", "area": "Finance", "title": "Goodwill discount", "what": "Takes an amount off an open invoice.",
          "enabled": true, "version": 1, "band": "AMBER", "riskTier": "medium", "owner": "Studio finance",
          "failureMode": "A client pays less than agreed.", "rollback": "The discount is taken back.",
          "approveWithinSeconds": 86400, "validForSeconds": 3600,
          "input": {
            "type": "object",
            "properties": { "invoiceId": { "title": "Invoice", "type": "string", "format": "uuid" }, "amount": { "title": "Amount", "type": "string", "pattern": "^(0|[1-9][0-9]{0,8})(\\.[0-9]{1,2})?$" }, "reason": { "title": "Reason", "type": "string", "minLength": 1, "maxLength": 200 } },
            "required": [ "invoiceId", "amount", "reason" ],
            "additionalProperties": false
          },
          "branches": [ "porto" ]
        }
        """;

    public static ApiDoc Capabilities { get; } = new("listCapabilities", "What can be proposed", "Every capability with its card, the schema of its arguments, and the branches where this key may propose it.", StatusCodes.Status200OK,
        "{ \"items\": [ " + Capability + " ] }", null, Words(), []);

    public static ApiDoc OneCapability { get; } = new("getCapability", "One capability", "One capability with its card.", StatusCodes.Status200OK, Capability, null, Words(("name", "Name of the capability.")), [CapabilityRefusals.Unknown]);

    public static ApiDoc Quotas { get; } = new("getQuotas", "What is left", "How much of each quota is used in the window that runs, and how much the branch's people can look at. More than that waits as Drafted.", StatusCodes.Status200OK, """
        {
          "branch": "porto",
          "items": [ { "capability": "invoice.discount", "bucket": "agent", "used": 3, "cap": 20, "windowSeconds": 3600, "refillsAt": "2026-11-21T21:00:00+00:00" } ],
          "attention": { "open": 4, "capacity": 24, "mine": 2, "share": 12, "waiting": 0, "mostWaiting": 20 }
        }
        """, null, Words(("branch", "Short name of the branch. Required.")), [.. OfBranch, ApiRefusals.Parameter]);

    public static ApiDoc Booking { get; } = new("getBooking", "Whether a studio takes bookings", "For the studios' own websites: without a key, from any page, and the answer may be kept for a minute.", StatusCodes.Status200OK, """
        {
          "open": false,
          "pausedUntil": "2026-12-06"
        }
        """, null, Words(("slug", "Short name of the branch.")), [KernelRefusals.NotFound])
    { NeedsKey = false };

    public static ApiDoc Me { get; } = new("getMe", "Who you are", "The agent this key stands for, and what it may propose where and on whose behalf.", StatusCodes.Status200OK, """
        {
          "agent": { "id": "019aa7a1-0000-7000-8000-000000000001", "slug": "invoice-helper", "name": "Invoice helper", "purpose": "Looks for invoices that were paid late.", "disabled": false },
          "key": { "shown": "svk_5f0c91aa", "name": "Night batch", "expiresAt": "2027-05-20T00:00:00+00:00" },
          "branches": [
            { "slug": "porto", "name": "Northlight Porto", "currency": "EUR", "timeZone": "Europe/Lisbon",
              "powers": [ { "capabilities": [ "invoice.discount" ], "onBehalfOf": [ "Ana Ribeiro" ], "expiresAt": "2027-01-01T00:00:00+00:00" } ] }
          ]
        }
        """, null, Words(), []);

    private const string Leaf = "4f1d0a7be2c3958d6e0b1a2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60";
    private const string Root = "b7c3f05ea6d8c92b1e4f7a1035d6c8e99f2b6c0d4a1e8b7755d3c1f0e6a98d42";
    private const string Note = "studiovault/audit\n4711\nt8PwXqbYySseT3oQNdbI6Z8rbA1KHot3VdPB8OapjUI=\n\n— studiovault/audit Zm9vYmFyMEUCIQDk\n";
    private const string Sizes = "Entries as the log counts: entry 0 is the first, a size says how many there are. Hashes are 64 lower-case hexadecimal digits.";

    private static readonly RefusalKind[] OfNote = [AuditRefusals.CheckpointMalformed, AuditRefusals.ForeignCheckpoint, AuditRefusals.NoCheckpoint, AuditRefusals.LogBroken];

    public static ApiDoc AuditCheckpoint { get; } = new("getCheckpoint", "Signed checkpoint of the log", "The signed note of the audit log, for everybody: the newest, or that of a size. Keep it: whoever has one can prove later that nothing before it was changed. " + Sizes, StatusCodes.Status200OK, Note, null,
        Words(("size", "Only that of this size.")), [ApiRefusals.Parameter, AuditRefusals.NoCheckpoint])
    { NeedsKey = false, AnswerMedia = Text };

    public static ApiDoc AuditKey { get; } = new("getAuditKey", "Key of the log", "The public key checkpoints are signed with, ECDSA P-256, PEM.", StatusCodes.Status200OK, "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE…\n-----END PUBLIC KEY-----\n", null, Words(), [])
    { NeedsKey = false, AnswerMedia = "application/x-pem-file" };

    private const string Inclusion = $$"""
        {
          "index": 15,
          "size": 4711,
          "leafHash": "{{Leaf}}",
          "root": "{{Root}}",
          "proof": [ "{{Etag}}", "{{Digest}}" ],
          "checkpoint": null
        }
        """;

    public static ApiDoc AuditEntryProof { get; } = new("getEntryProof", "Proof of an entry", "That an entry stands in the log of the newest checkpoint (RFC 9162, 2.1.3). " + Sizes, StatusCodes.Status200OK, Inclusion, null,
        Words(("index", "Number of the entry.")), [ApiRefusals.Parameter, AuditRefusals.NoCheckpoint, AuditRefusals.SizesUnknown, AuditRefusals.LogBroken])
    { NeedsKey = false };

    public static ApiDoc AuditInclusion { get; } = new("getInclusionProof", "Proof of an entry at a size", "That an entry stands in the log of a size, or of the newest checkpoint (RFC 9162, 2.1.3). " + Sizes, StatusCodes.Status200OK, Inclusion, null,
        Words(("entry", "Number of the entry. Required."), ("size", "Size of the log; the newest checkpoint's when not said.")), [ApiRefusals.Parameter, AuditRefusals.NoCheckpoint, AuditRefusals.SizesUnknown, AuditRefusals.LogBroken])
    { NeedsKey = false };

    private const string Consistency = $$"""
        {
          "from": 19,
          "to": 4711,
          "fromRoot": "{{Leaf}}",
          "toRoot": "{{Root}}",
          "proof": [ "{{Etag}}", "{{Digest}}" ],
          "checkpoint": null
        }
        """;

    public static ApiDoc AuditConsistency { get; } = new("getConsistencyProof", "Proof that the log goes on", "That the log of one size is the beginning of the log of another (RFC 9162, 2.1.4). " + Sizes, StatusCodes.Status200OK, Consistency, null,
        Words(("from", "The smaller size. Required."), ("to", "The larger size; the newest checkpoint's when not said.")), [ApiRefusals.Parameter, AuditRefusals.NoCheckpoint, AuditRefusals.SizesUnknown, AuditRefusals.LogBroken])
    { NeedsKey = false };

    public static ApiDoc AuditWitness { get; } = new("witness", "Hold a kept checkpoint against the log", "Send a checkpoint you kept, byte for byte, and get the proof that today's log goes on from it. One of ours that does not fit raises the alarm.", StatusCodes.Status200OK, Consistency, Note, Words(),
        [.. OfNote, AuditRefusals.SizesUnknown, AuditRefusals.HistoryDiffers])
    { NeedsKey = false, NeedsRequest = true, RequestType = typeof(string), RequestMedia = Text };

    public static ApiDoc AuditAlarm { get; } = new("reportAlarm", "Report an answer that proves nothing", "For devices that could not follow a proof: send the checkpoint you kept, byte for byte. The server looks at its own log again and raises the alarm when that does not fit.", StatusCodes.Status204NoContent, "", Note, Words(), OfNote)
    { NeedsKey = false, NeedsRequest = true, RequestType = typeof(string), RequestMedia = Text, AnswerMedia = null };

    public static ApiDoc AuditEntry { get; } = new("getAuditEntry", "Content of an entry", "What an entry says, for people who are signed in and may read it: headquarters everything, a manager their branch's. That somebody read it stands in the log too.", StatusCodes.Status200OK, $$"""
        {
          "index": 15,
          "leafHash": "{{Leaf}}",
          "leaf": { "action": "package.accept", "actor_type": "staff", "object_type": "package", "outcome": "done", "v": 1 },
          "payload": "{\"amount\":\"40.00\"}",
          "altered": false
        }
        """, null, Words(("index", "Number of the entry.")), [ApiRefusals.Parameter, KernelRefusals.SignedOut, KernelRefusals.NotAllowed, KernelRefusals.NotFound, AuditRefusals.Unavailable])
    { NeedsKey = false };

    private static Dictionary<string, string> Words(params (string Name, string Meaning)[] words) => words.ToDictionary(w => w.Name, w => w.Meaning);
}
