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
        ("veto", "Anybody of the branch, unless a manager says no", new ApprovalRule.Veto(nameof(Role.BranchManager), OneOfBranch)),
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

    /// <summary>A manager's no ends it.</summary>
    public bool ManagersVeto { get; set; }

    /// <summary>True where a rule is too deep for the builder; it is kept as it is until another is chosen.</summary>
    public ApprovalRule? Kept { get; private set; }

    public static RuleForm Of(ApprovalRule rule)
    {
        var json = rule.ToJson().ToJsonString();
        if (Presets.FirstOrDefault(p => p.Rule.ToJson().ToJsonString() == json) is { Key: { } key }) return new RuleForm { Choice = key };
        var form = new RuleForm { Choice = Own };
        var inner = rule;
        if (rule is ApprovalRule.Veto { Seat: nameof(Role.BranchManager) } veto) (form.ManagersVeto, inner) = (true, veto.Inner);
        var (parts, all) = inner switch
        {
            ApprovalRule.AtLeast => ([inner], true),
            ApprovalRule.All a => (a.Parts, true),
            ApprovalRule.Any a => (a.Parts, false),
            _ => ((IReadOnlyList<ApprovalRule>)[], true),
        };
        if (parts.Count == 0 || parts.Any(p => p is not ApprovalRule.AtLeast))
        {
            form.Kept = rule;
            return form;
        }

        form.NeedsAll = all;
        form.Parts.AddRange(parts.Cast<ApprovalRule.AtLeast>().Select(p => new RulePart { Count = p.Count, Seat = p.Seat }));
        return form;
    }

    /// <summary>Opens the builder with what the ready-made rule says.</summary>
    public void Build()
    {
        var from = Of(Presets.FirstOrDefault(p => p.Key == Choice).Rule ?? OneOfBranch);
        (Choice, Kept) = (Own, null);
        Parts.Clear();
        Parts.AddRange(from.Choice == Own && from.Parts.Count > 0 ? from.Parts : [new RulePart { Seat = nameof(Role.BranchManager) }, new RulePart()]);
        (NeedsAll, ManagersVeto) = (true, false);
    }

    public ApprovalRule ToRule()
    {
        if (Choice != Own) return Presets.First(p => p.Key == Choice).Rule;
        if (Kept is { } kept) return kept;
        List<ApprovalRule> parts = [.. Parts.Select(p => new ApprovalRule.AtLeast(Math.Clamp(p.Count, 1, 5), p.Seat))];
        ApprovalRule rule = parts switch
        {
            [] => new ApprovalRule.Never(),
            [var one] => one,
            _ when NeedsAll => new ApprovalRule.All(parts),
            _ => new ApprovalRule.Any(parts),
        };
        return ManagersVeto ? new ApprovalRule.Veto(nameof(Role.BranchManager), rule) : rule;
    }
}
