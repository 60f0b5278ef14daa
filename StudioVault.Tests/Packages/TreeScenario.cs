using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Packages;

namespace StudioVault.Tests.Packages;

/// <summary>One change to a tree, written so that it can be applied to any tree: the numbers choose among what is there.</summary>
public sealed record TreeEdit(int Where, int What, int Value)
{
    public override string ToString() => $"{Where}/{What}/{Value}";
}

/// <summary>
/// The four trees of a merge, made by random edits to a random base. Names and values come from small stocks, so that both sides
/// often touch, add or remove the same thing. Shrinking takes a path out of all four: what remains is always a valid scenario.
/// </summary>
public sealed record TreeScenario(ContentObject Base, ContentObject Decided, ContentObject Branch, ContentObject Hq)
{
    private static readonly string[] Names = ["a", "b", "c", "d/e", "f~g", "title"];
    private static readonly string[] Ids = ["p", "q", "r", "s", "t"];

    public MergeSides Sides => new(Base, Decided, Branch, Hq);

    /// <summary>Scenarios of the batch verb: nothing was ever declined.</summary>
    public static Arbitrary<TreeScenario> Fresh { get; } = Arb(false);

    /// <summary>Scenarios in which HQ's value moved on after the branch was synced.</summary>
    public static Arbitrary<TreeScenario> Remembering { get; } = Arb(true);

    public override string ToString() =>
        $"\nbase    {ContentTree.ToJson(Base)}\ndecided {ContentTree.ToJson(Decided)}\nbranch  {ContentTree.ToJson(Branch)}\nhq      {ContentTree.ToJson(Hq)}\n";

