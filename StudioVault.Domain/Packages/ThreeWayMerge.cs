using System.Runtime.InteropServices;
using StudioVault.Domain.Kernel;
using Step = StudioVault.Domain.Packages.ContentTree.Step;

namespace StudioVault.Domain.Packages;

/// <summary>
/// The merge of package content (features row 1.2, table A1): what HQ changed since the branch last ruled on it is offered, and
/// the branch's own values are never touched without a decision or a default that the branch is shown. See README.md here for
/// the laws; the batch verb <c>packages merge</c> and the product run this one class.
/// </summary>
public static class ThreeWayMerge
{
    /// <summary>Merges four trees.</summary>
    /// <param name="sides">The trees.</param>
    /// <param name="decisions">What was decided; fields without a decision follow their default.</param>
    /// <param name="mayDuplicate">
    /// Take what has no default (<see cref="MergeCase.HqAddsPossibleDuplicate"/>) from HQ. Without it such fields stay undecided.
    /// </param>
    /// <param name="anyValue">
    /// An entered value may be of a kind that no side has there; an element of a list keeps its id all the same. For trees that are no
    /// package; content of a package has its shape checked by whoever reads it, and an odd kind is told earlier and better here.
    /// </param>
    /// <returns>
    /// The result, or <c>refuse.package.decision_not_offered</c>, <c>refuse.package.decision_shape</c>,
    /// <c>refuse.package.decision_contradiction</c>, each with the path of the decision.
    /// </returns>
    public static Result<MergeResult> Run(MergeSides sides, MergeDecisions? decisions = null, bool mayDuplicate = false, bool anyValue = false)
    {
        var pass = new Pass(decisions ?? MergeDecisions.None, mayDuplicate, anyValue);
        var merged = (ContentObject)pass.Members(null, sides.Base, sides.Decided, sides.Branch, sides.Hq);
        return pass.Refusal is { } refusal ? refusal
            : pass.FirstUnused() is { } unused ? PackageRefusals.DecisionNotOffered.At(unused)
            : new MergeResult(merged, pass.Fields, pass.Orders);
    }

    private sealed class Pass(MergeDecisions decisions, bool mayDuplicate, bool anyValue)
    {
        private readonly HashSet<string> _used = new(StringComparer.Ordinal);
        private readonly HashSet<string> _usedOrders = new(StringComparer.Ordinal);

        public List<OfferedField> Fields { get; } = [];

        public List<OfferedOrder> Orders { get; } = [];

        public Refusal? Refusal { get; private set; }

        public string? FirstUnused() => _used.Count < decisions.Fields.Count
            ? decisions.Fields.Keys.Where(p => !_used.Contains(p)).Order(StringComparer.Ordinal).First()
            : decisions.Orders.Keys.Where(p => !_usedOrders.Contains(p)).Order(StringComparer.Ordinal).FirstOrDefault();

        /// <summary>Merges two versions of an object or list of HQ's into the branch's; all three are of one kind.</summary>
        /// <returns><paramref name="l"/> itself where nothing changes.</returns>
        public ContentContainer Members(Step? at, ContentContainer? b, ContentContainer s, ContentContainer l, ContentContainer h)
        {
            if (ReferenceEquals(s, h)) return l;
            Dictionary<string, ContentNode?>? changes = null;

            for (var i = 0; i < h.Count; i++) Visit(h.Keys[i], i, h.Nodes[i]);
            for (var i = 0; i < s.Count; i++)
            {
                if (h.IndexOf(s.Keys[i], i) < 0) Visit(s.Keys[i], i, null);
            }

            var final = changes is null ? l : Apply(l, changes, h);
            return Arrange(at, b, s, l, h, final);

            void Visit(string key, int i, ContentNode? theirs)
            {
                var mine = l.Find(key, i);
                var merged = Member(new Step(at, key), new Parents(b, s, l, h), b?.Find(key, i), s.Find(key, i), mine, theirs);
                if (!ReferenceEquals(merged, mine)) (changes ??= new(StringComparer.Ordinal))[key] = merged;
            }
        }

