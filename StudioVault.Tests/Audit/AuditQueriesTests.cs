using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

public sealed class AuditQueriesTests(PostgresServer server) : VaultTest(server)
{
    private static readonly AuditFilter Everything = new();
    private readonly ShortFolder _keys = new();
    private GroupKey _key = null!;
    private NpgsqlDataSource _source = null!;
    private AuditQueries _audit = null!;

    private AuditReader AsHq => new(Hq, null);
    private AuditReader AsAna => new(Ana, Porto);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _key = GroupKey.Load(_keys["key.pem"], "studiovault/test", mayCreate: true);
        _source = NpgsqlDataSource.Create(Server.For(Database, VaultRoles.Default.Sequencer));
        _audit = new AuditQueries(Door);
    }

    public override async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        _key.Dispose();
        _keys.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_manager_reads_the_branch_and_hq_reads_all()
    {
        await WriteAsync(Ana, Porto, "a");
        await WriteAsync(BerlinManager, Berlin, "b");
        Assert.Equal(["a"], Labels(await PageAsync(AsAna)));
        Assert.Equal(["b", "a", "group"], Labels(await PageAsync(AsHq)));
    }

    [Fact]
    public async Task Whoever_does_not_manage_the_branch_reads_nothing()
    {
        await WriteAsync(Ana, Porto, "a");
        Assert.Equal(KernelRefusals.NotAllowed.Code, (await _audit.PageAsync(new AuditReader(PortoStaff, Porto), Everything, AuditCursor.Newest, Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotFound.Code, (await _audit.PageAsync(new AuditReader(BerlinManager, Porto), Everything, AuditCursor.Newest, Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotAllowed.Code, (await _audit.PageAsync(new AuditReader(Ana, null), Everything, AuditCursor.Newest, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task An_entry_of_another_branch_is_not_there()
    {
        await WriteAsync(BerlinManager, Berlin, "b");
        var foreign = (await PageAsync(AsHq)).Lines[0].Id;
        Assert.Equal(KernelRefusals.NotFound.Code, (await _audit.DetailAsync(AsAna, foreign, Ct)).Refusal?.Code);
        await NumberAsync();
        Assert.Equal(KernelRefusals.NotFound.Code, (await _audit.EntryAtAsync(AsAna, 1, Ct)).Refusal?.Code);
        Assert.Equal(foreign, (await _audit.EntryAtAsync(AsHq, 1, Ct)).Value);
    }

    [Fact]
    public async Task Walking_down_and_up_meets_every_entry_once_while_new_ones_arrive()
    {
        for (var i = 0; i < 120; i++) await WriteAsync(Ana, Porto, Text(i));
        var first = await PageAsync(AsAna);
        await WriteAsync(Ana, Porto, "arrived");
        var second = await PageAsync(AsAna, cursor: new(first.Lines[^1].Id, null));
        var third = await PageAsync(AsAna, cursor: new(second.Lines[^1].Id, null));
        Assert.Equal(Enumerable.Range(0, 120).Reverse().Select(Text), Labels(first).Concat(Labels(second)).Concat(Labels(third)));
        Assert.Equal((false, true), (first.HasNewer, first.HasOlder));
        Assert.Equal((true, true), (second.HasNewer, second.HasOlder));
        Assert.Equal((true, false), (third.HasNewer, third.HasOlder));

        var up = await PageAsync(AsAna, cursor: new(null, third.Lines[0].Id));
        Assert.Equal(Labels(second), Labels(up));
        var top = await PageAsync(AsAna, cursor: new(null, up.Lines[0].Id));
        Assert.Equal(Labels(first), Labels(top));
        Assert.True(top.HasNewer);
        Assert.Equal("arrived", Labels(await PageAsync(AsAna, cursor: new(null, top.Lines[0].Id)))[0]);
    }

    [Fact]
    public async Task The_newest_page_is_whole_even_when_few_entries_lie_above_the_cursor()
    {
        for (var i = 0; i < 60; i++) await WriteAsync(Ana, Porto, Text(i));
        var first = await PageAsync(AsAna);
        var top = await PageAsync(AsAna, cursor: new(null, first.Lines[3].Id));
        Assert.Equal(Labels(first), Labels(top));
    }

    [Fact]
    public async Task An_entry_waits_for_its_number_until_the_sequencer_has_seen_it()
    {
        await WriteAsync(Ana, Porto, "a");
        Assert.Null((await PageAsync(AsAna)).Lines[0].Index);
        await NumberAsync();
        Assert.Equal(1, (await PageAsync(AsAna)).Lines[0].Index);
        Assert.Equal(2, (await _audit.HeadAsync(AsHq, Ct)).Value.Numbered);
    }

    [Fact]
    public async Task People_jobs_and_strangers_are_told_apart()
    {
        await WriteAsync(Ana, Porto, "a");
        await Door.NoteRefusalAsync(new Command("session.sign_in", Sender.Nobody, TenantScope.None, Access.AnySignedIn, "person", "unknown"), OrganizationRefusals.SignInFailed, Ct);
        var lines = (await PageAsync(AsHq)).Lines;
        Assert.Equal([("human", null), ("staff", "Ana"), ("system", (string?)null)], lines.Select(l => (l.Who.Kind, l.Who.Name)));
        Assert.Equal("refuse.organization.sign_in_failed", lines[0].ReasonCode);
        Assert.True(lines[0].Refused);
    }

    [Fact]
    public async Task Each_condition_keeps_only_what_meets_it()
    {
        await WriteAsync(Ana, Porto, "ana");
        await WriteAsync(Rui, Porto, "rui", refuse: true);
        await WriteAsync(BerlinManager, Berlin, "jonas", action: "blackout.remove");
        var rui = Rui.PersonId!.Value.ToString();
        await KeepsAsync(new AuditFilter { ActorId = rui }, rui);
        await KeepsAsync(new AuditFilter { Branch = Berlin }, "jonas");
        await KeepsAsync(new AuditFilter { GroupOnly = true }, "group");
        await KeepsAsync(new AuditFilter { Action = "blackout.remove" }, "jonas");
        await KeepsAsync(new AuditFilter { Outcome = "refused" }, rui);
        await KeepsAsync(new AuditFilter { Outcome = "done", Branch = Porto }, "ana");
        await KeepsAsync(new AuditFilter { ActorKind = "system" }, "group");
        await KeepsAsync(new AuditFilter { ObjectType = "branch", ObjectId = Berlin.ToString() }, "jonas");
        var at = (await PageAsync(AsHq, new AuditFilter { Action = "blackout.remove" })).Lines[0].At;
        await KeepsAsync(new AuditFilter { From = at }, "jonas");
        await KeepsAsync(new AuditFilter { Until = at, ActorKind = "staff" }, rui, "ana");
    }

    [Fact]
    public async Task A_manager_cannot_widen_the_view_by_asking_for_another_branch()
    {
        await WriteAsync(Ana, Porto, "a");
        await WriteAsync(BerlinManager, Berlin, "b");
        Assert.Equal(["a"], Labels(await PageAsync(AsAna, new AuditFilter { Branch = Berlin })));
        Assert.Equal(["a"], Labels(await PageAsync(AsAna, new AuditFilter { GroupOnly = true })));
    }

    [Theory]
    [InlineData("rui", "refused")]
    [InlineData("Berlin", "jonas")]
    [InlineData("blackout", "jonas", "refused", "ana")]
    [InlineData("removed", "jonas")]
    [InlineData("blackout ana", "ana")]
    [InlineData("reason_required", "refused")]
    [InlineData("porto blackout", "refused", "ana")]
    [InlineData("#1", "ana")]
    [InlineData("100%")]
    [InlineData("nothing_like_this")]
    public async Task Words_find_verbs_sentences_people_branches_codes_and_numbers(string text, params string[] labels)
    {
        await WriteAsync(Ana, Porto, "ana");
        await WriteAsync(Rui, Porto, "refused", refuse: true);
        await WriteAsync(BerlinManager, Berlin, "jonas", action: "blackout.remove");
        await NumberAsync();
        var page = await PageAsync(AsHq, new AuditFilter { Text = text });
        Assert.Equal(labels, Labels(page).Select(l => l == Rui.PersonId!.Value.ToString() ? "refused" : l));
    }

    [Fact]
    public async Task Things_are_found_and_shown_by_their_names()
    {
        var template = TemplateId.New();
        var offer = OfferId.New();
        await SellAsync(template, offer);
        await WriteAsync(Hq, null, "published", action: "template.publish", thing: ("template", template.ToString()));
        await WriteAsync(Ana, Porto, "accepted", action: "package.accept", thing: ("offer", offer.ToString()));
        await WriteAsync(Ana, Porto, "other");
        var page = await PageAsync(AsHq, new AuditFilter { Text = "wedding" });
        Assert.Equal([("accepted", "Wedding Classic version 1"), ("published", "Wedding Classic")], page.Lines.Select(l => (Label(l), l.Thing.Label!)));
        Assert.Equal(["accepted"], Labels(await PageAsync(AsAna, new AuditFilter { Text = "wedding" })));
        Assert.Equal("Wedding Classic", (await PageAsync(AsHq, new AuditFilter { ObjectType = "template", ObjectId = template.ToString() })).Thing?.Label);
    }

    [Fact]
    public async Task A_clients_name_is_told_to_the_branch_and_not_to_hq()
    {
        var project = await SellAsync(TemplateId.New(), OfferId.New());
        await WriteAsync(Ana, Porto, "booked", action: "project.book", thing: ("project", project.ToString()));
        Assert.Equal("Sofia and Miguel", (await PageAsync(AsAna)).Lines[0].Thing.Label);
        Assert.Null((await PageAsync(AsHq)).Lines[0].Thing.Label);
    }

    [Fact]
    public async Task A_long_payload_stays_out_of_the_list_and_stands_whole_in_the_detail()
    {
        var text = new string('x', 5_000);
        await WriteAsync(Ana, Porto, text);
        var line = (await PageAsync(AsAna)).Lines[0];
        Assert.Null(line.Payload);
        Assert.Equal($$"""{"label":"{{text}}"}""", (await _audit.DetailAsync(AsAna, line.Id, Ct)).Value.Payload);
    }

    [Fact]
    public async Task The_detail_holds_the_leaf_and_the_newest_checkpoint_that_covers_it()
    {
        await WriteAsync(Ana, Porto, "a");
        var id = (await PageAsync(AsAna)).Lines[0].Id;
        var waiting = (await _audit.DetailAsync(AsAna, id, Ct)).Value;
        Assert.Null(waiting.LeafHash);
        Assert.Null(waiting.Seal);

        await NumberAsync();
        await WriteAsync(Ana, Porto, "b");
        await NumberAsync();
        var detail = (await _audit.DetailAsync(AsAna, id, Ct)).Value;
        Assert.Equal(detail.ComputedLeafHash, detail.LeafHash);
        Assert.Equal(Convert.ToHexStringLower(MerkleHash.Leaf(detail.Body.ToCanonical()).ToArray()), detail.LeafHash);
        Assert.Equal(3, detail.Seal?.Size);
        Assert.True(detail.SealedAt < detail.Seal?.At);
        Assert.Contains(detail.Seal!.Size.ToString(CultureInfo.InvariantCulture), detail.Seal.Note, StringComparison.Ordinal);
        Assert.False(detail.IsAltered);
        Assert.Equal(3, (await _audit.HeadAsync(AsAna, Ct)).Value.Newest?.Size);
    }

    [Theory]
    [InlineData("update audit.entries set outcome = 'refused' where action = 'blackout.add'")]
    [InlineData("update audit.entries set payload = '{\"label\":\"z\"}' where action = 'blackout.add'")]
    public async Task An_entry_that_was_changed_behind_our_back_is_called_altered(string tampering)
    {
        await WriteAsync(Ana, Porto, "a");
        await NumberAsync();
        await SqlAsync($"set session_replication_role = replica; {tampering}; set session_replication_role = default");
        var line = (await PageAsync(AsAna)).Lines[0];
        Assert.True((await _audit.DetailAsync(AsAna, line.Id, Ct)).Value.IsAltered);
    }

    [Fact]
    public async Task A_manager_may_filter_by_the_people_of_the_branch_and_hq_by_all()
    {
        Assert.Equal(["Ana", "Inês", "Rui"], (await _audit.ChoicesAsync(AsAna, Ct)).Value.People.Select(p => p.Name));
        var hq = (await _audit.ChoicesAsync(AsHq, Ct)).Value;
        Assert.Equal(["Ana", "Helena", "Inês", "Jonas", "Rui"], hq.People.Select(p => p.Name));
        Assert.Equal(["berlin", "porto"], hq.Places.Select(p => p.Slug));
    }

    private async Task<AuditSlice> PageAsync(AuditReader reader, AuditFilter? filter = null, AuditCursor cursor = default) =>
        (await _audit.PageAsync(reader, filter ?? Everything, cursor, Ct)).Value;

    private async Task KeepsAsync(AuditFilter filter, params string[] labels) => Assert.Equal(labels, Labels(await PageAsync(AsHq, filter)));

    private static List<string> Labels(AuditSlice page) => [.. page.Lines.Select(Label)];

    // A refusal has no payload, so it is known by whoever was refused.
    private static string Label(AuditLine line) =>
        line.Payload is { } payload ? (string)JsonNode.Parse(payload)!["label"]! : line.Place is null && !line.Refused ? "group" : line.Refused ? line.Who.Id : "(long)";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task WriteAsync(Sender from, BranchId? branch, string label, bool refuse = false, string action = "blackout.add", (string Type, string Id)? thing = null)
    {
        var (scope, access) = branch is { } b ? (TenantScope.Of(b), Access.ManagerOf(b)) : (TenantScope.Hq, Access.Hq);
        var about = thing ?? ("branch", branch!.Value.ToString());
        await Door.RunAsync<Done>(new Command(action, from, scope, access, about.Type, about.Id), (context, _) =>
        {
            if (refuse) return Task.FromResult<Result<Done>>(KernelRefusals.ReasonRequired);
            context.Audit(new JsonObject { ["label"] = label });
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct);
    }

    /// <summary>A template with an offer, a package and a quote at Porto; written in a way that leaves no entry with a payload behind.</summary>
    private async Task<ProjectId> SellAsync(TemplateId template, OfferId offer)
    {
        const string content = """{"schema_version":"1.0.0"}""";
        var hash = new string('0', 64);
        var now = (DateTimeOffset)(DateTime)(await SqlAsync("select clock_timestamp()"))!;
        await Setup(TenantScope.Hq, context =>
        {
            context.Db.Templates.Add(PackageTemplate.Start(template, "wedding-classic", "Wedding Classic"));
            context.Db.TemplateVersions.Add(TemplateVersion.Of(template, 1, content, hash, "First", ChangeClass.Minor, null, now, null));
            context.Db.UpdateOffers.Add(UpdateOffer.Of(Porto, offer, template, 1, false, now));
        });
        var (package, project) = (BranchPackageId.New(), ProjectId.New());
        await Setup(TenantScope.Of(Porto), context =>
        {
            context.Db.BranchPackages.Add(BranchPackage.Adopt(Porto, package, template, 1, "Wedding Classic", "{}", false));
            context.Db.PackageRevisions.Add(PackageRevision.Of(Porto, package, 1, content, hash, "{}", RevisionOrigin.Adopted, 1, null, now, null));
            context.Db.Projects.Add(Project.Quote(Porto, project, "Sofia and Miguel", DateOnly.FromDateTime(now.UtcDateTime).AddDays(90), package, new RulesSnapshot(new(DateOnly.FromDateTime(now.UtcDateTime), "wedding-classic", 1, 1, hash), [], new Dictionary<string, bool>()), now, null));
        });
        return project;
    }

    private async Task Setup(TenantScope scope, Action<WriteContext> write)
    {
        var access = scope.BranchId is { } branch ? Access.ManagerOf(branch) : Access.Hq;
        var done = await Door.RunAsync<Done>(new Command("setup.demo", Sender.System("test"), scope, access, "group", "test"), (context, _) =>
        {
            write(context);
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct);
        Assert.Null(done.Refusal);
    }

    private async Task NumberAsync()
    {
        var pace = new SequencerOptions { CheckpointInterval = TimeSpan.Zero };
        var sequencer = new Sequencer(new SequencerSource(_source), Wake, _key, new LiveOptions(), pace, NullLogger<Sequencer>.Instance);
        while (!(await sequencer.NumberAsync(Ct)).IsEmpty) { }
    }
}
