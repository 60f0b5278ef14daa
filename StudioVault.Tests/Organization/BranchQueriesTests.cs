using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
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
        Assert.Equal(("wedding-classic", 1, 2, false), (package.TemplateSlug, package.StandsOn, package.NewestVersion, package.IsCustomised));
        Assert.Equal(2, Assert.Single(look.Offers).Version);
        Assert.Equal(("accepted", 1, "Ana"), look.Decisions.Select(d => (d.Verdict, d.Version, d.By)).Single());
    }

    [Fact]
    public async Task A_branch_that_ignored_a_version_is_behind_and_stands_on_what_it_had()
    {
        await AdoptAsync();
        await PublishAsync(Faster());
        Assert.Null((await AcceptAsync(BerlinManager, Berlin)).Refusal);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, await OpenOfferAsync(Porto), "Not before the season ends.", Ct)).Refusal);

        Assert.Equal([("berlin", 0), ("porto", 1)], (await Branches.OverviewAsync(Hq, Ct)).Value.Select(r => (r.Branch.Slug, r.Behind)));
        var package = Assert.Single((await Branches.LookAsync(Hq, "porto", Ct)).Value.Packages);
        Assert.Equal((1, 2, true), (package.StandsOn, package.NewestVersion, package.IsBehind));
    }

    [Fact]
    public async Task Nobody_is_behind_a_version_that_is_called_back()
    {
        await AdoptAsync();
        await PublishAsync(Faster());
        Assert.Null((await AcceptAsync(BerlinManager, Berlin)).Refusal);
        Assert.Null((await Yank.RunAsync(Hq, Wedding, 2, "Mistake.", Ct)).Refusal);

        Assert.All((await Branches.OverviewAsync(Hq, Ct)).Value, r => Assert.Equal(0, r.Behind));
        Assert.Equal((2, 1, false), Assert.Single((await Branches.LookAsync(Hq, "berlin", Ct)).Value.Packages) is var took ? (took.StandsOn, took.NewestVersion, took.IsBehind) : default);
        Assert.Equal((1, 1, false), Assert.Single((await Branches.LookAsync(Hq, "porto", Ct)).Value.Packages) is var did ? (did.StandsOn, did.NewestVersion, did.IsBehind) : default);
        var templates = new TemplateQueries(Door);
        Assert.Equal((1, 1, 0, 1), Assert.Single((await templates.ListAsync(Hq, null, Ct)).Value) is var row ? (row.NewestVersion, row.Following, row.Behind, row.OnCalledBack) : default);
        Assert.Equal(1, (await templates.FindAsync(Hq, "wedding-classic", Ct)).Value.Newest?.Number);
    }

    [Fact]
    public async Task Taking_a_decision_back_is_no_decision()
    {
        await AdoptAsync();
        await PublishAsync(Faster());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        var decided = await LastAsync();
        Assert.Null((await Undoing.RunAsync(Ana, Porto, offer, Ct)).Refusal);

        Assert.Equal(decided, await LastAsync());
        Assert.Equal(["undone", "accepted", "accepted"], (await Branches.LookAsync(Hq, "porto", Ct)).Value.Decisions.Select(d => d.Verdict));

        async Task<DateTimeOffset?> LastAsync() => (await Branches.OverviewAsync(Hq, Ct)).Value.Single(r => r.Branch.Slug == "porto").LastDecisionAt;
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

    /// <summary>Version 2: sooner delivery.</summary>
    private static JsonObject Faster()
    {
        var content = WeddingContent();
        content["turnaroundDays"] = 40;
        return content;
    }
}
