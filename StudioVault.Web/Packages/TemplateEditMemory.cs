using StudioVault.Domain.Packages;

namespace StudioVault.Web.Packages;

/// <summary>What somebody typed and could not save yet, kept while their circuit lives, so that another page does not lose it.</summary>
public sealed class TemplateEditMemory
{
    private readonly Dictionary<TemplateId, Unsaved> _kept = [];

    public void Keep(TemplateId id, Unsaved unsaved) => _kept[id] = unsaved;

    /// <summary>The kept form, once.</summary>
    public Unsaved? Take(TemplateId id) => _kept.Remove(id, out var unsaved) ? unsaved : null;

    /// <summary>A form with the draft it started from.</summary>
    public sealed record Unsaved(TemplateEditForm Form, int Revision, ContentObject Base, string BaseSummary);
}
