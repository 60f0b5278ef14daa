using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

public sealed class BranchQueriesTests(PostgresServer server) : PackagesTest(server)
{
    private BranchQueries Branches => new(Door);

    [Fact]
    public async Task Hq_sees_how_many_packages_are_behind_or_customised_and_what_waits()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "520.00")).Refusal);
        var content = WeddingContent();
        content["turnaroundDays"] = 40;
        await PublishAsync(content);
        Assert.Null((await AcceptAsync(BerlinManager, Berlin)).Refusal);

        var rows = (await Branches.OverviewAsync(Hq, Ct)).Value;

        Assert.Equal([("berlin", 1, 1, 0, 0, 0), ("porto", 3, 1, 1, 1, 1)], rows.Select(r => (r.Branch.Slug, r.People, r.Packages, r.Behind, r.Customised, r.OpenOffers)));
        Assert.All(rows, r => Assert.NotNull(r.LastDecisionAt));
    }

    [Fact]
    public async Task The_list_says_who_is_paused_or_in_a_blackout_today()
    {
        Assert.Null((await Offers.PauseAllAsync(Ana, Porto, new DateOnly(2099, 1, 1), Ct)).Refusal);
        var today = (await Branches.SettingsAsync(BerlinManager, Berlin, Ct)).Value.Today;
        Assert.Null((await new BranchCommands(Door).AddBlackoutAsync(BerlinManager, Berlin, today, today.AddDays(2), "Fair", Ct)).Refusal);
        Assert.Null((await new BranchCommands(Door).AddBlackoutAsync(Ana, Porto, today.AddDays(20), today.AddDays(22), "Later", Ct)).Refusal);

        var rows = (await Branches.OverviewAsync(Hq, Ct)).Value;

        Assert.Equal([("berlin", false, "Fair"), ("porto", true, null)], rows.Select(r => (r.Branch.Slug, r.IsPaused, r.Blackout?.Label)));
    }

    [Fact]
    public async Task A_look_shows_people_packages_offers_and_decisions_of_that_branch_only()
    {
        await AdoptAsync();
        var content = WeddingContent();
        content["turnaroundDays"] = 40;
        await PublishAsync(content);

        var look = (await Branches.LookAsync(Hq, "porto", Ct)).Value;

        Assert.Equal([("Ana", Role.BranchManager), ("Rui", Role.BranchManager), ("Inês", Role.Staff)], look.People.Select(p => (p.Name, p.Role)));
        var package = Assert.Single(look.Packages);
        Assert.Equal(("wedding-classic", 1, 2, false), (package.TemplateSlug, package.DecidedVersion, package.LatestVersion, package.IsCustomised));
        Assert.Equal(2, Assert.Single(look.Offers).Version);
        Assert.Equal(("accepted", 1, "Ana"), look.Decisions.Select(d => (d.Verdict, d.Version, d.By)).Single());
    }

    [Fact]
    public async Task Only_hq_sees_the_list_and_looks_into_a_branch()
    {
        foreach (var who in new[] { Ana, PortoStaff })
        {
            Assert.Equal("refuse.kernel.not_allowed", (await Branches.OverviewAsync(who, Ct)).Refusal?.Code);
            Assert.Equal("refuse.kernel.not_allowed", (await Branches.LookAsync(who, "porto", Ct)).Refusal?.Code);
        }
    }

    [Fact]
    public async Task A_branch_that_does_not_exist_is_not_found() =>
        Assert.Equal(KernelRefusals.NotFound.Code, (await Branches.LookAsync(Hq, "atlantis", Ct)).Refusal?.Code);
}
