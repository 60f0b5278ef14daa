using System.Globalization;
using System.Text.Json.Nodes;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Demo;

namespace StudioVault.Tests.Demo;

/// <summary>
/// A branch package lived through with the real merge, without a database: its values, and the two HQ values a field remembers
/// (synced from, decided at), after the last step of its history.
/// </summary>
internal sealed class DemoReplay
{
    private readonly DemoPackage _package;
    private readonly DemoTemplate _template;
    private readonly DemoBranch _branch;
    private readonly List<ContentObject> _revisions = [];
    private ContentObject _base;
    private ContentObject _decided;

    public DemoReplay(DemoGroup group, DemoPackage package)
    {
        _package = package;
        (_template, _branch) = (group.Template(package.Template), group.Branch(package.Branch));
        Adopted = package.Adopted is not null;
        LastDecided = package.Adopted?.Version ?? 0;
        _base = _decided = Values = Hq(Math.Max(LastDecided, 1));
        if (Adopted) Revise(Values);
        foreach (var step in package.History) Take(step);
    }

    public bool Adopted { get; }

    /// <summary>The branch's values now.</summary>
    public ContentObject Values { get; private set; }

    /// <summary>The newest version it ruled on.</summary>
    public int LastDecided { get; private set; }

    public IReadOnlyList<ContentObject> Revisions => _revisions;

    /// <summary>Conflicts that a step of the history left to the default; the data should say what the person chose.</summary>
    public List<string> Unspoken { get; } = [];

    /// <summary>The newest version that is on offer to the branch and not decided, or null.</summary>
    public int? Pending => _template.Versions
        .Where(v => v.Number > LastDecided && v.Yanked is null && (v.Wave?.Branches ?? _template.OfferedTo).Contains(_branch.Id))
        .Select(v => (int?)v.Number).Max();

    /// <summary>The difference the branch would review for a version.</summary>
    public MergeResult Review(int version) => ThreeWayMerge.Run(new(_base, _decided, Values, Hq(version))).Value;

    /// <summary>The difference to HQ's prepared draft.</summary>
    public MergeResult ReviewDraft() => ThreeWayMerge.Run(new(_base, _decided, Values, Project(_template.Draft!.Content))).Value;

    private void Take(DemoStep step)
    {
        switch (step)
        {
            case DemoEdit edit:
                Revise(Tree(edit.Changes.ApplyTo((JsonObject)ContentTree.ToJsonNode(Values)!)));
                break;
            case DemoRevert revert:
                Revise(_revisions[revert.ToRevision - 1]);
                break;
            case DemoIgnore ignore:
                (LastDecided, _decided) = (ignore.Version, Hq(ignore.Version));
                break;
            case DemoAccept accept:
                Accept(accept);
                break;
        }
    }

    private void Accept(DemoAccept accept)
    {
        var hq = Hq(accept.Version);
        var decisions = MergeDecisions.Of((accept.Decisions ?? new Dictionary<string, JsonNode>())
            .Select(d => (d.Key, MergeDecision.Read(Node(d.Value)) ?? throw new InvalidDataException($"{d.Key}: {d.Value} is no decision."))));
        var merge = ThreeWayMerge.Run(new(_base, _decided, Values, hq), decisions).Value;
        Unspoken.AddRange(merge.Conflicts.Where(c => !decisions.Fields.ContainsKey(c.Path) && (c.Missing is null || !decisions.Fields.ContainsKey(c.Missing))).Select(c => c.Path));

        // What was taken from HQ is synced with it; what was declined keeps the base it had.
        var synced = MergeDecisions.Of(merge.Fields.Select(f => (f.Path, MergeDecision.Of(f.Taken is { Choice: MergeChoice.Hq } ? MergeChoice.Hq : MergeChoice.Branch))));
        _base = ThreeWayMerge.Run(new(_decided, _decided, _base, hq), synced).Value.Merged;
        (LastDecided, _decided) = (accept.Version, hq);
        Revise(merge.Merged);
    }

    private void Revise(ContentObject values)
    {
        Values = Tree(ContentTree.ToJsonNode(values)!);
        _revisions.Add(Values);
    }

    private ContentObject Hq(int version) => Project(_template.Versions[version - 1].Content);

    private ContentObject Project(JsonObject content)
    {
        var tax = _branch.Tax;
        return TemplateContent.Parse(content.ToJsonString()).Value
            .ProjectTo(_branch.Currency, new(tax.Name, decimal.Parse(tax.RatePercent, CultureInfo.InvariantCulture), true)).Value.ToTree();
    }

    /// <summary>Through the typed content, so that a step that leaves nonsense behind fails here.</summary>
    private ContentObject Tree(JsonNode json)
    {
        var content = PackageContent.Parse(json.ToJsonString()).Value;
        var problems = content.Problems();
        return problems.Count == 0 ? content.ToTree() : throw new InvalidDataException($"{_package.Branch} {_package.Template}: {problems[0]}");
    }

    private static ContentNode Node(JsonNode json) =>
        ContentTree.From(new JsonObject { ["node"] = json.DeepClone() }).Value.Find("node")!;
}
