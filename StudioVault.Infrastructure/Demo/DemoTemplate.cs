using System.Text.Json.Nodes;

namespace StudioVault.Infrastructure.Demo;

/// <summary>A package template with its whole history.</summary>
/// <param name="OfferedTo">Branches its versions are offered to, when a version does not name a wave of its own.</param>
/// <param name="Versions">1, 2, 3 … in order.</param>
/// <param name="Draft">What HQ has prepared and not published; null mostly.</param>
public sealed record DemoTemplate(string Slug, IReadOnlyList<string> OfferedTo, IReadOnlyList<DemoVersion> Versions, DemoDraft? Draft);

/// <summary>One published version, its content complete.</summary>
/// <param name="Author">Id of the HQ administrator who published it.</param>
/// <param name="Summary">HQ's one line that branches read.</param>
/// <param name="Content">Template content, schema package_content.</param>
/// <param name="Wave">The first wave, when it did not go to all of <see cref="DemoTemplate.OfferedTo"/>.</param>
/// <param name="Yanked">When and why HQ called it back; null when it did not.</param>
public sealed record DemoVersion(int Number, DateOnly PublishedOn, string Author, string Summary, JsonObject Content, DemoWave? Wave, DemoYank? Yanked);

/// <summary>Branches that get a version first.</summary>
public sealed record DemoWave(string Name, IReadOnlyList<string> Branches);

/// <summary>A version called back.</summary>
public sealed record DemoYank(DateOnly On, string By, string Reason);

/// <summary>A prepared next version.</summary>
public sealed record DemoDraft(DateOnly PreparedOn, string Author, string Summary, JsonObject Content);

/// <summary>The file of a template: version 1 in full, each later one as changes to the version before.</summary>
internal sealed record TemplateFile(string Slug, IReadOnlyList<string> OfferedTo, IReadOnlyList<VersionEntry> Versions, DraftEntry? Draft = null)
{
    public DemoTemplate Read(DemoCalendar calendar)
    {
        var versions = new List<DemoVersion>();
        JsonObject? written = null;
        foreach (var entry in Versions)
        {
            if (entry.Version != versions.Count + 1 || (entry.Content is null) == (entry.Changes is null) || (entry.Content is null) == (written is null))
                throw new InvalidDataException($"{Slug}: version {entry.Version} has to be the next one, the first in full, the others as changes.");
            written = entry.Content ?? Apply(entry.Changes!, written!, $"{Slug} version {entry.Version}");
            versions.Add(new(entry.Version, calendar.Move(entry.PublishedOn), entry.Author, entry.Summary, Moved(written, calendar), entry.Wave,
                entry.Yanked is { } yank ? yank with { On = calendar.Move(yank.On) } : null));
        }

        return new(Slug, OfferedTo, versions, Draft is { } draft
            ? new(calendar.Move(draft.PreparedOn), draft.Author, draft.Summary, Moved(Apply(draft.Changes, written!, $"{Slug} draft"), calendar))
            : null);
    }

    private static JsonObject Apply(ContentChanges changes, JsonObject before, string where)
    {
        try
        {
            return changes.ApplyTo(before);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{where}: {e.Message}", e);
        }
    }

    private static JsonObject Moved(JsonObject written, DemoCalendar calendar)
    {
        var content = (JsonObject)written.DeepClone();
        calendar.MoveRules(content);
        return content;
    }
}

internal sealed record VersionEntry(int Version, DateOnly PublishedOn, string Author, string Summary,
    JsonObject? Content = null, ContentChanges? Changes = null, DemoWave? Wave = null, DemoYank? Yanked = null);

internal sealed record DraftEntry(DateOnly PreparedOn, string Author, string Summary, ContentChanges Changes);
