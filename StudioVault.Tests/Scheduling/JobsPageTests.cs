using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Radzen;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;
using StudioVault.Tests.Support;
using StudioVault.Web.Organization;
using StudioVault.Web.Scheduling;
using StudioVault.Web.Shell;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Scheduling;

/// <summary>The page on a real scheduler and a real PostgreSQL.</summary>
public sealed class JobsPageTests(PostgresServer server) : VaultTest(server)
{
    private const string Job = "test-job";
    private readonly JobProbe _probe = new();
    private readonly FakeClock _clock = new();
    private readonly BunitContext _browser = new();
    private JobNodeHost _node = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _node = await JobNodeHost.StartAsync("one", App.ConnectionString, _probe, s => s.AddVaultJob<ProbeJob>(Job, "Test job", "Does what the test says.", JobSchedule.Cron("0 0 0 1 1 ?", "every New Year")));
        _browser.JSInterop.Mode = JSRuntimeMode.Loose;
        _browser.AddBunitPersistentComponentState();
        _browser.Services.AddRadzenComponents();
        _browser.Services.AddSingleton<TimeProvider>(_clock);
        _browser.Services.AddSingleton(_node.Board).AddSingleton(_node.Control).AddSingleton(Door).AddSingleton(Dbs);
        _browser.Services.AddSingleton<OrganizationQueries>().AddSingleton<PageCarry>().AddSingleton(new DemoMode(false));
        _browser.Services.AddScoped<Session>().AddScoped<ShellModel>().AddScoped<NavCounts>().AddScoped<Toasts>();
    }

    public override async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _node.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Hq_sees_the_jobs_and_the_nodes()
    {
        var page = Open(Hq, ShellRoles.HqAdmin);
        page.WaitForAssertion(() => Assert.Contains("The only job runs on schedule.", page.Markup, StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        Assert.Contains("every New Year", page.Find("td.col-schedule").TextContent, StringComparison.Ordinal);
        Assert.Equal("one", page.Find(".node-name").TextContent);
    }

    [Fact]
    public async Task Run_now_on_the_page_runs_the_job_and_the_page_renews_itself()
    {
        var page = Open(Hq, ShellRoles.HqAdmin, Job);
        (await page.WaitForElementAsync(".btn-primary", TimeSpan.FromSeconds(20))).Click();
        await Eventually.True(() => _probe.Ended == 1, "the job has run");
        await Eventually.True(() => Renewed(page).FindAll(".runs").Any(r => r.TextContent.Contains("Did it", StringComparison.Ordinal)), "the page shows the run");
    }

    [Fact]
    public void A_manager_who_forces_the_address_is_refused_by_the_service_and_sees_no_job()
    {
        // The role in the cookie is forged; the database knows better.
        var page = Open(Ana, ShellRoles.HqAdmin);
        page.WaitForAssertion(() => Assert.Contains("refuse.kernel.not_allowed", page.Find("[role=alert]").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        Assert.DoesNotContain("Test job", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_job_in_the_address_leads_back_to_the_list()
    {
        var page = Open(Hq, ShellRoles.HqAdmin, "no-such-job");
        page.WaitForAssertion(() => Assert.Contains("There is no such job", page.Markup, StringComparison.Ordinal), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task When_the_database_goes_away_the_page_keeps_what_it_knew_and_says_so()
    {
        var page = Open(Hq, ShellRoles.HqAdmin);
        page.WaitForAssertion(() => Assert.Contains("Test job", page.Markup, StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        await using (var outside = NpgsqlDataSource.Create(Server.For("postgres", EmbeddedPostgres.Superuser)))
        {
            await ExecuteAsync($"alter database {Database} allow_connections false");
            await ExecuteAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{Database}'");
            await Eventually.True(() => Renewed(page).Markup.Contains("no longer renewed", StringComparison.Ordinal), "the page says that it is not renewed");
            Assert.Contains("Test job", page.Markup, StringComparison.Ordinal);
            await ExecuteAsync($"alter database {Database} allow_connections true");

            async Task ExecuteAsync(string sql)
            {
                await using var command = outside.CreateCommand(sql);
                await command.ExecuteNonQueryAsync(Ct);
            }
        }

        await Eventually.True(() => !Renewed(page).Markup.Contains("no longer renewed", StringComparison.Ordinal), "the page is renewed again");
    }

    /// <summary>The page after its next beat.</summary>
    private IRenderedComponent<JobsPage> Renewed(IRenderedComponent<JobsPage> page)
    {
        _clock.Advance(TimeSpan.FromSeconds(5));
        return page;
    }

    private IRenderedComponent<JobsPage> Open(Sender who, string role, string? job = null)
    {
        var signedIn = _browser.AddAuthorization();
        signedIn.SetAuthorized("somebody");
        signedIn.SetRoles(role);
        signedIn.SetClaims(new Claim(ClaimTypes.NameIdentifier, who.PersonId!.Value.ToString()), new Claim("AspNet.Identity.SecurityStamp", who.SecurityStamp!));
        _browser.SetRendererInfo(new("Server", isInteractive: true));
        _browser.Services.GetRequiredService<NavigationManager>().NavigateTo("/hq/jobs" + (job is null ? "" : $"?job={job}"));
        return _browser.Render<JobsPage>();
    }
}
