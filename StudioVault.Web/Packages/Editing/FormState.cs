using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Web.Packages.Editing;

/// <summary>What every part of the editor shares: the form, what is wrong with it, and the one way to say "changed".</summary>
public sealed class FormState(PackageForm form, Action changed)
{
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private Dictionary<string, string> _errors = [];

    public PackageForm Form { get; set; } = form;

    /// <summary>Currencies the group needs, each with the branches that sell in it.</summary>
    public IReadOnlyList<(string Currency, string Branches)> Currencies { get; set; } = [];

    /// <summary>Currency of amounts shown in one.</summary>
    public string Currency { get; set; } = "EUR";

    /// <summary>
    /// What a branch may do with each field and what HQ has, as of what is typed now; null for HQ's own form, where the rules
    /// themselves are written.
    /// </summary>
    public PackageStanding? Standing { get; set; }

    /// <summary>Field to put the cursor in when it first appears; taken once.</summary>
    public string? FocusPath { get; set; }

    /// <summary>The cursor came into a field, or left it (null). Set where others are shown who is at which field.</summary>
    public Action<string?>? Entered { get; set; }

    /// <summary>Who else has the cursor in which field, by path.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Others { get; set; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Who else is at exactly this field.</summary>
    public IReadOnlyList<string> OthersAt(string path) => Others.GetValueOrDefault(path, []);

    /// <summary>Who else is somewhere in this element.</summary>
    public IReadOnlyList<string> OthersUnder(string path) => Others.Count == 0 ? [] : [.. Others.Where(o => TreePath.Covers(path, o.Key)).SelectMany(o => o.Value).Distinct(StringComparer.Ordinal)];

    public IReadOnlyList<Refusal> Problems { get; private set; } = [];

    /// <summary>The branch may not type into it.</summary>
    public bool IsLocked(string path) => Standing?.Rules.ModeOf(path) == FieldMode.Locked;

    /// <summary>The element may not be taken out: it, or something in it, is locked. One that HQ does not have is the branch's own.</summary>
    public bool IsFixed(string path) => Standing is { } standing && standing.Rules.LockAt(path) is not null && standing.At(path).Hq is not null;

    /// <summary>Puts HQ's value or element at a path; always allowed, also where the field is locked.</summary>
    public void UseHq(string path)
    {
        if (Standing?.At(path).Hq is not { } hq || ContentTree.With(Form.ToTree(), path, hq) is not { } tree) return;
        var before = Form;
        Form = PackageForm.From(tree, before.Summary);
        Form.PublishedIds = before.PublishedIds;
        Changed();
    }

    /// <summary>Call after every change of the form.</summary>
    public void Changed() => changed();

    public void Show(IReadOnlyList<Refusal> problems)
    {
        Problems = problems;
        _errors = problems.Where(p => p.Path is not null).GroupBy(p => p.Path!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => TemplateWords.Sentence(g.First()), StringComparer.Ordinal);
    }

    /// <summary>What is wrong with exactly this field, or null.</summary>
    public string? ErrorAt(string path) => _errors.GetValueOrDefault(path);

    public int ErrorsUnder(string path) => _errors.Keys.Count(p => TreePath.Covers(path, p));

    /// <summary>True once for the field that asked for the cursor.</summary>
    public bool TakeFocus(string path)
    {
        if (FocusPath != path) return false;
        // What stands around it stays open after the cursor is there.
        for (var up = path; !string.IsNullOrEmpty(up); up = TreePath.Parent(up)) _open.Add(up);
        FocusPath = null;
        return true;
    }

    public bool IsOpen(string path) => _open.Contains(path) || (FocusPath is { } focus && TreePath.Covers(path, focus));

    public void Toggle(string path)
    {
        if (!_open.Add(path)) _open.Remove(path);
    }

    public void Open(string path) => _open.Add(path);
}
