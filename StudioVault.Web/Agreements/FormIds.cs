using StudioVault.Domain.Packages;

namespace StudioVault.Web.Agreements;

/// <summary>Ids of fields, made from the path of what they hold, so that a refusal leads to its field.</summary>
internal static class FormIds
{
    /// <summary>"/items/album/unitPrice" is "f-items-album-unitPrice".</summary>
    public static string Of(string path) => $"f{string.Concat((TreePath.Names(path) ?? [path]).Select(n => "-" + new string([.. n.Select(c => char.IsLetterOrDigit(c) ? c : '-')])))}";
}
