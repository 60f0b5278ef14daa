using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>A vault with the package use cases and a small wedding template to publish.</summary>
public abstract class PackagesTest(PostgresServer server) : VaultTest(server)
{
    private readonly ShortFolder _keys = new();

    protected GroupKey Key { get; private set; } = null!;
    protected TemplateDrafts Drafts { get; private set; } = null!;
    protected PublishTemplateVersion Publish { get; private set; } = null!;
    protected OpenWave Waves { get; private set; } = null!;
    protected YankTemplateVersion Yank { get; private set; } = null!;
    protected BlastRadius Blast { get; private set; } = null!;
    protected DecideUpdate Decide { get; private set; } = null!;
    protected UndoUpdate Undoing { get; private set; } = null!;
    protected OfferCommands Offers { get; private set; } = null!;
    protected PackageCommands Edits { get; private set; } = null!;
    protected PackageQueries Packages { get; private set; } = null!;
    protected string MasterKeyFile => _keys["master.key"];

    protected MasterKey Master { get; private set; } = null!;
    protected ClientKeys Keys { get; private set; } = null!;
    protected ProjectCommands Projects { get; private protected set; } = null!;
    protected TemplateId Wedding { get; private set; }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Key = GroupKey.Load(_keys["key.pem"], "studiovault/test", mayCreate: true);
        var mandatory = new MandatoryUpdates();
        Drafts = new TemplateDrafts(Door);
        Publish = new PublishTemplateVersion(Door);
        Waves = new OpenWave(Door);
        Yank = new YankTemplateVersion(Door);
        Blast = new BlastRadius(Door);
        Decide = new DecideUpdate(Door, Key);
        Undoing = new UndoUpdate(Door, Key);
        Offers = new OfferCommands(Door);
        Edits = new PackageCommands(Door);
        Packages = new PackageQueries(Door, mandatory, new PresenceBoard(Dbs));
        Master = MasterKey.Load(_keys["master.key"], mayCreate: true);
        Keys = new ClientKeys(Master);
        Projects = new ProjectCommands(Door, mandatory, new AgreementEffects(new Papers(Keys)));
        Wedding = (await Drafts.CreateAsync(Hq, "wedding-classic", WeddingContent().ToJsonString(), Ct)).Value;
    }

    public override async ValueTask DisposeAsync()
    {
        Key.Dispose();
        _keys.Dispose();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    /// <summary>Version 1 of the template; a test changes the node and publishes it.</summary>
    protected internal static JsonObject WeddingContent() => JsonNode.Parse("""
        { "schema_version": "1.0.0", "name": "Wedding Classic", "description": "A whole day.",
          "items": [
            {"id":"coverage","title":"Full-day coverage","kind":"coverage","quantity":1,"unitPrice":{"EUR":"1450.00"},"inclusion":"included","deliverables":[]},
            {"id":"album","title":"Album","kind":"product","quantity":1,"unitPrice":{"EUR":"480.00"},"inclusion":"add_on","deliverables":[]} ],
          "depositPlan": [ {"id":"booking","title":"On booking","percent":"30","due":"booking","dueDays":0}, {"id":"balance","title":"Before the day","percent":"70","due":"days_before_event","dueDays":30} ],
          "tax": {"name":"VAT","ratePercent":"23","pricesIncludeTax":true},
          "travel": {"radiusKm":40,"pricePerKm":{"EUR":"0.55"}},
          "turnaroundDays": 42,
          "gallery": {"onlineDays":365,"originalsDays":365,"deletionNoticeDays":30},
          "clauses": [ {"id":"archive","title":"Archive","body":"Originals are kept for 365 days after delivery."},
                       {"id":"cancellation","title":"Cancellation","body":"You may cancel in writing."} ],
          "rules": [ {"id":"tax","path":"/tax","mode":"local","basis":"Each country's own tax"},
                     {"id":"cancel","path":"/clauses/cancellation/body","mode":"locked","basis":"Consumer law"},
                     {"id":"album","path":"/items/album/unitPrice","mode":"bounded","maxPercent":"20","basis":"Brand"} ] }
        """)!.AsObject();

    /// <summary>Saves the content as the draft and publishes it to everybody (or the wave).</summary>
    protected async Task<Published> PublishAsync(JsonObject content, string summary = "A change.", params BranchId[] wave)
    {
        var result = await TryPublishAsync(content, summary, wave.Length == 0 ? null : wave);
        Assert.Null(result.Refusal);
        return result.Value;
    }

    protected async Task<Result<Published>> TryPublishAsync(JsonObject content, string summary = "A change.", IReadOnlyList<BranchId>? wave = null, ChangeClass declared = ChangeClass.Major,
        string? cadenceReason = "test", int? typed = null)
    {
        var draft = (await Drafts.OpenAsync(Hq, Wedding, Ct)).Value;
        var saved = await Drafts.SaveAsync(Hq, Wedding, draft.Revision, content.ToJsonString(), summary, Ct);
        if (saved.IsRefused) return saved.Refusal;
        return await RunPublishAsync(new PublishOrder(Wedding, saved.Value.Revision, summary, declared, wave, null, cadenceReason, typed ?? draft.LatestVersion + 1));
    }

    /// <summary>Publishes after a look at the blast radius, as the page does. What has none to show is sent without, and says why.</summary>
    protected async Task<Result<Published>> RunPublishAsync(PublishOrder order)
    {
        var looked = await Blast.ComputeAsync(Hq, order, null, Ct);
        return looked.IsRefused ? looked.Refusal : await Publish.RunAsync(Hq, order with { RadiusDigest = looked.Value.Digest }, Ct);
    }

    /// <summary>The open offer of a branch.</summary>
    protected async Task<OfferId> OpenOfferAsync(BranchId branch) =>
        new((Guid)(await SqlAsync("select id from packages.update_offers where branch_id = $1 and state in ('Offered', 'Viewed', 'Snoozed')", branch.Value))!);

    /// <summary>Accepts the branch's open offer as a manager sees it now.</summary>
    protected async Task<Result<Decided>> AcceptAsync(Sender from, BranchId branch, MergeDecisions? decisions = null)
    {
        var review = await LookAsync(from, branch);
        return await Decide.AcceptAsync(from, branch, review.Id, review.Digest, decisions ?? MergeDecisions.None, null, Ct);
    }

    /// <summary>Opens the branch's open offer, as its page does.</summary>
    protected async Task<ReviewView> LookAsync(Sender from, BranchId branch)
    {
        var offer = await OpenOfferAsync(branch);
        Assert.Null((await Offers.ViewAsync(from, branch, offer, Ct)).Refusal);
        return (await Packages.ReviewAsync(from, branch, offer, Ct)).Value;
    }

    /// <summary>Publishes v1 and lets Porto and Berlin adopt it.</summary>
    protected async Task<BranchPackageId> AdoptAsync()
    {
        await PublishAsync(WeddingContent(), "The first one.");
        Assert.Null((await AcceptAsync(BerlinManager, Berlin)).Refusal);
        var adopted = await AcceptAsync(Ana, Porto);
        Assert.Null(adopted.Refusal);
        return adopted.Value.PackageId!.Value;
    }

    /// <summary>Porto's own edit of one field.</summary>
    protected async Task<Result<int>> EditAsync(BranchPackageId package, Action<JsonObject> change, Sender? from = null)
    {
        var (revision, content) = await CurrentAsync(package);
        change(content);
        return await Edits.EditAsync(from ?? Ana, Porto, package, revision, content.ToJsonString(), "Ours.", Ct);
    }

    /// <summary>Porto's current revision.</summary>
    protected async Task<(int Revision, JsonObject Content)> CurrentAsync(BranchPackageId package)
    {
        var view = (await Packages.PackageAsync(Ana, Porto, package, null, Ct)).Value;
        return (view.CurrentRevision, JsonNode.Parse(view.Content.ToJson())!.AsObject());
    }

    /// <summary>The element of a list by its id.</summary>
    protected internal static JsonObject In(JsonObject content, string list, string id) => content[list]!.AsArray().Select(n => n!.AsObject()).Single(o => (string?)o["id"] == id);
}
