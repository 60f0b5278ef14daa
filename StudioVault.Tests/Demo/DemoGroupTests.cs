using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Demo;
using Xunit;

namespace StudioVault.Tests.Demo;

/// <summary>The demo group is consistent in itself, and shows what docs/demo.md says it shows.</summary>
public sealed partial class DemoGroupTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly DemoGroup Group = DemoGroup.Load(Today);

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex KebabCase { get; }

    [Fact]
    public void Has_an_HQ_and_twelve_branches_in_ten_countries_and_eight_currencies()
    {
        Assert.Equal(12, Group.Branches.Count);
        Assert.Equal(10, Group.Branches.Select(b => b.Country).Distinct().Count());
        Assert.Equal(["CAD", "CHF", "DKK", "EUR", "GBP", "PLN", "SEK", "USD"], Group.Branches.Select(b => b.Currency).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(Group.Branches, b => b.Ownership == Ownership.Independent);
        Assert.Contains(Group.Branches, b => b.Ownership == Ownership.Company);
        Assert.All(Group.Branches, b =>
        {
            Assert.Matches(KebabCase, b.Id);
            Assert.True(TimeZoneInfo.TryFindSystemTimeZoneById(b.TimeZone, out var zone) && zone.HasIanaId, b.TimeZone);
            Assert.Contains(b.Jurisdiction, (string[])["EU", "UK", "CH", "US", "CA"]);
            Assert.All(b.Blackouts, season => Assert.True(season.In(2026).StartsOn < season.In(2026).EndsOn));
        });
    }

    [Fact]
    public void Gives_every_branch_a_manager_Porto_two_and_Copenhagen_and_Malmo_the_same()
    {
        var managers = Group.Branches.ToDictionary(b => b.Id, b => Group.People.Where(p => p.Role == Role.BranchManager && p.Branches.Contains(b.Id)).Select(p => p.Id).ToArray());
        Assert.All(managers, m => Assert.NotEmpty(m.Value));
        Assert.Equal(["ana", "rui"], managers["porto"]);
        Assert.Equal(managers["copenhagen"], managers["malmo"]);
        Assert.Equal(2, Group.People.Count(p => p.Role == Role.HqAdmin));
        Assert.All(Group.Branches, b => Assert.Contains(Group.People, p => p.Role == Role.Staff && p.Branches.Contains(b.Id)));
    }

    [Fact]
    public void Uses_unique_addresses_that_can_never_reach_anybody()
    {
        var addresses = Group.People.Select(p => p.Email).Concat(Group.Branches.Select(b => b.Email)).Append(Group.Headquarters.Email).ToList();
        Assert.Equal(addresses.Count, addresses.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(addresses, a => Assert.EndsWith(".example", a, StringComparison.Ordinal));
    }

    [Fact]
    public void Names_only_people_and_branches_that_exist()
    {
        var people = Group.People.Select(p => p.Id).ToHashSet();
        var branches = Group.Branches.Select(b => b.Id).ToHashSet();
        Assert.Equal(people.Count, Group.People.Count);
        Assert.All(Group.People, p => Assert.Subset(branches, p.Branches.ToHashSet()));
        Assert.All(Group.Templates, t =>
        {
            Assert.Subset(branches, t.OfferedTo.ToHashSet());
            Assert.All(t.Versions, v => Assert.Equal(Role.HqAdmin, Group.Person(v.Author).Role));
            Assert.All(t.Versions, v => Assert.Subset(t.OfferedTo.ToHashSet(), (v.Wave?.Branches ?? []).ToHashSet()));
        });
        Assert.All(Group.Packages, p => Assert.Contains(p.Branch, Group.Template(p.Template).OfferedTo));
    }

    [Fact]
    public void Has_ten_templates_of_three_to_five_versions()
    {
        Assert.Equal(10, Group.Templates.Count);
        Assert.All(Group.Templates, t => Assert.InRange(t.Versions.Count, 3, 5));
        Assert.All(Group.Templates, t => Assert.Equal(Enumerable.Range(1, t.Versions.Count), t.Versions.Select(v => v.Number)));
        Assert.All(Group.Templates, t => Assert.Equal(t.Versions.Select(v => v.PublishedOn).Order(), t.Versions.Select(v => v.PublishedOn)));
    }

    public static TheoryData<string> Slugs => [.. Group.Templates.Select(t => t.Slug)];

    [Theory, MemberData(nameof(Slugs))]
    public void Prices_every_version_in_every_currency_of_the_group(string slug)
    {
        var currencies = Group.Branches.Select(b => b.Currency).ToHashSet();
        foreach (var content in Contents(slug))
        {
            var prices = content["items"]!.AsArray().Select(i => i!["unitPrice"]!.AsObject()).Append(content["travel"]!["pricePerKm"]!.AsObject()).ToList();
            Assert.All(prices, price =>
            {
                Assert.Equal(currencies, price.Select(p => p.Key).ToHashSet());
                Assert.All(price, p => Assert.Matches("^[0-9]+\\.[0-9]{2}$", p.Value!.GetValue<string>()));
            });
        }
    }

    [Theory, MemberData(nameof(Slugs))]
    public void Lets_deposits_sum_to_the_whole_and_rules_point_at_fields(string slug)
    {
        foreach (var content in Contents(slug))
        {
            Assert.Equal(100m, content["depositPlan"]!.AsArray().Sum(i => decimal.Parse(i!["percent"]!.GetValue<string>(), CultureInfo.InvariantCulture)));
            Assert.All(content["rules"]!.AsArray(), rule => Assert.NotNull(ContentChanges.Find(content, rule!["path"]!.GetValue<string>())));
            foreach (var list in (string[])["items", "depositPlan", "clauses", "rules"])
            {
                var ids = content[list]!.AsArray().Select(e => e!["id"]!.GetValue<string>()).ToList();
                Assert.Equal(ids.Count, ids.Distinct().Count());
                Assert.All(ids, id => Assert.Matches(KebabCase, id));
            }

            Assert.True(content["clauses"]!.AsArray().Count is >= 6 and <= 16);
        }
    }

    [Theory, MemberData(nameof(Slugs))]
    public void Never_floors_a_price_that_an_independent_branch_is_asked_to_take(string slug)
    {
        foreach (var content in Contents(slug))
            Assert.All(content["rules"]!.AsArray().Where(r => r!["path"]!.GetValue<string>().EndsWith("/unitPrice", StringComparison.Ordinal)), rule =>
            {
                Assert.Equal("bounded", rule!["mode"]!.GetValue<string>());
                Assert.Null(rule["minPercent"]);
                Assert.Null(rule["min"]);
            });
    }

    [Fact]
    public void Tells_each_history_in_order_by_managers_of_the_branch_and_about_versions_that_were_on_offer()
    {
        Assert.All(Group.Packages, package =>
        {
            var template = Group.Template(package.Template);
            var steps = package.History.Select(s => (s.On, s.By)).Prepend((package.Adopted?.On ?? DateOnly.MinValue, package.Adopted?.By ?? package.History[0].By)).ToList();
            Assert.Equal(steps.Select(s => s.Item1).Order(), steps.Select(s => s.Item1));
            Assert.True(steps[^1].Item1 <= Today);
            Assert.All(steps, s => Assert.Contains(package.Branch, Group.Person(s.Item2).Branches));
            Assert.All(steps, s => Assert.Equal(Role.BranchManager, Group.Person(s.Item2).Role));

            foreach (var step in package.History)
            {
                int? number = step switch { DemoAccept s => s.Version, DemoIgnore s => s.Version, DemoSnooze s => s.Version, DemoView s => s.Version, _ => null };
                if (number is not { } n) continue;
                var version = template.Versions[n - 1];
                Assert.True(version.PublishedOn <= step.On, $"{package.Branch} {package.Template} decided on version {n} before it was published.");
                Assert.True(version.Yanked is null || step.On < version.Yanked.On, $"{package.Branch} {package.Template} decided on version {n} after it was called back.");
                Assert.Contains(package.Branch, version.Wave?.Branches ?? template.OfferedTo);
            }
        });
    }

    [Fact]
    public void Prepares_the_tour_of_Wedding_Classic_in_Porto()
    {
        var template = Group.Template("wedding-classic");
        Assert.Equal(4, template.Versions.Count);
        var (before, after) = (template.Versions[3].Content, template.Draft!.Content);
        Assert.Equal(("480.00", "495.00"), (Euro(before), Euro(after)));
        Assert.Equal((40, 60), (Radius(before), Radius(after)));
        Assert.Equal(
            ("Originals are kept for 365 days after delivery.", "Originals are kept for 180 days after delivery, and the client is notified 30 days before deletion."),
            (Window(before), Window(after)));

        var porto = Group.Package("porto", "wedding-classic");
        var own = Assert.IsType<DemoEdit>(porto.History[^1]);
        Assert.Equal("520.00", own.Set!["/items/album/unitPrice"].GetValue<string>());
        Assert.Equal(4, porto.History.OfType<DemoAccept>().Last().Version);

        var open = Group.Projects.Where(p => p is { Branch: "porto", Template: "wedding-classic", State: ProjectState.Quote }).ToList();
        Assert.Equal(11, open.Count);
        Assert.All(open, p => Assert.Equal(porto.RevisionOn(Today), p.Revision));

        static string Euro(JsonObject c) => ContentChanges.Find(c, "/items/album/unitPrice/EUR")!.GetValue<string>();
        static int Radius(JsonObject c) => ContentChanges.Find(c, "/travel/radiusKm")!.GetValue<int>();
        static string Window(JsonObject c) => ContentChanges.Find(c, "/clauses/gallery-deletion/body")!.GetValue<string>();
    }

    [Fact]
    public void Has_about_four_hundred_quotes_and_projects_that_pin_a_revision_of_their_day()
    {
        Assert.InRange(Group.Projects.Count, 380, 460);
        Assert.Equal(Group.Projects.Count, Group.Projects.Select(p => p.Key).Distinct().Count());
        Assert.All(Group.Projects, p =>
        {
            Assert.True(p.Revision >= 1);
            Assert.Equal(Group.Package(p.Branch, p.Template).RevisionOn(p.QuotedOn), p.Revision);
            Assert.True(p.QuotedOn < p.EventOn && p.QuotedOn <= Today);
            Assert.Equal(p.State == ProjectState.Booked, p.BookedOn is not null);
            Assert.True(p.BookedOn is null || (p.BookedOn >= p.QuotedOn && p.BookedOn <= Today));
            Assert.True(p.State != ProjectState.Quote || p.EventOn > Today);
            Assert.InRange(p.Client.Length, 3, 120);
        });
        Assert.Contains(Group.Projects, p => p.State == ProjectState.Booked && p.EventOn < Today);
        Assert.Contains(Group.Projects, p => p.Revision != Group.Package(p.Branch, p.Template).RevisionOn(Today));
    }

    [Fact]
    public void Marries_people_on_wedding_days()
    {
        var weddings = Group.Projects.Where(p => p.Occasion == "Wedding").ToList();
        Assert.All(weddings, p => Assert.Contains(p.EventOn.DayOfWeek, (DayOfWeek[])[DayOfWeek.Friday, DayOfWeek.Saturday]));
        Assert.All(weddings, p => Assert.NotNull(p.Venue));
        Assert.True(weddings.Count(p => p.EventOn.Month is >= 5 and <= 10) > weddings.Count / 2);
    }

    [Fact]
    public void Quotes_nothing_new_once_a_mandatory_update_is_overdue()
    {
        var overdue = Group.Scenes.Single(s => s.Kind == "mandatory_overdue");
        var content = Group.Template(overdue.Template).Versions[overdue.Version - 1].Content;
        var deadlines = content["rules"]!.AsArray()
            .Where(r => overdue.Paths!.Contains(r!["path"]!.GetValue<string>()))
            .Select(r => DateOnly.Parse(r!["mandatoryBy"]!.GetValue<string>(), CultureInfo.InvariantCulture));
        var deadline = Assert.Single(deadlines);
        Assert.True(deadline < Today);
        Assert.All(Group.Projects.Where(p => p.Branch == overdue.Branch && p.Template == overdue.Template), p => Assert.True(p.QuotedOn <= deadline));
    }

    [Fact]
    public void Tells_the_same_story_twice()
    {
        var again = DemoGroup.Load(Today);
        Assert.Equal(Group.Projects, again.Projects);
        Assert.All(Group.Templates.Zip(again.Templates), t => Assert.True(JsonNode.DeepEquals(t.First.Versions[^1].Content, t.Second.Versions[^1].Content)));
    }

    [Theory, InlineData(0), InlineData(6), InlineData(7), InlineData(400), InlineData(-200)]
    public void Moves_with_the_day_it_is_loaded_by_whole_weeks(int days)
    {
        var later = DemoGroup.Load(Today.AddDays(days));
        var (written, moved) = (Version(Group), Version(later));
        var shift = moved.PublishedOn.DayNumber - written.PublishedOn.DayNumber;
        Assert.Equal(0, shift % 7);
        Assert.InRange(days - shift, -6, 6);
        Assert.Equal(shift, Deadline(moved).DayNumber - Deadline(written).DayNumber);
        Assert.All(later.Projects, p => Assert.True(p.QuotedOn <= later.Today));
        Assert.All(later.Packages, p => Assert.All(p.History, s => Assert.True(s.On <= later.Today)));

        static DemoVersion Version(DemoGroup g) => g.Template("headshots-team").Versions[3];
        static DateOnly Deadline(DemoVersion v) => v.Content["rules"]!.AsArray().Select(r => r!["mandatoryBy"]).OfType<JsonNode>()
            .Select(d => DateOnly.Parse(d.GetValue<string>(), CultureInfo.InvariantCulture)).Single();
    }

    [Fact]
    public void Keeps_the_attribution_beside_the_borrowed_clauses()
    {
        using var stream = typeof(DemoGroup).Assembly.GetManifestResourceStream("demo/NOTICE.md");
        Assert.NotNull(stream);
        var notice = new StreamReader(stream).ReadToEnd();
        Assert.Contains("Common Paper", notice, StringComparison.Ordinal);
        Assert.Contains("Creative Commons Attribution 4.0", notice, StringComparison.Ordinal);
    }

    private static IEnumerable<JsonObject> Contents(string slug)
    {
        var template = Group.Template(slug);
        return template.Versions.Select(v => v.Content).Concat(template.Draft is { } draft ? [draft.Content] : []);
    }
}