        private ContentNode? Member(Step at, Parents parents, ContentNode? b, ContentNode? s, ContentNode? l, ContentNode? h)
        {
            if (ContentNode.SameContainer(s, h))
            {
                return ContentNode.SameContainer(h, l)
                    ? Members(at, ContentNode.SameContainer(b, h) ? (ContentContainer)b : null, (ContentContainer)s, (ContentContainer)l, (ContentContainer)h)
                    : Beyond(at, parents.Branch is ContentList, b, (ContentContainer)s, l, (ContentContainer)h);
            }
            return ContentNode.Same(s, h) ? l : Offer(at, parents, b, s, l, h);
        }

        /// <summary>HQ changed, added or removed this node, and the branch's tree reaches at least its parent.</summary>
        private ContentNode? Offer(Step at, Parents parents, ContentNode? b, ContentNode? s, ContentNode? l, ContentNode? h)
        {
            var untouched = ContentNode.Same(l, b);
            var equal = ContentNode.Same(l, h);
            var returned = ContentNode.Same(h, b);
            string? duplicate = null;
            var (kind, preset) = (equal, untouched) switch
            {
                _ when returned => (MergeCase.HqReturnedToOldValue, untouched ? MergeChoice.Hq : MergeChoice.Branch),
                (true, _) => (MergeCase.Convergent, MergeChoice.Hq),
                (_, true) when h is null => (MergeCase.HqRemovesUnchanged, MergeChoice.Hq),
                (_, true) when l is null => (MergeCase.HqAdds, MergeChoice.Hq),
                (_, true) => (MergeCase.Clean, MergeChoice.Hq),
                _ when h is null => (MergeCase.HqRemovesModified, MergeChoice.Branch),
                _ when l is null => (MergeCase.BranchRemovedHqChanges, MergeChoice.Branch),
                _ => (MergeCase.Conflict, MergeChoice.Branch),
            };
            MergeChoice? standard = preset;
            if (kind == MergeCase.HqAdds && h is ContentObject added && parents.Branch is ContentList)
            {
                duplicate = SameTitle(added, parents);
                if (duplicate is not null) (kind, standard) = (MergeCase.HqAddsPossibleDuplicate, null);
            }

            var path = Step.Path(at);
            MergeDecision? taken = null;
            if (decisions.Fields.TryGetValue(path, out var decided))
            {
                _used.Add(path);
                if (decided.Value is { } entered && !Fits(entered, at, parents.Branch is ContentList, b, s, l, h)) Refuse(PackageRefusals.DecisionShape, path);
                taken = decided;
            }
            else if ((standard ?? (mayDuplicate ? MergeChoice.Hq : null)) is { } choice)
            {
                taken = MergeDecision.Of(choice);
            }

            var isConflict = kind is MergeCase.Conflict or MergeCase.HqRemovesModified or MergeCase.BranchRemovedHqChanges;
            Fields.Add(new(path, kind, isConflict, standard, taken, b, s, l, h, null, duplicate));
            return taken switch
            {
                { Value: { } value } => value,
                { Choice: MergeChoice.Hq } => equal ? l : h,
                _ => l,
            };
        }

