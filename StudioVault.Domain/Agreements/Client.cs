using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>
/// Somebody a branch works for. What stands here is working data and is erased by overwriting it; what they signed is kept in
/// papers, readable only with <see cref="Key"/> (decision 0.5: erased by destroying a key, while every hash goes on verifying).
/// </summary>
public sealed class Client : ITenantOwned
{
    public const int LongestName = 120;
    public const string ErasedName = "Erased client";

    private Client() { }

    public BranchId BranchId { get; private init; }
    public ClientId Id { get; private init; }
    public string Name { get; private set; } = "";

    /// <summary>Links and codes go there; empty for a minor, who does not sign.</summary>
    public string Email { get; private set; } = "";

    /// <summary>The key of this person's papers, itself encrypted; null once it is destroyed.</summary>
    public byte[]? Key { get; private set; }

    /// <summary>Why nothing of this client may be erased at present, or null.</summary>
    public string? HoldReason { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset? ErasedAt { get; private set; }

    public static Client Of(BranchId branch, string name, string email, byte[] key, DateTimeOffset at) =>
        new() { BranchId = branch, Id = ClientId.New(), Name = name, Email = email, Key = key, CreatedAt = at };

    /// <summary>Another name or address. Papers keep the name they were signed with.</summary>
    public void Correct(string name, string email) => (Name, Email) = (name, email);

    /// <summary>Another address. Papers keep the one they were signed with.</summary>
    /// <returns><c>refuse.client.erased</c>.</returns>
    public Result<Done> CorrectEmail(string email)
    {
        if (ErasedAt is not null) return ClientRefusals.Erased;
        Email = email;
        return Done.It;
    }

    /// <summary>Enough of an address for its owner to know it: marta@sousa.example → m•••@sousa.example.</summary>
    public static string Masked(string email) => email.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? $"{email[0]}•••{email[at..]}" : email;

    /// <summary>Forbids erasure, or allows it again when null.</summary>
    public void Hold(string? reason) => HoldReason = reason;

    /// <summary>Erases the person and destroys their key.</summary>
    /// <returns><c>refuse.client.legal_hold</c> while erasure is forbidden.</returns>
    public Result<Done> Erase(DateTimeOffset at)
    {
        if (ErasedAt is not null) return Done.It;
        if (HoldReason is not null) return ClientRefusals.LegalHold.With(HoldReason);
        (Name, Email, Key, ErasedAt) = (ErasedName, "", null, at);
        return Done.It;
    }
}

/// <summary>Refusals about clients.</summary>
public static class ClientRefusals
{
    public static readonly RefusalKind LegalHold = new("refuse.client.legal_hold",
        "Nothing of this client may be erased at present: {0}",
        "Ask whoever set the hold to lift it, then erase again.");

    public static readonly RefusalKind PaperOut = new("refuse.client.paper_out",
        "A paper waits for this client's signature or is being sealed.",
        "Take the paper back, or wait until it is sealed; then erase again.");

    public static readonly RefusalKind ProposalRunning = new("refuse.client.proposal_running",
        "A proposal about this client is being carried out, or nobody knows yet whether it was.",
        "Wait a moment, or say in the queue what became of it; then erase again.");

    public static readonly RefusalKind Erased = new("refuse.client.erased",
        "What this client signed was erased and cannot be read any more.",
        "Hashes and seals can still be verified; the client's own copies stay valid.", 410);

    public static readonly RefusalKind NameMissing = new("refuse.client.name_missing",
        "A client needs a name.",
        "Write the name as it should stand on the agreement.", 400);

    public static readonly RefusalKind NoAddress = new("refuse.client.no_address",
        "This client has no e-mail address: a minor is written to through their guardian.",
        "Write to the guardian, or correct the address on the project.");

    public static readonly RefusalKind EmailInvalid = new("refuse.client.email_invalid",
        "This is not an e-mail address, and whoever signs needs one: the link and the code go there.",
        "Correct the address.", 400);
}
