using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>
/// A vault with proposals and capabilities of the tests' own, whose target is the branch's pause of updates: <c>test.pause</c> (GREEN),
/// <c>test.amber</c>, <c>test.red</c>, <c>test.black</c>, and <c>test.outside</c>, which is not atomic.
/// </summary>
public abstract class ProposalsTest(PostgresServer server) : VaultTest(server)
{
    private readonly ShortFolder _keys = new();
    private ServiceProvider _services = null!;

    protected ClientKeys Keys { get; private set; } = null!;

    /// <summary>What wraps every key; whoever works on the same database needs it.</summary>
    protected string MasterKeyFile => _keys["master.key"];

    protected ProposalTexts Texts { get; private set; } = null!;

    protected CapabilityRegistry Registry { get; private set; } = null!;
    protected CapabilityCommands Cards { get; private set; } = null!;
    protected ProposalCommands Propose { get; private set; } = null!;
    protected DecisionCommands Decide { get; private set; } = null!;
    protected ProposalQueries Queue { get; private set; } = null!;
    protected StopCommands Stops { get; private set; } = null!;
    protected ExemptionCommands Exemptions { get; private set; } = null!;
    protected FreshSignIns Fresh { get; private set; } = null!;
    protected ProposalSweep Sweep { get; private set; } = null!;
    protected Leases Leases { get; private set; } = null!;
    protected ProposalExecutor Executor { get; private set; } = null!;

    /// <summary>Another person of the branch, and a second manager's equal: Porto has Ana and Rui as managers, Inês and Bia as staff.</summary>
    protected Sender Bia { get; private set; } = Sender.Nobody;

