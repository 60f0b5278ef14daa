using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

public sealed class SigningTests(PostgresServer server) : AgreementsTest(server)
{
    [Fact]
    public async Task Everybody_signs_what_they_read_and_then_it_is_being_sealed()
    {
        var id = await SentAsync();
        var (marta, joao) = (await LinkAsync(id, "p1"), await LinkAsync(id, "p2"));

        var view = (await Signings.OpenAsync(marta, Ct)).Value;
        Assert.Equal(("Marta Sousa", PaperState.Viewed, SigningState.Viewed), (view.Me.Name, view.State, view.Mine));
        Assert.Equal(view.Text.Hash, view.ContentHash);
        Assert.Equal(1, (await SignAsync(marta, "Marta Sousa")).Value);
        Assert.Equal(PaperState.PartlySigned, (await Signings.OpenAsync(joao, Ct)).Value.State);
        Assert.Equal(0, (await SignAsync(joao, "João Reis")).Value);
        Assert.Equal("Sealing", await SqlAsync("select state from agreements.papers where agreement_id = $1", id.Value));
        Assert.Equal("refuse.signing.already_signed", (await Signings.SignAsync(joao, Input(view.ContentHash, "João Reis", "000000"), Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task A_wrong_code_counts_even_though_it_is_refused_and_the_sixth_try_needs_a_new_code()
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        var view = (await Signings.OpenAsync(link, Ct)).Value;
        var right = await CodeAsync(link);
        var wrong = right == "000000" ? "000001" : "000000";
        for (var left = Signing.CodeTries - 1; left >= 0; left--)
        {
            var refusal = (await Signings.SignAsync(link, Input(view.ContentHash, "Marta", wrong), Ct)).Refusal!;
            Assert.Equal("refuse.signing.code_wrong", refusal.Code);
            Assert.Contains($" {left} ", refusal.Sentence, StringComparison.Ordinal);
        }

        Assert.Equal("refuse.signing.code_expired", (await Signings.SignAsync(link, Input(view.ContentHash, "Marta", right), Ct)).Refusal!.Code);
        Assert.Equal(1, (await Signings.SignAsync(link, Input(view.ContentHash, "Marta", await CodeAsync(link)), Ct)).Value);
    }

    [Fact]
    public async Task A_sixth_code_within_an_hour_is_refused()
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        for (var i = 0; i < Signing.CodesAnHour; i++) await CodeAsync(link);
        Assert.Equal("refuse.signing.too_many_codes", (await Signings.SendCodeAsync(link, Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task Whoever_read_an_issue_that_was_taken_back_signs_neither_it_nor_the_next_one()
    {
        var id = await SentAsync();
        var old = await LinkAsync(id, "p1");
        var read = (await Signings.OpenAsync(old, Ct)).Value;
        var code = await CodeAsync(old);
        Assert.Null((await Agreements.RecallAsync(Ana, Porto, id, "The date was wrong.", Ct)).Refusal);
        Assert.Equal("refuse.agreement.stale_view", (await Signings.SignAsync(old, Input(read.ContentHash, "Marta", code), Ct)).Refusal!.Code);
        Assert.False((await Signings.OpenAsync(old, Ct)).Value.IsCurrent);

        var changed = read.Text.First! with { Licence = "For private use only." };
        Assert.Equal(2, (await Agreements.WriteAsync(PortoStaff, Porto, id, 1, changed.ToJson(), Ct)).Value);
        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);
        Assert.Equal("refuse.agreement.stale_view", (await Signings.SignAsync(old, Input(read.ContentHash, "Marta", code), Ct)).Refusal!.Code);
        var fresh = await LinkAsync(id, "p1");
        Assert.NotEqual(old, fresh);
        Assert.Equal("refuse.agreement.stale_view", (await Signings.SignAsync(fresh, Input(read.ContentHash, "Marta", await CodeAsync(fresh)), Ct)).Refusal!.Code);
        Assert.Equal(1, (await SignAsync(fresh, "Marta Sousa")).Value);
    }

    [Theory]
    [InlineData("", true, "refuse.signing.name_missing")]
    [InlineData("Marta", false, "refuse.signing.consent_missing")]
    public async Task No_name_or_no_consent_is_no_signature(string name, bool agrees, string code)
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        var view = (await Signings.OpenAsync(link, Ct)).Value;
        var sent = await CodeAsync(link);
        Assert.Equal(code, (await Signings.SignAsync(link, Input(view.ContentHash, name, sent) with { Agrees = agrees }, Ct)).Refusal!.Code);
        Assert.Equal(0L, await SqlAsync("select count(*) from agreements.signatures"));
    }

    [Fact]
    public async Task A_guardian_signs_for_a_minor_and_the_minor_is_not_asked()
    {
        var id = await SentAsync(Marta with { IsMinor = true, Email = "" }, Joao with { Role = PartyRole.Guardian, SignsFor = 0 });
        Assert.Equal("p2", await SqlAsync("select string_agg(party_id, ' ') from agreements.signings"));
        Assert.Equal(0, (await SignAsync(await LinkAsync(id, "p2"), "João Reis")).Value);
    }

    [Fact]
    public async Task A_link_reaches_its_own_client_only_and_a_made_up_one_nobody()
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        var token = Links.TokenOf(LinkKind.Signing, link.Branch, link.Id);
        Assert.Equal(link, Links.Read(LinkKind.Signing, token));
        Assert.Null(Links.Read(LinkKind.Delivery, token));
        for (var i = 0; i < token.Length; i++)
            Assert.Null(Links.Read(LinkKind.Signing, token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..]));
        Assert.Null(Links.Read(LinkKind.Signing, ""));
        Assert.Equal(KernelRefusals.NotFound.Code, (await Signings.OpenAsync(new LinkTarget(Berlin, link.Id), Ct)).Refusal!.Code);

        // A client's proof opens nothing of the house.
        var client = Sender.ClientOf(Porto, new ClientId((Guid)(await SqlAsync("select client_id from agreements.signings where id = $1", link.Id))!));
        Assert.Equal(KernelRefusals.NotFound.Code, (await Projects.LapseAsync(client, Porto, ProjectId.New(), Ct)).Refusal!.Code);
        Assert.Equal(KernelRefusals.NotFound.Code, (await Agreements.RecallAsync(client, Porto, AgreementId.New(), "x", Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task Signatures_never_change_for_no_role_and_no_paper_is_executed_without_its_sealed_row()
    {
        var id = await SentAsync();
        await SignAsync(await LinkAsync(id, "p1"), "Marta Sousa");
        foreach (var sql in new[] { "update agreements.signatures set disclosure = 'x'", "delete from agreements.signatures", "truncate agreements.signatures", "update documents.files set sha256 = sha256", "delete from agreements.paper_keys" })
            Assert.Matches("^SV00[12]$", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => SqlAsync(sql))).SqlState);
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => SqlAsync("set session_replication_role = replica; update agreements.papers set state = 'Executed'"));
        Assert.Equal("ck_papers_executed", refused.ConstraintName);
    }

    [Fact]
    public async Task Without_Chromium_nothing_is_sent_and_nothing_is_lost()
    {
        var id = (await Agreements.BeginAsync(PortoStaff, Porto, await BookedAsync(), new HashSet<string>(), Ct)).Value;
        PaperPrinter.Away = Domain.Documents.DocumentRefusals.PrinterUnavailable;
        Assert.Equal("refuse.document.printer_unavailable", (await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal!.Code);
        Assert.Equal("Draft", await SqlAsync("select state from agreements.papers"));
        PaperPrinter.Away = null;
        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);
    }

    [Fact]
    public async Task Erasing_a_client_destroys_what_only_they_could_open_and_leaves_the_paper_to_the_other()
    {
        var id = await SentAsync();
        var (marta, joao) = (await LinkAsync(id, "p1"), await LinkAsync(id, "p2"));
        await SignAsync(marta, "Marta Sousa");
        var client = new ClientId((Guid)(await SqlAsync("select client_id from agreements.signings where id = $1", marta.Id))!);
        Assert.Equal("refuse.client.paper_out", (await Clients.EraseAsync(Ana, Porto, client, "She asked.", Ct)).Refusal!.Code);
        await SignAsync(joao, "João Reis");
        Assert.Null((await Seal.RunAsync(Job, Ct)).Refusal);
        Assert.Equal("refuse.kernel.not_allowed", (await Clients.HoldAsync(PortoStaff, Porto, client, true, "A court asked for it.", Ct)).Refusal!.Code);
        Assert.Null((await Clients.HoldAsync(Ana, Porto, client, true, "A court asked for it.", Ct)).Refusal);
        Assert.Equal("Nothing of this client may be erased at present: A court asked for it.", (await Clients.EraseAsync(Ana, Porto, client, "She asked.", Ct)).Refusal!.Sentence);
        Assert.Null((await Clients.HoldAsync(Ana, Porto, client, false, "The court is satisfied.", Ct)).Refusal);
        Assert.Null((await Clients.EraseAsync(Ana, Porto, client, "She asked.", Ct)).Refusal);
        Assert.Equal("João Reis", await SqlAsync("select client_name from agreements.projects"));

        Assert.Equal("Erased client", await SqlAsync("select name from agreements.clients where id = $1", client.Value));
        Assert.Equal("Marta Sousa", (await Signings.OpenAsync(joao, Ct)).Value.Text.First!.Parties[0].Name);
        var other = new ClientId((Guid)(await SqlAsync("select client_id from agreements.signings where id = $1", joao.Id))!);
        Assert.Null((await Clients.EraseAsync(Ana, Porto, other, "He asked too.", Ct)).Refusal);
        Assert.Equal("refuse.client.erased", (await Signings.OpenAsync(joao, Ct)).Refusal!.Code);
    }
}
