using System.Net;
using System.Net.Mail;
using System.Text;

namespace StudioVault.Infrastructure.Mail;

/// <summary>Where mails go.</summary>
/// <param name="Host">Null: nowhere; they wait.</param>
/// <param name="From">Sender, <c>Northlight &lt;post@northlight.example&gt;</c>.</param>
public sealed record MailServerOptions(string? Host, int Port, bool UseTls, string? User, string? Password, string From)
{
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>What became of handing a mail over.</summary>
public enum MailFate
{
    Taken,
    Refused,
    NotNow,
}

/// <summary>
/// Hands mails to the group's mail server over SMTP. The library usually taken for it is not in our package source; the one of
/// .NET does what we need of it: one recipient, plain text, STARTTLS.
/// </summary>
public sealed class MailServer(MailServerOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Whether mails may come from it: an address, or a name and an address in angle brackets.</summary>
    public static bool IsSender(string from) => MailAddress.TryCreate(from, out _);

    public bool IsSetUp => options.Host is not null;

    public async Task<(MailFate Fate, string? Problem)> HandOverAsync(Letter letter, string subject, CancellationToken ct)
    {
        if (options.Host is null) return (MailFate.NotNow, "No mail server is set up.");
        using var client = new SmtpClient(options.Host, options.Port) { EnableSsl = options.UseTls };
        if (options.User is not null) client.Credentials = new NetworkCredential(options.User, options.Password);
        // The sender was read at the start; what a client wrote may be no address all the same.
        if (!MailAddress.TryCreate(letter.To, letter.Name, Encoding.UTF8, out var to)) return (MailFate.Refused, "The address is none a mail can be sent to.");
        using var mail = new System.Net.Mail.MailMessage(new MailAddress(options.From), to)
        {
            Subject = subject,
            SubjectEncoding = Encoding.UTF8,
            Body = letter.Text,
            BodyEncoding = Encoding.UTF8,
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            await client.SendMailAsync(mail, limit.Token);
            return (MailFate.Taken, null);
        }
        catch (SmtpException e) when ((int)e.StatusCode is >= 500 and < 600)
        {
            return (MailFate.Refused, $"The mail server refused it for good ({(int)e.StatusCode}).");
        }
        catch (Exception e) when (e is SmtpException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return (MailFate.NotNow, e is SmtpException s ? $"The mail server could not take it now ({(int)s.StatusCode})." : "The mail server did not answer.");
        }
    }
}
