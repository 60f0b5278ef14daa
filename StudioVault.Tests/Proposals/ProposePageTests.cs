using Bunit;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using StudioVault.Web.Proposals;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Proposals;

/// <summary>Proposing as people see it, with the real use cases on a real database.</summary>
public sealed class ProposePageTests(PostgresServer server) : ProposalsTest(server)
{
    private readonly PageBrowsers _browsers = new();

    public override async ValueTask DisposeAsync()
    {
        await _browsers.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void What_a_thing_does_is_read_before_it_is_chosen()
    {
        var page = Open<ProposePage>(_browsers.Of(Rui, services => services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton<OrganizationQueries>().AddSingleton(Registry).AddSingleton(Texts).AddSingleton(Queue).AddSingleton(Propose).AddSingleton<ProposalPickers>()), "/queue/new");
        page.WaitForElement("a.row-link");
        Assert.Equal([.. Registry.All.Select(d => $"/queue/new?what={d.Name}").Order(StringComparer.Ordinal)], page.FindAll("a.row-link").Select(a => a.GetAttribute("href")).Order(StringComparer.Ordinal));
        Shows(page, Registry.All[0].What);
        Assert.Empty(page.FindAll("#why"));
    }

    [Fact]
    public async Task What_was_typed_while_it_was_being_tried_is_tried_anew_and_only_what_is_shown_is_sent()
    {
        var page = Open<ProposePage>(_browsers.Of(Rui, services => services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton<OrganizationQueries>().AddSingleton(Registry).AddSingleton(Texts).AddSingleton(Queue).AddSingleton(Propose).AddSingleton<ProposalPickers>()), "/queue/new?what=test.amber");
        page.WaitForElement("#arg-until");
        Type(page, "#arg-until", "2030-01-31");
        Type(page, "#why", "Wedding season");
        await using (await LockedAsync("organization.branches"))
        {
            page.Find("form").Submit();
            Type(page, "#arg-until", "2030-02-28");
        }

        page.WaitForAssertion(() => Assert.False(page.FindAll("button").Single(b => Said(b) == "See what it would write").HasAttribute("disabled")));
        Assert.Empty(page.FindAll(".propose-write"));
        page.Find("form").Submit();
        Shows(page, "Pause updates until 2030-02-28");
        Press(page, "Propose pause of updates");
        Arrives(page, "/queue/[0-9a-f-]{36}$");
        var made = new StudioVault.Domain.Proposals.ProposalId(Guid.Parse(AddressOf(page)[^36..]));
        Assert.Equal("2030-02-28", (string?)(await TextAsync(made)).ArgsObject["until"]);
    }
}
