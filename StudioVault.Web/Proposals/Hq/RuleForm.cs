using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;

namespace StudioVault.Web.Proposals.Hq;

/// <summary>One line of the builder: so many of a seat.</summary>
public sealed class RulePart
{
    public int Count { get; set; } = 1;

    /// <summary>Name of a <see cref="Role"/>.</summary>
    public string Seat { get; set; } = nameof(Role.Staff);
}

/// <summary>An approval rule as it is chosen on the screen: a ready-made one, or one built of "so many of a role and …".</summary>
public sealed class RuleForm
{
    /// <summary>Key of the builder.</summary>
    public const string Own = "own";

    /// <summary>Most lines of the builder; the rule itself takes no more.</summary>
    public const int MostParts = 5;

    private static readonly ApprovalRule OneOfBranch = new ApprovalRule.AtLeast(1, nameof(Role.Staff));
    private static readonly ApprovalRule OneManager = new ApprovalRule.AtLeast(1, nameof(Role.BranchManager));

    /// <summary>The ready-made rules, weakest first.</summary>
    public static IReadOnlyList<(string Key, string Words, ApprovalRule Rule)> Presets { get; } =
    [
        ("one", "Anybody of the branch", OneOfBranch),
        ("manager", "A branch manager", OneManager),
        ("two", "Two people of the branch", new ApprovalRule.AtLeast(2, nameof(Role.Staff))),
        ("manager-and-one", "A branch manager and somebody else of the branch", new ApprovalRule.All([OneManager, OneOfBranch])),
        ("managers", "Two branch managers", new ApprovalRule.AtLeast(2, nameof(Role.BranchManager))),
        ("never", "Nobody: human review only", new ApprovalRule.Never()),
    ];

    public string Choice { get; set; } = "one";

    public List<RulePart> Parts { get; } = [];

    /// <summary>Every line, or one of them.</summary>
    public bool NeedsAll { get; set; } = true;

    /// <summary>A rule the lines of the builder cannot say: deeper, or with a veto of old; it is kept as it is until another is chosen.</summary>
    public ApprovalRule? Kept { get; private set; }

    public static RuleForm Of(ApprovalRule rule)
    {
        var json = rule.ToJson().ToJsonString();
        if (Presets.FirstOrDefault(p => p.Rule.ToJson().ToJsonString() == json) is { Key: { } key }) return new RuleForm { Choice = key };
        var form = new RuleForm { Choice = Own };
        if (LinesOf(rule) is { } lines) form.Take(lines);
        else form.Kept = rule;
        return form;
    }

    /// <summary>Opens the builder with what was chosen before; with a manager and somebody else where lines cannot say it.</summary>
    public void Build()
    {
        var lines = LinesOf(ToRule()) ?? (All: true, Parts: [OneManager, OneOfBranch]);
        (Choice, Kept) = (Own, null);
        Take(lines);
    }

    private void Take((bool All, IReadOnlyList<ApprovalRule> Parts) lines)
    {
        NeedsAll = lines.All;
        Parts.Clear();
        Parts.AddRange(lines.Parts.Cast<ApprovalRule.AtLeast>().Select(p => new RulePart { Count = p.Count, Seat = p.Seat }));
    }

    /// <summary>What a rule says in lines of so many of a seat; null when it says more.</summary>
    private static (bool All, IReadOnlyList<ApprovalRule> Parts)? LinesOf(ApprovalRule rule)
    {
        (bool All, IReadOnlyList<ApprovalRule> Parts) lines = rule switch
        {
            ApprovalRule.AtLeast => (true, [rule]),
            ApprovalRule.All all => (true, all.Parts),
            ApprovalRule.Any any => (false, any.Parts),
            _ => (true, []),
        };
        return lines.Parts.Count > 0 && lines.Parts.All(p => p is ApprovalRule.AtLeast) ? lines : null;
    }

    public ApprovalRule ToRule()
    {
        if (Choice != Own) return Presets.First(p => p.Key == Choice).Rule;
        if (Kept is { } kept) return kept;
        List<ApprovalRule> parts = [.. Parts.Select(p => new ApprovalRule.AtLeast(Math.Clamp(p.Count, 1, 5), p.Seat))];
        return parts switch
        {
            [] => new ApprovalRule.Never(),
            [var one] => one,
            _ when NeedsAll => new ApprovalRule.All(parts),
            _ => new ApprovalRule.Any(parts),
        };
    }
}
