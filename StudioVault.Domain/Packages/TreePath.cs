using System.Text;

namespace StudioVault.Domain.Packages;

/// <summary>
/// Where a node stands: a JSON pointer (RFC 6901) in which an element of a list is named by its id, never by its position
/// (<c>/items/album/unitPrice</c>). In a name, <c>~</c> is written <c>~0</c> and <c>/</c> is written <c>~1</c>.
/// </summary>
public static class TreePath
{
    /// <summary>The path of a member below <paramref name="parent"/> (the empty text is the root).</summary>
    public static string Of(string parent, string name) => string.Concat(parent, "/", Escape(name));

    /// <summary>The path through all these names.</summary>
    public static string Of(IEnumerable<string> names)
    {
        var path = new StringBuilder();
        foreach (var name in names) path.Append('/').Append(Escape(name));
        return path.ToString();
    }

    /// <summary>The names on the way, or null when the text is not such a pointer. The root has none.</summary>
    public static string[]? Names(string path)
    {
        if (path.Length == 0) return [];
        if (path[0] != '/') return null;
        var names = path[1..].Split('/');
        for (var i = 0; i < names.Length; i++)
        {
            if (!names[i].Contains('~')) continue;
            for (var at = names[i].IndexOf('~'); at >= 0; at = names[i].IndexOf('~', at + 1))
            {
                if (at + 1 >= names[i].Length || names[i][at + 1] is not ('0' or '1')) return null;
            }
            names[i] = names[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }
        return names;
    }

    /// <summary>The path one step up; the root has none.</summary>
    public static string? Parent(string path) => path.Length == 0 ? null : path[..path.LastIndexOf('/')];

    /// <summary>True for the path itself and everything below it.</summary>
    public static bool Covers(string ancestor, string path) =>
        path.StartsWith(ancestor, StringComparison.Ordinal) && (path.Length == ancestor.Length || path[ancestor.Length] == '/');

    private static string Escape(string name) =>
        name.AsSpan().IndexOfAny('~', '/') < 0 ? name
            : name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
