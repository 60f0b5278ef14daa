using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>A vault whose way to the database goes over a line that fails as it is told to; everything else is the product's own.</summary>
public abstract class NetworkFaultTest(PostgresServer server) : ProposalsTest(server)
{
    protected const string Unavailable = "refuse.storage.unavailable";

    private protected FaultyLine Line { get; private set; } = null!;

    /// <summary>A small pool, so that its end is soon seen.</summary>
    protected override string AppConnection => new NpgsqlConnectionStringBuilder(Server.For(Database, VaultRoles.Default.App)) { Host = "127.0.0.1", Port = Line.Port, MaxPoolSize = 20 }.ConnectionString;

    public override async ValueTask InitializeAsync()
    {
        Line = new FaultyLine(new UnixDomainSocketEndPoint(Server.Socket));
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        Line.Clear();
        await base.DisposeAsync();
        Line.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>The database is out of reach or slow, or its connections end or run out: F5, F6, F7 and F9.</summary>
[Trait(Fault.Category, Fault.Suite)]
public sealed class NetworkFaultTests(PostgresServer server) : NetworkFaultTest(server)
{
    [Fact]
    public async Task F5_A_database_that_is_out_of_reach_refuses_every_command_and_is_back_without_a_restart()
    {
        var made = await ProposeNoteAsync(PortoStaff, "out of reach");
        Line.Freeze();
        // Thirty at once, more than there are connections: those who wait for one are refused like the others.
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => ApproveAsync(Ana, made))).WaitAsync(Fault.Hang, Ct), r => Assert.Equal(Unavailable, r.Refusal?.Code));
        Assert.Equal(Unavailable, (await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Refusal?.Code);
        Line.Clear();
        await Eventually.True(async () => !(await ApproveAsync(Ana, made)).IsRefused, "it is back");
        Assert.Equal(ProposalState.Grace, await StateAsync(made.Id));
    }

    [Fact]
    public async Task F6_Connections_that_were_reset_cost_nobody_a_command()
    {
        for (var i = 0; i < 5; i++)
        {
            var made = await ProposeNoteAsync(PortoStaff, $"reset {i}");
            Line.Reset();
            Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        }
    }

    [Fact]
    public async Task F7_A_slow_line_makes_commands_slow_and_refuses_none()
    {
        var made = await ProposeNoteAsync(PortoStaff, "slow");
        Line.Slow(TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(250));
        Assert.All(await Task.WhenAll(ApproveAsync(Ana, made), ApproveAsync(Rui, made)), r => Assert.True(r.Refusal is null || r.Refusal.Code == "refuse.proposal.already_decided", r.Refusal?.ToString()));
        Line.Clear();
        Assert.Equal(1, await CountAsync("select count(*) from proposals.decisions"));
    }

    [Fact]
    public async Task F5_While_the_database_is_away_the_metric_says_that_nobody_here_may_execute()
    {
        var (mine, seen) = (new AsyncLocal<bool>(), new List<int>());
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Name == "studiovault.executor.lease") l.EnableMeasurementEvents(instrument); } };
        // Other tests renew at the same time.
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => { if (mine.Value) seen.Add(value); });
        listener.Start();
        mine.Value = true;
        await Leases.RenewAsync(Ct);
        Line.Refuse();
        await Leases.RenewAsync(Ct);
        Assert.Equal([1, 0], seen);
        Line.Clear();
        await Eventually.True(async () =>
        {
            await Leases.RenewAsync(Ct);
            return Leases.Reason is null;
        }, "the lease is renewed again");
        Assert.Equal(1, seen[^1]);
    }

    [Fact]
    public async Task F9_Over_HTTP_a_held_door_answers_503_with_when_to_try_again_and_readiness_turns_visitors_away()
    {
        var (_, key) = await NewAgentAsync("helper", null);
        await using var vault = await WholeVault.StartAsync(AppConnection, Server.For(Database, VaultRoles.Default.Sequencer), null, ("Security:RequireHttps", "true"), ("Security:MasterKeyFile", MasterKeyFile));
        using var http = new HttpClient { BaseAddress = vault.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Token);
        await Eventually.True(async () => (await ReadyAsync()).Status == HttpStatusCode.OK, "it is ready", 60);
        Assert.Equal(HttpStatusCode.NotFound, await WithdrawAsync());

        var (door, held) = (vault.App.Services.GetRequiredService<VaultDbs>().Door, new List<NpgsqlConnection>());
        for (var i = 0; i < 12; i++) held.Add(await door.OpenConnectionAsync(Ct));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await WithdrawAsync());
        // An answer is kept for a second.
        await Eventually.True(async () => await ReadyAsync() is { Status: HttpStatusCode.ServiceUnavailable } red && red.Report.Contains("No connection for a command", StringComparison.Ordinal), "readiness is red");

        foreach (var connection in held) await connection.DisposeAsync();
        Assert.Equal(HttpStatusCode.NotFound, await WithdrawAsync());
        await Eventually.True(async () => (await ReadyAsync()).Status == HttpStatusCode.OK, "readiness is green again");

        async Task<HttpStatusCode> WithdrawAsync()
        {
            using var answer = await http.PostAsync($"/v1/proposals/{Guid.NewGuid()}/withdraw", null, Ct);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Assert.Contains(Unavailable, await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
                Assert.NotNull(answer.Headers.RetryAfter?.Delta);
            }

            return answer.StatusCode;
        }

        async Task<(HttpStatusCode Status, string Report)> ReadyAsync()
        {
            using var answer = await http.GetAsync("/health/ready", Ct);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct));
        }
    }

    [Fact]
    public async Task F9_When_every_connection_is_held_commands_are_refused_and_come_through_afterwards()
    {
        var made = await ProposeNoteAsync(PortoStaff, "held");
        var held = new List<NpgsqlConnection>();
        for (var i = 0; i < 12; i++) held.Add(await Dbs.Door.OpenConnectionAsync(Ct));
        Assert.Equal(Unavailable, (await ApproveAsync(Ana, made)).Refusal?.Code);
        foreach (var connection in held) await connection.DisposeAsync();
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
    }
}

