using System.Net;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;
using Sender = StudioVault.Infrastructure.Door.Sender;

namespace StudioVault.Tests.Proposals;

/// <summary>The approval history over HTTP.</summary>
public sealed class QueueExportTests(PostgresServer server) : ProposalsTest(server)
{
    [Fact]
    public async Task A_manager_gets_the_file_and_nobody_else_and_what_cannot_be_read_is_not_left_out()
    {
        await PastGuardsAsync("update organization.people set is_demo = true");
        var made = await ProposeAsync(PortoStaff);
        Assert.Null((await Decide.RejectAsync(Rui, Porto, made.Id, made.Digest, "Not now", null, Ct)).Refusal);
        await using var vault = await WholeVault.StartAsync(Server.For(Database, VaultRoles.Default.App), Server.For(Database, VaultRoles.Default.Sequencer), null, ("Security:RequireHttps", "true"), ("Security:MasterKeyFile", MasterKeyFile));

        using (var ana = await SignInAsync(vault, Ana))
        {
            using var answer = await ana.GetAsync($"/queue/export.jsonl?show=done&who={PortoStaff.PersonId}&from=2020-01-01");
            Assert.Equal((HttpStatusCode.OK, "application/jsonl", true), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, answer.Headers.CacheControl?.NoStore));
            Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
            var lines = (await answer.Content.ReadAsStringAsync(Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(3, lines.Length);
            Assert.Contains(made.Id.ToString(), lines[1], StringComparison.Ordinal);

            using var wrong = await ana.GetAsync("/queue/export.jsonl?from=yesterday");
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            Assert.Contains("refuse.api.parameter", await wrong.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        using var ines = await SignInAsync(vault, PortoStaff);
        using var no = await ines.GetAsync("/queue/export.jsonl");
        Assert.Equal((HttpStatusCode.Forbidden, true), (no.StatusCode, no.Headers.CacheControl?.NoStore));
        Assert.DoesNotContain(made.Id.ToString(), await no.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(1L, await CountAsync("select count(*) from audit.entries where action = 'proposal.export' and outcome = 'done'"));
        Assert.Equal(1L, await CountAsync("select count(*) from audit.entries where action = 'proposal.export' and outcome = 'refused'"));

        using var visitor = new Visitor(vault.Address);
        using var away = await visitor.GetAsync("/queue/export.jsonl");
        Assert.NotEqual(HttpStatusCode.OK, away.StatusCode);
    }

    private static async Task<Visitor> SignInAsync(WholeVault vault, Sender who)
    {
        var visitor = new Visitor(vault.Address);
        await visitor.SignInAsync(who.PersonId!.Value.Value);
        return visitor;
    }
}
