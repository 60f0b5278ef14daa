namespace StudioVault.Infrastructure.Demo;

/// <summary>
/// The demo group "Northlight Studios" as its files tell it: who belongs to it, every template version, what each branch did
/// with it, and its quotes and projects. Reads no clock: the day is given, and everything follows from it.
/// </summary>
public sealed record DemoGroup
{
    private DemoGroup() { }

    public required string Name { get; init; }

    /// <summary>The day everything is told from.</summary>
    public required DateOnly Today { get; init; }

    public required DemoHeadquarters Headquarters { get; init; }
    public required IReadOnlyList<DemoBranch> Branches { get; init; }
    public required IReadOnlyList<DemoPerson> People { get; init; }
    public required IReadOnlyList<DemoTemplate> Templates { get; init; }

    /// <summary>By branch in the order of <see cref="Branches"/>, then as the branch's file lists them.</summary>
    public required IReadOnlyList<DemoPackage> Packages { get; init; }

    public required IReadOnlyList<DemoProject> Projects { get; init; }
    public required IReadOnlyList<DemoScene> Scenes { get; init; }

    public DemoBranch Branch(string id) => Branches.Single(b => b.Id == id);
    public DemoPerson Person(string id) => People.Single(p => p.Id == id);
    public DemoTemplate Template(string slug) => Templates.Single(t => t.Slug == slug);
    public DemoPackage Package(string branch, string template) => Packages.Single(p => p.Branch == branch && p.Template == template);

    /// <summary>Reads the embedded files and moves their days to <paramref name="today"/>.</summary>
    /// <param name="today">The day at HQ.</param>
    /// <exception cref="InvalidDataException">A file is wrong: a bug, and the tests find it.</exception>
    public static DemoGroup Load(DateOnly today)
    {
        var file = DemoFiles.Read<GroupFile>("group.json");
        var calendar = new DemoCalendar(file.AsOf, today);
        DemoBranch[] branches = [.. file.Branches.Select(b => b with { OpenedOn = calendar.Move(b.OpenedOn) })];
        DemoPackage[] packages = [.. branches.SelectMany(b => DemoFiles.Read<BranchFile>($"branches/{b.Id}.json").Read(calendar))];

        var projects = DemoFiles.Read<ProjectsFile>("projects.json");
        projects = projects with { Plan = [.. projects.Plan.Select(p => p with { QuotesUntil = calendar.Move(p.QuotesUntil) })] };
        return new()
        {
            Name = file.Name,
            Today = today,
            Headquarters = file.Headquarters,
            Branches = branches,
            People = file.People,
            Templates = [.. DemoFiles.In("templates").Select(name => DemoFiles.Read<TemplateFile>(name).Read(calendar))],
            Packages = packages,
            Projects = new DemoProjects(projects, today,
                (branch, template) => packages.Single(p => p.Branch == branch && p.Template == template),
                branch => branches.Single(b => b.Id == branch).Country).Draw(),
            Scenes = DemoFiles.Read<SceneFile>("scenes.json").Scenes,
        };
    }
}

internal sealed record GroupFile(DateOnly AsOf, string Name, DemoHeadquarters Headquarters, IReadOnlyList<DemoBranch> Branches, IReadOnlyList<DemoPerson> People);
