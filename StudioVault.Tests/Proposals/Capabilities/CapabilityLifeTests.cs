using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

/// <summary>Capabilities on the whole way: proposed by one person, approved by another, carried out by the executor, and rolled back in the same way.</summary>
public sealed class CapabilityLifeTests(PostgresServer server) : CapabilityLifeTest(server)
{
    [Fact]
    public void What_takes_a_capability_back_is_named_and_registered_and_takes_something_itself_back()
    {
        Assert.All(Registry.All, d =>
        {
            Assert.NotEmpty(d.UndoneBy);
            Assert.All(d.UndoneBy, name =>
            {
                Assert.True(Registry.TryFind(name, out var undo), $"{d.Name} names {name}, which is not registered.");
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
        var with = await Door.ReadAsync<JsonObject>(Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), async (db, _, token) =>
        {
            var proposal = await db.Proposals.AsNoTracking().SingleAsync(p => p.Id == id, token);
            var box = await db.Executions.AsNoTracking().Where(x => x.ProposalId == id).Select(x => x.SealedUndoArgs).SingleAsync(token);
            return JsonNode.Parse((await Texts.ReaderAsync(db, [proposal], token)).Said(proposal, box)!)!.AsObject();
        }, Ct);
        await CarriedOutAsync(undo, with.Value);
        Assert.Equal(before, await SqlAsync(sql));
    }
}
