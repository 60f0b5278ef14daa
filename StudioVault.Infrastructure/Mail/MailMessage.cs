using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Mail;

public enum MailState
{
    Queued,
    Sent,

    /// <summary>The mail server says for good that it cannot be delivered.</summary>
    Bounced,

    /// <summary>Tried for a day in vain.</summary>
    Failed,

    /// <summary>Taken back before it left.</summary>
    Recalled,
}

/// <summary>A mail to a client: queued in the transaction that causes it, sent afterwards.</summary>
public sealed class MailMessage : ITenantOwned
{
    private MailMessage() { }

    public BranchId BranchId { get; private init; }
    public Guid Id { get; private init; }
    public ClientId ClientId { get; private init; }

    /// <summary>What it is about, for example the paper's id.</summary>
    public Guid AboutId { get; private init; }

    /// <summary>Names nobody. What a person wrote stands in the letter.</summary>
    public string Subject { get; private init; } = "";

    /// <summary>Address and text, encrypted with the client's key.</summary>
    public byte[] Letter { get; private init; } = [];

    public MailState State { get; private set; }
    public int Tries { get; private set; }
    public DateTimeOffset QueuedAt { get; private init; }

    /// <summary>Not to be tried before.</summary>
    public DateTimeOffset DueAt { get; private set; }

    /// <summary>It can be taken back before this moment; null once it was let go, and for mails that nothing holds.</summary>
    public DateTimeOffset? HeldUntil { get; private set; }

    /// <summary>What the mail server said last; null when nothing went wrong.</summary>
    public string? Problem { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    /// <param name="hold">How long it can be taken back; null goes at once.</param>
    /// <param name="id">Of the proposal it comes from: one writes one mail, and a stop finds whose it is. Null for all others.</param>
    public static MailMessage To(Client client, Guid about, string subject, byte[] letter, DateTimeOffset at, TimeSpan? hold = null, Guid? id = null) =>
        new() { BranchId = client.BranchId, Id = id ?? Guid.CreateVersion7(), ClientId = client.Id, AboutId = about, Subject = subject, Letter = letter, QueuedAt = at, DueAt = at + (hold ?? TimeSpan.Zero), HeldUntil = hold is { } held ? at + held : null };

    /// <summary>Takes it back while it is held. The row's version decides between this and <see cref="LetGo"/>: never both.</summary>
    /// <returns><c>refuse.mail.left</c>, <c>refuse.mail.already_recalled</c>.</returns>
    public Result<Done> Recall(DateTimeOffset at)
    {
        if (State == MailState.Recalled) return MailRefusals.AlreadyRecalled;
        if (State != MailState.Queued || HeldUntil is not { } until || at >= until) return MailRefusals.Left;
        (State, EndedAt, HeldUntil) = (MailState.Recalled, at, null);
        return Done.It;
    }

    /// <summary>
    /// A stop holds it: it can be taken back for <paramref name="hold"/> more, and is looked at again before that is over. Once the stop is
    /// lifted, what is left of it is the time to take it back.
    /// </summary>
    public void KeepHeld(DateTimeOffset at, TimeSpan hold) => (DueAt, HeldUntil) = (at + (hold / 2), at + hold);

    /// <summary>Nothing holds it any more: from here on it may have left.</summary>
    public void LetGo() => HeldUntil = null;

    public void Sent(DateTimeOffset at) => (State, Tries, Problem, EndedAt) = (MailState.Sent, Tries + 1, null, at);

    public void Bounced(string problem, DateTimeOffset at) => (State, Tries, Problem, EndedAt) = (MailState.Bounced, Tries + 1, problem, at);

    /// <summary>Not now: again after twice as long each time, for a day.</summary>
    public void Later(string problem, DateTimeOffset at)
    {
        (Tries, Problem) = (Tries + 1, problem);
        DueAt = at + TimeSpan.FromMinutes(Math.Pow(2, Math.Min(Tries, 8)));
        if (at - QueuedAt > TimeSpan.FromDays(1)) (State, EndedAt) = (MailState.Failed, at);
    }
}
