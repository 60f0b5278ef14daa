using System.Globalization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Web.Proposals.Hq;

/// <summary>What HQ's pages about capabilities, stops and exemptions call things.</summary>
internal static class HqWords
{
    public static string Of(Band band) => QueueWords.Of(band);

    public static string Demands(Band band) => QueueWords.Demands(band);

    public static string TierOf(string tier) => tier.Length == 0 ? "not said" : tier;

    /// <summary>"2 days", "4 hours", "90 minutes": the largest unit that leaves nothing over.</summary>
    public static string Span(int seconds)
    {
        var (number, unit) = UnitOf(seconds);
        return Count(number, unit[..^1], unit);
    }

    /// <summary>A span as number and unit of the form.</summary>
    public static (int Number, string Unit) UnitOf(int seconds)
    {
        if (seconds % 86_400 == 0) return (seconds / 86_400, "days");
        return seconds % 3_600 == 0 ? (seconds / 3_600, "hours") : (seconds / 60, "minutes");
    }

    public static string Count(int count, string one, string many) => $"{count.ToString("N0", CultureInfo.CurrentCulture)} {(count == 1 ? one : many)}";

    public static string Of(StopLevel level) => level switch
    {
        StopLevel.Global => "Everything",
        StopLevel.Area => "A class of capabilities",
        StopLevel.Capability => "One capability",
        StopLevel.Branch => "A branch",
        _ => "An agent",
    };

    public static string Of(InputKind kind) => kind switch
    {
        InputKind.Id => "Id (UUID)",
        InputKind.Day => "Day, yyyy-MM-dd",
        InputKind.Amount => "Amount, as text",
        InputKind.Whole => "Whole number",
        _ => "Text",
    };

    /// <summary>Everything a card says, in the order of the form, as people read it.</summary>
    public static IReadOnlyList<(string Name, string Value)> Lines(CapabilityCard.Content c) =>
    [
        ("Owner", c.Owner.Trim()), ("Risk tier", c.RiskTier), ("Failure mode", c.FailureMode.Trim()), ("Rollback", c.Rollback.Trim()), ("Test coverage", c.TestCoverage.Trim()),
        ("Band", Of(c.Band)), ("Approval", ProposalQueries.RuleWords(c.Rule)), ("Time to decide", Span((int)c.ApproveWithin.TotalSeconds)), ("Approval is good for", Span((int)c.ValidFor.TotalSeconds)),
        ("Decided", c.DecideFrom is { } from && c.DecideTo is { } to ? $"{from:HH:mm} to {to:HH:mm}" : "at any hour"), ("Own approval", c.MayApproveOwn ? "allowed" : "not allowed"),
        ("An agent may propose", Quota(c.PerAgent, c.Window)), ("Agents of one owner", Quota(c.PerOwner, c.Window)), ("A branch takes", Quota(c.PerBranch, c.Window)),
    ];

    public static CapabilityCard.Content ContentOf(CapabilityCard c) => new(c.Owner, c.RiskTier, c.FailureMode, c.Rollback, c.TestCoverage, c.Band, c.ReadRule(), TimeSpan.FromSeconds(c.ApproveWithinSeconds), TimeSpan.FromSeconds(c.ValidForSeconds),
        c.DecideFrom, c.DecideTo, c.MayApproveOwn, c.PerAgent, c.PerOwner, c.PerBranch, TimeSpan.FromSeconds(c.WindowSeconds));

    /// <summary>The lines that differ, with what stood there before.</summary>
    public static IReadOnlyList<FactChange> Changes(CapabilityCard.Content before, CapabilityCard.Content after) =>
        [.. Lines(before).Zip(Lines(after)).Where(p => p.First.Value != p.Second.Value).Select(p => new FactChange(p.First.Name, p.First.Value, p.Second.Value))];

    private static string Quota(int most, TimeSpan window) => $"{most.ToString("N0", CultureInfo.CurrentCulture)} in {Span((int)window.TotalSeconds)}";
}