    public static void Holds(Arbitrary<TreeScenario> scenarios, Func<TreeScenario, bool> law, int cases = 1_000) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(cases).WithEndSize(60), Prop.ForAll(scenarios, law));

    public static ContentObject Apply(ContentObject tree, IEnumerable<TreeEdit> edits) => edits.Aggregate(tree, Apply);

    /// <summary>Every path of a tree with its node, elements and objects included, in document order.</summary>
    public static IEnumerable<(string Path, ContentNode Node)> Nodes(ContentContainer tree, string at = "")
    {
        foreach (var (key, node) in Members(tree))
        {
            var path = TreePath.Of(at, key);
            yield return (path, node);
            if (node is not ContentContainer container) continue;
            foreach (var inner in Nodes(container, path)) yield return inner;
        }
    }

    private static IEnumerable<(string Key, ContentNode Node)> Members(ContentContainer container) => container switch
    {
        ContentList list => list.Elements.Select(e => (e.Id!, (ContentNode)e)),
        ContentObject o => o.Members.Select(m => (m.Key, m.Value)),
        _ => [],
    };

    private static Arbitrary<TreeScenario> Arb(bool remembering) => FsCheck.Fluent.Arb.From(
        from tree in Tree(2)
        from before in remembering ? Edits(4) : Gen.Constant(Array.Empty<TreeEdit>())
        from own in Edits(6)
        from later in Edits(6)
        let decided = Apply(tree, before)
        select new TreeScenario(tree, decided, Apply(tree, own), Apply(decided, later)), Shrink);

    private static IEnumerable<TreeScenario> Shrink(TreeScenario s)
    {
        ContentObject[] trees = [s.Base, s.Decided, s.Branch, s.Hq];
        foreach (var path in trees.SelectMany(t => Nodes(t)).Select(n => n.Path).Where(p => !p.EndsWith("/id", StringComparison.Ordinal)).Distinct())
        {
            var less = trees.Select(t => ContentTree.Find(t, path) is null ? t : ContentTree.With(t, path, null)!).ToArray();
            yield return new(less[0], less[1], less[2], less[3]);
        }
    }

    private static Gen<TreeEdit[]> Edits(int most) =>
        from count in Gen.Choose(0, most)
        from edits in Gen.ArrayOf(Edit, count)
        select edits;

    private static Gen<TreeEdit> Edit =>
        from place in Gen.Choose(0, 999)
        from what in Gen.Choose(0, 99)
        from value in Gen.Choose(0, 9_999)
        select new TreeEdit(place, what, value);

    private static Gen<ContentObject> Tree(int depth) =>
        from names in Gen.SubListOf(Names)
        from nodes in Gen.ArrayOf(Node(depth), names.Count)
        select ContentObject.Of([.. names.Zip(nodes)]);

    private static Gen<ContentNode> Node(int depth) => depth == 0 ? Value() : Gen.OneOf(
        Value(),
        Tree(depth - 1).Select(t => (ContentNode)t),
        from ids in Gen.SubListOf(Ids)
        from order in Gen.Shuffle<string>(ids)
        from elements in Gen.ArrayOf(Tree(depth - 1), ids.Count)
        select (ContentNode)ContentList.Of([.. order.Zip(elements, (id, members) => Element(id, members))]));

    private static Gen<ContentNode> Value() => Gen.Choose(0, 9_999).Select(ValueOf);

    private static ContentNode ValueOf(int n) => (n % 9) switch
    {
        0 => ContentValue.Null,
        1 => ContentValue.Bool(n % 2 == 0),
        2 => ContentList.Empty,
        3 => ContentTree.Parse($$"""{"v":[{{n % 5}},"x"]}""").Value.Find("v")!,
        4 => ContentValue.Number((long)(n % 4)),
        _ => ContentValue.String($"{n % 4}.00"),
    };

    private static ContentObject Element(string id, ContentObject members) =>
        ContentObject.Of([("id", ContentValue.String(id)), .. members.Members.Where(m => m.Key != "id").Select(m => (m.Key, m.Value))]);

    private static ContentObject Apply(ContentObject tree, TreeEdit edit)
    {
        // The root and every container are candidates to get something; every node is a candidate to change or go.
        var nodes = Nodes(tree).Where(n => !n.Path.EndsWith("/id", StringComparison.Ordinal)).ToArray();
        var containers = nodes.Where(n => n.Node is ContentContainer).Prepend((Path: "", Node: tree)).ToArray();
        switch (edit.What % 10)
        {
            case < 4 when nodes.Length > 0:
                {
                    var (path, node) = nodes[edit.Where % nodes.Length];
                    var replaced = node is ContentValue || edit.What % 40 == 3 ? ContentTree.With(tree, path, ValueOf(edit.Value)) : null;
                    return replaced ?? tree;
                }
            case < 6 when nodes.Length > 0:
                return ContentTree.With(tree, nodes[edit.Where % nodes.Length].Path, null) ?? tree;
            case 6:
                {
                    var lists = containers.Where(c => c.Node is ContentList { Count: > 1 }).ToArray();
                    if (lists.Length == 0) return tree;
                    var (path, node) = lists[edit.Where % lists.Length];
                    var elements = ((ContentList)node).Elements.ToList();
                    var moved = elements[edit.Value % elements.Count];
                    elements.Remove(moved);
                    elements.Insert(edit.Value / 7 % (elements.Count + 1), moved);
                    return ContentTree.With(tree, path, ContentList.Of([.. elements]))!;
                }
            default:
                {
                    var (path, node) = containers[edit.Where % containers.Length];
                    var inner = ContentObject.Of(("a", ValueOf(edit.Value)), ("title", ContentValue.String($"T{edit.Value % 3}")));
                    if (node is ContentList list)
                    {
                        var id = Ids[edit.Value % Ids.Length];
                        if (list.Ids.Contains(id)) return tree;
                        var elements = list.Elements.ToList();
                        elements.Insert(edit.Value / 7 % (elements.Count + 1), Element(id, inner));
                        return ContentTree.With(tree, path, ContentList.Of([.. elements])) ?? tree;
                    }
                    var name = Names[edit.Value % Names.Length];
                    if (((ContentObject)node).Find(name) is not null) return tree;
                    ContentNode added = (edit.Value % 3) switch { 0 => ValueOf(edit.Value / 3), 1 => inner, _ => ContentList.Of(Element(Ids[edit.Value % Ids.Length], inner)) };
                    return ContentTree.With(tree, TreePath.Of(path, name), added) ?? tree;
                }
        }
    }
}
