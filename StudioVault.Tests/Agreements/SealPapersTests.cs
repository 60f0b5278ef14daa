using System.Diagnostics;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Documents;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

public sealed class SealPapersTests(PostgresServer server) : AgreementsTest(server)
{
    [Fact]
    public async Task A_paper_is_executed_with_its_document_and_its_certificate_and_once_only()
    {
        var id = await SignedAsync();
        Assert.Equal("Sealed 1 paper", (await Seal.RunAsync(Job, Ct)).Value.Summary);
        Assert.False((await Seal.RunAsync(Job, Ct)).Value.DidSomething);
        Assert.Equal("Executed", await SqlAsync("select state from agreements.papers where agreement_id = $1", id.Value));
        Assert.Equal("InForce 1", await SqlAsync("select state || ' ' || head from agreements.agreements where id = $1", id.Value));
        Assert.Equal("Certificate Paper Shown", await SqlAsync("select string_agg(kind, ' ' order by kind) from documents.files"));
        Assert.Equal(2L, await SqlAsync("select count(*) from documents.fingerprints f join documents.files d using (sha256, length)"));
        var paper = new PaperId((Guid)(await SqlAsync("select id from agreements.papers"))!);
        Assert.Equal("refuse.agreement.sealed", (await Seal.SealAsync(Job, Porto, paper, Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task Nothing_sealed_can_be_changed_by_any_role_or_statement()
    {
        await ExecutedAsync();
        foreach (var sql in new[]
                 {
                     "update agreements.sealed_papers set content_hash = content_hash", "delete from agreements.sealed_papers", "truncate agreements.sealed_papers cascade",
                     "update documents.files set content = content", "delete from documents.files", "update documents.fingerprints set length = 1", "delete from agreements.signatures",
                     "truncate documents.fingerprints",
                 })
        {
            Assert.Matches("^SV00[12]$", (await Assert.ThrowsAsync<PostgresException>(() => SqlAsync(sql))).SqlState);
            await using var app = App.CreateCommand(sql);
            Assert.Matches("^(42501|SV00[12])$", (await Assert.ThrowsAsync<PostgresException>(() => app.ExecuteNonQueryAsync(Ct))).SqlState);
        }
    }

    [Fact]
    public async Task Without_Chromium_the_paper_waits_with_a_reason_and_the_next_run_takes_it_up()
    {
        var id = await SignedAsync();
        PaperPrinter.Away = DocumentRefusals.PrinterUnavailable;
        Assert.Equal("refuse.document.printer_unavailable", (await Seal.RunAsync(Job, Ct)).Refusal!.Code);
        Assert.Contains("Chromium", (string)(await SqlAsync("select state || waiting_reason from agreements.papers"))!, StringComparison.Ordinal);
        // The same reason again is no news.
        var before = await SqlAsync("select count(*) from audit.entries where outcome = 'done'");
        await Seal.RunAsync(Job, Ct);
        Assert.Equal(before, await SqlAsync("select count(*) from audit.entries where outcome = 'done'"));
        PaperPrinter.Away = null;
        Assert.True((await Seal.RunAsync(Job, Ct)).Value.DidSomething);
        Assert.Equal("Executed", await SqlAsync("select state || coalesce(waiting_reason, '') from agreements.papers where agreement_id = $1", id.Value));
    }

    [Fact]
    public async Task Two_programs_that_seal_at_once_make_one_certificate()
    {
        await SignedAsync();
        var paper = new PaperId((Guid)(await SqlAsync("select id from agreements.papers"))!);
        var both = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Seal.SealAsync(Job, Porto, paper, Ct))));
        Assert.Single(both, r => !r.IsRefused);
        Assert.Equal(1L, await SqlAsync("select count(*) from documents.files where kind = 'Certificate'"));
    }

    [Fact]
    public async Task An_amendment_is_a_paper_of_its_own_on_the_head_and_version_1_stays_byte_for_byte()
    {
        var id = await ExecutedAsync();
        var first = await SqlAsync("select encode(sha256(content), 'hex') || content_hash || document_sha256 from agreements.sealed_papers where version = 1");
        Assert.Equal(1, (await Agreements.AmendAsync(PortoStaff, Porto, id, 0, Reschedule(new DateOnly(2099, 7, 3)), Ct)).Value);
        Assert.Equal("refuse.kernel.stale_write", (await Agreements.AmendAsync(PortoStaff, Porto, id, 0, Reschedule(new DateOnly(2099, 7, 4)), Ct)).Refusal!.Code);
        Assert.Equal(2, (await Agreements.AmendAsync(PortoStaff, Porto, id, 1, Reschedule(new DateOnly(2099, 7, 5)), Ct)).Value);
        await SignEverybodyAsync(id);
        Assert.True((await Seal.RunAsync(Job, Ct)).Value.DidSomething);
        Assert.Equal("InForce 2", await SqlAsync("select state || ' ' || head from agreements.agreements"));
        Assert.Equal(first, await SqlAsync("select encode(sha256(content), 'hex') || content_hash || document_sha256 from agreements.sealed_papers where version = 1"));
        var chain = await Door.ReadAsync<AgreementChain>(PortoStaff, TenantScope.Of(Porto), Domain.Organization.Access.MemberOf(Porto), (db, _, ct) => Papers.ChainAsync(db, id, 2, ct), Ct);
        Assert.Equal(new DateOnly(2099, 7, 5), AgreementContent.From(chain.Value.Whole().Content).Value.Event.On);
        Assert.Equal(2, chain.Value.Whole().OriginOf("/event/on"));
    }

    [Fact]
    public async Task An_amendment_cannot_be_sent_twice_nor_a_second_one_begun_while_one_is_out()
    {
        var id = await ExecutedAsync();
        await Agreements.AmendAsync(PortoStaff, Porto, id, 0, Reschedule(new DateOnly(2099, 7, 3)), Ct);
        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);
        Assert.Equal("refuse.agreement.already_sent", (await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal!.Code);
        Assert.Equal("refuse.agreement.amendment_open", (await Agreements.AmendAsync(PortoStaff, Porto, id, 0, Reschedule(new DateOnly(2099, 7, 4)), Ct)).Refusal!.Code);
        Assert.Null((await Agreements.GiveUpAsync(Ana, Porto, id, "They changed their mind.", Ct)).Refusal);
        Assert.Equal(1, (await Agreements.AmendAsync(PortoStaff, Porto, id, 0, Reschedule(new DateOnly(2099, 7, 4)), Ct)).Value);
    }

    [Fact]
    public async Task Whoever_an_amendment_brings_in_signs_it_and_gets_a_key()
    {
        var id = await ExecutedAsync(Marta);
        var parties = new[] { new AgreementParty("p1", PartyRole.Client, "Marta Sousa", "marta@sousa.example", false, ""), new AgreementParty("p2", PartyRole.Payer, "Rosa Sousa", "rosa@sousa.example", false, "") };
        var head = await HeadAsync(id);
        var input = new AmendmentInput(AmendmentKind.PartyChange, new DateOnly(2099, 1, 1), "Rosa pays.", PriceBasis.None, Amendments.PartyChange(head, parties), new Dictionary<int, Precedence>());
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, id, 0, input, Ct)).Refusal);
        await SignEverybodyAsync(id);
        Assert.Null((await Seal.RunAsync(Job, Ct)).Refusal);
        Assert.Equal(2L, await SqlAsync("select count(*) from agreements.paper_keys k join agreements.papers p on p.id = k.paper_id where p.version = 2"));
        Assert.Equal("Rosa Sousa", await SqlAsync("select c.name from agreements.clients c join agreements.project_clients p on p.client_id = c.id where p.party_id = 'p2'"));
    }

    [Fact]
    public async Task Two_outside_tools_call_the_sealed_documents_whole()
    {
        await ExecutedAsync();
        foreach (var kind in new[] { "Paper", "Certificate" })
        {
            var paper = new PaperId((Guid)(await SqlAsync("select id from agreements.papers"))!);
            var closed = (byte[])(await SqlAsync("select content from documents.files where kind = $1", kind))!;
            var bytes = await Door.ReadAsync<byte[]>(PortoStaff, TenantScope.Of(Porto), Domain.Organization.Access.MemberOf(Porto), async (db, _, ct) =>
                (await Papers.KeyAsync(db, paper, ct)).TryGet(out var key, out var refusal) ? SecretBox.Open(key, closed) : refusal, Ct);
            using var folder = new ShortFolder();
            await File.WriteAllBytesAsync(folder["a.pdf"], bytes.Value, Ct);
            Assert.Contains("Total document signed", await SaysAsync("pdfsig", folder["a.pdf"]), StringComparison.Ordinal);
            Assert.Contains("Signature is Valid", await SaysAsync("pdfsig", folder["a.pdf"]), StringComparison.Ordinal);
        }
    }

    private static async Task<string> SaysAsync(string program, string file)
    {
        using var process = Process.Start(new ProcessStartInfo(program, [file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await process.StandardOutput.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        return said;
    }
}
