using System.Text.Json;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;

namespace StudioVault.Infrastructure.Mail;

/// <summary>A mail as its reader gets it.</summary>
/// <param name="Text">Plain text.</param>
/// <param name="Subject">What a person wrote; null where the mail's own subject says enough.</param>
public sealed record Letter(string To, string Name, string Text, string? Subject = null);

/// <summary>Queues mails to clients in the transaction that causes them, so that none is sent for what did not happen and none forgotten.</summary>
public sealed class MailOut(ClientKeys keys)
{
    /// <param name="about">What it is about, for example the paper's id.</param>
    /// <param name="subject">Names nobody: it is kept readable.</param>
    /// <returns>The mail's id.</returns>
    public Guid Queue(WriteContext context, Client client, Guid about, string subject, string text)
    {
        var mail = MailMessage.To(client, about, subject, keys.Close(client, JsonSerializer.Serialize(new Letter(client.Email, client.Name, text))), context.Now);
        context.Db.Mails.Add(mail);
        return mail.Id;
    }

    /// <summary>Queues what a person wrote, word for word, so that it can be taken back for a while.</summary>
    /// <param name="heading">Stands in the list of mails and names nobody; the subject is encrypted like the text.</param>
    /// <returns>The mail's id.</returns>
    public Guid QueueHeld(WriteContext context, Client client, Guid about, string heading, string subject, string text, TimeSpan hold)
    {
        var mail = MailMessage.To(client, about, heading, keys.Close(client, JsonSerializer.Serialize(new Letter(client.Email, client.Name, text, subject))), context.Now, hold, context.Link is { } from ? Guid.Parse(from.ProposalId) : null);
        context.Db.Mails.Add(mail);
        return mail.Id;
    }

    /// <summary>What a mail says; <c>refuse.client.erased</c> once nobody may know.</summary>
    public Result<Letter> Open(Client client, MailMessage mail) =>
        keys.Open(client, mail.Letter).TryGet(out var json, out var refusal) ? JsonSerializer.Deserialize<Letter>(json)! : refusal;
}
