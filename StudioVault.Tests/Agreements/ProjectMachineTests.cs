using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Agreements;

public sealed class ProjectMachineTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly RulesSnapshot Rules = new(new(Today, "wedding-classic", 4, 3, new string('a', 64)), [new("privacy", "Privacy", "3")], new Dictionary<string, bool> { ["booking.online"] = true });

    [Fact]
    public void Takes_its_steps_in_order_from_enquiry_to_closed()
    {
        var project = Enquiry(Today);
        foreach (var (verb, state) in new[] { (ProjectVerb.Quote, ProjectState.Quote), (ProjectVerb.Book, ProjectState.Booked), (ProjectVerb.Shoot, ProjectState.Shot), (ProjectVerb.Deliver, ProjectState.Delivered), (ProjectVerb.Close, ProjectState.Closed) })
        {
            Assert.Null(project.Take(verb, Now, Today).Refusal);
            Assert.Equal(state, project.State);
        }
    }

    [Theory]
    [InlineData(ProjectState.Quote, ProjectVerb.Deliver, "refuse.project.out_of_order")]
    [InlineData(ProjectState.Booked, ProjectVerb.Lapse, "refuse.project.not_open")]
    [InlineData(ProjectState.Delivered, ProjectVerb.Cancel, "refuse.project.out_of_order")]
    [InlineData(ProjectState.Closed, ProjectVerb.Shoot, "refuse.project.ended")]
    [InlineData(ProjectState.Lapsed, ProjectVerb.Book, "refuse.project.not_open")]
    [InlineData(ProjectState.Cancelled, ProjectVerb.Deliver, "refuse.project.ended")]
    public void Refuses_a_step_that_does_not_follow(ProjectState from, ProjectVerb verb, string code) => Assert.Equal(code, ProjectMachine.Next(from, verb).Refusal!.Code);

    [Fact]
    public void A_step_taken_twice_is_taken_once()
    {
        foreach (var from in Enum.GetValues<ProjectState>())
            foreach (var verb in Enum.GetValues<ProjectVerb>())
                if (ProjectMachine.Next(from, verb).TryGet(out var next, out _)) Assert.Equal(next, ProjectMachine.Next(next, verb).Value);
    }

    [Fact]
    public void Is_not_marked_as_shot_before_its_day_nor_while_the_day_is_open()
    {
        var project = Booked(Today.AddDays(1));
        Assert.Equal("The day of the event has not come yet: it is on 22 November 2026.", project.Take(ProjectVerb.Shoot, Now, Today).Refusal!.Sentence);
        project.Follow(new("Wedding", null, "", 8, "", ""));
        Assert.Equal("refuse.project.not_yet", project.Take(ProjectVerb.Shoot, Now, Today.AddDays(2)).Refusal!.Code);
    }

    [Fact]
    public void Keeps_the_rules_it_was_made_under_word_for_word()
    {
        var project = Booked(Today);
        var read = RulesSnapshot.Parse(project.Rules).Value;
        Assert.Equal(Rules.Package, read.Package);
        Assert.Equal(Rules.Policies, read.Policies);
        Assert.True(read.Flags["booking.online"]);
        Assert.Equal(Rules.Package.PackageRevision, project.PackageRevision);
        Assert.Equal("refuse.compatx.unsupported_schema_version", RulesSnapshot.Parse(project.Rules.Replace("1.0.0", "9.0.0", StringComparison.Ordinal)).Refusal!.Code);
    }

    private static Project Enquiry(DateOnly on) => Project.Enquire(new(Guid.NewGuid()), ProjectId.New(), "Marta & João", on, BranchPackageId.New(), Rules, Now, null);

    private static Project Booked(DateOnly on)
    {
        var project = Enquiry(on);
        project.Take(ProjectVerb.Quote, Now, Today);
        project.Take(ProjectVerb.Book, Now, Today);
        return project;
    }
}
