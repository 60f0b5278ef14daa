using System.Text.Json.Nodes;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

public sealed class SessionMoveTests(PostgresServer server) : CapabilityTest(server)
{
    [Fact]
    public async Task Moves_day_and_time_keeps_the_place_and_goes_back_to_what_was_open()
    {
        var project = await BookedAsync();
        var args = To(project, "2099-07-04", "14:30");
        var write = await PreparedAsync(SessionMove.Name, args);
        Assert.Equal("Move the session of Marta & João from 12 June 2099 to 4 July 2099", write.Title);
        Assert.Equal(("12 June 2099 > 4 July 2099", "still open > 14:30"), (Change(write, "Day"), Change(write, "Starts at")));
        Assert.Empty(write.Notes);
        Assert.Null((await Projects.PlanAsync(PortoStaff, Porto, project, new DateOnly(2099, 6, 12), "", "Casa da Música", Ct)).Refusal);
        Assert.Equal(write.Target.Etag, await EtagAsync(SessionMove.Name, args));
        var moved = await ExecutedAsync(SessionMove.Name, args);
        Assert.Equal("2099-07-04|14:30|Casa da Música", await PlanAsync());
        Assert.NotEqual(write.Target.Etag, await EtagAsync(SessionMove.Name, To(project, "2099-08-01")));
        await UndoAsync(moved);
        Assert.Equal("2099-06-12||Casa da Música", await PlanAsync());
    }

    [Fact]
    public async Task Keeps_the_time_where_none_is_given()
    {
        var project = await BookedAsync();
        Assert.Null((await Projects.PlanAsync(PortoStaff, Porto, project, new DateOnly(2099, 6, 12), "11:00", "", Ct)).Refusal);
        await ExecutedAsync(SessionMove.Name, To(project, "2099-07-04"));
        Assert.Equal("2099-07-04|11:00|", await PlanAsync());
    }

    [Fact]
    public async Task Refuses_what_the_studio_alone_cannot_move()
    {
        var project = await BookedAsync();
        await RefusedAsync("refuse.proposal.nothing_changes", SessionMove.Name, To(project, "2099-06-12"));
        await RefusedAsync("refuse.project.date_in_the_past", SessionMove.Name, To(project, "2001-01-01"));
        await RefusedAsync("refuse.project.time_unclear", SessionMove.Name, To(project, "2099-07-04", "25:00"));
        await RefusedAsync("refuse.kernel.not_found", SessionMove.Name, To(ProjectId.New(), "2099-07-04"));
        Assert.Null((await Projects.CancelAsync(Ana, Porto, project, "They split up.", Ct)).Refusal);
        await RefusedAsync("refuse.project.ended", SessionMove.Name, To(project, "2099-07-04"));
    }

    [Fact]
    public async Task Under_an_agreement_only_an_amendment_moves_it()
    {
        var project = await ProjectOfAsync(await ExecutedAsync());
        await RefusedAsync("refuse.project.agreement_in_force", SessionMove.Name, To(project, "2099-07-04"));
    }

    private static JsonObject To(ProjectId project, string day, string? at = null) =>
        at is null ? Args(("projectId", project.ToString()), ("to", day)) : Args(("projectId", project.ToString()), ("to", day), ("startsAt", at));

    private async Task<string> PlanAsync() => (string)(await SqlAsync("select event_on || '|' || starts_at || '|' || venue from agreements.projects"))!;
}