    protected AgentCommands Agents => new(Door);
    protected DelegationCommands Giving => new(Door);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Registry = new CapabilityRegistry([new PauseCapability("test.pause", Band.Green), new PauseCapability("test.amber", Band.Amber), new PauseCapability("test.red", Band.Red), new PauseCapability("test.black", Band.Black), new PauseCapability("test.outside", Band.Amber, atomic: false), new NoteCapability("test.note", atomic: true), new NoteCapability("test.note_outside", atomic: false)]);
        Cards = new CapabilityCommands(Door, Registry);
        Keys = new ClientKeys(MasterKey.Load(MasterKeyFile, mayCreate: true));
        Texts = new ProposalTexts(Keys);
        Propose = new ProposalCommands(Door, Registry, Texts);
        Decide = new DecisionCommands(Door, Texts);
        Queue = new ProposalQueries(Door, Registry, Texts);
        Exemptions = new ExemptionCommands(Door, Registry);
        _services = new ServiceCollection().BuildServiceProvider();
        Fresh = new FreshSignIns(Door, Dbs, new Passwords(Dbs, Passwords.Hasher()), new DemoMode(true));
        Leases = new Leases(Dbs, new NodeIdentity("test"), NullLogger<Leases>.Instance);
        Executor = NewExecutor(Leases, "test");
        Sweep = new ProposalSweep(Door, Registry);
        Stops = new StopCommands(Door, Registry, Sweep);
        Assert.Null((await Cards.RegisterAsync(Sender.System("test"), enable: true, Ct)).Refusal);
        await Leases.RenewAsync(Ct);
        Bia = await AddPersonAsync("Bia", p => Membership.In(Porto, p, Role.Staff));
    }

    /// <summary>
    /// APP-11: every attempt joins its capability, what allowed it (approvals of its round by others, or an exemption) and its audit
    /// entries; nothing was carried out beside that. Asked after every test of proposals.
    /// </summary>
    private const string Orphans = """
        select 'executed without a card' from audit.entries e where e.action = 'proposal.execute' and e.outcome = 'done'
          and not exists (select from proposals.proposals p join proposals.capability_cards c on c.capability = p.capability and c.version = p.capability_version where p.id::text = e.proposal_id and p.capability = e.capability)
        union all select 'executed without an approval' from audit.entries e join proposals.proposals p on p.id::text = e.proposal_id where e.action = 'proposal.execute' and e.outcome = 'done'
          and (p.exemption is null or p.round > 1) and not exists (select from proposals.decisions d join audit.entries a on a.proposal_id = p.id::text and a.action = 'proposal.approve' and a.outcome = 'done'
            where d.branch_id = p.branch_id and d.proposal_id = p.id and d.round = p.round and d.verdict = 'Approve' and d.digest = p.digest)
        union all select 'exempt without a use' from proposals.proposals p where p.exemption is not null and p.state = 'Succeeded' and not exists (select from proposals.exemption_uses u where u.branch_id = p.branch_id and u.proposal_id = p.id and u.exemption_id = p.exemption)
        union all select 'succeeded without exactly one entry' from proposals.proposals p where p.state = 'Succeeded' and not exists (select from proposals.decisions d where d.proposal_id = p.id and d.verdict = 'FoundDone')
          and (select count(*) from audit.entries e where e.proposal_id = p.id::text and e.action = 'proposal.execute' and e.outcome = 'done') <> 1
        union all select 'an attempt without its intent' from proposals.executions x where not exists (select from audit.entries e where e.proposal_id = x.proposal_id::text and e.action = 'proposal.intent' and e.outcome = 'done' and e.approval_state = 'IntentLogged' and e.capability is not null)
        union all select 'a state without an attempt' from proposals.proposals p where p.state in ('IntentLogged', 'Succeeded', 'UnknownOutcome', 'Failed') and not exists (select from proposals.executions x where x.branch_id = p.branch_id and x.proposal_id = p.id)
        union all select 'an ended attempt without an outcome' from proposals.executions x join proposals.proposals p on p.branch_id = x.branch_id and p.id = x.proposal_id where (x.ended_at is null) <> (p.state in ('IntentLogged', 'UnknownOutcome'))
        """;

    protected async Task<IReadOnlyList<string>> OrphansAsync()
    {
        // Thousands of rows written a moment ago, of which the planner knows nothing yet: it would compare each with each.
        await using (var statistics = Superuser.CreateCommand("analyze audit.entries, proposals.proposals, proposals.decisions, proposals.executions, proposals.exemption_uses")) await statistics.ExecuteNonQueryAsync();
        await using var command = Superuser.CreateCommand(Orphans);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync()) found.Add(reader.GetString(0));
        return found;
    }

    public override async ValueTask DisposeAsync()
    {
        Assert.Empty(await OrphansAsync());
        Leases.Dispose();
        Executor.Dispose();
        await _services.DisposeAsync();
        _keys.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected ProposalExecutor NewExecutor(Leases leases, string node, AttemptFile? attempts = null) => new(Door, Registry, leases, new NodeIdentity(node), Texts, NullLogger<ProposalExecutor>.Instance, attempts);

    /// <summary>Proposes to pause updates until a day, as a person of Porto.</summary>
    protected async Task<Submitted> ProposeAsync(Sender from, string capability = "test.amber", string until = "2030-01-31", string why = "Wedding season")
    {
        var result = await Propose.SubmitAsync(from, Porto, Input(capability, until, why), Ct);
        Assert.Null(result.Refusal);
        return result.Value;
    }

    protected static ProposalInput Input(string capability = "test.amber", string until = "2030-01-31", string why = "Wedding season") => new(capability, new JsonObject { ["until"] = until }, why, []);

    protected Task<Result<Decided>> ApproveAsync(Sender from, Submitted proposal, string? reason = null, string? ticket = null) =>
        Decide.ApproveAsync(from, Porto, proposal.Id, new Approval(proposal.Digest, reason, 5_000, ticket), Ct);

    /// <summary>Lets the time to undo be over.</summary>
    protected async Task EndGraceAsync(ProposalId id) => await Door.RunAsync<Done>(new Command("test.end_grace", Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), "proposal", id.ToString()), async (context, token) =>
    {
        await context.WriteAuditAsync(token);
        await context.Db.Proposals.Where(p => p.Id == id).ExecuteUpdateAsync(s => s.SetProperty(p => p.GraceUntil, context.Now.AddSeconds(-1)), token);
        return Done.It;
    }, Ct);

    protected async Task<ProposalState> StateAsync(ProposalId id) => Enum.Parse<ProposalState>((string)(await SqlAsync("select state from proposals.proposals where id = $1", id.Value))!);

    /// <summary>What one says, as it would be carried out.</summary>
    protected async Task<ProposalText> TextAsync(ProposalId id)
    {
        var text = await Door.ReadAsync<ProposalText>(Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), async (db, _, token) => await Texts.OpenAsync(db, await db.Proposals.AsNoTracking().SingleAsync(p => p.Id == id, token), token), Ct);
        Assert.Null(text.Refusal);
        return text.Value;
    }

    protected async Task<string?> EndCodeAsync(ProposalId id) => await SqlAsync("select end_code from proposals.proposals where id = $1", id.Value) as string;

    /// <summary>Lets the time to undo of everything be over, past every trigger.</summary>
    protected async Task EndAllGraceAsync()
    {
        await TamperAsync("update proposals.proposals set grace_until = clock_timestamp() - interval '1 second' where state = 'Grace'");
        await RenewAsync();
    }

    /// <summary>
    /// The leave to execute, anew: nothing renews it here by itself, and a busy machine may have taken longer than it lasts. Nothing numbers
    /// the log either, without which there is no leave after a minute.
    /// </summary>
    protected async Task RenewAsync()
    {
        await using (var source = NpgsqlDataSource.Create(Server.For(Database, VaultRoles.Default.Sequencer)))
        using (var key = GroupKey.Load(_keys["log.pem"], GroupKey.LogName, mayCreate: true))
        {
            // Signs nothing: a test that looks at checkpoints has a key of its own.
            var sequencer = new Sequencer(new SequencerSource(source), Wake, key, new LiveOptions(), new SequencerOptions { CheckpointInterval = TimeSpan.MaxValue }, NullLogger<Sequencer>.Instance);
            while ((await sequencer.NumberAsync(Ct)).IsFull) { }
        }

        await Leases.RenewAsync(Ct);
    }

    /// <summary>How often what <c>test.note</c> does was done with this note.</summary>
    protected Task<long> EffectsAsync(string note) => CountAsync("select count(*) from organization.blackouts where label = $1", note);

    protected static ProposalInput Note(string note, string capability = "test.note") => new(capability, new JsonObject { ["note"] = note }, "Wedding season", []);

    protected async Task<Submitted> ProposeNoteAsync(Sender from, string note, string capability = "test.note")
    {
        var result = await Propose.SubmitAsync(from, Porto, Note(note, capability), Ct);
        Assert.Null(result.Refusal);
        return result.Value;
    }

    /// <summary>An agent of HQ's with a key, which Ana of Porto gave all her powers or these.</summary>
    protected async Task<(AgentId Id, NewAgentKey Key)> NewAgentAsync(string slug, string[]? capabilities)
    {
        var agent = await Agents.CreateAsync(Hq, slug, $"The {slug}", "Helps.", Hq.PersonId!.Value, Ct);
        Assert.Null(agent.Refusal);
        var later = TimeProvider.System.GetUtcNow().AddDays(30);
        var key = await Agents.CreateKeyAsync(Hq, agent.Value, new NewKeyScope("Test", null, null, later), Ct);
        Assert.Null(key.Refusal);
        Assert.Null((await Giving.GiveAsync(Ana, Porto, new NewDelegation(null, Party.Of(agent.Value), capabilities, null, later, "It helps."), Ct)).Refusal);
        return (agent.Value, key.Value);
    }

    /// <summary>An agent inside the house, with a power from somebody.</summary>
    protected async Task<Sender> AgentOfAsync(string slug, Sender owner, Sender giver, params string[] capabilities)
    {
        var made = await Agents.CreateAsync(Hq, slug, $"The {slug}", "Helps.", owner.PersonId!.Value, Ct);
        Assert.Null(made.Refusal);
        var until = TimeProvider.System.GetUtcNow().AddDays(1);
        Assert.Null((await Giving.GiveAsync(giver, Porto, new NewDelegation(null, Party.Of(made.Value), capabilities.Length == 0 ? null : capabilities, null, until, "It helps."), Ct)).Refusal);
        return Sender.AgentInside(made.Value);
    }

    /// <summary>A proof of who they are, made now: the people of the tests have no password and count as a demo's.</summary>
    protected async Task<string> TicketOfAsync(Sender person)
    {
        await PastGuardsAsync("update organization.people set is_demo = true where id = $1", person.PersonId!.Value.Value);
        var ticket = await Fresh.ConfirmDemoAsync(person, Ct);
        Assert.Null(ticket.Refusal);
        return ticket.Value;
    }

    /// <summary>A node of its own, with its lease.</summary>
    protected async Task<(Leases Leases, ProposalExecutor Executor)> NodeAsync(string name)
    {
        var leases = new Leases(Dbs, new NodeIdentity(name), NullLogger<Leases>.Instance);
        await leases.RenewAsync(Ct);
        return (leases, NewExecutor(leases, name));
    }

    /// <summary>Until when Porto's updates are paused: what the capabilities here write.</summary>
    protected async Task<DateOnly?> PausedAsync() => await SqlAsync("select updates_paused_until from organization.branches where id = $1", Porto.Value) is DateOnly day ? day : null;

    protected async Task<long> CountAsync(string sql, params object[] args) => (long)(await SqlAsync(sql, args))!;

    /// <summary>Plays the database administrator who changes a row past every trigger.</summary>
    protected Task TamperAsync(string sql) => SqlAsync($"set session_replication_role = replica; {sql}; set session_replication_role = origin");

    /// <summary>Lets whoever reads this table wait until the answer is disposed of.</summary>
    protected async Task<IAsyncDisposable> LockedAsync(string table)
    {
        var connection = await Superuser.OpenConnectionAsync(Ct);
        await using var hold = new Npgsql.NpgsqlCommand($"begin; lock table {table} in access exclusive mode", connection);
        await hold.ExecuteNonQueryAsync(Ct);
        return new Held(connection);
    }

    // What waits is let go when somebody does wait: until then nothing is late.
    private sealed class Held(Npgsql.NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await using var waits = new Npgsql.NpgsqlCommand("select exists (select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database()))", connection);
            await Eventually.True(async () => (bool)(await waits.ExecuteScalarAsync())!, "somebody waits for the table");
            await using var end = new Npgsql.NpgsqlCommand("commit", connection);
            await end.ExecuteNonQueryAsync();
            await connection.DisposeAsync();
        }
    }

    protected async Task<Sender> AddPersonAsync(string name, Func<PersonId, Membership> membership)
    {
        var sender = Sender.Nobody;
        Assert.Null((await Door.RunAsync<Done>(new Command("setup.person", Sender.System("test"), TenantScope.Hq, Access.Hq, "person", name), (context, _) =>
        {
            sender = Add(context.Db, name, membership);
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct)).Refusal);
        return sender;
    }
}

