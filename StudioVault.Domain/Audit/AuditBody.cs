using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Audit;

/// <summary>
/// What one audit leaf says (AUD-8): who did what to which thing, with what outcome, when. Composed by the sequencer from the
/// staged row, and again by every verifier, so it holds nothing a row does not hold. No names, no free text, no personal data:
/// people and things stand as ids, contents as a SHA-256, so that erasing a person never edits a leaf.
/// </summary>
public sealed record AuditBody
{
    /// <summary>Version of the shape below; a verifier that meets another one says so instead of guessing.</summary>
    public const int Version = 1;

    private static readonly string[] Keys =
    [
        "action", "actor_id", "actor_type", "approval_state", "at", "branch_id", "capability", "id", "object_id", "object_type",
        "on_behalf_of", "outcome", "payload_sha256", "policy_version", "proposal_id", "reason_code", "root_id", "v",
    ];

    /// <summary>Id of the staged row.</summary>
    public required Guid Id { get; init; }

    /// <summary>Database clock when the row was staged; whole microseconds, what is finer is cut off.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>human, staff, agent or system.</summary>
    public required string ActorType { get; init; }

    public required string ActorId { get; init; }

    /// <summary>The root of the delegation chain, in the end a human or a job; the actor itself when nobody delegated.</summary>
    public required string RootId { get; init; }

    /// <summary>Ids of the delegation chain, nearest first.</summary>
    public IReadOnlyList<string> OnBehalfOf { get; init; } = [];

    /// <summary>The branch it happened in; null for the group.</summary>
    public Guid? BranchId { get; init; }

    /// <summary>Verb, for example <c>package.accept</c>.</summary>
    public required string Action { get; init; }

    public required string ObjectType { get; init; }
    public required string ObjectId { get; init; }

    /// <summary>done or refused.</summary>
    public required string Outcome { get; init; }

    /// <summary>Refusal code when refused.</summary>
    public string? ReasonCode { get; init; }

    public string? Capability { get; init; }
    public string? ProposalId { get; init; }
    public string? ApprovalState { get; init; }

    /// <summary>SHA-256 of the payload's canonical JSON, 64 lower-case hexadecimal digits.</summary>
    public string? PayloadSha256 { get; init; }

    public string? PolicyVersion { get; init; }

    /// <summary>The bytes of the leaf: canonical JSON with every key always there, texts as <see cref="AuditText.Escape"/> leaves them.</summary>
    public byte[] ToCanonical()
    {
        var writer = new CanonicalWriter();
        WriteTo(writer);
        return writer.ToArray();
    }

    /// <summary>The hash of the leaf in the tree.</summary>
    public MerkleHash LeafHash()
    {
        var writer = new CanonicalWriter();
        WriteTo(writer);
        return MerkleHash.Leaf(writer.Written);
    }

    /// <summary>Reads the bytes of a leaf; only what <see cref="ToCanonical"/> can have written is accepted.</summary>
    /// <returns>The body, or <c>refuse.audit.body_malformed</c>.</returns>
    public static Result<AuditBody> FromCanonical(ReadOnlySpan<byte> canonical)
    {
        try
        {
            if (JsonNode.Parse(canonical) is not JsonObject json) return Malformed("it is not an object");
            if ((int?)json["v"] != Version) return Malformed("its version is unknown");
            if (!json.Select(m => m.Key).SequenceEqual(Keys)) return Malformed("its fields are not the agreed ones");
            var body = new AuditBody
            {
                Id = Guid.ParseExact((string)json["id"]!, "D"),
                At = DateTimeOffset.ParseExact((string)json["at"]!, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                ActorType = Required(json["actor_type"]),
                ActorId = Required(json["actor_id"]),
                RootId = Required(json["root_id"]),
                OnBehalfOf = [.. ((JsonArray)json["on_behalf_of"]!).Select(Required)],
                BranchId = (string?)json["branch_id"] is { } branch ? Guid.ParseExact(branch, "D") : null,
                Action = Required(json["action"]),
                ObjectType = Required(json["object_type"]),
                ObjectId = Required(json["object_id"]),
                Outcome = Required(json["outcome"]),
                ReasonCode = Text(json["reason_code"]),
                Capability = Text(json["capability"]),
                ProposalId = Text(json["proposal_id"]),
                ApprovalState = Text(json["approval_state"]),
                PayloadSha256 = Text(json["payload_sha256"]),
                PolicyVersion = Text(json["policy_version"]),
            };
            return canonical.SequenceEqual(body.ToCanonical()) ? body : Malformed("it is not in canonical form");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or InvalidCastException or ArgumentException)
        {
            return Malformed("a field has the wrong type");
        }
    }

    internal void WriteTo(CanonicalWriter writer)
    {
        writer.Raw("{\"action\":"u8);
        Write(writer, Action);
        writer.Raw(",\"actor_id\":"u8);
        Write(writer, ActorId);
        writer.Raw(",\"actor_type\":"u8);
        Write(writer, ActorType);
        writer.Raw(",\"approval_state\":"u8);
        Write(writer, ApprovalState);
        writer.Raw(",\"at\":"u8);
        Write(writer, At);
        writer.Raw(",\"branch_id\":"u8);
        if (BranchId is { } branch) Write(writer, branch);
        else writer.Raw("null"u8);
        writer.Raw(",\"capability\":"u8);
        Write(writer, Capability);
        writer.Raw(",\"id\":"u8);
        Write(writer, Id);
        writer.Raw(",\"object_id\":"u8);
        Write(writer, ObjectId);
        writer.Raw(",\"object_type\":"u8);
        Write(writer, ObjectType);
        writer.Raw(",\"on_behalf_of\":["u8);
        for (var i = 0; i < OnBehalfOf.Count; i++)
        {
            if (i > 0) writer.Byte((byte)',');
            Write(writer, OnBehalfOf[i]);
        }
        writer.Raw("],\"outcome\":"u8);
        Write(writer, Outcome);
        writer.Raw(",\"payload_sha256\":"u8);
        Write(writer, PayloadSha256);
        writer.Raw(",\"policy_version\":"u8);
        Write(writer, PolicyVersion);
        writer.Raw(",\"proposal_id\":"u8);
        Write(writer, ProposalId);
        writer.Raw(",\"reason_code\":"u8);
        Write(writer, ReasonCode);
        writer.Raw(",\"root_id\":"u8);
        Write(writer, RootId);
        writer.Raw(",\"v\":"u8);
        writer.Integer(Version);
        writer.Byte((byte)'}');
    }

    private static void Write(CanonicalWriter writer, string? text)
    {
        if (text is null) writer.Raw("null"u8);
        else writer.String(AuditText.Escape(text));
    }

    private static void Write(CanonicalWriter writer, Guid id)
    {
        Span<byte> text = stackalloc byte[36];
        Utf8Formatter.TryFormat(id, text, out _);
        writer.Byte((byte)'"');
        writer.Raw(text);
        writer.Byte((byte)'"');
    }

    private static void Write(CanonicalWriter writer, DateTimeOffset at)
    {
        Span<byte> text = stackalloc byte[27];
        at.UtcDateTime.TryFormat(text, out _, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        writer.Byte((byte)'"');
        writer.Raw(text);
        writer.Byte((byte)'"');
    }

    private static string Required(JsonNode? node) => Text(node) ?? throw new FormatException("A required text is null.");

    private static string? Text(JsonNode? node)
    {
        if (node is null) return null;
        return AuditText.TryUnescape((string)node!, out var text) ? text : throw new FormatException("Not an escaped text.");
    }

    private static Refusal Malformed(string reason) => AuditRefusals.BodyMalformed.With(reason);
}
