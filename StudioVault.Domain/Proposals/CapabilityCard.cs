using System.Globalization;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>
/// The card of a capability in one version: who answers for it and what it demands. Insert-only; a change is the next version, and
/// proposals keep the one they were made under.
/// </summary>
public sealed class CapabilityCard
{
    public const int LongestText = 500;

    private CapabilityCard() { }

    public string Capability { get; private init; } = "";
    public int Version { get; private init; }

    /// <summary>Who answers for it.</summary>
    public string Owner { get; private init; } = "";

    /// <summary>low, medium, high or critical.</summary>
    public string RiskTier { get; private init; } = "";

    public string FailureMode { get; private init; } = "";
    public string Rollback { get; private init; } = "";
    public string TestCoverage { get; private init; } = "";
    public Band Band { get; private init; }

    /// <summary>JSON of the <see cref="ApprovalRule"/>.</summary>
    public string Rule { get; private init; } = "";

    public int ApproveWithinSeconds { get; private init; }
    public int ValidForSeconds { get; private init; }

    /// <summary>Branch-local hours in which it is decided; null = always.</summary>
    public TimeOnly? DecideFrom { get; private init; }

    public TimeOnly? DecideTo { get; private init; }

    /// <summary>Null while it may be decided at that time of the branch's day, else <c>refuse.approval.window_closed</c>.</summary>
    public Refusal? ClosedAt(TimeOnly time) => Closed(DecideFrom, DecideTo, time);

    /// <summary>The same for whoever has read the hours only.</summary>
    public static Refusal? Closed(TimeOnly? from, TimeOnly? to, TimeOnly time) => from is { } opens && to is { } closes && (time < opens || time >= closes)
        ? ApprovalRefusals.WindowClosed.With(opens.ToString("HH:mm", CultureInfo.InvariantCulture), closes.ToString("HH:mm", CultureInfo.InvariantCulture)) : null;

    public bool MayApproveOwn { get; private init; }
    public int PerAgent { get; private init; }
    public int PerOwner { get; private init; }
    public int PerBranch { get; private init; }
    public int WindowSeconds { get; private init; }
    public DateTimeOffset At { get; private init; }
    public PersonId? By { get; private init; }

    /// <summary>Everything HQ can set on a card.</summary>
    public sealed record Content(string Owner, string RiskTier, string FailureMode, string Rollback, string TestCoverage, Band Band, ApprovalRule Rule, TimeSpan ApproveWithin, TimeSpan ValidFor,
        TimeOnly? DecideFrom, TimeOnly? DecideTo, bool MayApproveOwn, int PerAgent, int PerOwner, int PerBranch, TimeSpan Window);

    /// <summary>What a band demands when the card says nothing else.</summary>
    public static ApprovalRule RuleOf(Band band) => band switch
    {
        Band.Green or Band.Amber => new ApprovalRule.AtLeast(1, "Staff"),
        Band.Red => new ApprovalRule.All([new ApprovalRule.AtLeast(1, "BranchManager"), new ApprovalRule.AtLeast(1, "Staff")]),
        _ => new ApprovalRule.Never(),
    };

    /// <summary>Seats somebody can hold; a rule over any other could never be satisfied.</summary>
    private static readonly string[] Seats = ["Staff", "BranchManager"];

    /// <summary>Deepest rule of a card: what a single proposal demands beside it stands one level above it, and has to be readable too.</summary>
    public const int DeepestRule = ApprovalRule.Deepest - 1;

    /// <summary>Whether a rule asks for at least what the band demands, whichever way it is satisfied; nobody for BLACK, somebody for every other.</summary>
    public static bool Suffices(ApprovalRule rule, Band band) => band switch
    {
        Band.Black => rule.People == 0,
        Band.Red => rule.People >= 2 && rule.Demands("BranchManager"),
        _ => rule.People >= 1,
    };

