using System.Text.Json;
using StudioVault.Domain.Packages;

namespace StudioVault.Web.Packages.Editing;

/// <summary>
/// Unsaved edits of something whose earlier states are not stored, as HQ's draft: beside what was typed it carries what stood there
/// before. So it can be put onto a newer state, and a clash with somebody else's edit of the same field is still seen as one.
/// </summary>
/// <param name="Typed">From what was there to what was typed.</param>
/// <param name="Before">The way back.</param>
public sealed record KeptForm(FormDraft Typed, FormDraft Before)
{
    /// <summary>The draft's revision it started from.</summary>
    public int Revision => Typed.Revision;

    /// <summary>Nothing was typed.</summary>
    public bool IsEmpty => Typed.IsEmpty;

    /// <summary>What was typed on a state.</summary>
    public static KeptForm Of(int revision, ContentObject from, ContentObject typed) => new(FormDraft.Of(revision, from, typed), FormDraft.Of(revision, typed, from));

    /// <summary>
    /// The edits on the state of now: what they started from, as far as they touch it, and what was typed. Where somebody else changed
    /// what they touch, the start differs from now, and a three-way look finds it.
    /// </summary>
    public (ContentObject Base, ContentObject Typed) On(ContentObject now)
    {
        var start = Before.On(now);
        return (start, Typed.On(start));
    }

    /// <summary>To be kept.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Reads what was kept; null when it is none.</summary>
    public static KeptForm? Parse(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<KeptForm>(json) is { Typed: { Set: not null, Gone: not null, Orders: not null }, Before: { Set: not null, Gone: not null, Orders: not null } } kept ? kept : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
