using System.Text.Json.Nodes;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

public sealed class SessionAssignTests(PostgresServer server) : CapabilityTest(server)
{
    private SessionCommands Sessions => new(Door);

    [Fact]
    public async Task Puts_somebody_on_takes_them_off_and_puts_them_on_again_with_their_task()
    {
        var project = await BookedAsync();
        var args = As(project, PortoStaff.PersonId!.Value, "second_photographer");
        var write = await PreparedAsync(SessionAssign.Name, args);
        Assert.Equal("Put Inês on the session of Marta & João on 12 June 2099 as second photographer", write.Title);
        Assert.Equal(" > Inês", Change(write, "Second photographer"));
        var on = await ExecutedAsync(SessionAssign.Name, args);
        Assert.Equal(("Inês", SessionTask.SecondPhotographer), await OnlyAsync(project));
        Assert.Equal(Approver.Value, await SqlAsync("select assigned_by from agreements.session_assignments"));
        await RefusedAsync("refuse.session.already_assigned", SessionAssign.Name, As(project, PortoStaff.PersonId.Value, "assistant"));
        var write2 = await PreparedAsync(SessionUnassign.Name, on.Undo!.Args);
        Assert.Equal("Inês > ", Change(write2, "Second photographer"));
        Assert.Contains("Nobody else is on the session as second photographer.", write2.Notes);
        var off = await UndoAsync(on);
        Assert.Equal(0L, await SqlAsync("select count(*) from agreements.session_assignments"));
        await RefusedAsync("refuse.session.not_assigned", SessionUnassign.Name, on.Undo.Args);
        await UndoAsync(off);
        Assert.Equal(("Inês", SessionTask.SecondPhotographer), await OnlyAsync(project));
    }

    [Fact]
    public async Task Says_who_is_there_already_and_who_works_elsewhere_that_day()
    {
        var project = await BookedAsync();
        var package = (Guid)(await SqlAsync("select package_id from agreements.projects"))!;
        var other = (await Projects.QuoteAsync(PortoStaff, Porto, new(package), 1, "Rosa", new DateOnly(2099, 6, 12), Ct)).Value;
        Assert.Null((await Sessions.AssignAsync(Ana, Porto, other, PortoStaff.PersonId!.Value, SessionTask.Assistant, Ct)).Refusal);
        Assert.Null((await Sessions.AssignAsync(Ana, Porto, project, Rui.PersonId!.Value, SessionTask.Photographer, Ct)).Refusal);
        var write = await PreparedAsync(SessionAssign.Name, As(project, PortoStaff.PersonId.Value, "photographer"));
        Assert.Equal("Rui > Rui, Inês", Change(write, "Photographer"));
        Assert.Equal(["Inês is on 1 other session that day."], write.Notes);
    }

    [Fact]
    public async Task Only_people_of_the_branch_work_on_its_sessions()
    {
        var project = await BookedAsync();
        await RefusedAsync("refuse.session.not_of_the_branch", SessionAssign.Name, As(project, BerlinManager.PersonId!.Value, "photographer"));
        await RefusedAsync("refuse.kernel.not_found", SessionAssign.Name, As(ProjectId.New(), Rui.PersonId!.Value, "photographer"));
        await PastGuardsAsync("update organization.people set is_disabled = true where id = $1", Rui.PersonId!.Value.Value);
        await RefusedAsync("refuse.session.not_of_the_branch", SessionAssign.Name, As(project, Rui.PersonId.Value, "photographer"));
        Assert.Equal("refuse.proposal.argument_wrong", All[SessionAssign.Name].Definition.Input.Check(As(project, Rui.PersonId.Value, "boss"))!.Code);
    }

    [Fact]
    public async Task The_etag_moves_with_the_day_and_not_with_other_people()
    {
        var project = await BookedAsync();
        var args = As(project, PortoStaff.PersonId!.Value, "photographer");
        var etag = await EtagAsync(SessionAssign.Name, args);
        Assert.Null((await Sessions.AssignAsync(Ana, Porto, project, Rui.PersonId!.Value, SessionTask.Photographer, Ct)).Refusal);
        Assert.Equal(etag, await EtagAsync(SessionAssign.Name, args));
        Assert.Null((await Projects.PlanAsync(PortoStaff, Porto, project, new DateOnly(2099, 7, 1), "", "", Ct)).Refusal);
        Assert.NotEqual(etag, await EtagAsync(SessionAssign.Name, args));
    }

    [Fact]
    public async Task By_hand_it_takes_a_manager()
    {
        var project = await BookedAsync();
        Assert.Equal("refuse.kernel.not_allowed", (await Sessions.AssignAsync(PortoStaff, Porto, project, Rui.PersonId!.Value, SessionTask.Photographer, Ct)).Refusal!.Code);
        Assert.Null((await Sessions.AssignAsync(Ana, Porto, project, Rui.PersonId!.Value, SessionTask.Photographer, Ct)).Refusal);
        Assert.Equal(["Ana", "Inês"], (await Sessions.OfAsync(PortoStaff, Porto, project, Ct)).Value.Free.Select(p => p.Name));
        Assert.Null((await Sessions.UnassignAsync(Ana, Porto, project, Rui.PersonId!.Value, Ct)).Refusal);
        Assert.Empty((await Sessions.OfAsync(PortoStaff, Porto, project, Ct)).Value.Crew);
        Assert.Equal("refuse.kernel.not_found", (await Sessions.OfAsync(BerlinManager, Porto, project, Ct)).Refusal!.Code);
    }

    private async Task<(string, SessionTask)> OnlyAsync(ProjectId project)
    {
        var member = Assert.Single((await Sessions.OfAsync(PortoStaff, Porto, project, Ct)).Value.Crew);
        return (member.Name, member.Task);
    }

    private static JsonObject As(ProjectId project, PersonId person, string task) => Args(("projectId", project.ToString()), ("personId", person.ToString()), ("task", task));
}
