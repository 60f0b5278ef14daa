using Microsoft.AspNetCore.Identity;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Organization;

/// <summary>A person of the group who signs in; the account of ASP.NET Core Identity.</summary>
public sealed class Person : IdentityUser<Guid>
{
    public Person()
    {
        Id = Guid.CreateVersion7();
        SecurityStamp = NewStamp();
    }

    /// <summary>Name as colleagues read it.</summary>
    public string Name { get; set; } = "";

    /// <summary>What they do, for example "Branch manager, Porto". Shown, never decided on.</summary>
    public string Title { get; set; } = "";

    /// <summary>Set by HQ when somebody leaves: the next command is refused, open sessions end within a minute.</summary>
    public bool IsDisabled { get; set; }

    /// <summary>Offered as a one-click sign-in while demo mode is on; always false for real people.</summary>
    public bool IsDemo { get; set; }

    /// <summary>The human behind the account, when HQ says that two accounts are one; null = only this one. See <see cref="Human"/>.</summary>
    public HumanId? HumanId { get; internal set; }

    /// <summary>Who counts for four eyes.</summary>
    public HumanId Human => HumanId ?? new HumanId(Id);

    /// <summary>SHA-256 of the link by which they may choose a password, in hexadecimal; null when there is none. Never the link itself.</summary>
    public string? PasswordLinkSha256 { get; private set; }

    /// <summary>Until when that link is good.</summary>
    public DateTimeOffset? PasswordLinkUntil { get; private set; }

    /// <summary>Wrong passwords in a row of whoever is signed in already; those at the sign-in are counted apart.</summary>
    public int ConfirmFailedCount { get; private set; }

    /// <summary>Who asked for a link to an account of headquarters; another human makes it. Null when nobody asked.</summary>
    public PersonId? LinkAskedBy { get; private set; }

    /// <summary>Whose account that was then.</summary>
    public HumanId? LinkAskedHuman { get; private set; }

    public DateTimeOffset? LinkAskedAt { get; private set; }

    /// <summary>Why they asked.</summary>
    public string? LinkReason { get; private set; }

    public PersonId PersonId => new(Id);

    /// <summary>As addresses are compared: without regard to case.</summary>
    internal static string Normalize(string email) => email.Normalize().ToUpperInvariant();

    /// <summary>Signs in with this address from now on.</summary>
    internal void SignInWith(string email) => (UserName, NormalizedUserName, Email, NormalizedEmail, EmailConfirmed) = (email, Normalize(email), email, Normalize(email), true);

    /// <summary>Ends every session: what their cookies name is no longer the stamp.</summary>
    internal void EndSessions() => (SecurityStamp, ConcurrencyStamp) = (NewStamp(), Guid.NewGuid().ToString());

    /// <summary>Gives a password; other sessions end, and so does a link to choose one, and the rest after wrong tries.</summary>
    internal void TakePassword(string hash)
    {
        PasswordHash = hash;
        (AccessFailedCount, ConfirmFailedCount, LockoutEnd) = (0, 0, null);
        DropLink();
        DropAsk();
        EndSessions();
    }

    /// <summary>Takes the password away: nobody signs in with this account before a new one is chosen by a link.</summary>
    internal void LosePassword()
    {
        PasswordHash = null;
        DropLink();
        EndSessions();
    }

    /// <summary>A link to choose a password; the one before it is dead.</summary>
    internal void OfferLink(string sha256, DateTimeOffset until)
    {
        (PasswordLinkSha256, PasswordLinkUntil) = (sha256, until);
        DropAsk();
    }

    /// <summary>The first of two humans asks for a link.</summary>
    internal void AskLink(PersonId by, HumanId human, string reason, DateTimeOffset at) =>
        (LinkAskedBy, LinkAskedHuman, LinkReason, LinkAskedAt, ConcurrencyStamp) = (by, human, reason, at, Guid.NewGuid().ToString());

    /// <summary>Nobody asks any more: it was answered, or taken back.</summary>
    internal void DropAsk() => (LinkAskedBy, LinkAskedHuman, LinkReason, LinkAskedAt, ConcurrencyStamp) = (null, null, null, null, Guid.NewGuid().ToString());

    internal void DropLink() => (PasswordLinkSha256, PasswordLinkUntil) = (null, null);

    private static string NewStamp() => Guid.NewGuid().ToString("N");
}
