using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Demo;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Demo;

/// <summary>The demo group in a real, empty vault.</summary>
public sealed class DemoLoaderTests(PostgresServer server) : IAsyncLifetime
{
    private readonly ShortFolder _keys = new();
    private string _database = "";
    private GroupKey _key = null!;
    private NpgsqlDataSource _app = null!;
    private WriteDoor _door = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await server.CopyAsync();
        _key = GroupKey.Load(_keys["key.pem"], "studiovault/test", mayCreate: true);
        _app = NpgsqlDataSource.Create(server.For(_database, VaultRoles.Default.App));
        _door = new WriteDoor(new VaultDbs(_app), new FeedWake(), new NodeIdentity("test"), Microsoft.Extensions.Logging.Abstractions.NullLogger<WriteDoor>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public async Task Loads_once_with_its_history_and_every_pin_in_place()
    {
        var now = new DateTimeOffset(2026, 11, 21, 15, 0, 0, TimeSpan.Zero);
        var owner = server.For(_database, EmbeddedPostgres.Superuser);
        Assert.True(await new DemoLoader(_key).LoadAsync(owner, now, Ct));
        Assert.False(await new DemoLoader(_key).LoadAsync(owner, now, Ct));
        var group = DemoGroup.Load(DateOnly.FromDateTime(now.UtcDateTime));
        await using var db = new VaultDb(VaultDbs.Options(owner)) { Scope = TenantScope.Hq };
        Assert.Equal(group.Branches.Count, await db.Branches.CountAsync(Ct));
        Assert.Equal(group.Templates.Sum(t => t.Versions.Count), await db.TemplateVersions.CountAsync(Ct));
        Assert.Equal(group.Packages.Count(p => p.Adopted is not null), await db.BranchPackages.CountAsync(Ct));
        Assert.Equal(group.Projects.Count, await db.Projects.CountAsync(Ct));
        Assert.Equal(0, await db.AuditEntries.CountAsync(e => e.At > now.AddMinutes(1) && e.Action != "demo.load", Ct));
        Assert.Contains(await db.UpdateOffers.Select(o => o.State).Distinct().ToListAsync(Ct), s => s == OfferState.Yanked);
        Assert.True(await db.UpdateOffers.AnyAsync(o => o.ReviewRevertAskedAt != null && o.RevertReviewedAt == null, Ct));
    }

    [Fact]
    public async Task Bookings_get_agreements_in_every_state_and_a_second_start_goes_on()
    {
        var owner = server.For(_database, EmbeddedPostgres.Superuser);
        var now = new DateTimeOffset(2026, 11, 21, 15, 0, 0, TimeSpan.Zero);
        Assert.True(await new DemoLoader(_key).LoadAsync(owner, now, Ct));
        var master = MasterKey.Load(_keys["master.key"], mayCreate: true);
        var keys = new ClientKeys(master);
        var papers = new Papers(keys);
        using var seals = new SealKeys(_door, master, "Northlight");
        var printer = new PlainPaperPrinter();
        var letters = new ClientLetters(new MailOut(keys), new ClientLinks(master), new Uri("https://vault.example"));
        var demo = new DemoAgreements(keys, printer, seals, new SealPapers(_door, papers, keys, seals, printer, letters, new AgreementEffects(papers)), new DeliveryFiles(_keys["deliveries"]));

        Assert.Equal(40, (await demo.LoadAsync(owner, 40, now, Ct)).Value);
        Assert.Equal(0, (await demo.LoadAsync(owner, 40, now, Ct)).Value);
        Assert.Equal(3, (await demo.LoadAsync(owner, 43, now, Ct)).Value);

        await using var asked = NpgsqlDataSource.Create(owner);
        async Task<string> AskAsync(string sql)
        {
            await using var command = asked.CreateCommand(sql);
            return (await command.ExecuteScalarAsync(Ct))?.ToString() ?? "";
        }

        Assert.Equal("Cancelled Completed InForce Open Void", await AskAsync("select string_agg(distinct state, ' ' order by state) from agreements.agreements"));
        Assert.Equal("Draft Executed PartlySigned Sent Viewed Void", await AskAsync("select string_agg(distinct state, ' ' order by state) from agreements.papers"));
        Assert.Equal("0", await AskAsync("select count(*) from agreements.papers p where state = 'Executed' and not exists (select from documents.fingerprints f join agreements.sealed_papers s on s.document_sha256 = f.sha256 where s.paper_id = p.id)"));
        Assert.NotEqual("0", await AskAsync("select count(*) from agreements.papers where state = 'Executed' and version > 1"));
        Assert.NotEqual("0", await AskAsync("select count(*) from agreements.project_clients where is_minor"));
        Assert.Equal("0", await AskAsync("select count(*) from agreements.signatures where signed_at > timestamptz '2026-11-21 15:00Z'"));
        Assert.Equal("0", await AskAsync("select count(*) from agreements.invoices where state = 'Paid' and paid_on > date '2026-11-21'"));
        Assert.NotEqual("0", await AskAsync("select count(*) from agreements.invoices where state = 'Paid'"));
        Assert.NotEqual("0", await AskAsync("select count(*) from agreements.delivery_files"));
        // No branch lost an offer to a recall: whatever it was offered last and HQ did not call back, it has open or has ruled on.
        Assert.Equal("0", await AskAsync("""
            select count(*) from packages.branch_packages p
            where p.decided_version < (select max(o.version) from packages.update_offers o where o.branch_id = p.branch_id and o.template_id = p.template_id
                and not exists (select from packages.template_yanks y where y.template_id = o.template_id and y.number = o.version))
              and not exists (select from packages.update_offers o where o.branch_id = p.branch_id and o.template_id = p.template_id and o.state in ('Offered', 'Viewed', 'Snoozed'))
            """));
        // The documents carry the times of the signatures, not of the load.
        Assert.Equal("0", await AskAsync("select count(*) from documents.fingerprints where sealed_at > timestamptz '2026-11-21 15:00Z'"));
    }

    [Fact]
    public async Task Hq_publishes_the_prepared_version_and_porto_sees_the_story_of_the_tour()
    {
        Assert.True(await new DemoLoader(_key).LoadAsync(server.For(_database, EmbeddedPostgres.Superuser), new DateTimeOffset(2026, 11, 21, 15, 0, 0, TimeSpan.Zero), Ct));
        await using var db = new VaultDb(VaultDbs.Options(server.For(_database, EmbeddedPostgres.Superuser))) { Scope = TenantScope.Hq };
        var hqEmail = DemoGroup.Load(new DateOnly(2026, 11, 21)).People.First(p => p.Role == StudioVault.Domain.Organization.Role.HqAdmin).Email;
        var hq = await SenderAsync(db, p => p.Email == hqEmail);
        var ana = await SenderAsync(db, p => p.Email!.StartsWith("ana@"));
        var template = await db.Templates.SingleAsync(t => t.Slug == "wedding-classic", Ct);
        var porto = await db.Branches.SingleAsync(b => b.Slug == "porto", Ct);
        var draft = (await new TemplateDrafts(_door).OpenAsync(hq, template.Id, Ct)).Value;
        var order = new PublishOrder(template.Id, draft.Revision, draft.Summary, StudioVault.Domain.Kernel.ChangeClass.Major, null, null, "Tour.", template.LatestVersion + 1);
        var looked = (await new BlastRadius(_door).ComputeAsync(hq, order, null, Ct)).Value;
        Assert.True(looked.IsHarmless);
        var published = await new PublishTemplateVersion(_door).RunAsync(hq, order with { RadiusDigest = looked.Digest }, Ct);
        Assert.Null(published.Refusal);
        Assert.Equal(5, published.Value.Version);

        var packages = new PackageQueries(_door, new MandatoryUpdates(), new PresenceBoard(new VaultDbs(_app)));
        var inbox = (await packages.InboxAsync(ana, porto.Id, InboxTab.ToDecide, null, Ct)).Value;
        var offer = inbox.Rows.Single(r => r.TemplateId == template.Id);
        Assert.Equal((4, 5, 4, 1), (offer.FromVersion, offer.Version, offer.Fields, offer.NeedChoice));
        Assert.Null((await new OfferCommands(_door).ViewAsync(ana, porto.Id, offer.Id, Ct)).Refusal);
        var review = (await packages.ReviewAsync(ana, porto.Id, offer.Id, Ct)).Value;
        Assert.Equal((2, 11), (review.Review!.Counts.KeptEdits, review.Use.OpenQuotes));
        var decided = await new DecideUpdate(_door, _key).AcceptAsync(ana, porto.Id, offer.Id, review.Digest, MergeDecisions.None, null, Ct);
        Assert.Null(decided.Refusal);
        var package = (await packages.PackageAsync(ana, porto.Id, decided.Value.PackageId!.Value, null, Ct)).Value;
        Assert.Equal(520m, package.Content.Items.Single(i => i.Id == "album").UnitPrice);
        Assert.Equal(60, package.Content.Travel.RadiusKm);
    }

    private static async Task<Sender> SenderAsync(VaultDb db, System.Linq.Expressions.Expression<Func<StudioVault.Infrastructure.Organization.Person, bool>> who)
    {
        var person = await db.Users.AsNoTracking().Where(who).OrderBy(p => p.Name).FirstAsync(Ct);
        return Sender.Person(person.PersonId, person.SecurityStamp);
    }
}
