using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>What clients are told by mail. A mail leads to a page and never holds the paper itself.</summary>
/// <param name="site">Address of StudioVault as clients reach it.</param>
public sealed class ClientLetters(MailOut mails, ClientLinks links, Uri site)
{
    /// <summary>The page of a signing.</summary>
    public Uri AddressOf(Signing signing) => AddressOf(signing.BranchId, signing.Id);

    /// <inheritdoc cref="AddressOf(Signing)"/>
    public Uri AddressOf(BranchId branch, SigningId signing) => new(site, $"/c/{links.TokenOf(LinkKind.Signing, branch, signing.Value)}");

    private const string Asks = ": please read and sign";
    private const string AsksAgain = ": still to read and sign";

    /// <summary>A paper wants to be read and signed.</summary>
    /// <param name="again">It was asked for before.</param>
    internal Guid AskToSign(WriteContext context, Client client, Signing signing, PaperText paper, bool again = false) =>
        mails.Queue(context, client, signing.PaperId.Value, paper.Studio.Name + (again ? AsksAgain : Asks), $"""
            Hello {client.Name},

            {paper.Studio.Name} {(again ? "still waits for you to read and sign" : "sends you")} {Name(paper)}{(again ? "" : " to read and sign")}:

            {AddressOf(signing)}

            The link takes your signature until {signing.ExpiresOn:d MMMM yyyy} and goes on showing the document afterwards.
            Keep it to yourself: it is yours alone.

            Questions? Write to {paper.Studio.Email}.
            """);

    /// <summary>Whether the link went, or is about to go, to the address the client has now, since then.</summary>
    internal async Task<bool> WentToAsync(VaultDb db, Client client, PaperId paper, DateTimeOffset since, CancellationToken ct)
    {
        var sent = await db.Mails.AsNoTracking().Where(m => m.ClientId == client.Id && m.AboutId == paper.Value && m.QueuedAt > since && m.State != MailState.Bounced && m.State != MailState.Failed
            && (m.Subject.EndsWith(Asks) || m.Subject.EndsWith(AsksAgain))).ToListAsync(ct);
        return sent.Exists(m => mails.Open(client, m).TryGet(out var letter, out _) && letter.To == client.Email);
    }

    /// <summary>The code that proves the mailbox.</summary>
    internal Guid Code(WriteContext context, Client client, Signing signing, string code) =>
        mails.Queue(context, client, signing.PaperId.Value, "Your code for signing", $"""
            Hello {client.Name},

            your code for signing is

            {code}

            It is good for {Signing.CodeLife.TotalMinutes:0} minutes. If you did not ask for it, nothing happens; tell the studio.
            """);

    /// <summary>Everybody has signed and the paper is sealed.</summary>
    internal Guid Executed(WriteContext context, Client client, Signing signing, PaperText paper) =>
        mails.Queue(context, client, signing.PaperId.Value, $"{paper.Studio.Name}: signed by everybody", $"""
            Hello {client.Name},

            everybody has signed {Name(paper)}. The sealed document and its certificate are here for you to download and keep:

            {AddressOf(signing)}

            Anybody can check them at {new Uri(site, "/verify")}.
            """);

    /// <summary>Somebody withdrew: the confirmation on a durable medium (Directive 2023/2673, Article 11a(4)) for them, the news for the others.</summary>
    /// <param name="mine">Their signing, for the client who withdrew; null for the others.</param>
    internal Guid Withdrawn(WriteContext context, Client client, Withdrawal withdrawal, AgreementContent content, WithdrawalInput input, Signing? mine) =>
        mails.Queue(context, client, withdrawal.PaperId.Value, $"{content.Studio.Name}: withdrawal received", mine is null ? $"""
            Hello {client.Name},

            {input.Name.Trim()} has withdrawn from the agreement {content.Number} with {content.Studio.Name}. It was received on {BranchClock.Moment(withdrawal.ReceivedAt, content.Studio.TimeZone)}.

            Questions? Write to {content.Studio.Email}.
            """ : $"""
            Hello {client.Name},

            your withdrawal has arrived. It was received on {BranchClock.Moment(withdrawal.ReceivedAt, content.Studio.TimeZone)}.

            What you declared: “{input.Statement}” ({input.Name.Trim()}, agreement {content.Number}, “{content.Event.Title}”, with {content.Studio.Name}, {content.Studio.Address})

            The receipt as a document is here in a moment and stays here:

            {AddressOf(mine)}

            The studio answers at {content.Studio.Email}.
            """);

    /// <summary>Where a client decides about pictures and takes it back.</summary>
    internal Uri PicturesOf(BranchId branch, SigningId signing) => new($"{AddressOf(branch, signing)}/pictures");

    /// <summary>The studio asks what pictures may be used for.</summary>
    internal Guid AskForRelease(WriteContext context, Client client, Signing signing, PaperId about, AgreementContent content) =>
        mails.Queue(context, client, about.Value, $"{content.Studio.Name}: may we show your pictures?", $"""
            Hello {client.Name},

            {content.Studio.Name} asks what the pictures of “{content.Event.Title}” may be used for. You decide each use by itself, you may allow none, and you can take it back at any time:

            {PicturesOf(signing.BranchId, signing.Id)}

            Your booking does not depend on it. Questions? Write to {content.Studio.Email}.
            """);

    /// <summary>A permission was taken back: the confirmation.</summary>
    internal Guid ReleaseTakenBack(WriteContext context, Client client, PictureRelease release, ReleaseContent content, string purpose, Branch branch) =>
        mails.Queue(context, client, release.PaperId.Value, $"{branch.Name}: permission taken back", $"""
            Hello {client.Name},

            you have taken back what you allowed in the image release {content.Number}: “{content.Purposes.First(p => p.Id == purpose).Title}”. It was received on {BranchClock.Moment(context.Now, branch.TimeZone)} and holds from then on.

            {branch.Name} takes down what was published for it where it can reach it. Questions? Write to {branch.ContactEmail}.
            """);

    private static string Name(PaperText paper) => paper.Version == 1 ? $"the agreement {paper.Number}" : $"an amendment of the agreement {paper.Number} (version {paper.Version})";
}
