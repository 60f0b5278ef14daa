using StudioVault.Domain.Agreements;

namespace StudioVault.Infrastructure.Demo;

/// <summary>
/// Draws the quotes and projects of the group: the same ones for the same files and day. Each line of the plan has a stream of
/// its own, so that a change in one branch leaves the others as they are.
/// </summary>
internal sealed class DemoProjects(ProjectsFile file, DateOnly today, Func<string, string, DemoPackage> package, Func<string, string> countryOf)
{
    /// <summary>Relative number of weddings a month, January first, for the northern half of the world.</summary>
    private static readonly int[] Season = [8, 10, 18, 45, 85, 100, 95, 90, 100, 60, 15, 25];

    private readonly Dictionary<string, int> _numbers = [];
    private readonly HashSet<(string Branch, string Client)> _clients = [];

    public IReadOnlyList<DemoProject> Draw() => [.. file.Plan.SelectMany(Draw)];

    private IEnumerable<DemoProject> Draw(PlanEntry plan)
    {
        var random = new DemoRandom($"{file.Seed}/{plan.Branch}/{plan.Template}");
        var states = Enumerable.Repeat(ProjectState.Quote, plan.Quotes)
            .Concat(Enumerable.Repeat(ProjectState.Booked, plan.Booked))
            .Concat(Enumerable.Repeat(ProjectState.Lapsed, plan.Lapsed));
        foreach (var state in states) yield return Draw(plan, state, random);
    }

    private DemoProject Draw(PlanEntry plan, ProjectState state, DemoRandom random)
    {
        var shape = file.Shapes[plan.Template];
        var pack = package(plan.Branch, plan.Template);
        var (quoted, day) = Days(plan, shape, state, pack.Adopted!.On, random);
        DateOnly? booked = state == ProjectState.Booked ? Earlier(quoted.AddDays(random.Between(2, 18)), Earlier(today, day.AddDays(-1))) : null;
        var number = _numbers[plan.Branch] = _numbers.GetValueOrDefault(plan.Branch) + 1;
        return new($"{plan.Branch}-{number:000}", plan.Branch, plan.Template, Client(plan.Branch, shape.Client, random), shape.Occasion,
            shape.Seasonal ? random.Pick(file.Venues[plan.Branch]) : null, day, state, pack.RevisionOn(quoted), quoted, booked);
    }

    private (DateOnly Quoted, DateOnly Event) Days(PlanEntry plan, ProjectShape shape, ProjectState state, DateOnly adopted, DemoRandom random)
    {
        var (leastLead, mostLead) = (shape.LeadDays[0], shape.LeadDays[1]);
        var newest = Earlier(today, plan.QuotesUntil ?? today);
        for (var attempt = 0; attempt < 2000; attempt++)
        {
            // Open quotes are weeks old; booked work reaches back and forward a season; lapsed quotes are a few months old.
            var quoted = Workday(state switch
            {
                ProjectState.Quote => newest.AddDays(-random.Between(1, 48)),
                ProjectState.Booked => newest.AddDays(-random.Between(12, 500)),
                _ => newest.AddDays(-random.Between(60, 200)),
            });
            var day = Weekday(quoted.AddDays(random.Between(leastLead, mostLead)), shape.Days[random.Below(shape.Days.Count)]);
            if (quoted <= adopted || quoted > newest) continue;
            if (state == ProjectState.Quote && day < today.AddDays(5)) continue;
            if (state == ProjectState.Booked && day <= quoted.AddDays(3)) continue;
            if (day is { Month: 12, Day: >= 23 } or { Month: 1, Day: 1 }) continue;
            if (shape.Seasonal && random.Below(100) >= Season[day.Month - 1]) continue;
            return (quoted, day);
        }

        throw new InvalidDataException($"No days fit {plan.Template} in {plan.Branch}.");
    }

    private string Client(string branch, ClientKind kind, DemoRandom random)
    {
        var country = countryOf(branch);
        var names = file.Names[country];
        for (var attempt = 0; ; attempt++)
        {
            var name = kind switch
            {
                ClientKind.Couple => Couple(names, random),
                ClientKind.Family => $"{random.Pick(names.Last)} family",
                ClientKind.Person => names.Woman(random),
                _ => random.Pick(file.Companies[country]),
            };
            // Companies come back; two couples of the same name at one studio would look like a mistake.
            if (_clients.Add((branch, name)) || kind == ClientKind.Company || attempt == 50) return name;
        }
    }

    /// <summary>Mostly a woman and a man, now and then two of either; never two of one name, which would read as a mistake.</summary>
    private static string Couple(NameLists names, DemoRandom random)
    {
        var draw = random.Below(12);
        var first = draw == 0 ? names.Man(random) : names.Woman(random);
        string second;
        do second = draw == 1 ? names.Woman(random) : names.Man(random);
        while (second.Split(' ', 2).Zip(first.Split(' ', 2)).Any(part => part.First == part.Second));
        return $"{first} & {second}";
    }

    private static DateOnly Workday(DateOnly day) => day.DayOfWeek switch
    {
        DayOfWeek.Saturday => day.AddDays(-1),
        DayOfWeek.Sunday => day.AddDays(-2),
        _ => day,
    };

    private static DateOnly Weekday(DateOnly day, DayOfWeek wanted) => day.AddDays(((int)wanted - (int)day.DayOfWeek + 7) % 7);

    private static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;
}

internal sealed record ProjectsFile(int Seed, IReadOnlyDictionary<string, NameLists> Names, IReadOnlyDictionary<string, IReadOnlyList<string>> Companies,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Venues, IReadOnlyDictionary<string, ProjectShape> Shapes, IReadOnlyList<PlanEntry> Plan);

/// <summary>Names of one country.</summary>
/// <param name="LastFemale">Women's forms of <paramref name="Last"/> in the same order, where the language has them.</param>
internal sealed record NameLists(IReadOnlyList<string> Female, IReadOnlyList<string> Male, IReadOnlyList<string> Last, IReadOnlyList<string>? LastFemale = null)
{
    public string Woman(DemoRandom random) => $"{random.Pick(Female)} {random.Pick(LastFemale ?? Last)}";

    public string Man(DemoRandom random) => $"{random.Pick(Male)} {random.Pick(Last)}";
}

internal enum ClientKind
{
    Couple,
    Family,
    Person,
    Company,
}

/// <summary>How projects of one template look.</summary>
/// <param name="Days">Weekdays of the event; one named twice is twice as likely.</param>
/// <param name="LeadDays">Least and most days from the quote to the event.</param>
/// <param name="Seasonal">Follows the wedding season and has a venue.</param>
internal sealed record ProjectShape(ClientKind Client, string Occasion, IReadOnlyList<DayOfWeek> Days, IReadOnlyList<int> LeadDays, bool Seasonal);

/// <summary>How many projects a branch has of a template.</summary>
/// <param name="QuotesUntil">No quote is newer than this day (a mandatory update is overdue); null for no such day.</param>
internal sealed record PlanEntry(string Branch, string Template, int Quotes, int Booked, int Lapsed = 0, DateOnly? QuotesUntil = null);
