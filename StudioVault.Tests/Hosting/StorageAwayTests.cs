using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Hosting;

/// <summary>What visitors of the whole program get while the database is out of reach or only lets itself be read, and afterwards.</summary>
public sealed class StorageAwayTests(PostgresServer server) : VaultTest(server)
{
    private readonly FaultyLine _line = new(new System.Net.Sockets.UnixDomainSocketEndPoint(server.Socket));
    private WholeVault _vault = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await PastGuardsAsync("update organization.people set is_demo = true");
        _vault = await WholeVault.StartAsync(Lined(VaultRoles.Default.App), Lined(VaultRoles.Default.Sequencer),
            // Every request asks the database whether the sign-in still holds: in the product it is the first after half a minute.
            s => s.PostConfigure<SecurityStampValidatorOptions>(o => o.ValidationInterval = TimeSpan.Zero), ("Security:RequireHttps", "true"), ("Live:PollInterval", "100ms"));
    }

    public override async ValueTask DisposeAsync()
    {
        _line.Clear();
        await _vault.DisposeAsync();
        _line.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("/updates", true)]
    [InlineData("/agreements", true)]
    [InlineData("/audit", true)]
    [InlineData("/login", false)]
    [InlineData("/agreements/0197f000-0000-7000-8000-000000000000/v1/paper.pdf", true)]
    [InlineData("/projects/0197f000-0000-7000-8000-000000000000/delivery", true)]
    public async Task While_the_database_is_away_a_page_says_so_with_code_next_step_and_when_to_try_again(string path, bool signedIn)
    {
        using var ana = new Visitor(_vault.Address);
        if (signedIn) await ana.SignInAsync(Ana.PersonId!.Value.Value);
        _line.Refuse();
        using var answer = await ana.GetAsync(path);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Ct));
        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}: {page}");
        Assert.Contains(KernelRefusals.StorageUnavailable.Code, page, StringComparison.Ordinal);
        Assert.Contains(KernelRefusals.StorageUnavailable.Sentence, page, StringComparison.Ordinal);
        Assert.Contains(KernelRefusals.StorageUnavailable.NextStep, page, StringComparison.Ordinal);
        Assert.Contains("Try again", page, StringComparison.Ordinal);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter?.Delta);

        _line.Clear();
        using var after = await ana.GetAsync(path);
        // Whoever was signed in still is.
        Assert.Equal(path.Contains("0197f000", StringComparison.Ordinal) ? HttpStatusCode.NotFound : HttpStatusCode.OK, after.StatusCode);
    }

    /// <summary>That a full disk is noted is proved on one (ServerFaultTests); here, that the note is on the page and goes.</summary>
    [Fact]
    public async Task While_there_is_no_room_every_page_says_that_it_is_only_reading_and_the_next_change_takes_the_line_away()
    {
        const string line = "Only reading: the database's disk is full";
        using var ana = new Visitor(_vault.Address);
        await ana.SignInAsync(Ana.PersonId!.Value.Value);
        var room = _vault.App.Services.GetRequiredService<VaultDbs>().Room;
        // What the node does by itself when it starts is written too.
        await Eventually.True(async () =>
        {
            room.NoteFull();
            return WebUtility.HtmlDecode(await ana.ReadAsync("/updates")).Contains(line, StringComparison.Ordinal);
        }, "the page says so");
        using var rui = new Visitor(_vault.Address);
        await rui.SignInAsync(Rui.PersonId!.Value.Value);
        Assert.DoesNotContain(line, WebUtility.HtmlDecode(await ana.ReadAsync("/updates")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forms_programs_and_circuits_get_an_answer_too()
    {
        using var ana = new Visitor(_vault.Address);
        var form = await ana.ReadAsync("/login");
        _line.Refuse();
        using (var tried = await ana.PostAsync("/login", form, ("email", "ana@northlight.example"), ("password", "x")))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, tried.StatusCode);
            var page = await tried.Content.ReadAsStringAsync(Ct);
            Assert.Contains(KernelRefusals.StorageUnavailable.Code, page, StringComparison.Ordinal);
            // A link would ask for the form's address, which shows nothing.
            Assert.DoesNotContain("Try again", page, StringComparison.Ordinal);
        }

        _line.Clear();
        await ana.SignInAsync(Ana.PersonId!.Value.Value);
        _line.Refuse();
        using (var negotiated = await ana.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1"))) Assert.Equal(HttpStatusCode.OK, negotiated.StatusCode);
        using (var proof = await ana.GetAsync("/v1/audit/checkpoint"))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (proof.StatusCode, proof.Content.Headers.ContentType?.MediaType));
            Assert.Contains(KernelRefusals.StorageUnavailable.Code, await proof.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
            Assert.NotNull(proof.Headers.RetryAfter);
        }
    }

    [Fact]
    public async Task Whoever_was_switched_off_meanwhile_is_out_as_soon_as_the_database_is_back()
    {
        using var ana = new Visitor(_vault.Address);
        await ana.SignInAsync(Ana.PersonId!.Value.Value);
        await PastGuardsAsync("update organization.people set security_stamp = 'another' where id = $1", Ana.PersonId.Value.Value);
        _line.Refuse();
        using (var during = await ana.GetAsync("/branch"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, during.StatusCode);
            Assert.DoesNotContain("Northlight Porto", await during.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        _line.Clear();
        using var after = await ana.GetAsync("/branch");
        Assert.Contains("/login", after.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_only_lets_itself_be_read_ends_no_node_and_work_goes_on_afterwards()
    {
        using var ana = new Visitor(_vault.Address);
        await ana.SignInAsync(Ana.PersonId!.Value.Value);
        await NumberedAsync();
        // An entry that still waits for its number when the server stops taking any.
        await using (var holder = await Superuser.OpenConnectionAsync(Ct))
        {
            await using var hold = new NpgsqlCommand($"select pg_advisory_lock({0x5356_5345_5155_454E})", holder);
            await hold.ExecuteNonQueryAsync(Ct);
            using var signedIn = new Visitor(_vault.Address);
            await signedIn.SignInAsync(Ana.PersonId!.Value.Value);
            await ReadOnlyAsync("on");
            await using var free = new NpgsqlCommand("select pg_advisory_unlock_all()", holder);
            await free.ExecuteNonQueryAsync(Ct);
        }

        await Eventually.True(() => _vault.Log.Lines.Any(l => l.Contains("The sequencer cannot number", StringComparison.Ordinal) && l.Contains("25006", StringComparison.Ordinal)), $"the sequencer met it\n{string.Join('\n', _vault.Log.Lines)}");
        // Once the connections that were ended have been replaced.
        await Eventually.True(async () =>
        {
            using var page = await ana.GetAsync("/branch");
            return page.StatusCode == HttpStatusCode.OK;
        }, "pages are shown");
        // Signing in writes into the log first.
        using var rui = new Visitor(_vault.Address);
        using (var tried = await rui.PostAsync("/login/demo", await rui.ReadAsync("/login"), ("person", Rui.PersonId!.Value.ToString())))
            Assert.Contains(KernelRefusals.StorageUnavailable.Code, tried.Headers.Location?.ToString(), StringComparison.Ordinal);
        Assert.False(_vault.App.Lifetime.ApplicationStopping.IsCancellationRequested);
        AssertLoopsRun();

        await ReadOnlyAsync("off");
        await Eventually.True(async () =>
        {
            // Connections were ended again: the page may be one that says to try again.
            using var page = await rui.GetAsync("/login");
            if (page.StatusCode != HttpStatusCode.OK) return false;
            using var entered = await rui.PostAsync("/login/demo", await page.Content.ReadAsStringAsync(Ct), ("person", Rui.PersonId!.Value.ToString()));
            return entered.Headers.Location?.ToString() == "/";
        }, "people sign in again");
        await NumberedAsync();
    }

    [Fact]
    public async Task A_right_that_was_taken_away_ends_no_node_and_work_goes_on_when_it_is_given_back()
    {
        await NumberedAsync();
        var roles = VaultRoles.Default;
        await SqlAsync($"revoke select on audit.sequencer_state from {roles.Sequencer}; revoke select on live.positions from {roles.App}");
        await Eventually.True(() => _vault.Log.Lines.Any(l => l.Contains("The sequencer cannot number", StringComparison.Ordinal) && l.Contains("42501", StringComparison.Ordinal))
            && _vault.Log.Lines.Any(l => l.Contains("The live feed cannot read", StringComparison.Ordinal) && l.Contains("42501", StringComparison.Ordinal)), $"both met it\n{string.Join('\n', _vault.Log.Lines)}");
        Assert.False(_vault.App.Lifetime.ApplicationStopping.IsCancellationRequested);
        AssertLoopsRun();
        await SqlAsync($"grant select on audit.sequencer_state to {roles.Sequencer}; grant select on live.positions to {roles.App}");
        using var ana = new Visitor(_vault.Address);
        await ana.SignInAsync(Ana.PersonId!.Value.Value);
        await NumberedAsync();
    }

    private void AssertLoopsRun() => Assert.All(
        new[] { _vault.App.Services.GetRequiredService<FeedReader>().ExecuteTask!, _vault.App.Services.GetRequiredService<Sequencer>().ExecuteTask!, _vault.App.Services.GetRequiredService<CheckpointWitness>().ExecuteTask! },
        t => Assert.False(t.IsCompleted));

    /// <summary>Every entry has its number, and this node has read what was numbered.</summary>
    private async Task NumberedAsync()
    {
        await Eventually.True(async () => (long)(await SqlAsync("select count(*) from audit.entries e where not exists (select from audit.leaves l where l.entry_id = e.id)"))! == 0, "every entry has its number", 60);
        await Eventually.True(async () => _vault.App.Services.GetRequiredService<FeedReader>().Cursor == (long)(await SqlAsync("select coalesce(max(position), 0) from live.positions"))!, "the feed has read on", 60);
    }

    /// <summary>As on a standby; connections from before would not notice.</summary>
    private async Task ReadOnlyAsync(string on)
    {
        await using var connection = await Superuser.OpenConnectionAsync(Ct);
        foreach (var sql in (string[])["set default_transaction_read_only = off", $"alter database \"{Database}\" set default_transaction_read_only = {on}",
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and application_name like 'studiovault%'"])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(Ct);
        }
    }

    private string Lined(string role) => new NpgsqlConnectionStringBuilder(Server.For(Database, role)) { Host = "127.0.0.1", Port = _line.Port, MaxPoolSize = 20 }.ConnectionString;
}
