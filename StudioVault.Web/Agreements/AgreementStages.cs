using System.Globalization;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Web.Documents.Agreements;
using StudioVault.Web.Packages;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Agreements;

/// <summary>What the branch's pages call agreements, their papers and where they stand (features table A3 in a manager's words).</summary>
internal static class AgreementStages
{
    public static (string Words, Tone Tone) Of(AgreementStage stage) => stage switch
    {
        AgreementStage.Writing => ("Being written", Tone.You),
        AgreementStage.WithClients => ("Waiting for signatures", Tone.Hq),
        AgreementStage.Sealing => ("Being sealed", Tone.Conflict),
        AgreementStage.InForce => ("Signed", Tone.Added),
        AgreementStage.Ended => ("Ended", Tone.Neutral),
        _ => ("Given up", Tone.Neutral),
    };

    /// <summary>The stage's word in an address.</summary>
    public static string KeyOf(AgreementStage stage) => stage switch
    {
        AgreementStage.Writing => "writing",
        AgreementStage.WithClients => "out",
        AgreementStage.Sealing => "sealing",
        AgreementStage.InForce => "signed",
        AgreementStage.Ended => "ended",
        _ => "given-up",
    };

    /// <summary>The stage an address names; null for all.</summary>
    public static AgreementStage? StageOf(string? key) => Enum.GetValues<AgreementStage>().Cast<AgreementStage?>().FirstOrDefault(s => KeyOf(s!.Value) == key);

    public static (string Words, Tone Tone) Of(PaperState state) => state switch
    {
        PaperState.Draft => ("Draft", Tone.You),
        PaperState.Sent => ("Sent, not opened yet", Tone.Hq),
        PaperState.Viewed => ("Opened, not signed yet", Tone.Hq),
        PaperState.PartlySigned => ("Partly signed", Tone.Hq),
        PaperState.Sealing => ("Being sealed", Tone.Conflict),
        PaperState.Executed => ("Signed and sealed", Tone.Added),
        _ => ("Given up", Tone.Neutral),
    };

    /// <summary>How an agreement that does not go on has ended; null while it has not.</summary>
    public static string? Ended(AgreementState state) => state switch
    {
        AgreementState.Completed => "Completed: everything was delivered and paid.",
        AgreementState.Cancelled => "Cancelled by an amendment everybody signed.",
        AgreementState.Withdrawn => "The client withdrew within the days the law gives.",
        AgreementState.Void => "Given up before anybody was bound by it.",
        _ => null,
    };

    public static string Of(AgreementTrouble trouble) => trouble switch
    {
        AgreementTrouble.LinkExpired => "A link takes no signature any more",
        AgreementTrouble.LinkExpiring => "A link ends soon",
        AgreementTrouble.MailFailed => "A mail did not arrive",
        _ => "Cannot be sealed at present",
    };

    /// <summary>"Agreement" or "Amendment: Hours".</summary>
    public static string Paper(AmendmentKind? kind) => kind is { } amends ? $"Amendment: {AgreementWords.Of(amends)}" : "Agreement";

    /// <summary>"Version 2, Hours".</summary>
    public static string Named(PaperView paper) => $"Version {paper.Version}, {(paper.Kind is { } kind ? AgreementWords.Of(kind) : "the agreement")}";

    /// <summary>"Marta Sousa and João Reis".</summary>
    public static string List(IReadOnlyList<string> names) => names.Count switch
    {
        0 => "nobody",
        1 => names[0],
        _ => $"{string.Join(", ", names.Take(names.Count - 1))} and {names[^1]}",
    };

    /// <summary>Who something waits for: the signatories, the studio, or the seal.</summary>
    public static string Waits(AgreementRow row) => row switch
    {
        { Stage: AgreementStage.WithClients, Signed: > 0 } => $"{List(row.WaitingFor)} still {(row.WaitingFor.Count == 1 ? "has" : "have")} to sign",
        { Stage: AgreementStage.WithClients } => $"Waits for {List(row.WaitingFor)}",
        { Stage: AgreementStage.Writing } => "Waits for you to send it",
        { Stage: AgreementStage.Sealing } => "Everybody signed; waits for the seal",
        { Stage: AgreementStage.InForce } => row.Version == 1 ? "Signed by everybody" : $"Version {row.Version} signed by everybody",
        { Stage: AgreementStage.Ended } => row.State.ToString(),
        _ => "Nobody was bound by it",
    };

    /// <summary>"Sat 12 Jun 2027", or that it is open.</summary>
    public static string Day(DateOnly? day) => day is { } known ? ProjectWords.Day(known) : "day still to be found";

    /// <summary>"12 June 2027".</summary>
    public static string LongDay(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.CurrentCulture);

    /// <summary>"1 day", "3 days".</summary>
    public static string Days(int days) => TemplateWords.Count(days, "day", "days");
}
