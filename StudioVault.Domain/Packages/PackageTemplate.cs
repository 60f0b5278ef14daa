using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>HQ's master of a package. What is sold stands in its versions; this row only holds the name and the newest number.</summary>
public sealed class PackageTemplate
{
    private PackageTemplate() { }

    public TemplateId Id { get; private init; }

    /// <summary>Stable short name, kebab-case, unique in the group.</summary>
    public string Slug { get; private init; } = "";

    /// <summary>Name in the newest published version, or the draft's before the first.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Newest published version; 0 before the first.</summary>
    public int LatestVersion { get; private set; }

    public static PackageTemplate Start(TemplateId id, string slug, string name) => new() { Id = id, Slug = slug, Name = name };

    /// <summary>A version was published; the number is one more than the last, gaps do not exist.</summary>
    public void Published(int version, string name)
    {
        if (version != LatestVersion + 1) throw new InvalidOperationException($"Version {version} cannot follow {LatestVersion}.");
        (LatestVersion, Name) = (version, name);
    }
}

/// <summary>One published version. Immutable: insert-only by grant and trigger.</summary>
public sealed class TemplateVersion
{
    private TemplateVersion() { }

    public TemplateId TemplateId { get; private init; }

    /// <summary>1, 2, 3 … per template.</summary>
    public int Number { get; private init; }

    /// <summary>Template content as JSON (schema package_content).</summary>
    public string Content { get; private init; } = "";

    /// <summary>SHA-256 of the canonical content, 64 lower-case hex digits.</summary>
    public string Hash { get; private init; } = "";

    /// <summary>HQ's one line that branches read.</summary>
    public string Summary { get; private init; } = "";

    /// <summary>As HQ declared it; never lower than what <see cref="ChangeBasis"/> computes of the harm it can do.</summary>
    public ChangeClass Class { get; private init; }

    /// <summary>Why HQ published sooner than the cadence budget allows; null when it did not.</summary>
    public string? CadenceReason { get; private init; }

    public DateTimeOffset PublishedAt { get; private init; }
    public PersonId? PublishedBy { get; private init; }

    public static TemplateVersion Of(TemplateId template, int number, string content, string hash, string summary, ChangeClass changeClass,
        string? cadenceReason, DateTimeOffset publishedAt, PersonId? publishedBy) => new()
        {
            TemplateId = template,
            Number = number,
            Content = content,
            Hash = hash,
            Summary = summary,
            Class = changeClass,
            CadenceReason = cadenceReason,
            PublishedAt = publishedAt,
            PublishedBy = publishedBy,
        };
}

/// <summary>HQ called a version back: it is offered no more, whoever accepted it is asked to review, nothing reverts by itself. Insert-only.</summary>
public sealed class TemplateYank
{
    private TemplateYank() { }

    public TemplateId TemplateId { get; private init; }
    public int Number { get; private init; }
    public string Reason { get; private init; } = "";
    public DateTimeOffset YankedAt { get; private init; }
    public PersonId? YankedBy { get; private init; }

    public static TemplateYank Of(TemplateId template, int number, string reason, DateTimeOffset at, PersonId? by) =>
        new() { TemplateId = template, Number = number, Reason = reason, YankedAt = at, YankedBy = by };
}

/// <summary>
/// What HQ is writing: autosaved, several editors, one per template. Not governed: nothing depends on it before it is published.
/// </summary>
public sealed class TemplateDraft
{
    private TemplateDraft() { }

    public TemplateId TemplateId { get; private init; }

    /// <summary>Template content as JSON; may be incomplete, its shape is always readable.</summary>
    public string Content { get; private set; } = "";

    /// <summary>The one-line summary being written.</summary>
    public string Summary { get; private set; } = "";

    /// <summary>Counts saves; an editor sends the one it started from.</summary>
    public int Revision { get; private set; }

    public DateTimeOffset SavedAt { get; private set; }
    public PersonId? SavedBy { get; private set; }

    public static TemplateDraft Begin(TemplateId template, string content, DateTimeOffset at, PersonId? by) =>
        new() { TemplateId = template, Content = content, Revision = 1, SavedAt = at, SavedBy = by };

    public void Save(string content, string summary, DateTimeOffset at, PersonId? by) =>
        (Content, Summary, SavedAt, SavedBy, Revision) = (content, summary, at, by, Revision + 1);
}

/// <summary>A wave: the version is offered to these branches from this moment. Later waves add branches; none takes one away. Insert-only.</summary>
public sealed class PublishWave
{
    private PublishWave() { }

    public TemplateId TemplateId { get; private init; }
    public int Number { get; private init; }

    /// <summary>1 = pilot or everyone, 2, 3 … later waves of the same version.</summary>
    public int Wave { get; private init; }

    /// <summary>For example "Pilot" or "Everyone".</summary>
    public string Name { get; private init; } = "";

    /// <summary>Branches of this wave; empty = every branch not in an earlier one.</summary>
    public Guid[] Branches { get; private init; } = [];

    public DateTimeOffset OpenedAt { get; private init; }
    public PersonId? OpenedBy { get; private init; }

    public static PublishWave Of(TemplateId template, int number, int wave, string name, Guid[] branches, DateTimeOffset at, PersonId? by) =>
        new() { TemplateId = template, Number = number, Wave = wave, Name = name, Branches = branches, OpenedAt = at, OpenedBy = by };
}
