using System.Globalization;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Web.Documents.Agreements;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Agreements.Client;

/// <summary>What a client's page is made of.</summary>
/// <param name="Token">Of the link; part of every address on the page.</param>
/// <param name="Site">Address of StudioVault as clients reach it.</param>
public sealed record ClientScene(SigningView View, string Token, string Site)
{
    public PaperText Text => View.Text;
    public AgreementStudio Studio => View.Text.Studio;
    public string Home => $"/c/{Token}";
    public string Sign => $"{Home}/sign";
    public string Done => $"{Home}/done";
    public string Document => $"{Home}/document.pdf";
    public string Withdraw => $"{Home}/withdraw";
    public string Pictures => $"{Home}/pictures";
    public string Receipt => $"{Home}/receipt.pdf";
    public string Certificate => $"{Home}/certificate.pdf";

    /// <summary>"Your agreement, version 1".</summary>
    public string Kicker => View.Version == 1 ? "Your agreement, version 1" : $"A change to your agreement, version {View.Version}";

    /// <summary>What the paper is about: the occasion, or the kind of change.</summary>
    public string Title => Text.Amendment is { } amendment ? AgreementWords.Of(amendment.Kind) : Text.First!.Event.Title;

    /// <summary>"Agreement PRT-2026-0042, version 1".</summary>
    public string PaperName => AgreementWords.Name(Text.Number, View.Version);

    /// <summary>Whoever has to sign and has not, but for the reader.</summary>
    public IReadOnlyList<string> Others => [.. Text.Signatories.Where(p => p.Id != View.Me.Id && !View.Signatures.ContainsKey(p.Id)).Select(p => p.Name)];

    /// <summary>Whom the reader signs for; null when for themselves.</summary>
    public string? Ward => View.Me.SignsFor.Length == 0 ? null : Text.Before.Parties.Concat(Text.Signatories).FirstOrDefault(p => p.Id == View.Me.SignsFor)?.Name;

    /// <summary>"21 Nov 2026, 14:02, Lisbon time".</summary>
    public string At(DateTimeOffset at) => TimeFormat.Exact(at, View.TimeZone, CultureInfo.CurrentCulture);

    /// <summary>"Marta, João and Ana".</summary>
    public static string List(IReadOnlyList<string> names) => names.Count < 2 ? string.Concat(names) : $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}";

    /// <summary>What a client declares who withdraws; only of an executed agreement.</summary>
    public string Statement => $"I withdraw from the agreement {Text.Number}, “{View.Withdrawal!.Content.Event.Title}”, concluded on {AgreementWords.Day(TimeFormat.Day(View.Withdrawal.ConcludedAt, View.TimeZone))} with {Studio.Name}.";

    /// <summary>"212 KB".</summary>
    public static string Size(long bytes) => bytes < 1_000_000 ? $"{Math.Max(1, bytes / 1000)} KB" : $"{(bytes / 1_000_000m).ToString("0.0", CultureInfo.CurrentCulture)} MB";
}