/// <summary>
/// F8: the answer to a commit never came. It is looked up by what commits with it, never tried again blindly: nothing is done twice
/// and nothing acknowledged is lost.
/// </summary>
[Trait(Fault.Category, Fault.Suite)]
public sealed class LostAnswerFaultTests(PostgresServer server) : NetworkFaultTest(server)
{
    [Fact]
    public async Task F8_A_commit_whose_answer_was_lost_is_looked_for_and_never_done_again()
    {
        var (committed, lost, untold) = (await ProposeNoteAsync(PortoStaff, "committed"), await ProposeNoteAsync(PortoStaff, "lost on its way"), await ProposeNoteAsync(PortoStaff, "committed, and nobody could tell"));
        // The entry names the action, and goes together with the COMMIT.
        Line.LoseNext("proposal.approve"u8, arrives: true);
        Assert.Null((await ApproveAsync(Ana, committed).WaitAsync(Fault.Hang, Ct)).Refusal);

        Line.LoseNext("proposal.approve"u8, arrives: false);
        Assert.Equal(Unavailable, (await ApproveAsync(Ana, lost).WaitAsync(Fault.Hang, Ct)).Refusal?.Code);
        Assert.Equal(0, await CountAsync("select count(*) from proposals.decisions where proposal_id = $1", lost.Id.Value));
        Assert.Null((await ApproveAsync(Ana, lost)).Refusal);

        Line.LoseNext("proposal.approve"u8, arrives: true, awayAfterwards: true);
        Assert.Equal(KernelRefusals.OutcomeUnknown.Code, (await ApproveAsync(Ana, untold).WaitAsync(Fault.Hang, Ct)).Refusal?.Code);
        Line.Clear();
        Assert.Equal("refuse.proposal.already_decided", (await ApproveAsync(Ana, untold)).Refusal?.Code);
        await AssertDecidedOnceAsync(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task F8_On_a_line_that_brings_no_answer_back_an_approval_counts_once(bool committed)
    {
        var made = await ProposeNoteAsync(PortoStaff, "half open");
        // Everything sent arrives and the connection stays open: only the answers are missing, from the first on, or from that of the
        // round trip that commits on.
        if (committed) Line.SwallowAnswersFrom("proposal.approve"u8);
        else Line.SwallowAnswers();
        var first = await ApproveAsync(Ana, made).WaitAsync(Fault.Hang, Ct);
        Assert.Equal(committed ? KernelRefusals.OutcomeUnknown.Code : Unavailable, first.Refusal?.Code);
        Line.Clear();
        await Eventually.True(async () => await CountAsync("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'studiovault-door' and state <> 'idle'") == 0, "nothing is under way any more", 60);
        var again = await ApproveAsync(Ana, made);
        Assert.Equal(committed ? "refuse.proposal.already_decided" : null, again.Refusal?.Code);
        await AssertDecidedOnceAsync(1);
    }

    private async Task AssertDecidedOnceAsync(int proposals)
    {
        Assert.Equal((proposals, proposals), (await CountAsync("select count(*) from proposals.decisions"), await CountAsync("select count(*) from audit.entries where action = 'proposal.approve' and outcome = 'done'")));
        await EndAllGraceAsync();
        while (await Executor.RunDueAsync(Ct) > 0) { }
        Assert.Equal((proposals, proposals), (await CountAsync("select count(*) from organization.blackouts"), await CountAsync("select count(distinct label) from organization.blackouts")));
        Assert.Equal(proposals, await CountAsync($"select count(*) from proposals.proposals where state = '{nameof(ProposalState.Succeeded)}'"));
    }
}
