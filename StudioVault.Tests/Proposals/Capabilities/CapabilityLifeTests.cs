using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

/// <summary>Capabilities on the whole way: proposed by one person, approved by another, carried out by the executor, and rolled back in the same way.</summary>
public sealed class CapabilityLifeTests(PostgresServer server) : CapabilityTest(server)
{
    private CapabilityRegistry _registry = null!;
    private Leases _leases = null!;
    private ProposalExecutor _executor = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _registry = new CapabilityRegistry([.. All.Values]);
        Assert.Null((await new CapabilityCommands(Door, _registry).RegisterAsync(Sender.System("test"), enable: true, Ct)).Refusal);
        _leases = new Leases(Dbs, new NodeIdentity("test"), NullLogger<Leases>.Instance);
        _executor = new ProposalExecutor(Door, _registry, _leases, new NodeIdentity("test"), NullLogger<ProposalExecutor>.Instance);
        await _leases.RenewAsync(Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        _executor.Dispose();
        _leases.Dispose();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    [Fact]
    public void What_takes_a_capability_back_is_named_and_registered_and_takes_something_itself_back()
    {
        Assert.All(_registry.All, d =>
        {
            Assert.NotEmpty(d.UndoneBy);
            Assert.All(d.UndoneBy, name =>
            {
                Assert.True(_registry.TryFind(name, out var undo), $"{d.Name} names {name}, which is not registered.");
                Assert.Equal(d.Area, undo!.Definition.Area);
                // An undo can be undone: somebody who rolled back by mistake is not stuck.
                Assert.NotEmpty(undo.Definition.UndoneBy);
            });
        });
    }

    [Fact]
    public async Task Before_an_agreement_sessions_are_moved_and_manned_and_clients_written_to()
    {
        var project = await BookedAsync();
        var marta = (Guid)(await SqlAsync("select id from agreements.clients where email = 'marta@sousa.example'"))!;
        await ThereAndBackAsync(SessionMove.Name, Args(("projectId", project.ToString()), ("to", "2099-07-04")), "select event_on::text from agreements.projects", "2099-07-04");
        await ThereAndBackAsync(SessionAssign.Name, Args(("projectId", project.ToString()), ("personId", Rui.PersonId!.Value.ToString()), ("task", "photographer")), "select count(*)::text from agreements.session_assignments", "1");
        await ThereAndBackAsync(ClientMessage.Name, Args(("projectId", project.ToString()), ("clientId", marta.ToString()), ("subject", "The light"), ("text", "At six.")), "select coalesce(string_agg(state, ','), '') from mail.messages where state <> 'Recalled'", "Queued");
    }

    [Fact]
    public async Task Under_an_agreement_invoices_and_deliveries_are_seen_to()
    {
        var agreement = await ExecutedAsync();
        var invoice = (await InvoiceAsync()).ToString();
        await ThereAndBackAsync(InvoiceDiscount.Name, Args(("invoiceId", invoice), ("amount", "35"), ("reason", "Late album.")), "select trim_scale(goodwill)::text from agreements.invoices where number like '%/1'", "35");
        Assert.Null((await Invoices.PayAsync(PortoStaff, Porto, new(Guid.Parse(invoice)), new DateOnly(2026, 11, 1), Domain.Agreements.PaymentMethod.Card, Ct)).Refusal);
        await ThereAndBackAsync(RefundRecord.Name, Args(("invoiceId", invoice), ("amount", "100"), ("reason", "Fewer hours.")), "select trim_scale(refunded)::text from agreements.invoices where number like '%/1'", "100");
        var deliveries = new DeliveryCommands(Door, Papers, new DeliveryFiles(Path.GetTempPath()));
        var delivery = (await deliveries.OpenAsync(PortoStaff, Porto, await ProjectOfAsync(agreement), "All photographs", Ct)).Value;
        await ThereAndBackAsync(DeliveryExtend.Name, Args(("deliveryId", delivery.ToString()), ("until", "2099-01-01"), ("reason", "They are abroad.")), "select online_until::text from agreements.deliveries", "2099-01-01");
    }

    [Fact]
    public async Task An_update_is_accepted_and_taken_back()
    {
        await AdoptAsync();
        var content = WeddingContent();
        In(content, "items", "coverage")["unitPrice"]!["EUR"] = "1500.00";
        await PublishAsync(content);
        await ThereAndBackAsync(PackageAcceptSafe.Name, Args(("offerId", (await OpenOfferAsync(Porto)).ToString())),
            "select r.content::jsonb->'items'->0->>'unitPrice' from packages.package_revisions r join packages.branch_packages p on p.branch_id = r.branch_id and p.id = r.package_id and p.current_revision = r.number where p.branch_id = '" + Porto + "'", "1500.00");
    }

    /// <summary>Does it, looks, and rolls it back by what the execution remembered.</summary>
    private async Task ThereAndBackAsync(string capability, JsonObject args, string sql, string after)
    {
        var before = await SqlAsync(sql);
        var id = await CarriedOutAsync(capability, args);
        Assert.Equal(after, await SqlAsync(sql));
        var undo = (string)(await SqlAsync("select undo_capability from proposals.executions where proposal_id = $1", id.Value))!;
        var with = JsonNode.Parse((string)(await SqlAsync("select undo_args::text from proposals.executions where proposal_id = $1", id.Value))!)!.AsObject();
        await CarriedOutAsync(undo, with);
        Assert.Equal(before, await SqlAsync(sql));
    }

    private async Task<ProposalId> CarriedOutAsync(string capability, JsonObject args)
    {
        var submitted = await new ProposalCommands(Door, _registry).SubmitAsync(PortoStaff, Porto, new(capability, args, "A test.", []), Ct);
        Assert.Null(submitted.Refusal);
        var id = submitted.Value.Id;
        Assert.Null((await new DecisionCommands(Door).ApproveAsync(Ana, Porto, id, new Approval(submitted.Value.Digest, null, 5_000, null), Ct)).Refusal);
        await Door.RunAsync<Done>(new Command("test.end_grace", Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), "proposal", id.ToString()), async (context, token) =>
        {
            await context.WriteAuditAsync(token);
            await context.Db.Proposals.Where(p => p.Id == id).ExecuteUpdateAsync(s => s.SetProperty(p => p.GraceUntil, context.Now.AddSeconds(-1)), token);
            return Done.It;
        }, Ct);
        // On a busy machine a test outlives the lease of thirty seconds, which nobody renews here.
        await _leases.RenewAsync(Ct);
        await _executor.RunDueAsync(Ct);
        Assert.Equal(("Succeeded", ""), ((string)(await SqlAsync("select state from proposals.proposals where id = $1", id.Value))!, (string)(await SqlAsync("select coalesce(end_code, '') from proposals.proposals where id = $1", id.Value))!));
        return id;
    }
}
