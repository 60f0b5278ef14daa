using System.Globalization;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Proposals;

/// <summary>Proposals in words and colours.</summary>
public static class QueueWords
{
    public static string Of(Band band) => band.ToString().ToUpperInvariant();

    /// <summary>What a band demands, in half a sentence.</summary>
    public static string Demands(Band band) => band switch
    {
        Band.Green => "one person; equal ones together",
        Band.Amber => "one person, one at a time",
        Band.Red => "two people, one of them a manager, signed in anew",
        _ => "nobody approves it here",
    };

    /// <summary>What a proposal demands, after the name of its band.</summary>
    public static string Demand(ProposalView view) => view.Row switch
    {
        { Band: Band.Black } => "human review only",
        { Band: Band.Red, Needed: var n } => n == 2 ? "two people" : $"{n} people",
        { Needed: 1 } => "one approval",
        { Needed: var n } => $"{n} approvals",
    };

    public static string Css(Band band) => band switch
    {
        Band.Green => "band-green",
        Band.Amber => "band-amber",
        Band.Red => "band-red",
        _ => "band-black",
    };

    public static bool IsOpen(QueueRow row) => ProposalMachine.IsOpen(row.State) || row.State == ProposalState.UnknownOutcome;

    /// <summary>Nothing of it changes any more.</summary>
    public static bool IsEnded(QueueRow row) => !IsOpen(row) && row.State is not (ProposalState.Drafted or ProposalState.Grace or ProposalState.IntentLogged);

    /// <summary>An instant in words, in the branch's time.</summary>
    public static string Told(Moment moment, string zone, DateTimeOffset now) => moment.Words(at => TimeFormat.Spoken(at, zone, now, CultureInfo.CurrentCulture));

    /// <summary>What became of it, for a row: nobody approved what runs under an exemption, and nothing took the place of what an agent's earlier start left.</summary>
    public static string State(QueueRow row) => row switch
    {
        { State: ProposalState.Grace, Approvals: 0 } => "runs soon, under an exemption",
        { State: ProposalState.Superseded, EndCode: Proposal.AgentBeganAnew } => "its agent started anew",
        _ => State(row.State),
    };

    /// <summary>The time to undo is over and no node has begun it: it can still be taken back.</summary>
    public static bool WaitsForNode(QueueRow row, DateTimeOffset now) => row is { State: ProposalState.Grace, GraceUntil: { } until, ExecuteBy: not null } && now >= until;

    public static string State(ProposalState state) => state switch
    {
        ProposalState.Drafted => "waits for its turn",
        ProposalState.Pending => "to decide",
        ProposalState.Claimed => "being decided",
        ProposalState.Approved => "one more approval needed",
        ProposalState.Grace => "approved, runs soon",
        ProposalState.IntentLogged => "being carried out",
        ProposalState.Succeeded => "carried out",
        ProposalState.Failed => "failed",
        ProposalState.UnknownOutcome => "outcome unknown",
        ProposalState.Rejected => "rejected",
        ProposalState.Expired => "time ran out",
        ProposalState.Superseded => "replaced by another",
        ProposalState.TargetChanged => "target had changed",
        ProposalState.Killed => "stopped",
        _ => "withdrawn",
    };

    public static Tone ToneOf(ProposalState state) => state switch
    {
        ProposalState.Succeeded => Tone.Added,
        ProposalState.Failed or ProposalState.UnknownOutcome or ProposalState.Killed or ProposalState.Rejected => Tone.Removed,
        ProposalState.TargetChanged or ProposalState.Expired => Tone.Conflict,
        ProposalState.Grace or ProposalState.IntentLogged => Tone.Hq,
        _ => Tone.Neutral,
    };

    public static string Kind(ActorKind kind) => kind switch
    {
        ActorKind.Agent => "software agent",
        ActorKind.Staff => "staff",
        ActorKind.System => "StudioVault itself",
        _ => "a client",
    };

    /// <summary>"22 min", "2 h", "3 days", "45 s": how long until then; the page's script goes on counting.</summary>
    public static string Left(TimeSpan left) => left switch
    {
        { TotalSeconds: <= 0 } => "0\u00A0s",
        { TotalSeconds: < 90 } => $"{Math.Ceiling(left.TotalSeconds)}\u00A0s",
        { TotalMinutes: < 90 } => $"{Math.Floor(left.TotalMinutes)}\u00A0min",
        { TotalHours: < 48 } => $"{Math.Floor(left.TotalHours)}\u00A0h",
        _ => $"{Math.Floor(left.TotalDays)}\u00A0days",
    };

    public static string Took(int ms) => ms < 90_000 ? $"{Math.Max(1, ms / 1000)}\u00A0s" : $"{ms / 60_000}\u00A0min";

    /// <summary>"Keep a delivery online, 4 times"; once some are decided, "Keep a delivery online, 3 of 4 left".</summary>
    public static string Group(QueueEntry entry) =>
        $"{entry.First.CapabilityTitle}, {(entry.Rows.Count(IsOpen) is var left and > 0 && left < entry.Rows.Count ? $"{left} of {entry.Rows.Count} left" : $"{entry.Rows.Count} times")}";

    /// <summary>The short code to type instead of holding: four signs of the digest, so that it is never the same twice.</summary>
    public static string CodeOf(QueueRow row) => row.Digest[..4].ToUpperInvariant();

    public static string Quota(QuotaView q) => q.What switch
    {
        "agent" => $"{q.Used} of {q.Cap} by this agent",
        "owner" => $"{q.Used} of {q.Cap} by agents of its owner",
        _ => $"{q.Used} of {q.Cap} in this branch",
    };
}
