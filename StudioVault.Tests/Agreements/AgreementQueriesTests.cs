using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

public sealed class AgreementQueriesTests(PostgresServer server) : AgreementsTest(server)
{
    private AgreementQueries Queries => new(Door, Papers, new ClientLetters(Mails, Links, new Uri("https://vault.example")));

    [Fact]
    public async Task A_draft_waits_for_the_studio_and_names_who_would_be_asked()
    {
        var id = (await Agreements.BeginAsync(PortoStaff, Porto, await BookedAsync(), new HashSet<string>(), Ct)).Value;

        var row = Assert.Single((await ListAsync()).Rows);
        var view = await FindAsync(id);

        Assert.Equal((AgreementStage.Writing, 0, 0), (row.Stage, row.Signed, row.Signatories));
        Assert.Equal(["Marta Sousa", "João Reis"], view.Newest.Signatories.Select(s => s.Name));
        Assert.All(view.Newest.Signatories, s => Assert.True(s is { State: null, Link: null }));
        Assert.Null(view.Chain);
    }

    [Fact]
    public async Task Whoever_has_not_signed_is_named_and_stays_named_until_they_have()
    {
        var id = await SentAsync();
        Assert.Equal(["Marta Sousa", "João Reis"], Assert.Single((await ListAsync()).Rows).WaitingFor);

        await SignAsync(await LinkAsync(id, "p1"), "Marta Sousa");

        var page = await ListAsync();
        Assert.Equal((1, 2, PaperState.PartlySigned), (page.Rows[0].Signed, page.Rows[0].Signatories, page.Rows[0].PaperState));
        Assert.Equal(["João Reis"], page.Rows[0].WaitingFor);
        Assert.Equal(1, page.Counts[AgreementStage.WithClients]);
        var (marta, joao) = ((await FindAsync(id)).Newest.Signatories[0], (await FindAsync(id)).Newest.Signatories[1]);
        Assert.Equal((SigningState.Signed, SigningState.Asked), (marta.State, joao.State));
        Assert.NotNull(marta.SignedAt);
    }

