using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Web.Audit;

/// <summary>
/// A place in the audit log as it stands in the address: filter, page, open entry, following. What cannot be read there counts
/// as not said, so an old or shortened link still opens the log.
/// </summary>
public sealed record AuditAddress
{
    public const string Path = "/audit";

    /// <summary>Value of <see cref="Who"/> for StudioVault's own jobs.</summary>
    public const string Jobs = "jobs";

    /// <summary>Value of <see cref="Who"/> for people who were not signed in.</summary>
    public const string Visitors = "visitors";

    /// <summary>Value of <see cref="Branch"/> for what belongs to no branch.</summary>
    public const string Group = "group";

    public const string Refused = "refused";
    public const string Done = "done";

    /// <summary>Searched words.</summary>
    public string? Text { get; init; }

    public string? Action { get; init; }

    /// <summary>Id of a person, name of a job, <see cref="Jobs"/> or <see cref="Visitors"/>.</summary>
    public string? Who { get; init; }

    /// <summary>Short name of a branch, or <see cref="Group"/>.</summary>
    public string? Branch { get; init; }

    public string? Outcome { get; init; }

    /// <summary>Kind and id of a thing, <c>template:0199…</c>.</summary>
    public string? Thing { get; init; }

    /// <summary>Name of a capability.</summary>
    public string? Capability { get; init; }

    /// <summary>Band of a proposal, in lower case.</summary>
    public string? Band { get; init; }

    /// <summary>Id of a proposal.</summary>
    public string? Proposal { get; init; }

    /// <summary>Also who read the log.</summary>
    public bool Reads { get; init; }

    /// <summary>First and last day, in the zone the list shows.</summary>
    public DateOnly? From { get; init; }

    public DateOnly? To { get; init; }

    public Guid? Before { get; init; }
    public Guid? After { get; init; }

    /// <summary>The entry that is open beside the list.</summary>
    public Guid? Entry { get; init; }

    /// <summary>Entries to check: <see cref="Choosing"/>, one number, or two joined by a dash.</summary>
    public string? Check { get; init; }

    /// <summary>Value of <see cref="Check"/> while the range is being chosen.</summary>
    public const string Choosing = "choose";

    /// <summary>The way to carry the log away stands open.</summary>
    public bool Export { get; init; }

    /// <summary>New entries come in by themselves.</summary>
    public bool Follow { get; init; }

    /// <summary>The place a whole address names.</summary>
    public static AuditAddress Read(string uri) => Of(new Uri(uri, UriKind.Absolute).Query);

    /// <summary>The place a <see cref="Href"/> or the query of an address names.</summary>
    public static AuditAddress Of(string href)
    {
        var query = QueryHelpers.ParseQuery(href[Math.Max(0, href.IndexOf('?', StringComparison.Ordinal))..]);
        string? Text(string key) => query.TryGetValue(key, out var value) && value.ToString().Trim() is { Length: > 0 and <= 200 } text ? text : null;
        Guid? Id(string key) => Guid.TryParse(Text(key), out var id) ? id : null;
        DateOnly? Day(string key) => DateOnly.TryParseExact(Text(key), "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
        return new AuditAddress
        {
            Text = Text("q"),
            Action = Text("action"),
            Who = Text("who"),
            Branch = Text("branch"),
            Outcome = Text("outcome") is Refused or Done ? Text("outcome") : null,
            Thing = Text("object")?.Contains(':', StringComparison.Ordinal) == true ? Text("object") : null,
            Capability = Text("capability"),
            Proposal = Text("proposal"),
            Band = Enum.TryParse<Band>(Text("band"), ignoreCase: true, out var band) && Enum.IsDefined(band) ? BandText(band) : null,
            Reads = Text("reads") == "1",
            Check = Text("check") is Choosing || Range(Text("check")) is not null ? Text("check") : null,
            Export = Text("export") == "1",
            From = Day("from"),
            To = Day("to"),
            Before = Id("before"),
            After = Id("after"),
            Entry = Id("entry"),
            Follow = Text("follow") == "1",
        };
    }

    /// <summary>The address as text, from the root of the site.</summary>
    public string Href => QueryHelpers.AddQueryString(Path, new Dictionary<string, string?>
    {
        ["q"] = Text,
        ["action"] = Action,
        ["who"] = Who,
        ["branch"] = Branch,
        ["outcome"] = Outcome,
        ["object"] = Thing,
        ["capability"] = Capability,
        ["proposal"] = Proposal,
        ["band"] = Band,
        ["reads"] = Reads ? "1" : null,
        ["from"] = Iso(From),
        ["to"] = Iso(To),
        ["before"] = Before?.ToString("N"),
        ["after"] = After?.ToString("N"),
        ["entry"] = Entry?.ToString("N"),
        ["check"] = Check,
        ["export"] = Export ? "1" : null,
        ["follow"] = Follow ? "1" : null,
    }.Where(p => p.Value is not null));

    /// <summary>How many conditions the filter has.</summary>
    public int Conditions => new object?[] { Text, Action, Who, Branch, Outcome, Thing, Capability, Proposal, Band, From, To }.Count(c => c is not null);

    /// <summary>The same filter from its newest entry on, nothing open.</summary>
    public AuditAddress Top => this with { Before = null, After = null, Entry = null, Check = null, Export = false };

    /// <summary>Only this thing, whatever else happened to it.</summary>
    public static AuditAddress About(string type, string id) => new() { Thing = $"{type}:{id}" };

    /// <summary>The list alone: two addresses with the same list differ in what is open.</summary>
    public AuditAddress List => this with { Entry = null, Check = null, Export = false, Follow = false };

    /// <summary>The list with nothing beside it.</summary>
    public AuditAddress Closed => this with { Entry = null, Check = null, Export = false };

    /// <summary>The entries a <see cref="Check"/> names, both included; null when it names none.</summary>
    public static (long From, long To)? Range(string? check)
    {
        if (check is null) return null;
        var dash = check.IndexOf('-', StringComparison.Ordinal);
        var (first, last) = dash < 0 ? (check, check) : (check[..dash], check[(dash + 1)..]);
        return long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to) ? (from, to) : null;
    }

    public AuditCursor Cursor => new(Before, After);

    /// <summary>The filter for the log; days begin and end in the zone the list shows.</summary>
    /// <returns>Null when the address names a branch that is not there: then nothing can match.</returns>
    public AuditFilter? ToFilter(string zone, IReadOnlyList<AuditPlace> places)
    {
        BranchId? branch = null;
        if (Branch is not null and not Group)
        {
            if (places.FirstOrDefault(p => p.Slug == Branch) is not { } place) return null;
            branch = place.Id;
        }

        var colon = Thing?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        return new AuditFilter
        {
            Text = Text,
            Action = Action,
            ActorKind = Who switch { Jobs => "system", Visitors => "human", _ => null },
            ActorId = Who is Jobs or Visitors ? null : Who,
            Branch = branch,
            GroupOnly = Branch == Group,
            Outcome = Outcome,
            ObjectType = Thing?[..colon],
            ObjectId = Thing?[(colon + 1)..],
            Capability = Capability,
            ProposalId = Proposal,
            Band = Enum.TryParse<Band>(Band, ignoreCase: true, out var band) ? band : null,
            WithReads = Reads,
            From = From is { } from ? BranchClock.StartOf(from, zone) : null,
            Until = To is { } to && to < DateOnly.MaxValue ? BranchClock.StartOf(to.AddDays(1), zone) : null,
        };
    }

    internal static string BandText(Band band) => band.ToString().ToLowerInvariant();

    private static string? Iso(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture);
}
