using StudioVault.Domain.Proposals;

namespace StudioVault.Web.Proposals.Hq;

/// <summary>A length of time as number and unit.</summary>
public sealed class SpanForm(int seconds)
{
    public static IReadOnlyList<string> Units { get; } = ["minutes", "hours", "days"];

    public int Number { get; set; } = HqWords.UnitOf(seconds).Number;

    public string Unit { get; set; } = HqWords.UnitOf(seconds).Unit;

    /// <summary>What stands there; far too much is cut, so that the card can say no.</summary>
    public TimeSpan ToSpan()
    {
        var number = Math.Clamp(Number, 0, 1_000_000);
        return Unit switch
        {
            "days" => TimeSpan.FromDays(Math.Min(number, 10_000)),
            "hours" => TimeSpan.FromHours(number),
            _ => TimeSpan.FromMinutes(number),
        };
    }
}

/// <summary>A card being filled in.</summary>
public sealed class CardForm
{
    private static readonly TimeOnly Nine = new(9, 0);
    private static readonly TimeOnly Six = new(18, 0);

    public string Owner { get; set; } = "";
    public string RiskTier { get; set; } = "";
    public string FailureMode { get; set; } = "";
    public string Rollback { get; set; } = "";
    public string TestCoverage { get; set; } = "";
    public Band Band { get; set; }
    public RuleForm Rule { get; private init; } = new();
    public SpanForm ApproveWithin { get; private init; } = new(3_600);
    public SpanForm ValidFor { get; private init; } = new(3_600);
    public bool HasHours { get; set; }

    /// <summary>Branch-local.</summary>
    public TimeOnly From { get; set; } = Nine;

    public TimeOnly To { get; set; } = Six;
    public bool MayApproveOwn { get; set; }
    public int PerAgent { get; set; }
    public int PerOwner { get; set; }
    public int PerBranch { get; set; }
    public SpanForm Window { get; private init; } = new(86_400);

    public static CardForm Of(CapabilityCard c) => new()
    {
        Owner = c.Owner,
        RiskTier = c.RiskTier,
        FailureMode = c.FailureMode,
        Rollback = c.Rollback,
        TestCoverage = c.TestCoverage,
        Band = c.Band,
        Rule = RuleForm.Of(c.ReadRule()),
        ApproveWithin = new(c.ApproveWithinSeconds),
        ValidFor = new(c.ValidForSeconds),
        HasHours = c.DecideFrom is not null,
        From = c.DecideFrom ?? Nine,
        To = c.DecideTo ?? Six,
        MayApproveOwn = c.MayApproveOwn,
        PerAgent = c.PerAgent,
        PerOwner = c.PerOwner,
        PerBranch = c.PerBranch,
        Window = new(c.WindowSeconds),
    };

    /// <summary>Puts another band, and takes along what it demands where the rule would be too weak.</summary>
    public void Raise(Band band)
    {
        Band = band;
        if (band != Band.Green) MayApproveOwn = false;
        var demanded = CapabilityCard.RuleOf(band);
        var chosen = Rule.ToRule();
        if (chosen.People >= demanded.People && (band == Band.Black) == (chosen.People == 0)) return;
        Rule.Choice = RuleForm.Of(demanded).Choice;
    }

    public CapabilityCard.Content ToContent() => new(Owner, RiskTier, FailureMode, Rollback, TestCoverage, Band, Rule.ToRule(), ApproveWithin.ToSpan(), ValidFor.ToSpan(),
        HasHours ? From : null, HasHours ? To : null, MayApproveOwn, PerAgent, PerOwner, PerBranch, Window.ToSpan());
}
