using System.Globalization;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Agreements;

/// <summary>What the pages call quotes and projects.</summary>
internal static class ProjectWords
{
    public static (string Words, Tone Tone) Of(ProjectState state) => state switch
    {
        ProjectState.Enquiry => ("Enquiry", Tone.Conflict),
        ProjectState.Quote => ("Open quote", Tone.Hq),
        ProjectState.Booked => ("Booked", Tone.Added),
        ProjectState.Shot => ("Shot", Tone.Added),
        ProjectState.Delivered => ("Delivered", Tone.Added),
        ProjectState.Closed => ("Closed", Tone.Neutral),
        ProjectState.Cancelled => ("Cancelled", Tone.Removed),
        _ => ("Lapsed", Tone.Neutral),
    };

    public static (string Words, Tone Tone) Of(InvoiceState state, bool overdue) => state switch
    {
        InvoiceState.Open when overdue => ("Overdue", Tone.Removed),
        InvoiceState.Open => ("Open", Tone.Hq),
        InvoiceState.Paid => ("Paid", Tone.Added),
        _ => ("Void", Tone.Neutral),
    };

    public static string Of(PaymentMethod method) => method switch
    {
        PaymentMethod.BankTransfer => "bank transfer",
        PaymentMethod.Card => "card",
        PaymentMethod.Cash => "cash",
        _ => "another way",
    };

    public static string Of(SessionTask task)
    {
        var words = SessionCommands.Words(task);
        return char.ToUpperInvariant(words[0]) + words[1..];
    }

    public static string Of(PartyRole role) => role switch
    {
        PartyRole.Client => "Client",
        PartyRole.Guardian => "Guardian",
        _ => "Payer",
    };

    /// <summary>The state's word in an address.</summary>
    public static string KeyOf(ProjectState state) => state.ToString().ToLowerInvariant();

    /// <summary>The state an address names; null for all.</summary>
    public static ProjectState? StateOf(string? key) => Enum.GetValues<ProjectState>().Cast<ProjectState?>().FirstOrDefault(s => KeyOf(s!.Value) == key);

    /// <summary>"Sat 12 Jun 2027".</summary>
    public static string Day(DateOnly day) => day.ToString("ddd d MMM yyyy", CultureInfo.CurrentCulture);
}