    [Fact]
    public async Task The_link_of_each_signatory_is_the_one_that_was_mailed()
    {
        var id = await SentAsync();

        var joao = (await FindAsync(id)).Newest.Signatories.Single(s => s.Name == "João Reis");

        Assert.Contains(joao.Link!.ToString(), (await LastLetterAsync(await LinkAsync(id, "p2"))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hq_reads_the_agreement_and_gets_nobodys_link()
    {
        var id = await SentAsync();

        var view = (await Queries.FindAsync(Hq, Porto, id, Ct)).Value;

        Assert.Equal("Marta & João", view.ClientName);
        Assert.All(view.Newest.Signatories, s => Assert.Null(s.Link));
        Assert.False(view.MayWrite);
    }

    [Fact]
    public async Task Another_branch_is_told_that_there_is_no_such_agreement()
    {
        var id = await SentAsync();

        Assert.Equal(KernelRefusals.NotFound, (await Queries.FindAsync(BerlinManager, Berlin, id, Ct)).Refusal?.Kind);
        Assert.Empty((await Queries.ListAsync(BerlinManager, Berlin, null, false, null, 1, Ct)).Value.Rows);
    }

    [Fact]
    public async Task A_link_that_has_ended_and_a_mail_that_bounced_ask_for_somebody_until_it_is_mended()
    {
        var id = await SentAsync();
        // A database administrator plays the time that passes.
        await SqlAsync("alter table agreements.signings disable trigger user; alter table mail.messages disable trigger user");
        await SqlAsync("update agreements.signings set expires_on = '2020-01-01' where party_id = 'p1'");
        await SqlAsync("update mail.messages set state = 'Bounced', problem = '550 no such mailbox' where client_id = (select client_id from agreements.signings where party_id = 'p2' limit 1)");

        var page = await ListAsync(inTrouble: true);
        Assert.Equal([AgreementTrouble.LinkExpired, AgreementTrouble.MailFailed], Assert.Single(page.Rows).Troubles);
        var people = (await FindAsync(id)).Newest.Signatories;
        Assert.True(people[0].IsExpired);
        Assert.Equal("550 no such mailbox", people[1].Mail?.Problem);

        await SqlAsync("update mail.messages set queued_at = queued_at - interval '1 hour'");
        await SqlAsync("alter table agreements.signings enable trigger user; alter table mail.messages enable trigger user");
        Assert.Null((await Agreements.RemindAsync(PortoStaff, Porto, id, "p1", Ct)).Refusal);
        Assert.Null((await Agreements.RemindAsync(PortoStaff, Porto, id, "p2", Ct)).Refusal);
        Assert.Equal(0, (await ListAsync()).InTrouble);
    }

    [Fact]
    public async Task Search_finds_by_number_client_and_signatory_and_the_counts_follow_it()
    {
        await SentAsync();

        foreach (var words in new[] { "porto-20", "marta & j", "reis" })
        {
            var found = await ListAsync(search: words);
            Assert.Single(found.Rows);
            Assert.Equal(1, found.Counts.Values.Sum());
        }

        Assert.Empty((await ListAsync(search: "nobody")).Rows);
    }

    [Fact]
    public async Task A_booked_project_waits_in_the_list_until_its_agreement_is_begun()
    {
        var project = await BookedAsync();
        Assert.Equal(project, Assert.Single((await ListAsync()).Bookable).Id);
        var start = (await Queries.StartAsync(PortoStaff, Porto, project, Ct)).Value;
        Assert.Null(start.Problem);
        Assert.Equal(["Marta Sousa", "João Reis"], start.Parties.Select(p => p.Name));

        await Agreements.BeginAsync(PortoStaff, Porto, project, new HashSet<string>(), Ct);

        Assert.Empty((await ListAsync()).Bookable);
        Assert.Equal("refuse.agreement.already_there", (await Queries.StartAsync(PortoStaff, Porto, project, Ct)).Value.Problem?.Code);
    }

    [Fact]
    public async Task A_signed_agreement_shows_what_holds_on_each_day_and_where_it_comes_from()
    {
        var id = await ExecutedAsync();
        var chain = (await FindAsync(id)).Chain!;
        var effective = new DateOnly(2098, 1, 1);
        await AmendAsync(id, Amendments.Hours(chain.First, 10, chain.First.Items), effective);

        var view = await FindAsync(id);

        Assert.Equal((2, AgreementStage.InForce), (view.Head, view.Stage));
        var (before, after) = (view.Chain!.On(effective.AddDays(-1)), view.Chain.On(effective));
        Assert.Equal((0m, 10m), (AgreementContent.From(before.Content).Value.Event.Hours, AgreementContent.From(after.Content).Value.Event.Hours));
        Assert.Equal((1, 2, 1), (before.OriginOf("/event/hours"), after.OriginOf("/event/hours"), after.OriginOf("/event/title")));
        Assert.Equal(10m, view.Content!.Event.Hours);
    }

    [Fact]
    public async Task Stored_documents_come_back_byte_for_byte_under_the_number_of_the_agreement()
    {
        var id = await ExecutedAsync();

        var (bytes, name) = (await Queries.FileAsync(PortoStaff, Porto, id, 1, FileKind.Paper, Ct)).Value;

        Assert.Equal((await FindAsync(id)).Signed!.Seal!.DocumentSha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
        Assert.Matches("^PORTO-[0-9]{4}-0001-v1[.]pdf$", name);
        Assert.Equal(KernelRefusals.NotFound, (await Queries.FileAsync(PortoStaff, Porto, id, 2, FileKind.Paper, Ct)).Refusal?.Kind);
    }

    [Fact]
    public async Task Every_check_of_a_sealed_paper_holds_with_its_raw_value()
    {
        var id = await ExecutedAsync();
        await AmendAsync(id, Amendments.SubstituteLead((await FindAsync(id)).Chain!.First, "Inês Carvalho"), new DateOnly(2098, 1, 1));

        foreach (var version in new[] { 1, 2 })
        {
            var proofs = (await Proofs.ProveAsync(PortoStaff, Porto, id, version, Ct)).Value;
            Assert.Equal(Enum.GetValues<ProofKind>().Order(), proofs.Select(p => p.Kind).Order());
            // The entry of the log has no number until the sequencer ran; everything else is certain at once.
            Assert.All(proofs, p => Assert.True(p.Holds == true || (p.Kind == ProofKind.Audit && p.Holds is null), $"{p.Kind}: {p.Says}"));
            Assert.All(proofs.Where(p => p.Expected is not null), p => Assert.Equal(p.Expected, p.Found));
        }
    }

    [Theory]
    [InlineData("documents.files", "kind = 'Paper'", "content = content || '\\x00'", ProofKind.Document)]
    [InlineData("agreements.signatures", "true", "content_hash = repeat('0', 64)", ProofKind.Signatures)]
    [InlineData("documents.fingerprints", "kind = 'certificate'", "length = length + 1", ProofKind.Certificate)]
    public async Task Whoever_changes_a_stored_row_behind_all_locks_is_found_out(string table, string where, string change, ProofKind found)
    {
        var id = await ExecutedAsync();
        await SqlAsync($"alter table {table} disable trigger user");
        await SqlAsync($"update {table} set {change} where {where}");

        var result = await Proofs.ProveAsync(PortoStaff, Porto, id, 1, Ct);

        Assert.False(result.Value.Single(p => p.Kind == found).Holds ?? true);
    }

    private AgreementProofs Proofs => new(Door, Papers, Keys, new SealKeys(Door, Master, "Northlight"));

    private async Task<AgreementPage> ListAsync(bool inTrouble = false, string? search = null) => (await Queries.ListAsync(PortoStaff, Porto, null, inTrouble, search, 1, Ct)).Value;

    private async Task<AgreementView> FindAsync(AgreementId id) => (await Queries.FindAsync(PortoStaff, Porto, id, Ct)).Value;

    private async Task AmendAsync(AgreementId id, IReadOnlyList<AmendmentOperation> operations, DateOnly effectiveOn)
    {
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, id, 0, new(AmendmentKind.Hours, effectiveOn, "The dance goes on.", PriceBasis.None, operations, new Dictionary<int, Precedence>()), Ct)).Refusal);
        await SignEverybodyAsync(id);
        Assert.Null((await Seal.RunAsync(Job, Ct)).Refusal);
    }
}