        /// <summary>
        /// HQ changed something inside a node that the branch does not have, or has as something else. Every difference is
        /// offered at its own path; taking HQ's side of any of them puts HQ's node in whole.
        /// </summary>
        private ContentNode? Beyond(Step at, bool isElement, ContentNode? b, ContentContainer s, ContentNode? l, ContentContainer h)
        {
            var found = new List<(Step At, ContentNode? Decided, ContentNode? Hq)>();
            ContentDiff.Walk(at, s, h, (step, old, now) => found.Add((step, old, now)));
            if (found.Count == 0) return l;

            // As it was when synced: the branch declined what HQ made of it later, and this is that offer again.
            var declined = ContentNode.Same(b, l);
            var standard = declined ? MergeChoice.Hq : MergeChoice.Branch;
            var root = Step.Path(at);
            var whole = Decision(root);
            var takesHq = whole is { Choice: MergeChoice.Hq };
            var staysOut = whole is { Choice: MergeChoice.Branch, Value: null };
            var first = Fields.Count;
            ContentNode node = h;
            foreach (var (step, decidedNode, hqNode) in found)
            {
                var baseNode = Below(b, at, step);
                var path = Step.Path(step);
                var decided = Decision(path);
                var equal = hqNode is null;
                if (decided is { Value: { } entered })
                {
                    if (!Fits(entered, step, false, baseNode, decidedNode, null, hqNode) || Put(node, at, step, entered) is not { } with) Refuse(PackageRefusals.DecisionShape, path);
                    else node = with;
                    takesHq = true;
                }
                else if (!equal)
                {
                    takesHq |= decided is { Choice: MergeChoice.Hq };
                    staysOut |= decided is { Choice: MergeChoice.Branch };
                }
                Fields.Add(new(path, (equal, declined, l) switch
                {
                    (true, _, _) => MergeCase.Convergent,
                    (_, true, null) => MergeCase.HqAdds,
                    (_, true, _) => MergeCase.Clean,
                    (_, _, null) => MergeCase.BranchRemovedHqChanges,
                    _ => MergeCase.Conflict,
                },
                    !equal && !declined, equal ? MergeChoice.Hq : standard, decided, baseNode, decidedNode, null, hqNode, root, null));
            }
            if (whole is { Value: { } own })
            {
                if (takesHq || staysOut) Refuse(PackageRefusals.DecisionContradiction, root);
                if (!Fits(own, at, isElement, b, s, l, h)) Refuse(PackageRefusals.DecisionShape, root);
            }
            else if (takesHq && staysOut)
            {
                Refuse(PackageRefusals.DecisionContradiction, root);
            }

            // Where HQ only took away what the branch does not have either, there is nothing to put in.
            var nothingToTake = found.All(f => f.Hq is null);
            var choice = takesHq ? MergeChoice.Hq : staysOut || nothingToTake || whole is { Value: not null } ? MergeChoice.Branch : standard;
            foreach (ref var field in CollectionsMarshal.AsSpan(Fields)[first..])
            {
                if (field.Taken is null) field = field with { Taken = whole ?? MergeDecision.Of(field.Case == MergeCase.Convergent ? MergeChoice.Hq : choice) };
            }
            return whole is { Value: { } value } ? value : choice == MergeChoice.Hq ? node : l;
        }

        private MergeDecision? Decision(string path)
        {
            if (!decisions.Fields.TryGetValue(path, out var decision)) return null;
            _used.Add(path);
            return decision;
        }

        /// <summary>An entered value has to be of a kind that one of the sides has there, where not any will do, and an element keeps its id.</summary>
        private bool Fits(ContentNode value, Step at, bool isElement, params ReadOnlySpan<ContentNode?> sides)
        {
            if (isElement) return (value as ContentObject)?.Id == at.Name;
            if (anyValue) return true;
            foreach (var side in sides)
            {
                if (side is null) continue;
                if (side.GetType() == value.GetType()) return true;
                // The empty array is a list by type and a value by place.
                if (value is ContentList { Count: 0 } && side is ContentValue { Kind: ContentValueKind.Scalars }) return true;
                if (side is ContentList { Count: 0 } && value is ContentValue { Kind: ContentValueKind.Scalars }) return true;
            }
            return false;
        }

        private static ContentNode? Put(ContentNode node, Step root, Step at, ContentNode value) => ContentTree.With(node, Names(root, at), value);

        private static ContentNode? Below(ContentNode? node, Step root, Step at)
        {
            foreach (var name in Names(root, at)) node = (node as ContentContainer)?.Find(name);
            return node;
        }

        private static string[] Names(Step root, Step at)
        {
            var names = new List<string>();
            for (var step = at; step != root; step = step.Up!) names.Add(step.Name);
            names.Reverse();
            return [.. names];
        }

