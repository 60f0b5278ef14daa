using System.Globalization;
using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>An image release: a document of its own beside the agreement.</summary>
public readonly record struct ReleaseId(Guid Value) : IId<ReleaseId>
{
    public static ReleaseId From(Guid value) => new(value);
    public static ReleaseId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>Something pictures may be used for, decided by itself.</summary>
/// <param name="Id">Stable word; <see cref="ReleasePurposes"/> has the usual ones.</param>
/// <param name="Until">Last branch-local day of the permission; null = until it is taken back.</param>
public sealed record AskedPurpose(string Id, string Title, DateOnly? Until);

/// <summary>The purposes studios ask for.</summary>
public static class ReleasePurposes
{
    public static readonly AskedPurpose Portfolio = new("portfolio", "Portfolio: the studio’s website, albums and samples", null);
    public static readonly AskedPurpose Advertising = new("advertising", "Advertising of the studio, also on social media", null);
    public static readonly AskedPurpose AiTraining = new("ai_training", "Training of machine learning models", null);

    public static readonly IReadOnlyList<AskedPurpose> Usual = [Portfolio, Advertising, AiTraining];
}

/// <summary>What is asked: its canonical JSON is the release, its SHA-256 its identity.</summary>
/// <param name="Number">PORTO-2026-0042-R1.</param>
/// <param name="Person">Who is in the pictures.</param>
/// <param name="Guardian">Who decides for a minor; empty for adults.</param>
/// <param name="Occasion">Which pictures.</param>
/// <param name="Terms">Markdown; may be empty.</param>
public sealed record ReleaseContent(string Number, string Person, string Guardian, string Occasion, IReadOnlyList<AskedPurpose> Purposes, string Terms)
{
    private const string Schema = "1.0.0";

    /// <summary>The bytes the hash is of.</summary>
    public byte[] Canonical() => CanonicalJson.Canonicalize(new JsonObject
    {
        ["schema_version"] = Schema,
        ["guardian"] = Guardian,
        ["number"] = Number,
        ["occasion"] = Occasion,
        ["person"] = Person,
        ["purposes"] = new JsonArray([.. Purposes.Select(p => new JsonObject { ["id"] = p.Id, ["title"] = p.Title, ["until"] = AgreementContent.Day(p.Until) })]),
        ["terms"] = Terms,
    });

    /// <summary>Reads what <see cref="Canonical"/> wrote.</summary>
    public static ReleaseContent Parse(string json)
    {
        var o = JsonNode.Parse(json)!.AsObject();
        string Text(JsonNode? node) => node!.GetValue<string>();
        return new(Text(o["number"]), Text(o["person"]), Text(o["guardian"]), Text(o["occasion"]),
            [.. o["purposes"]!.AsArray().Select(p => new AskedPurpose(Text(p!["id"]), Text(p["title"]), Text(p["until"]) is { Length: > 0 } day ? DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null))], Text(o["terms"]));
    }
}

public enum ReleaseState
{
    /// <summary>The client has not decided.</summary>
    Asked,

    /// <summary>Decided, each purpose by itself; what was allowed can be taken back.</summary>
    Given,
}

/// <summary>What somebody in the pictures allows, purpose by purpose, beside the booking and never part of it (features row 2.16).</summary>
public sealed class PictureRelease : ITenantOwned
{
    private PictureRelease() { }

    public BranchId BranchId { get; private init; }
    public ReleaseId Id { get; private init; }
    public AgreementId AgreementId { get; private init; }

    /// <summary>Version 1 of the agreement, with whose key the release is kept.</summary>
    public PaperId PaperId { get; private init; }

    public ClientId ClientId { get; private init; }
    public string PartyId { get; private init; } = "";

    /// <summary>Counts the releases of an agreement.</summary>
    public int Number { get; private init; }

    /// <summary><see cref="ReleaseContent"/>, encrypted with the paper's key.</summary>
    public byte[] Content { get; private init; } = [];

    public string ContentHash { get; private init; } = "";
    public ReleaseState State { get; private set; }
    public DateTimeOffset AskedAt { get; private init; }
    public DateTimeOffset? GivenAt { get; private set; }

    /// <summary>What was decided and by what name, canonical JSON encrypted under the client's key; null before.</summary>
    public byte[]? Evidence { get; private set; }

    public string? EvidenceSha256 { get; private set; }

    /// <summary>Words of the purposes that were allowed; empty when none was.</summary>
    public string[] Allowed { get; private set; } = [];

    /// <summary>SHA-256 of the sealed document; null until it is made.</summary>
    public string? DocumentSha256 { get; private set; }

    public static PictureRelease Ask(BranchId branch, ReleaseId id, AgreementId agreement, PaperId paper, ClientId client, string party, int number, byte[] content, string contentHash, DateTimeOffset at) => new()
    {
        BranchId = branch,
        Id = id,
        AgreementId = agreement,
        PaperId = paper,
        ClientId = client,
        PartyId = party,
        Number = number,
        Content = content,
        ContentHash = contentHash,
        AskedAt = at,
    };

    /// <summary>The client decided.</summary>
    /// <returns><c>refuse.release.already_given</c>.</returns>
    public Result<Done> Give(IEnumerable<string> allowed, byte[] evidence, string evidenceSha256, DateTimeOffset at)
    {
        if (State == ReleaseState.Given) return ReleaseRefusals.AlreadyGiven;
        (State, Allowed, Evidence, EvidenceSha256, GivenAt) = (ReleaseState.Given, [.. allowed], evidence, evidenceSha256, at);
        return Done.It;
    }

    /// <summary>Its document is made.</summary>
    public void Documented(string sha256) => DocumentSha256 ??= sha256;

    /// <summary>Whether a purpose is allowed on a day.</summary>
    /// <param name="withdrawn">What was taken back.</param>
    public bool Allows(AskedPurpose purpose, IEnumerable<string> withdrawn, DateOnly today) =>
        State == ReleaseState.Given && Allowed.Contains(purpose.Id) && !withdrawn.Contains(purpose.Id) && (purpose.Until is not { } last || today <= last);
}

/// <summary>A permission taken back for the future: insert-only.</summary>
public sealed class ReleaseWithdrawal : ITenantOwned
{
    private ReleaseWithdrawal() { }

    public BranchId BranchId { get; private init; }
    public ReleaseId ReleaseId { get; private init; }
    public string Purpose { get; private init; } = "";
    public DateTimeOffset WithdrawnAt { get; private init; }

    public static ReleaseWithdrawal Of(PictureRelease release, string purpose, DateTimeOffset at) => new() { BranchId = release.BranchId, ReleaseId = release.Id, Purpose = purpose, WithdrawnAt = at };
}

/// <summary>Refusals of image releases.</summary>
public static class ReleaseRefusals
{
    public static readonly RefusalKind AlreadyGiven = new("refuse.release.already_given",
        "You have decided this already.",
        "What you allowed can be taken back; to allow more, ask the studio for a new release.");

    public static readonly RefusalKind NotAllowed = new("refuse.release.not_allowed",
        "This was not allowed, so there is nothing to take back.",
        "Look at what you decided.");

    public static readonly RefusalKind NotDecided = new("refuse.release.not_decided",
        "One of the purposes has no answer.",
        "Say for each purpose whether you allow it; you may allow none.", 400);

    public static readonly RefusalKind NoPurpose = new("refuse.release.no_purpose",
        "An image release needs at least one purpose, each once.",
        "Name what the pictures shall be used for.", 400);

    public static readonly RefusalKind NotASignatory = new("refuse.release.not_a_signatory",
        "Only a client, or a guardian for a minor, can be asked for an image release.",
        "Choose somebody who signed the agreement.", 400);
}