/// <summary>Pauses the updates of the branch until a day; taken back by the same with the day before, or without one.</summary>
internal sealed class PauseCapability(string name, Band band, bool atomic = true) : ICapability
{
    public CapabilityDefinition Definition { get; } = new(name, "Testing", "Pause updates", "Pauses what tests pause.", new InputSchema([new("until", InputKind.Day, "Until", IsOptional: true), new("note", InputKind.Text, "Note", 200, IsOptional: true)]),
        band == Band.Black ? Band.Black : Band.Green, atomic, new CardDefaults("Tests", "low", "Pauses too long", "Propose the day before", nameof(ProposalsTest), band, TimeSpan.FromHours(4), TimeSpan.FromHours(1), 1_000, 2_000, 50_000, TimeSpan.FromHours(1)) { MayApproveOwn = band == Band.Green })
    { UndoneBy = [name] };

    /// <summary>Runs inside the effect; tests let it fail or wait.</summary>
    public static AsyncLocal<Func<Task>?> Inside { get; } = new();

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        var before = await db.Branches.AsNoTracking().Where(b => b.Id == call.Branch).Select(b => b.UpdatesPausedUntil).SingleAsync(ct);
        return new IntendedWrite($"Pause updates until {call.Args["until"]}", "pause of updates", new TargetRef("branch", call.Branch.ToString(), TargetRef.EtagOf(new JsonObject { ["until"] = before?.ToString("O", System.Globalization.CultureInfo.InvariantCulture) }), "/branch"),
            [new FactChange("Paused until", before?.ToString("O", System.Globalization.CultureInfo.InvariantCulture), (string?)call.Args["until"])])
        { About = Concern.Nobody, Notes = (string?)call.Args["note"] is { } note ? [note] : [] };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (Inside.Value is { } inside) await inside();
        var branch = await context.Db.Branches.SingleAsync(b => b.Id == call.Branch, ct);
        var before = branch.UpdatesPausedUntil;
        branch.PauseUpdates((string?)call.Args["until"] is { } until ? DateOnly.ParseExact(until, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) : null);
        var undo = new JsonObject();
        if (before is { } day) undo["until"] = day.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        return new Effect("Updates are paused", "/branch", new Compensation(name, undo));
    }
}

