using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

public sealed class BranchCommandsTests(PostgresServer server) : VaultTest(server)
{
    private static readonly DateOnly June = new(2099, 6, 1);

    private BranchCommands Commands => new(Door);
    private BranchQueries Branches => new(Door);

    [Fact]
    public async Task A_manager_adds_and_removes_the_blackouts_of_the_own_branch_and_both_are_remembered()
    {
        var added = await AddAsync(June, June.AddDays(29), "  Wedding season ");
        Assert.Null(added.Refusal);
        Assert.Equal("Wedding season", Assert.Single((await Branches.SettingsAsync(Ana, Porto, Ct)).Value.Blackouts).Label);

        Assert.Null((await Commands.RemoveBlackoutAsync(Rui, Porto, added.Value, Ct)).Refusal);
        Assert.Empty((await Branches.SettingsAsync(Ana, Porto, Ct)).Value.Blackouts);
        Assert.Equal("blackout.add, blackout.remove", await SqlAsync("select string_agg(action, ', ' order by at) from audit.entries where action like 'blackout.%' and branch_id = $1 and payload::jsonb->>'label' = 'Wedding season'", Porto.Value));
        Assert.Equal(2L, await SqlAsync("select count(*) from live.outbox where topic = 'BRANCH_CHANGED@1.0' and space_id = $1", Porto.Value));
    }

    [Fact]
    public async Task A_blackout_removed_twice_is_gone_the_second_time()
    {
        var id = (await AddAsync(June, June, "A day")).Value;
        Assert.Null((await Commands.RemoveBlackoutAsync(Ana, Porto, id, Ct)).Refusal);
        Assert.Equal(KernelRefusals.NotFound.Code, (await Commands.RemoveBlackoutAsync(Ana, Porto, id, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Staff_reads_the_settings_and_changes_none()
    {
        var id = (await AddAsync(June, June, "A day")).Value;
        var seen = (await Branches.SettingsAsync(PortoStaff, Porto, Ct)).Value;
        Assert.False(seen.MayChange);
        Assert.Single(seen.Blackouts);
        Assert.Equal("refuse.kernel.not_allowed", (await Commands.AddBlackoutAsync(PortoStaff, Porto, June.AddDays(9), June.AddDays(9), "Mine", Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await Commands.RemoveBlackoutAsync(PortoStaff, Porto, id, Ct)).Refusal?.Code);
        Assert.True((await Branches.SettingsAsync(Ana, Porto, Ct)).Value.MayChange);
    }

    [Fact]
    public async Task Another_branch_is_not_there_for_a_manager()
    {
        var id = (await AddAsync(June, June, "A day")).Value;
        Assert.Equal(404, (await Branches.SettingsAsync(BerlinManager, Porto, Ct)).Refusal?.Kind.HttpStatus);
        Assert.Equal(404, (await Commands.AddBlackoutAsync(BerlinManager, Porto, June.AddDays(9), June.AddDays(9), "Theirs", Ct)).Refusal?.Kind.HttpStatus);
        Assert.Equal(404, (await Commands.RemoveBlackoutAsync(BerlinManager, Porto, id, Ct)).Refusal?.Kind.HttpStatus);
        // Through the own branch's door, with the other branch's id.
        Assert.Equal(404, (await Commands.RemoveBlackoutAsync(BerlinManager, Berlin, id, Ct)).Refusal?.Kind.HttpStatus);
        Assert.Single((await Branches.SettingsAsync(Ana, Porto, Ct)).Value.Blackouts);
    }

    [Fact]
    public async Task Hq_looks_in_and_changes_nothing_of_a_branch()
    {
        var id = (await AddAsync(June, June, "A day")).Value;
        Assert.Single((await Branches.LookAsync(Hq, "porto", Ct)).Value.Blackouts);
        Assert.Equal("refuse.kernel.not_allowed", (await Commands.AddBlackoutAsync(Hq, Porto, June.AddDays(9), June.AddDays(9), "HQ's", Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await Commands.RemoveBlackoutAsync(Hq, Porto, id, Ct)).Refusal?.Code);
    }

    [Theory]
    [InlineData(0, 29)]
    [InlineData(-10, 0)]
    [InlineData(29, 40)]
    [InlineData(5, 6)]
    [InlineData(-10, 40)]
    public async Task Days_that_another_blackout_holds_already_are_refused_by_its_name(int from, int to)
    {
        Assert.Null((await AddAsync(June, June.AddDays(29), "Wedding season")).Refusal);
        var refusal = (await AddAsync(June.AddDays(from), June.AddDays(to), "Another")).Refusal;
        Assert.Equal(BranchRefusals.BlackoutOverlaps.Code, refusal?.Code);
        Assert.Contains("“Wedding season”, 1 Jun 2099 to 30 Jun 2099", refusal!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_day_before_and_the_day_after_another_blackout_are_free_and_so_are_another_branchs_days()
    {
        Assert.Null((await AddAsync(June, June.AddDays(29), "Wedding season")).Refusal);
        Assert.Null((await AddAsync(June.AddDays(-1), June.AddDays(-1), "Before")).Refusal);
        Assert.Null((await AddAsync(June.AddDays(30), June.AddDays(30), "After")).Refusal);
        Assert.Null((await Commands.AddBlackoutAsync(BerlinManager, Berlin, June, June, "Theirs", Ct)).Refusal);
    }

    [Fact]
    public async Task Two_managers_who_add_the_same_days_at_once_get_one_blackout()
    {
        var both = await Task.WhenAll(Commands.AddBlackoutAsync(Ana, Porto, June, June, "Hers", Ct), Commands.AddBlackoutAsync(Rui, Porto, June, June, "His", Ct));
        Assert.Equal([BranchRefusals.BlackoutOverlaps.Code], both.Where(b => b.IsRefused).Select(b => b.Refusal!.Code));
    }

    [Theory]
    [InlineData("", 0, 0, "refuse.organization.blackout_name_missing")]
    [InlineData("  ", 0, 0, "refuse.organization.blackout_name_missing")]
    [InlineData("Backwards", 0, -1, "refuse.organization.blackout_ends_first")]
    [InlineData("Too long", 0, 366, "refuse.organization.blackout_too_long")]
    [InlineData("Over", -36500, -36490, "refuse.organization.blackout_past")]
    public async Task Days_that_make_no_blackout_are_refused(string name, int from, int to, string code)
    {
        Assert.Equal(code, (await AddAsync(June.AddDays(from), June.AddDays(to), name)).Refusal?.Code);
        Assert.Empty((await Branches.SettingsAsync(Ana, Porto, Ct)).Value.Blackouts);
    }

    [Fact]
    public async Task A_leap_year_long_is_not_too_long() => Assert.Null((await AddAsync(June, June.AddDays(365), "Sabbatical")).Refusal);

    private Task<Result<Guid>> AddAsync(DateOnly from, DateOnly to, string name) => Commands.AddBlackoutAsync(Ana, Porto, from, to, name, Ct);
}
