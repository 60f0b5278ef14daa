using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Api;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals;

/// <summary>Erasing a client reaches what was proposed about them: everything in words goes, everything that proves something stays (ADR 0011).</summary>
public sealed class ProposalErasureTests(PostgresServer server) : CapabilityLifeTest(server)
{
    private const string Erased = "refuse.proposal.client_erased";
    private const string Gone = "About a client who was erased";

    /// <summary>What must not be found: name, address and words of the message.</summary>
    private static readonly string[] Words = ["Marta", "Sousa", "marta@", "Quellenblau", "waltz"];

    [Fact]
    public async Task No_table_and_no_file_tells_who_was_erased_or_what_was_written_to_them()
    {
        var project = await BookedAsync();
        var made = await EverythingAsync(project);
        Assert.Equal(made.Count, made.Distinct().Count());
        // What is proposed says it only while it can be opened; the rest of the studio knows her.
        Assert.Contains(await FoundAsync("Marta"), f => f == "agreements.clients");
        Assert.DoesNotContain(await FoundAsync("Marta"), f => f.StartsWith("proposals.", StringComparison.Ordinal));

        await EraseAsync("Marta Sousa");

        foreach (var word in Words) Assert.Empty(await FoundAsync(word));
        Assert.NotEmpty(await FoundAsync("Reis"));
        var file = string.Concat(Directory.EnumerateFiles(Attempts).Select(File.ReadAllText));
        Assert.Contains(made[0].ToString(), file, StringComparison.Ordinal);
        Assert.All(Words, w => Assert.DoesNotContain(w, file, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Who_what_and_when_stay_and_everything_still_verifies()
    {
        const string Proof = """
            select string_agg(concat_ws('|', p.id, p.capability, p.band, p.target_type, p.target_id, p.target_etag, p.digest, p.chain_json, p.created_at, x.code, x.intent_at, x.undo_capability,
                (select string_agg(concat_ws('|', d.id, d.verdict, d.person_name, d.digest, d.at), ';' order by d.id) from proposals.decisions d where d.proposal_id = p.id)), E'\n' order by p.id)
            from proposals.proposals p left join proposals.executions x on x.proposal_id = p.id
            """;
        await EverythingAsync(await BookedAsync());
        var before = await SqlAsync(Proof);

        await EraseAsync("Marta Sousa");

        Assert.Equal(before, await SqlAsync(Proof));
        await using var source = NpgsqlDataSource.Create(Server.For(Database, VaultRoles.Default.Sequencer));
        using var folder = new ShortFolder();
        using var key = GroupKey.Load(folder["key.pem"], GroupKey.LogName, mayCreate: true);
        await new Sequencer(new SequencerSource(source), Wake, key, new LiveOptions(), new SequencerOptions { CheckpointInterval = TimeSpan.Zero }, NullLogger<Sequencer>.Instance).NumberAsync(Ct);
        await using var archive = await AuditArchive.OpenAsync(Superuser, Ct);
        var (report, _) = await archive.VerifyAsync([key.Signer.Key], [], Ct);
        Assert.True(report.IsClean, report.First?.Reason);
    }

    [Fact]
    public async Task The_queue_and_its_details_say_honestly_that_it_is_gone()
    {
        var made = await EverythingAsync(await BookedAsync());
        var (done, rejected) = (made[0], made[2]);
        Assert.Contains("Marta Sousa", (await ViewAsync(done)).Row.Title, StringComparison.Ordinal);
        Assert.Contains("Marta", (await ViewAsync(rejected)).Row.LastSaid?.ToString(), StringComparison.Ordinal);

        await EraseAsync("Marta Sousa");

        foreach (var id in made)
        {
            var view = await ViewAsync(id);
            Assert.Equal((Gone, true, "", "{}"), (view.Row.Title, view.Row.IsErased, view.Why, view.ArgsJson));
            Assert.Empty(view.Evidence);
            Assert.Empty(view.Changes);
            Assert.Empty(view.Notes);
            Assert.Null(view.EndNote);
            Assert.Null(view.Execution?.Summary);
            Assert.All(view.Decisions, d => Assert.Null(d.Reason));
            Assert.All(view.Card.Last, u => Assert.Equal(Gone, u.Title));
            Assert.NotEmpty(view.AuditEntries);
        }

        var carriedOut = await ViewAsync(done);
        Assert.Equal((ProposalState.Succeeded, "Inês", "Ana", false), (carriedOut.Row.State, carriedOut.Row.Proposer, carriedOut.Decisions.Single().PersonName, carriedOut.Execution!.CanRollBack));
        Assert.EndsWith("UTC", (await ViewAsync(rejected)).Row.LastSaid?.ToString(), StringComparison.Ordinal);
        foreach (var filter in Enum.GetValues<QueueFilter>())
            Assert.All((await Queue.QueueAsync(Rui, Porto, filter, Ct)).Value.Rows, r => Assert.Equal(Gone, r.Title));
        Assert.Equal(made.Count, (await Queue.QueueAsync(Rui, Porto, QueueFilter.All, Ct)).Value.Rows.Count);
    }

    [Fact]
    public async Task The_API_tells_agents_that_it_is_gone()
    {
        var project = await BookedAsync();
        var (agent, api) = await AgentAsync();
        var id = await ByAgentAsync(agent, api, project);
        Assert.Null((await Decisions.RejectAsync(Rui, Porto, id, await DigestAsync(id), "Marta likes calls better.", 5_000, Ct)).Refusal);
        var before = Assert.Single((await api.ProposalsAsync(agent, Porto, null, null, null, 10, Ct)).Value);
        Assert.Equal(("Marta asked.", false), (before.Why, before.Erased));

        await EraseAsync("Marta Sousa");

        var after = Assert.Single((await api.ProposalsAsync(agent, Porto, null, null, null, 10, Ct)).Value);
        Assert.Equal((Gone, "", 0, true, before.Digest, "Rejected"), (after.Title, after.Why, after.Args.Count, after.Erased, after.Digest, after.State));
        Assert.Empty(after.Evidence);
        Assert.Empty(after.Changes);
        var said = Assert.Single((await api.DecisionsAsync(agent, id.Value, Ct)).Value.Items);
        Assert.Equal(("Reject", "Rui", null), (said.Verdict, said.By, said.Reason));
        Assert.Equal(Erased, (await api.WithdrawAsync(agent, (await ProposedByAgentAfterAsync(agent, project)).Value, null, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task What_was_open_ends_with_the_erasure_and_nobody_can_decide_on_it_any_more()
    {
        var project = await BookedAsync();
        var pending = await ProposedAsync(SessionAssign.Name, Assign(project, Rui));
        var granted = await ApprovedAsync(ClientMessage.Name, await MessageAsync(project));
        var drafted = await ProposedAsync(SessionMove.Name, Move(project));
        await SqlAsync("set session_replication_role = replica; update proposals.proposals set state = 'Drafted' where id = '" + drafted.Id + "'; set session_replication_role = origin");
        var green = await ProposedAsync(SessionAssign.Name, Assign(project, Ana));

        await EraseAsync("Marta Sousa");

        foreach (var one in (Submitted[])[pending, granted, drafted, green]) Assert.Equal((ProposalState.Withdrawn, Erased), await StandsAsync(one.Id));
        Assert.Equal(4, JsonNode.Parse((string)(await SqlAsync("select payload::text from audit.entries where action = 'client.erase'"))!)!["proposalsWithdrawn"]!.AsArray().Count);
        var approval = new Approval(pending.Digest, null, 5_000, null);
        Assert.Equal(Erased, (await Decisions.ApproveAsync(Ana, Porto, pending.Id, approval, Ct)).Refusal?.Code);
        Assert.All((await Decisions.ApproveGroupAsync(Ana, Porto, [(pending.Id, pending.Digest), (green.Id, green.Digest)], 5_000, Ct)).Value, r => Assert.Equal(Erased, r.Result.Refusal?.Code));
        Assert.Equal(Erased, (await Decisions.RejectAsync(Ana, Porto, pending.Id, pending.Digest, "No.", null, Ct)).Refusal?.Code);
        Assert.Equal(Erased, (await Decisions.ClaimAsync(Ana, Porto, pending.Id, true, Ct)).Refusal?.Code);
        Assert.Equal(Erased, (await Decisions.SendToReviewAsync(Ana, Porto, pending.Id, "Look.", Ct)).Refusal?.Code);
        Assert.Equal(Erased, (await Decisions.UndoAsync(Ana, Porto, granted.Id, Ct)).Refusal?.Code);
        Assert.Equal(Erased, (await Propose.EditAsync(PortoStaff, Porto, pending.Id, Assign(project, Ana), "Her.", Ct)).Refusal?.Code);
        Assert.Equal(Erased, (await Propose.RecomputeAsync(PortoStaff, Porto, pending.Id, Ct)).Refusal?.Code);
        Assert.Equal(Erased, (await Propose.WithdrawAsync(PortoStaff, Porto, pending.Id, null, Ct)).Refusal?.Code);
        await RunAsync(granted.Id);
        Assert.Equal((ProposalState.Withdrawn, Erased), await StandsAsync(granted.Id));
        Assert.Equal(0L, await SqlAsync("select count(*) from mail.messages"));
    }

    [Fact]
    public async Task What_was_carried_out_is_not_rolled_back_from_words_that_are_gone()
    {
        var project = await BookedAsync();
        var moved = await CarriedOutAsync(SessionMove.Name, Move(project));
        await EraseAsync("Marta Sousa");
        var no = await Propose.RollBackAsync(PortoStaff, Porto, moved, "It was wrong.", Ct);
        Assert.Equal((Erased, true), (no.Refusal?.Code, no.Refusal!.NextStep.Contains("propose it anew", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_executor_carries_nothing_out_whose_words_cannot_be_opened()
    {
        var project = await BookedAsync();
        var granted = await ApprovedAsync(SessionMove.Name, Move(project));
        // A key that went past the program, for example with an older erasure.
        await SqlAsync("set session_replication_role = replica; update agreements.clients set key = null where name = 'João Reis'; set session_replication_role = origin");
        await RunAsync(granted.Id);
        Assert.Equal((ProposalState.Withdrawn, Erased), await StandsAsync(granted.Id));
        Assert.Equal("2099-06-12", await SqlAsync("select event_on::text from agreements.projects"));
        Assert.Equal((Gone, true), ((await ViewAsync(granted.Id)).Row.Title, (await ViewAsync(granted.Id)).Row.IsErased));
    }

    [Fact]
    public async Task Of_two_clients_the_first_who_goes_closes_what_was_proposed_about_both_and_nothing_else()
    {
        var both = await ProposedAsync(SessionAssign.Name, Assign(await BookedAsync(), Rui));
        var his = (await Projects.QuoteAsync(PortoStaff, Porto, await PackageAsync(), 1, "João Reis", new DateOnly(2099, 8, 1), Ct)).Value;
        Assert.Null((await Clients.SetAsync(PortoStaff, Porto, his, [Joao], Ct)).Refusal);
        var alone = await ProposedAsync(SessionAssign.Name, Assign(his, Rui));

        await EraseAsync("Marta Sousa");

        Assert.Equal((ProposalState.Withdrawn, Erased), await StandsAsync(both.Id));
        Assert.Equal(Gone, (await ViewAsync(both.Id)).Row.Title);
        Assert.Contains("João Reis", (await ViewAsync(alone.Id)).Row.Title, StringComparison.Ordinal);
        Assert.Null((await Decisions.ApproveAsync(Ana, Porto, alone.Id, new Approval(alone.Digest, "João is glad.", 5_000, null), Ct)).Refusal);
        await RunAsync(alone.Id);
        Assert.Equal((ProposalState.Succeeded, ""), await StandsAsync(alone.Id));
        // What is left of the first project is his: it can be proposed anew.
        Assert.Contains("João Reis", (await ViewAsync((await ProposedAsync(SessionAssign.Name, Assign(new((Guid)(await SqlAsync("select id from agreements.projects where event_on = '2099-06-12'"))!), Rui))).Id)).Row.Title, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_was_named_before_being_entered_as_a_client_is_erased_too()
    {
        var project = (await Projects.QuoteAsync(PortoStaff, Porto, await AdoptAsync(), 1, "Marta Sousa", new DateOnly(2099, 6, 12), Ct)).Value;
        var moved = await CarriedOutAsync(SessionMove.Name, Move(project));
        var open = await ProposedAsync(SessionAssign.Name, Assign(project, Rui));
        Assert.Contains("Marta Sousa", (await ViewAsync(moved)).Row.Title, StringComparison.Ordinal);
        Assert.Null((await Clients.SetAsync(PortoStaff, Porto, project, [Marta], Ct)).Refusal);

        await EraseAsync("Marta Sousa");

        Assert.Equal((Gone, Gone), ((await ViewAsync(moved)).Row.Title, (await ViewAsync(open.Id)).Row.Title));
        Assert.Equal((ProposalState.Withdrawn, Erased), await StandsAsync(open.Id));
        Assert.Equal(0L, await SqlAsync("select count(*) from proposals.proposals where length(key) > 0"));
    }

    [Fact]
    public async Task Erasing_waits_for_what_is_being_carried_out_and_a_hold_leaves_proposals_alone()
    {
        var project = await BookedAsync();
        var granted = await ApprovedAsync(SessionMove.Name, Move(project));
        var client = await ClientAsync("Marta Sousa");
        Assert.Null((await Clients.HoldAsync(Ana, Porto, client, true, "A court asked.", Ct)).Refusal);
        Assert.Equal("refuse.client.legal_hold", (await Clients.EraseAsync(Ana, Porto, client, "She asked.", Ct)).Refusal?.Code);
        Assert.Equal((ProposalState.Grace, ""), await StandsAsync(granted.Id));
        Assert.Contains("Marta", (await ViewAsync(granted.Id)).Row.Title, StringComparison.Ordinal);
        Assert.Null((await Clients.HoldAsync(Ana, Porto, client, false, "It is content.", Ct)).Refusal);

        foreach (var state in (string[])["IntentLogged", "UnknownOutcome"])
        {
            await SqlAsync($"set session_replication_role = replica; update proposals.proposals set state = '{state}'; set session_replication_role = origin");
            Assert.Equal("refuse.client.proposal_running", (await Clients.EraseAsync(Ana, Porto, client, "She asked.", Ct)).Refusal?.Code);
        }

        Assert.Equal("Marta Sousa", await SqlAsync("select name from agreements.clients where id = $1", client.Value));
        await SqlAsync("set session_replication_role = replica; update proposals.proposals set state = 'Grace'; set session_replication_role = origin");
        await RunAsync(granted.Id);
        await EraseAsync("Marta Sousa");
    }

    [Fact]
    public async Task A_proposal_that_comes_in_while_a_client_is_erased_is_not_made()
    {
        var project = await BookedAsync();
        await using var connection = await Superuser.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using (var erase = new NpgsqlCommand("set local session_replication_role = replica; update agreements.clients set key = null, erased_at = clock_timestamp() where name = 'Marta Sousa'; select 1 from agreements.clients for update", connection, transaction))
            await erase.ExecuteNonQueryAsync(Ct);
        var submitting = Propose.SubmitAsync(PortoStaff, Porto, new(SessionMove.Name, Move(project), "Marta asked.", []), Ct);
        await Eventually.True(async () => (long)(await SqlAsync("select count(*) from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'", Database))! > 0 || submitting.IsCompleted, "it waits for the erasure");
        Assert.False(submitting.IsCompleted);
        await transaction.CommitAsync(Ct);
        Assert.Equal(Erased, (await submitting).Refusal?.Code);
        Assert.Equal(0L, await SqlAsync("select count(*) from proposals.proposals"));
    }

    [Fact]
    public async Task Whoever_proposes_while_a_client_is_erased_leaves_nothing_behind_that_names_them()
    {
        for (var round = 0; round < 4; round++)
        {
            var project = round == 0 ? await BookedAsync(Marta) : (await Projects.QuoteAsync(PortoStaff, Porto, await PackageAsync(), 1, "Marta Sousa", new DateOnly(2099, 6, 12), Ct)).Value;
            if (round > 0) Assert.Null((await Clients.SetAsync(PortoStaff, Porto, project, [Marta], Ct)).Refusal);
            var client = await ClientAsync("Marta Sousa");
            var proposing = Enumerable.Range(0, 6).Select(_ => Task.Run(() => Propose.SubmitAsync(PortoStaff, Porto, new(SessionAssign.Name, Assign(project, Rui), "A test.", []), Ct))).ToList();
            await Task.WhenAny(proposing);
            var erasing = Clients.EraseAsync(Ana, Porto, client, "They asked.", Ct);
            Assert.All(await Task.WhenAll(proposing), r => Assert.Contains(r.Refusal?.Code, (string?[])[null, Erased]));
            Assert.Null((await erasing).Refusal);
            Assert.Equal(0L, await SqlAsync("select count(*) from proposals.proposals where $1 = any(clients) and (length(key) > 0 or state <> 'Withdrawn')", client.Value));
            foreach (var row in (await Queue.QueueAsync(Rui, Porto, QueueFilter.All, Ct)).Value.Rows) Assert.DoesNotContain("Marta", row.Title, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_capability_says_whom_it_is_about()
    {
        var id = await ExecutedAsync();
        var project = await ProjectOfAsync(id);
        var invoice = (await InvoiceAsync()).ToString();
        var discount = Args(("invoiceId", invoice), ("amount", "35"), ("reason", "Late."));
        await AboutAsync(project, await PreparedAsync(InvoiceDiscount.Name, discount));
        var effect = await ExecutedAsync(InvoiceDiscount.Name, discount);
        await AboutAsync(project, await PreparedAsync(CreditNoteVoid.Name, effect.Undo!.Args));
        Assert.Null((await Invoices.PayAsync(PortoStaff, Porto, new(Guid.Parse(invoice)), new DateOnly(2026, 11, 1), PaymentMethod.Card, Ct)).Refusal);
        await AboutAsync(project, await PreparedAsync(RefundRecord.Name, Args(("invoiceId", invoice), ("amount", "10"), ("reason", "Fewer hours."))));
        var deliveries = new Infrastructure.Agreements.Deliveries.DeliveryCommands(Door, Papers, new(Path.GetTempPath()));
        var delivery = (await deliveries.OpenAsync(PortoStaff, Porto, project, "All photographs", Ct)).Value.ToString();
        var extend = Args(("deliveryId", delivery), ("until", "2099-01-01"), ("reason", "They are abroad."));
        await AboutAsync(project, await PreparedAsync(DeliveryExtend.Name, extend));
        effect = await ExecutedAsync(DeliveryExtend.Name, extend);
        await AboutAsync(project, await PreparedAsync(effect.Undo!.Capability, effect.Undo.Args));
        await AboutAsync(project, await PreparedAsync(SessionAssign.Name, Assign(project, Rui)));
        effect = await ExecutedAsync(SessionAssign.Name, Assign(project, Rui));
        await AboutAsync(project, await PreparedAsync(effect.Undo!.Capability, effect.Undo.Args));
        await AboutAsync(project, await PreparedAsync(ClientMessage.Name, await MessageAsync(project)));
        effect = await ExecutedAsync(ClientMessage.Name, await MessageAsync(project));
        await AboutAsync(project, await PreparedAsync(ClientMessageRecall.Name, effect.Undo!.Args));
        Assert.Equal(Concern.Nobody, (await PreparedAsync(BookingPause.Name, Args(("until", TimeProvider.System.GetUtcNow().AddDays(30).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)), ("reason", "Full.")))).About);
    }

    private async Task AboutAsync(ProjectId project, IntendedWrite write)
    {
        Assert.Equal(project, write.About.Project);
        Assert.Equal(new[] { await ClientAsync("Marta Sousa"), await ClientAsync("João Reis") }.OrderBy(c => c.Value), write.About.Clients);
    }

    /// <summary>Proposals in every way to end and to be said something about, all naming Marta: first one that is carried out, then its rollback, then a rejected one.</summary>
    private async Task<IReadOnlyList<ProposalId>> EverythingAsync(ProjectId project)
    {
        var message = await MessageAsync(project);
        var sent = await CarriedOutAsync(ClientMessage.Name, message, "Marta Sousa asked.", "Marta is right.");
        var recall = (await Propose.RollBackAsync(PortoStaff, Porto, sent, "Marta called.", Ct)).Value;
        Assert.Null((await Decisions.ApproveAsync(Ana, Porto, recall.Id, new Approval(recall.Digest, null, 5_000, null), Ct)).Refusal);
        await RunAsync(recall.Id);
        Assert.Equal((ProposalState.Succeeded, ""), await StandsAsync(recall.Id));
        var rejected = await ProposedAsync(ClientMessage.Name, message, "Marta waits.", [new("Mail of Marta Sousa", "https://mail.example/marta-sousa", null, null)]);
        Assert.Null((await Decisions.RejectAsync(Ana, Porto, rejected.Id, rejected.Digest, "Marta Sousa likes calls better.", null, Ct)).Refusal);
        Assert.Equal("refuse.proposal.already_decided", (await Decisions.ApproveAsync(Rui, Porto, rejected.Id, new Approval(rejected.Digest), Ct)).Refusal?.Code);
        var withdrawn = await ProposedAsync(SessionMove.Name, Move(project), "Marta has another day.");
        Assert.Null((await Propose.WithdrawAsync(PortoStaff, Porto, withdrawn.Id, "Marta thought better of it.", Ct)).Refusal);
        var reviewed = await ProposedAsync(SessionMove.Name, Move(project), "Marta has another day.");
        Assert.Null((await Decisions.SendToReviewAsync(Ana, Porto, reviewed.Id, "Is Marta sure?", Ct)).Refusal);
        var changed = await ApprovedAsync(SessionMove.Name, Move(project), "Marta has another day.");
        Assert.Null((await Projects.PlanAsync(PortoStaff, Porto, project, new DateOnly(2099, 9, 9), "", "", Ct)).Refusal);
        await RunAsync(changed.Id);
        Assert.Equal(ProposalState.TargetChanged, (await StandsAsync(changed.Id)).State);
        var granted = await ApprovedAsync(SessionAssign.Name, Assign(project, Rui), "For Marta.", "Marta knows Rui.");
        var (agent, api) = await AgentAsync();
        return [sent, recall.Id, rejected.Id, withdrawn.Id, reviewed.Id, changed.Id, granted.Id, await ByAgentAsync(agent, api, project)];
    }

    private async Task<(Sender Agent, AgentApi Api)> AgentAsync()
    {
        var made = await new AgentCommands(Door).CreateAsync(Hq, "helper", "The helper", "Helps.", Ana.PersonId!.Value, Ct);
        Assert.Null(made.Refusal);
        Assert.Null((await new DelegationCommands(Door).GiveAsync(Ana, Porto, new NewDelegation(null, Party.Of(made.Value), null, null, TimeProvider.System.GetUtcNow().AddDays(1), "It helps."), Ct)).Refusal);
        return (Sender.AgentInside(made.Value), new AgentApi(Door, Registry, Propose, Texts));
    }

    private async Task<ProposalId> ByAgentAsync(Sender agent, AgentApi api, ProjectId project)
    {
        var order = new ApiOrder("porto", new(ClientMessage.Name, await MessageAsync(project), "Marta asked.", [new("Mail of Marta Sousa", "https://mail.example/marta", null, null)]), "one", new string('0', 64));
        var answer = await api.SubmitAsync(agent.For(ClientMessage.Name), agent.Agent!.Inside!.Value, order, Ct);
        Assert.Null(answer.Refusal);
        Assert.DoesNotContain("Marta", Encoding.UTF8.GetString(answer.Value.Body), StringComparison.Ordinal);
        return new(Guid.Parse(answer.Value.Location[(answer.Value.Location.LastIndexOf('/') + 1)..]));
    }

    /// <summary>One about João alone, ended by erasing him as well.</summary>
    private async Task<ProposalId> ProposedByAgentAfterAsync(Sender agent, ProjectId project)
    {
        var submitted = await Propose.SubmitAsync(agent, Porto, new(SessionAssign.Name, Assign(project, Rui), "For João.", []), Ct);
        Assert.Null(submitted.Refusal);
        await EraseAsync("João Reis");
        return submitted.Value.Id;
    }

    private async Task EraseAsync(string name) => Assert.Null((await Clients.EraseAsync(Ana, Porto, await ClientAsync(name), "They asked.", Ct)).Refusal);

    private async Task<ClientId> ClientAsync(string name) => new((Guid)(await SqlAsync("select id from agreements.clients where name = $1", name))!);

    private async Task<string> DigestAsync(ProposalId id) => (string)(await SqlAsync("select digest from proposals.proposals where id = $1", id.Value))!;

    private async Task<BranchPackageId> PackageAsync() => new((Guid)(await SqlAsync("select id from packages.branch_packages where branch_id = $1", Porto.Value))!);

    private async Task<JsonObject> MessageAsync(ProjectId project) => Args(("projectId", project.ToString()), ("clientId", (await ClientAsync("Marta Sousa")).ToString()), ("subject", "Your waltz, Marta"), ("text", "Dear Marta Sousa, will the dress be Quellenblau?"));

    private static JsonObject Move(ProjectId project) => Args(("projectId", project.ToString()), ("to", "2099-07-04"));

    private static JsonObject Assign(ProjectId project, Sender person) => Args(("projectId", project.ToString()), ("personId", person.PersonId!.Value.ToString()), ("task", "photographer"));

    /// <summary>Tables in which a word stands, as text in any column or as bytes.</summary>
    private async Task<IReadOnlyList<string>> FoundAsync(string word)
    {
        await using var list = Superuser.CreateCommand("select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'");
        var tables = new List<string>();
        await using (var reader = await list.ExecuteReaderAsync(Ct))
            while (await reader.ReadAsync(Ct)) tables.Add(reader.GetString(0));
        var found = new List<string>();
        foreach (var table in tables)
            if ((long)(await SqlAsync($"select count(*) from {table} t where t::text ilike '%' || $1 || '%' or t::text ilike '%' || $2 || '%'", word, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(word))))! > 0) found.Add(table);
        return found;
    }
}