/// <summary>Writes one row for each time it is carried out, and depends on nothing: what is done twice is seen.</summary>
internal sealed class NoteCapability(string name, bool atomic) : ICapability
{
    public CapabilityDefinition Definition { get; } = new(name, "Notes", "Add a note", "Adds a blackout nobody minds.", new InputSchema([new("note", InputKind.Text, "Note", 100)]), Band.Green, atomic,
        new CardDefaults("Tests", "low", "Adds one too many", "None", nameof(ProposalsTest), Band.Amber, TimeSpan.FromHours(4), TimeSpan.FromHours(1), 50_000, 50_000, 50_000, TimeSpan.FromHours(1)));

    public Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct) =>
        Task.FromResult<Result<IntendedWrite>>(new IntendedWrite($"Add {call.Args["note"]}", "adding it", new TargetRef("note", "1", TargetRef.EtagOf([]), null), [new FactChange("Note", null, (string?)call.Args["note"])]) { About = Concern.Nobody });

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (PauseCapability.Inside.Value is { } inside) await inside();
        context.Db.Blackouts.Add(Blackout.Of(call.Branch, new DateOnly(2030, 1, 1), new DateOnly(2030, 1, 2), (string)call.Args["note"]!));
        return new Effect("Added", null, null);
    }
}
