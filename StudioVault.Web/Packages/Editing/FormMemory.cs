using StudioVault.Domain.Packages;

namespace StudioVault.Web.Packages.Editing;

/// <summary>What somebody typed and could not save yet, kept while their circuit lives, so that another page does not lose it.</summary>
public sealed class FormMemory
{
    private readonly Dictionary<string, Unsaved> _kept = [];

    /// <param name="place">For example <c>template:{id}</c>.</param>
    /// <param name="unsaved">What is not saved.</param>
    public void Keep(string place, Unsaved unsaved) => _kept[place] = unsaved;

    /// <summary>The kept form, once.</summary>
    public Unsaved? Take(string place) => _kept.Remove(place, out var unsaved) ? unsaved : null;

    /// <summary>A form with what it started from.</summary>
    public sealed record Unsaved(PackageForm Form, int Revision, ContentObject Base, string BaseSummary);
}
