using System.Security.Cryptography;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>
/// A key of an agent: the secret is shown once and only its SHA-256 is kept. 32 random bytes need no slow hash: there is
/// nothing to guess.
/// </summary>
public sealed class AgentKey
{
    public const int LongestName = 80;

    /// <summary>Longest life of a key.</summary>
    public const int LongestDays = 366;

    /// <summary>Longest time a key that was rotated goes on.</summary>
    public static readonly TimeSpan LongestOverlap = TimeSpan.FromHours(24);

    private AgentKey() { }

    public AgentKeyId Id { get; private init; }
    public AgentId AgentId { get; private init; }

    /// <summary>Where it is used, for example "Night batch".</summary>
    public string Name { get; private init; } = "";

    /// <summary>SHA-256 of the secret, 32 bytes.</summary>
    public byte[] SecretSha256 { get; private init; } = [];

    /// <summary>First characters of the token, to tell keys apart.</summary>
    public string Shown { get; private init; } = "";

    /// <summary>Names of capabilities it reaches; null = all the agent's delegations give.</summary>
    public string[]? Capabilities { get; private init; }

    /// <summary>Ids of branches it reaches; null = all the agent's delegations give.</summary>
    public Guid[]? Branches { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }
    public PersonId CreatedBy { get; private init; }

    /// <summary>From then on it is refused; a rotation may bring it nearer, nothing moves it away.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }
    public PersonId? RevokedBy { get; private set; }

    /// <summary>The key that took its place, or null.</summary>
    public AgentKeyId? ReplacedBy { get; private set; }

    /// <summary>
    /// A new key with its token, which nobody can show again. Refused with <c>refuse.agent.name_missing</c>,
    /// <c>key_lifetime</c>, <c>scope_malformed</c>, <c>refuse.kernel.too_long</c>.
    /// </summary>
    /// <param name="token">Freshly drawn.</param>
    public static Result<AgentKey> Create(AgentToken token, AgentId agent, string name, IReadOnlyCollection<string>? capabilities, IReadOnlyCollection<BranchId>? branches,
        DateTimeOffset expiresAt, PersonId by, DateTimeOffset now)
    {
        name = name.Trim();
        if (name.Length == 0) return AgentRefusals.NameMissing.At("name");
        if (name.Length > LongestName) return KernelRefusals.TooLong.At("name", LongestName);
        if (expiresAt <= now || expiresAt > now.AddDays(LongestDays)) return AgentRefusals.KeyLifetime.At("expiresAt", LongestDays);
        if (capabilities is not null && CapabilityNames.Problem(capabilities) is { } problem) return AgentRefusals.ScopeMalformed.At("capabilities", problem);
        if (branches is { Count: 0 }) return AgentRefusals.ScopeMalformed.At("branches", "no branch is named");
        return new AgentKey
        {
            Id = token.KeyId,
            AgentId = agent,
            Name = name,
            SecretSha256 = token.SecretSha256(),
            Shown = token.Shown,
            Capabilities = capabilities is null ? null : [.. capabilities.Distinct().Order(StringComparer.Ordinal)],
            Branches = branches is null ? null : [.. branches.Select(b => b.Value).Distinct().Order()],
            CreatedAt = now,
            CreatedBy = by,
            ExpiresAt = expiresAt,
        };
    }

    /// <summary>Whether it still opens anything at that time.</summary>
    public bool IsLive(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;

    /// <summary>Another key takes its place; it goes on for the overlap and no longer than it would have. Refused with <c>refuse.agent.overlap</c>, <c>key_revoked</c>, <c>key_expired</c>.</summary>
    public Refusal? ReplaceBy(AgentKeyId next, TimeSpan overlap, DateTimeOffset now)
    {
        if (overlap < TimeSpan.Zero || overlap > LongestOverlap) return AgentRefusals.Overlap.At("overlap", (int)LongestOverlap.TotalHours);
        if (RevokedAt is not null) return AgentRefusals.KeyRevoked;
        if (now >= ExpiresAt) return AgentRefusals.KeyExpired.With(UtcText.Of(ExpiresAt));
        ReplacedBy = next;
        if (now + overlap < ExpiresAt) ExpiresAt = now + overlap;
        return null;
    }

    /// <summary>Ends it at once. Refused with <c>refuse.agent.key_revoked</c> when that was done already.</summary>
    public Refusal? Revoke(PersonId by, DateTimeOffset now)
    {
        if (RevokedAt is not null) return AgentRefusals.KeyRevoked;
        (RevokedAt, RevokedBy) = (now, by);
        return null;
    }
}

/// <summary>What an agent sends: <c>svk_</c>, the key's id in 32 hexadecimal digits, <c>_</c>, 32 random bytes in base64url.</summary>
public sealed class AgentToken
{
    public const string Prefix = "svk_";
    public const int SecretBytes = 32;

    private const int ShownLength = 12;
    private const int IdLength = 32;

    private readonly byte[] _secret;

    private AgentToken(AgentKeyId keyId, byte[] secret) => (KeyId, _secret) = (keyId, secret);

    public AgentKeyId KeyId { get; }

    /// <summary>The first characters, which are not secret.</summary>
    public string Shown => ShownOf(KeyId);

    public static string ShownOf(AgentKeyId id) => (Prefix + id.Value.ToString("N"))[..ShownLength];

    /// <param name="random">16 bytes for the id and 32 for the secret, drawn by the caller.</param>
    public static AgentToken Of(ReadOnlySpan<byte> random) => random.Length == 16 + SecretBytes
        ? new(new AgentKeyId(new Guid(random[..16])), random[16..].ToArray())
        : throw new ArgumentException("48 bytes are needed.", nameof(random));

    /// <summary>Reads a token; null when it has another shape.</summary>
    public static AgentToken? Parse(string text)
    {
        if (text.Length != Prefix.Length + IdLength + 1 + 43 || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + IdLength] != '_') return null;
        if (!Guid.TryParseExact(text.AsSpan(Prefix.Length, IdLength), "N", out var id)) return null;
        Span<byte> secret = stackalloc byte[SecretBytes + 2];
        var digits = text.AsSpan(Prefix.Length + IdLength + 1);
        if (!System.Buffers.Text.Base64Url.IsValid(digits) || !System.Buffers.Text.Base64Url.TryDecodeFromChars(digits, secret, out var length) || length != SecretBytes) return null;
        return new AgentToken(new AgentKeyId(id), secret[..SecretBytes].ToArray());
    }

    public byte[] SecretSha256() => SHA256.HashData(_secret);

    /// <summary>The whole token, secret included: shown once, never logged.</summary>
    public string Reveal() => $"{Prefix}{KeyId.Value:N}_{System.Buffers.Text.Base64Url.EncodeToString(_secret)}";

    /// <summary>Hides the secret.</summary>
    public override string ToString() => Shown + "…";
}

/// <summary>Instants in sentences of refusals.</summary>
internal static class UtcText
{
    public static string Of(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy, HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
}
