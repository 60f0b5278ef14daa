namespace StudioVault.Domain.Packages;

/// <summary>The order of members when two sides have some in common and some of their own.</summary>
internal static class ContentOrder
{
    /// <summary>Whether what the two share stands in the same relative order.</summary>
    public static bool Agree(ContentContainer a, ContentContainer b)
    {
        if (ReferenceEquals(a, b)) return true;
        var last = -1;
        for (var i = 0; i < a.Count; i++)
        {
            var at = b.IndexOf(a.Keys[i], i);
            if (at < 0) continue;
            if (at < last) return false;
            last = at;
        }
        return true;
    }

    /// <summary>
    /// The members of <paramref name="content"/> in the order of the backbone; those that only the other side has follow what
    /// they follow there, and those that neither has come last.
    /// </summary>
    public static ContentContainer Arrange(ContentContainer content, ContentContainer backbone, ContentContainer other)
    {
        var order = new List<string>(content.Count);
        for (var i = 0; i < backbone.Count; i++)
        {
            if (content.IndexOf(backbone.Keys[i], i) >= 0) order.Add(backbone.Keys[i]);
        }
        var place = 0;
        for (var i = 0; i < other.Count; i++)
        {
            var key = other.Keys[i];
            if (content.IndexOf(key, i) < 0) continue;
            if (backbone.IndexOf(key, i) < 0)
            {
                order.Insert(place++, key);
                continue;
            }
            // Mostly it stands right where the last one was found.
            var there = order.IndexOf(key, place);
            place = 1 + (there >= 0 ? there : order.IndexOf(key));
        }
        for (var i = 0; i < content.Count && order.Count < content.Count; i++)
        {
            if (backbone.IndexOf(content.Keys[i], i) < 0 && other.IndexOf(content.Keys[i], i) < 0) order.Add(content.Keys[i]);
        }
        if (order.SequenceEqual(content.Keys)) return content;

        var nodes = new ContentNode[order.Count];
        for (var i = 0; i < nodes.Length; i++) nodes[i] = content.Find(order[i], i)!;
        return Make(content, [.. order], nodes);
    }

    public static ContentContainer Make(ContentContainer like, string[] keys, ContentNode[] nodes) =>
        like is ContentList ? new ContentList(keys, nodes) : new ContentObject(keys, nodes);
}