    /// <summary>The card as the next version. An incomplete one may be kept, only not enabled.</summary>
    /// <returns><c>refuse.capability.band_too_low</c>, <c>refuse.capability.rule_malformed</c>, <c>refuse.capability.card_malformed</c>, <c>refuse.kernel.too_long</c>.</returns>
    public static Result<CapabilityCard> Of(string capability, int version, Band least, Content c, DateTimeOffset at, PersonId? by)
    {
        foreach (var (name, text) in ((string, string)[])[("owner", c.Owner), ("failureMode", c.FailureMode), ("rollback", c.Rollback), ("testCoverage", c.TestCoverage)])
            if (text.Length > LongestText) return KernelRefusals.TooLong.At(name, LongestText);
        if (c.RiskTier is not ("" or "low" or "medium" or "high" or "critical")) return CapabilityRefusals.CardMalformed.At("riskTier", "the tier is low, medium, high or critical");
        if (c.Band < least) return CapabilityRefusals.BandTooLow.At("band", least.ToString().ToUpperInvariant());
        if (!Suffices(c.Rule, c.Band) || !c.Rule.Seats.IsSubsetOf(Seats) || c.Rule.Depth > DeepestRule) return CapabilityRefusals.RuleMalformed.At("rule");
        if (c.ApproveWithin < TimeSpan.FromMinutes(1) || c.ApproveWithin > TimeSpan.FromDays(14)) return CapabilityRefusals.CardMalformed.At("approveWithin", "there are 1 minute to 14 days to decide");
        if (c.ValidFor < TimeSpan.FromMinutes(1) || c.ValidFor > TimeSpan.FromDays(14)) return CapabilityRefusals.CardMalformed.At("validFor", "an approval is good for 1 minute to 14 days");
        if ((c.DecideFrom is null) != (c.DecideTo is null) || (c.DecideFrom is { } from && from >= c.DecideTo)) return CapabilityRefusals.CardMalformed.At("decideFrom", "the hours need a beginning before their end");
        if (c.MayApproveOwn && c.Band != Band.Green) return CapabilityRefusals.CardMalformed.At("mayApproveOwn", "only GREEN may be approved by whoever proposed it");
        if (c.PerAgent is < 1 or > 100_000 || c.PerOwner is < 1 or > 100_000 || c.PerBranch is < 1 or > 100_000) return CapabilityRefusals.CardMalformed.At("quota", "quotas are 1 to 100,000");
        if (c.Window < TimeSpan.FromMinutes(1) || c.Window > TimeSpan.FromDays(31)) return CapabilityRefusals.CardMalformed.At("window", "the window of the quotas is 1 minute to 31 days");
        return new CapabilityCard
        {
            Capability = capability,
            Version = version,
            Owner = c.Owner.Trim(),
            RiskTier = c.RiskTier,
            FailureMode = c.FailureMode.Trim(),
            Rollback = c.Rollback.Trim(),
            TestCoverage = c.TestCoverage.Trim(),
            Band = c.Band,
            Rule = System.Text.Encoding.UTF8.GetString(CanonicalJson.Canonicalize(c.Rule.ToJson())),
            ApproveWithinSeconds = (int)c.ApproveWithin.TotalSeconds,
            ValidForSeconds = (int)c.ValidFor.TotalSeconds,
            DecideFrom = c.DecideFrom,
            DecideTo = c.DecideTo,
            MayApproveOwn = c.MayApproveOwn,
            PerAgent = c.PerAgent,
            PerOwner = c.PerOwner,
            PerBranch = c.PerBranch,
            WindowSeconds = (int)c.Window.TotalSeconds,
            At = at,
            By = by,
        };
    }

    /// <summary>Names of the required texts that are missing (features row 5.17); empty when it may be enabled.</summary>
    public IReadOnlyList<string> Missing() =>
        [.. ((string Name, string Text)[])[("owner", Owner), ("risk tier", RiskTier), ("failure mode", FailureMode), ("rollback", Rollback), ("test coverage", TestCoverage)] is var texts
            ? texts.Where(t => t.Text.Length == 0).Select(t => t.Name) : []];

    public ApprovalRule ReadRule() => ApprovalRule.From(System.Text.Json.Nodes.JsonNode.Parse(Rule)).Value;
}

/// <summary>Whether a capability is on, and which card holds.</summary>
public sealed class CapabilityStanding
{
    private CapabilityStanding() { }

    public string Capability { get; private init; } = "";
    public int Version { get; private set; }
    public bool IsEnabled { get; private set; }

    public static CapabilityStanding Register(string capability) => new() { Capability = capability, Version = 1 };

    /// <returns><c>refuse.capability.metadata_missing</c>.</returns>
    public Result<Done> Enable(CapabilityCard card)
    {
        if (card.Missing() is { Count: > 0 } missing) return CapabilityRefusals.MetadataMissing.With(string.Join(", ", missing));
        IsEnabled = true;
        return Done.It;
    }

    public void Disable() => IsEnabled = false;

    /// <summary>Another card holds from now on; off when it is not complete.</summary>
    public void Follow(CapabilityCard card)
    {
        Version = card.Version;
        if (card.Missing().Count > 0) IsEnabled = false;
    }
}

/// <summary>How much of a quota is used in one window.</summary>
public sealed class QuotaCounter : ITenantOwned
{
    private QuotaCounter() { }

    public BranchId BranchId { get; private init; }

    /// <summary>For example <c>agent:0190…:refund.record</c>.</summary>
    public string Bucket { get; private init; } = "";

    /// <summary>Start of the window: a multiple of its length since 1970.</summary>
    public DateTimeOffset WindowAt { get; private init; }

    public int Used { get; private set; }
}