        private void Refuse(RefusalKind kind, string path) => Refusal ??= kind.At(path);

        /// <summary>An element the branch keeps, under an id HQ does not have, that a client would read as the same thing.</summary>
        private static string? SameTitle(ContentObject added, Parents parents)
        {
            if (Title(added) is not { } title) return null;
            var (b, s, own, h) = parents;
            for (var i = 0; i < own.Count; i++)
            {
                var id = own.Keys[i];
                if (h.IndexOf(id, i) >= 0 || !string.Equals(Title((ContentObject)own.Nodes[i]), title, StringComparison.OrdinalIgnoreCase)) continue;
                // HQ gave it a new id: the old one is about to go, so nothing is there twice.
                if (s.IndexOf(id, i) >= 0 && ContentNode.Same(own.Nodes[i], b?.Find(id, i))) continue;
                return id;
            }
            return null;

            static string? Title(ContentObject element) =>
                (element.Find("title") ?? element.Find("name")) is ContentValue { Kind: ContentValueKind.String } text && text.Text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
        }

        /// <summary>The branch's members with the changes, what is new at the end; <see cref="Arrange"/> gives the order.</summary>
        private static ContentContainer Apply(ContentContainer l, Dictionary<string, ContentNode?> changes, ContentContainer h)
        {
            var keys = new List<string>(l.Count + changes.Count);
            var nodes = new List<ContentNode>(l.Count + changes.Count);
            for (var i = 0; i < l.Count; i++)
            {
                if (!changes.Remove(l.Keys[i], out var node)) node = l.Nodes[i];
                if (node is null) continue;
                keys.Add(l.Keys[i]);
                nodes.Add(node);
            }
            foreach (var key in h.Keys)
            {
                if (changes.Count == 0) break;
                if (!changes.Remove(key, out var node) || node is null) continue;
                keys.Add(key);
                nodes.Add(node);
            }
            // What HQ removed and the branch had removed too, and a decision put back.
            foreach (var (key, node) in changes)
            {
                if (node is null) continue;
                keys.Add(key);
                nodes.Add(node);
            }
            return ContentOrder.Make(l, [.. keys], [.. nodes]);
        }

        /// <summary>
        /// The order of the members. In a list HQ's is the backbone where both agree on what they share, or where HQ reordered and
        /// the branch did not: what only the branch has then follows what it followed there. Else the branch's is, in the same way.
        /// The keys of an object have no order that means anything: they stay as the branch has them.
        /// </summary>
        private ContentContainer Arrange(Step? at, ContentContainer? b, ContentContainer s, ContentContainer l, ContentContainer h, ContentContainer final)
        {
            if (l is not ContentList mine) return ReferenceEquals(final, l) ? l : ContentOrder.Arrange(final, l, h);

            var hqMoved = !ContentOrder.Agree(s, h);
            var agree = ContentOrder.Agree(l, h);
            var branchMoved = b is null || !ContentOrder.Agree(b, l);
            var choice = agree || (hqMoved && !branchMoved) ? MergeChoice.Hq : MergeChoice.Branch;
            if (hqMoved)
            {
                var path = Step.Path(at);
                var standard = choice;
                if (decisions.Orders.TryGetValue(path, out var decided))
                {
                    _usedOrders.Add(path);
                    choice = decided;
                }
                Orders.Add(new(path, agree ? MergeCase.Convergent : branchMoved ? MergeCase.Conflict : MergeCase.Clean, standard, choice, mine.Ids, ((ContentList)h).Ids));
            }
            if (agree && ReferenceEquals(final, l)) return l;
            return agree || choice == MergeChoice.Hq ? ContentOrder.Arrange(final, h, l) : ContentOrder.Arrange(final, l, h);
        }

        /// <summary>The objects or lists of the four sides around a node.</summary>
        private readonly record struct Parents(ContentContainer? Base, ContentContainer Decided, ContentContainer Branch, ContentContainer Hq);
    }
}
