using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace StudioVault.Infrastructure.Demo;

/// <summary>What one branch did with one template.</summary>
/// <param name="Adopted">When it began to sell it; null when it never did and only decided about offers.</param>
/// <param name="History">Its steps, oldest first.</param>
public sealed record DemoPackage(string Branch, string Template, DemoAdoption? Adopted, IReadOnlyList<DemoStep> History)
{
    /// <summary>
    /// The revision in force at the end of a day: 1 by adopting, one more by each edit, acceptance or reverting. 0 before.
    /// </summary>
    public int RevisionOn(DateOnly day) => Adopted is null || Adopted.On > day ? 0
        : 1 + History.Count(s => s.On <= day && s is DemoEdit or DemoAccept or DemoRevert);
}

/// <summary>The branch took over a version as its own package.</summary>
public sealed record DemoAdoption(DateOnly On, string By, int Version);

/// <summary>Something a person of the branch did.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "do", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(DemoEdit), "edit")]
[JsonDerivedType(typeof(DemoAccept), "accept")]
[JsonDerivedType(typeof(DemoIgnore), "ignore")]
[JsonDerivedType(typeof(DemoSnooze), "snooze")]
[JsonDerivedType(typeof(DemoView), "view")]
[JsonDerivedType(typeof(DemoRevert), "revert")]
public abstract record DemoStep(DateOnly On, string By);

/// <summary>Edited the branch's own copy.</summary>
public sealed record DemoEdit(DateOnly On, string By, string Note,
    IReadOnlyDictionary<string, JsonNode>? Set = null, IReadOnlyDictionary<string, JsonNode>? Add = null, IReadOnlyList<string>? Remove = null) : DemoStep(On, By)
{
    public ContentChanges Changes => new(Remove, Set, Add);
}

/// <summary>Accepted an offered version.</summary>
/// <param name="Decisions">
/// Where the person chose otherwise than table A1 would by default: path to <c>"hq"</c>, <c>"branch"</c> or <c>{"value": …}</c>.
/// </param>
public sealed record DemoAccept(DateOnly On, string By, int Version, IReadOnlyDictionary<string, JsonNode>? Decisions = null, string? Note = null) : DemoStep(On, By);

/// <summary>Ignored an offered version.</summary>
public sealed record DemoIgnore(DateOnly On, string By, int Version, string Reason) : DemoStep(On, By);

/// <summary>Put an offer off: until a day, or until the next version when <paramref name="Until"/> is null.</summary>
public sealed record DemoSnooze(DateOnly On, string By, int Version, string Reason, DateOnly? Until = null) : DemoStep(On, By);

/// <summary>Opened an offer and left it open.</summary>
public sealed record DemoView(DateOnly On, string By, int Version) : DemoStep(On, By);

/// <summary>Went back to an earlier revision, by a new one.</summary>
public sealed record DemoRevert(DateOnly On, string By, int ToRevision, string Reason) : DemoStep(On, By);

/// <summary>The file of a branch.</summary>
internal sealed record BranchFile(string Branch, IReadOnlyList<PackageEntry> Packages)
{
    public IEnumerable<DemoPackage> Read(DemoCalendar calendar) => Packages.Select(p => new DemoPackage(Branch, p.Template,
        p.Adopted is { } adopted ? adopted with { On = calendar.Move(adopted.On) } : null,
        [.. p.History.Select(step => Move(step, calendar))]));

    private static DemoStep Move(DemoStep step, DemoCalendar calendar)
    {
        var moved = step with { On = calendar.Move(step.On) };
        return moved is DemoSnooze snooze ? snooze with { Until = calendar.Move(snooze.Until) } : moved;
    }
}

internal sealed record PackageEntry(string Template, DemoAdoption? Adopted, IReadOnlyList<DemoStep> History);
