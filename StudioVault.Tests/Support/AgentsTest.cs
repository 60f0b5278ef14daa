using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>A vault with an agent of HQ's, a key for it, and the commands around both.</summary>
public abstract class AgentsTest(PostgresServer server) : VaultTest(server)
{
    protected AgentCommands Agents => new(Door);
    protected DelegationCommands Giving => new(Door);
    protected AccountLinks Links => new(Door);
    private protected FakeClock Clock { get; } = new();
    protected AgentGate Gate { get; private set; } = null!;

    /// <summary>Owned by Helena of HQ.</summary>
    protected AgentId Helper { get; private set; }

    protected NewAgentKey Key { get; private set; } = null!;

    /// <summary>The helper by its key.</summary>
    protected Sender HelperByKey { get; private set; } = Sender.Nobody;

    protected static DateTimeOffset In(TimeSpan time) => TimeProvider.System.GetUtcNow() + time;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Gate = new AgentGate(Door, Dbs, Clock);
        Helper = await NewAgentAsync("helper");
        Key = await NewKeyAsync();
        HelperByKey = ByKey(Key);
    }

    protected async Task<AgentId> NewAgentAsync(string slug, PersonId? owner = null)
    {
        var made = await Agents.CreateAsync(Hq, slug, $"The {slug}", "Helps.", owner ?? Hq.PersonId!.Value, Ct);
        Assert.Null(made.Refusal);
        return made.Value;
    }

    protected async Task<NewAgentKey> NewKeyAsync(IReadOnlyCollection<string>? capabilities = null, IReadOnlyCollection<BranchId>? branches = null, AgentId? agent = null)
    {
        var made = await Agents.CreateKeyAsync(Hq, agent ?? Helper, new NewKeyScope("Test", capabilities, branches, In(TimeSpan.FromDays(30))), Ct);
        Assert.Null(made.Refusal);
        return made.Value;
    }

    protected static Sender ByKey(NewAgentKey key) => Sender.AgentBy(key.Id, Convert.ToHexStringLower(AgentToken.Parse(key.Token)!.SecretSha256()));

    protected Task<Result<DelegationId>> TryGiveAsync(Sender from, Party to, string[]? capabilities = null, DelegationId? parent = null, AgentId? fromAgent = null, TimeSpan? lasts = null, BranchId? branch = null) =>
        Giving.GiveAsync(from, branch ?? Porto, new NewDelegation(fromAgent, to, capabilities, null, In(lasts ?? TimeSpan.FromDays(7)), "It helps.", parent), Ct);

    protected async Task<DelegationId> GiveAsync(Sender from, Party to, string[]? capabilities = null, DelegationId? parent = null, AgentId? fromAgent = null, TimeSpan? lasts = null, BranchId? branch = null)
    {
        var given = await TryGiveAsync(from, to, capabilities, parent, fromAgent, lasts, branch);
        Assert.Null(given.Refusal);
        return given.Value;
    }

    protected static Party To(Sender person) => Party.Of(person.PersonId!.Value);
    protected static Party To(AgentId agent) => Party.Of(agent);

    /// <summary>The agent as the door meets it in Porto.</summary>
    protected Task<Result<Caller>> MeetAsync(Sender sender, BranchId? branch = null) => Door.ReadAsync<Caller>(sender, TenantScope.Of(branch ?? Porto), Access.AgentIn(branch ?? Porto),
        (_, caller, _) => Task.FromResult<Result<Caller>>(caller), Ct);

    /// <summary>What a stored chain is worth now, asked as the executor asks.</summary>
    protected async Task<Refusal?> CheckAsync(Actor acting, IReadOnlyList<DelegationId> delegations, string capability, TimeSpan later = default)
    {
        var result = await Door.ReadAsync<Refusal[]>(Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), async (db, _, ct) =>
            await Delegations.CheckAsync(db, Porto, acting, delegations, capability, In(later), ct) is { } refusal ? new[] { refusal } : Array.Empty<Refusal>(), Ct);
        return result.Value.SingleOrDefault();
    }

    protected async Task<IReadOnlyList<Grant>> StandInsAsync(Sender person, TimeSpan later = default) => (await Door.ReadAsync<List<Grant>>(Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto),
        async (db, _, ct) => (await Delegations.StandInsAsync(db, Porto, person.PersonId!.Value, In(later), ct)).ToList(), Ct)).Value;

    /// <summary>What no command can do: time that passed, a row somebody changed by hand.</summary>
    protected Task TamperAsync(string sql) => SqlAsync($"set session_replication_role = replica; {sql}; set session_replication_role = origin");
}
