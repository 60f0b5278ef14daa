using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

/// <summary>A vault in which the real capabilities are proposed, decided on and carried out.</summary>
public abstract class CapabilityLifeTest(PostgresServer server) : CapabilityTest(server)
{
    private readonly ShortFolder _attempts = new();
    private Leases _leases = null!;

    protected CapabilityRegistry Registry { get; private set; } = null!;
    protected ProposalCommands Propose { get; private set; } = null!;
    protected DecisionCommands Decisions { get; private set; } = null!;
    protected ProposalQueries Queue { get; private set; } = null!;
    protected ProposalExecutor Executor { get; private set; } = null!;

    /// <summary>Folder of the second sink.</summary>
    protected string Attempts => _attempts.Path;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Registry = new CapabilityRegistry([.. All.Values]);
        Assert.Null((await new CapabilityCommands(Door, Registry).RegisterAsync(Sender.System("test"), enable: true, Ct)).Refusal);
        Propose = new ProposalCommands(Door, Registry, Texts);
        Decisions = new DecisionCommands(Door, Texts);
        Queue = new ProposalQueries(Door, Registry, Texts);
        _leases = new Leases(Dbs, new NodeIdentity("test"), NullLogger<Leases>.Instance);
        Executor = new ProposalExecutor(Door, Registry, _leases, new NodeIdentity("test"), Texts, NullLogger<ProposalExecutor>.Instance, new AttemptFile(Attempts, NullLogger<AttemptFile>.Instance));
        await _leases.RenewAsync(Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        Executor.Dispose();
        _leases.Dispose();
        _attempts.Dispose();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    protected async Task<Submitted> ProposedAsync(string capability, JsonObject args, string why = "A test.", IReadOnlyList<Evidence>? evidence = null)
    {
        var submitted = await Propose.SubmitAsync(PortoStaff, Porto, new(capability, args, why, evidence ?? []), Ct);
        Assert.Null(submitted.Refusal);
        return submitted.Value;
    }

    protected async Task<Submitted> ApprovedAsync(string capability, JsonObject args, string why = "A test.", string? reason = null)
    {
        var submitted = await ProposedAsync(capability, args, why);
        Assert.Null((await Decisions.ApproveAsync(Ana, Porto, submitted.Id, new Approval(submitted.Digest, reason, 5_000, null), Ct)).Refusal);
        return submitted;
    }

    protected async Task<ProposalId> CarriedOutAsync(string capability, JsonObject args, string why = "A test.", string? reason = null)
    {
        var id = (await ApprovedAsync(capability, args, why, reason)).Id;
        await RunAsync(id);
        Assert.Equal((ProposalState.Succeeded, ""), await StandsAsync(id));
        return id;
    }

    /// <summary>Lets the time to undo be over and carries out what is due.</summary>
    protected async Task RunAsync(ProposalId id)
    {
        await Door.RunAsync<Done>(new Command("test.end_grace", Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), "proposal", id.ToString()), async (context, token) =>
        {
            await context.WriteAuditAsync(token);
            await context.Db.Proposals.Where(p => p.Id == id).ExecuteUpdateAsync(s => s.SetProperty(p => p.GraceUntil, context.Now.AddSeconds(-1)), token);
            return Done.It;
        }, Ct);
        // On a busy machine a test outlives the lease of thirty seconds, which nobody renews here.
        await _leases.RenewAsync(Ct);
        await Executor.RunDueAsync(Ct);
    }

    protected async Task<(ProposalState State, string EndCode)> StandsAsync(ProposalId id) =>
        (Enum.Parse<ProposalState>((string)(await SqlAsync("select state from proposals.proposals where id = $1", id.Value))!), (string)(await SqlAsync("select coalesce(end_code, '') from proposals.proposals where id = $1", id.Value))!);

    protected async Task<ProposalView> ViewAsync(ProposalId id)
    {
        var view = await Queue.OneAsync(Ana, Porto, id, Ct);
        Assert.Null(view.Refusal);
        return view.Value;
    }
}
