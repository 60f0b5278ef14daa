using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Agreements;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

/// <summary>
/// TEN-3 over HTTP: whoever asks every page, file and endpoint for what belongs to another branch gets the answer that an id nobody has
/// would get, and not a word of the content. The routes are the program's own: one that takes an id and is not in the list fails the test.
/// </summary>
public sealed partial class ForeignBranchTests(PostgresServer server) : ExecutedTest(server)
{
    private const string ProposalSecret = "The roof of the studio leaks";
    private const string DeliverySecret = "Photographs of the whole day";

    /// <summary>What stands in Porto's things and nowhere else.</summary>
    private static readonly string[] Secrets = ["Marta", "Sousa", "João", "Reis", "joao@", ProposalSecret, DeliverySecret];

    /// <summary>Routes with something to fill in that no branch owns, and why.</summary>
    private static readonly Dictionary<string, string> NobodysOwn = new(StringComparer.Ordinal)
    {
        ["/{**path:file}"] = "says that there is no such file",
        ["/c/{token}"] = "a secret link: whoever has it is the client",
        ["/c/{**rest}"] = "says that the link leads nowhere",
        ["/d/{token}"] = "a secret link: whoever has it is the client",
        ["/docs/api/codes/{code}"] = "the reference, for everybody",
        ["/openapi/{documentName}.json"] = "the reference, for everybody",
        ["/v1/branches/{slug}/booking"] = "whether a website takes bookings, for everybody",
        ["/v1/capabilities/{name}"] = "what may be proposed at all, the same in every branch",
        ["/v1/audit/entries/{index}/proof"] = "hashes, for everybody who checks the log",
        ["/v1/branches/{**rest}"] = "says that there is no such address",
        ["/v1/audit/{**rest}"] = "says that there is no such address",
        ["/v1/{**rest}"] = "says that there is no such address",
        ["/password/{token}"] = "a secret link: whoever has it chooses the password",
        ["/password/{Token}"] = "the same, spelt by its page",
        ["/verify/{hash}"] = "whether a document is genuine, for everybody who holds it",
        ["/_framework"] = "files of the framework",
        ["/_blazor"] = "circuits, which belong to whoever began them (CircuitOwnersTests)",
    };

    private WholeVault _vault = null!;
    private readonly Dictionary<string, string> _ours = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await PastGuardsAsync("update organization.people set is_demo = true");
        var agreement = await ExecutedAsync();
        var project = new ProjectId((Guid)(await SqlAsync("select id from agreements.projects"))!);
        var accepted = (Guid)(await SqlAsync("select id from packages.update_offers where branch_id = $1", Porto.Value))!;
        await PublishAsync(Mandatory2(), "The second one.");
        _vault = await WholeVault.StartAsync(Server.For(Database, VaultRoles.Default.App), Server.For(Database, VaultRoles.Default.Sequencer), null,
            ("Security:RequireHttps", "true"), ("Security:MasterKeyFile", MasterKeyFile), ("Audit:SigningKeyFile", Folder["key.pem"]));
        var deliveries = _vault.App.Services.GetRequiredService<DeliveryCommands>();
        var delivery = await deliveries.OpenAsync(PortoStaff, Porto, project, DeliverySecret, Ct);
        Assert.Null(delivery.Refusal);
        _ours["offer"] = (await OpenOfferAsync(Porto)).ToString();
        _ours["accepted"] = accepted.ToString();
        _ours["package"] = ((Guid)(await SqlAsync("select id from packages.branch_packages where branch_id = $1", Porto.Value))!).ToString();
        _ours["project"] = project.ToString();
        _ours["agreement"] = agreement.ToString();
        _ours["delivery"] = delivery.Value.ToString();
        _ours["branch"] = Porto.ToString();
        _ours["slug"] = "porto";
        _ours["proposal"] = (await ProposedAsync()).ToString();
        await Eventually.True(async () => await SqlAsync(LeafOf, "proposal.submit") is not null, "the entry has its number", 60);
        _ours["leaf"] = ((long)(await SqlAsync(LeafOf, "proposal.submit"))!).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private const string LeafOf = "select l.idx from audit.leaves l join audit.entries e on e.id = l.entry_id where e.action = $1 limit 1";

    public override async ValueTask DisposeAsync()
    {
        await _vault.DisposeAsync();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    /// <summary>What is asked, with {names} of things; of routes that take an id in the query too.</summary>
    /// <param name="Route">The program's own spelling.</param>
    /// <param name="Asked">The address; names in braces stand for ids.</param>
    private sealed record Question(string Route, string Asked, string Method = "GET", string? Form = null)
    {
        /// <summary>The branch's own people are shown it, so that the question asks for something.</summary>
        public bool IsShown { get; init; } = true;

        /// <summary>What is answered where it is no 404: a page of one's own that shows nothing of it.</summary>
        public string Status { get; init; } = "404";

        /// <summary>The number is of the whole group's log, whose length everybody may know: one that is not there yet says so.</summary>
        public bool IsNumber { get; init; }

        /// <summary>It is headquarters' page: a branch's people are sent away before anything is looked up.</summary>
        public bool IsHq { get; init; }
    }

    private static readonly Question[] Questions =
    [
        new("/updates/{Id:guid}", "/updates/{offer}"),
        new("/updates/{Id:guid}", "/updates/{accepted}"),
        new("/updates/{id:guid}/consent.json", "/updates/{accepted}/consent.json"),
        // Printed with Chromium, which not every machine has.
        new("/updates/{id:guid}/consent.pdf", "/updates/{accepted}/consent.pdf") { IsShown = false },
        new("/packages/{Id:guid}", "/packages/{package}"),
        new("/packages/{Id:guid}", "/packages/{package}?revision=1"),
        new("/packages/{Id:guid}/edit", "/packages/{package}/edit"),
        new("/projects/{Id:guid}", "/projects/{project}"),
        new("/projects/new", "/projects/new?package={package}") { Status = "200" },
        new("/projects/{project:guid}/delivery", "/projects/{project}/delivery"),
        new("/projects/{project:guid}/delivery", "/projects/{project}/delivery", "POST", "title=Mine") { IsShown = false },
        new("/projects/{project:guid}/delivery/{delivery:guid}/extend", "/projects/{project}/delivery/{delivery}/extend", "POST", "until=2099-12-31&reason=Mine") { IsShown = false },
        new("/projects/{project:guid}/delivery/{delivery:guid}/revoke", "/projects/{project}/delivery/{delivery}/revoke", "POST", "reason=Mine") { IsShown = false },
        new("/projects/{project:guid}/delivery/{delivery:guid}/files", "/projects/{project}/delivery/{delivery}/files", "POST", "") { IsShown = false },
        new("/agreements/{Id:guid}", "/agreements/{agreement}"),
        new("/agreements/new", "/agreements/new?project={project}"),
        new("/agreements/{Id:guid}/edit", "/agreements/{agreement}/edit"),
        new("/agreements/{Id:guid}/amend", "/agreements/{agreement}/amend"),
        new("/agreements/{id:guid}/v{version:int}/paper.pdf", "/agreements/{agreement}/v1/paper.pdf"),
        new("/agreements/{id:guid}/v{version:int}/certificate.pdf", "/agreements/{agreement}/v1/certificate.pdf"),
        new("/agreements/{id:guid}/v{version:int}/review.pdf", "/agreements/{agreement}/v1/review.pdf"),
        new("/agreements/{id:guid}/as-amended.pdf", "/agreements/{agreement}/as-amended.pdf") { IsShown = false },
        new("/agreements/{id:guid}/evidence.zip", "/agreements/{agreement}/evidence.zip"),
        new("/queue/{Id:guid}", "/queue/{proposal}") { Status = "200" },
        new("/queue/{Id:guid}/edit", "/queue/{proposal}/edit") { Status = "200" },
        new("/audit/{Leaf:long}", "/audit/{leaf}") { Status = "200" },
        new("/audit/{index:long}/proof.json", "/audit/{leaf}/proof.json") { IsNumber = true },
        new("/v1/audit/entries/{index}", "/v1/audit/entries/{leaf}"),
        new("/branch/switch", "/branch/switch", "POST", "branch={branch}") { IsShown = false },
        new("/hq/branches/{Slug}", "/hq/branches/{slug}") { IsHq = true },
        new("/hq/branches/{Slug}/edit", "/hq/branches/{slug}/edit") { IsHq = true },
        new("/hq/capabilities/{Name}", "/hq/capabilities/booking.pause") { IsHq = true },
        new("/hq/templates/{Slug}", "/hq/templates/wedding-classic") { IsHq = true },
        new("/hq/templates/{Slug}/edit", "/hq/templates/wedding-classic/edit") { IsHq = true },
        new("/hq/templates/{Slug}/publish", "/hq/templates/wedding-classic/publish") { IsHq = true },
    ];

    /// <summary>Asked by programs with a key; <see cref="An_agent_of_another_branch_gets_what_an_unknown_id_would_get"/>.</summary>
    private static readonly Question[] OfPrograms =
    [
        new("/v1/proposals/{id}", "/v1/proposals/{proposal}"),
        new("/v1/proposals/{id}/decisions", "/v1/proposals/{proposal}/decisions"),
        new("/v1/proposals/{id}/withdraw", "/v1/proposals/{proposal}/withdraw", "POST"),
        new("/v1/proposals", "/v1/proposals?branch={slug}"),
    ];

    [Fact]
    public void Every_route_that_takes_an_id_is_asked_or_says_whose_it_is()
    {
        var routes = Routes();
        Assert.True(routes.Count > 40, $"only {routes.Count} routes were found");
        var known = Questions.Concat(OfPrograms).Select(q => q.Route).ToHashSet(StringComparer.Ordinal);
        var unasked = routes.Where(r => !known.Contains(r) && !NobodysOwn.Keys.Any(n => r == n || r.StartsWith(n + "/", StringComparison.Ordinal))).ToList();
        Assert.True(unasked.Count == 0, $"New, add a question or a reason: {string.Join(", ", unasked)}");
        var gone = known.Where(k => k.Contains('{', StringComparison.Ordinal)).Concat(NobodysOwn.Keys.Where(n => n.Contains('{', StringComparison.Ordinal))).Where(k => !routes.Contains(k)).ToList();
        Assert.True(gone.Count == 0, $"Gone: {string.Join(", ", gone)}");
    }

    [Fact]
    public async Task Somebody_of_another_branch_gets_what_an_unknown_id_would_get()
    {
        using var ana = await SignInAsync(Ana);
        using var jonas = await SignInAsync(BerlinManager);
        var wrong = new List<string>();
        foreach (var q in Questions)
        {
            var (theirs, nobodys) = (await AskAsync(jonas, q, _ours), await AskAsync(jonas, q, Unknown()));
            if (theirs.Status != nobodys.Status || (theirs.Body != nobodys.Body && !q.IsNumber)) wrong.Add($"{q.Method} {q.Asked}: {theirs.Status} and not {nobodys.Status} as for an unknown id, or another text:\n{theirs.Body}\n--- unknown:\n{nobodys.Body}");
            else if (q.IsHq ? theirs.Status is not ("403" or "302 /denied") : theirs.Status != q.Status) wrong.Add($"{q.Method} {q.Asked}: {theirs.Status} and not {q.Status}\n{theirs.Body}");
            if (Secrets.FirstOrDefault(s => theirs.Body.Contains(s, StringComparison.OrdinalIgnoreCase)) is { } secret) wrong.Add($"{q.Method} {q.Asked} tells “{secret}”");
            if (!q.IsShown || q.IsHq) continue;
            var own = await AskAsync(ana, q, _ours);
            // Their own page is another: what is compared is not a page that says "not found" to everybody.
            if (own.Status == "404" || own.Body == theirs.Body || own.Body.Contains(KernelRefusals.NotFound.Code, StringComparison.Ordinal)) wrong.Add($"{q.Method} {q.Asked} asks for nothing: its own people get {own.Status}\n{own.Body}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    /// <summary>WEB-7, for every page that shows one thing, on the thing itself.</summary>
    [Fact]
    public async Task What_the_own_people_are_shown_is_kept_by_no_browser_and_no_proxy()
    {
        using var ana = await SignInAsync(Ana);
        using var helena = await SignInAsync(Hq);
        var pages = 0;
        foreach (var q in Questions.Where(q => q.Method == "GET"))
        {
            using var answer = await (q.IsHq ? helena : ana).GetAsync(Fill(q.Asked, _ours));
            if (answer.Content.Headers.ContentType?.MediaType != "text/html") continue;
            pages++;
            Assert.Equal((q.Asked, "no-store"), (q.Asked, answer.Headers.CacheControl?.ToString()));
        }

        Assert.True(pages > 15, $"only {pages} pages were shown");
    }

    [Fact]
    public async Task What_somebody_of_another_branch_sent_changed_nothing()
    {
        using var jonas = await SignInAsync(BerlinManager);
        const string done = "select count(*) from audit.entries where actor_id = $1 and outcome = 'done' and action not like 'session.%'";
        var before = await SqlAsync(done, BerlinManager.PersonId!.Value.ToString());
        foreach (var q in Questions.Where(q => q.Method == "POST")) await AskAsync(jonas, q, _ours);
        Assert.Equal(before, await SqlAsync(done, BerlinManager.PersonId!.Value.ToString()));
        Assert.Equal(1L, await SqlAsync("select count(*) from agreements.deliveries where revoked_at is null and extended_at is null"));
    }

    [Fact]
    public async Task An_agent_of_another_branch_gets_what_an_unknown_id_would_get()
    {
        using var ours = await ProgramAsync("helper-porto", Ana, Porto);
        using var foreign = await ProgramAsync("helper-berlin", BerlinManager, Berlin);
        foreach (var q in OfPrograms)
        {
            var (theirs, nobodys) = (await AskAsync(foreign, q, _ours), await AskAsync(foreign, q, Unknown()));
            Assert.Equal((q.Asked, nobodys), (q.Asked, theirs));
            Assert.Equal((q.Asked, "404"), (q.Asked, theirs.Status));
            Assert.DoesNotContain(Secrets, s => theirs.Body.Contains(s, StringComparison.OrdinalIgnoreCase));
        }

        // The list of its own branch is there: the key opens something.
        Assert.Equal("200", (await AskAsync(ours, OfPrograms[^1], _ours)).Status);
    }

    /// <summary>Routes with something to fill in, as the program has them.</summary>
    private IReadOnlyList<string> Routes() => [.. ((IEndpointRouteBuilder)_vault.App).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
        .Where(e => e.RoutePattern.Parameters.Count > 0).Select(e => "/" + e.RoutePattern.RawText!.Trim('/')).Distinct().Order(StringComparer.Ordinal)];

    private Dictionary<string, string> Unknown() => _ours.ToDictionary(o => o.Key, o => o.Key switch
    {
        "slug" => "atlantis",
        "leaf" => "987654",
        _ => Guid.NewGuid().ToString(),
    });

    private static string Fill(string text, Dictionary<string, string> ids) => Name().Replace(text, m => ids[m.Groups[1].Value]);

    private static async Task<(string Status, string Body)> AskAsync(Func<HttpRequestMessage, Task<HttpResponseMessage>> send, string? page, Question q, Dictionary<string, string> ids)
    {
        using var request = new HttpRequestMessage(new HttpMethod(q.Method), Fill(q.Asked, ids));
        if (q.Method == "POST" && q.Form is not null)
        {
            // With the token of a page of one's own: it is not for want of that.
            var token = page is null ? "" : "&__RequestVerificationToken=" + Uri.EscapeDataString(WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value));
            request.Content = new StringContent(Fill(q.Form, ids) + token, Encoding.UTF8, "application/x-www-form-urlencoded");
        }

        using var answer = await send(request);
        var body = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Ct));
        // What was asked for stands in the answer's own links.
        // A number only behind a slash: as a word it is also the minute or the second of some entry.
        foreach (Match asked in Name().Matches(q.Asked + q.Form))
        {
            var id = ids[asked.Groups[1].Value];
            body = Regex.Replace(body, $@"{(id.All(char.IsAsciiDigit) ? "(?<=/)" : @"\b")}{Regex.Escape(id)}\b", "…", RegexOptions.IgnoreCase);
        }

        var status = ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return (answer.Headers.Location is { } to ? $"{status} {(to.IsAbsoluteUri ? to.AbsolutePath : to.ToString().Split('?')[0])}" : status, Passing().Replace(body, ""));
    }

    private static async Task<(string Status, string Body)> AskAsync(Visitor visitor, Question q, Dictionary<string, string> ids) =>
        await AskAsync(visitor.SendAsync, q.Method == "POST" ? await visitor.ReadAsync("/branch") : null, q, ids);

    private static Task<(string Status, string Body)> AskAsync(HttpClient program, Question q, Dictionary<string, string> ids) => AskAsync(r => program.SendAsync(r, Ct), null, q, ids);

    private async Task<Visitor> SignInAsync(Infrastructure.Door.Sender who)
    {
        var visitor = new Visitor(_vault.Address);
        await visitor.SignInAsync(who.PersonId!.Value.Value);
        return visitor;
    }

    private async Task<HttpClient> ProgramAsync(string slug, Infrastructure.Door.Sender giver, BranchId branch)
    {
        var (agents, later) = (new AgentCommands(Door), TimeProvider.System.GetUtcNow().AddDays(30));
        var agent = (await agents.CreateAsync(Hq, slug, $"The {slug}", "Helps.", Hq.PersonId!.Value, Ct)).Value;
        var key = (await agents.CreateKeyAsync(Hq, agent, new NewKeyScope("Test", null, null, later), Ct)).Value;
        Assert.Null((await new DelegationCommands(Door).GiveAsync(giver, branch, new NewDelegation(null, Party.Of(agent), null, null, later, "It helps."), Ct)).Refusal);
        var client = new HttpClient { BaseAddress = _vault.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Token);
        return client;
    }

    /// <summary>A proposal of Porto's staff; the node has to register what may be proposed first.</summary>
    private async Task<ProposalId> ProposedAsync()
    {
        var propose = _vault.App.Services.GetRequiredService<ProposalCommands>();
        Result<Submitted> made = default!;
        await Eventually.True(async () => !(made = await propose.SubmitAsync(PortoStaff, Porto,
            new ProposalInput(BookingPause.Name, new JsonObject { ["until"] = TimeProvider.System.GetUtcNow().AddDays(20).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), ["reason"] = ProposalSecret }, ProposalSecret, []), Ct)).IsRefused, "it can be proposed", 60);
        return made.Value.Id;
    }

    private static JsonObject Mandatory2()
    {
        var content = WeddingContent();
        content["turnaroundDays"] = 60;
        return content;
    }

    [GeneratedRegex("\\{([a-z]+)\\}")]
    private static partial Regex Name();

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex Token();

    /// <summary>What differs from one answer to the next: tokens, the circuit's own marks, and how long ago something was.</summary>
    [GeneratedRegex("<!--Blazor[^>]*?-->|<input[^>]*__RequestVerificationToken[^>]*>|id=\"[^\"]*\"|for=\"[^\"]*\"|aria-[a-z]+=\"[^\"]*\"|data-now=\"\\d+\"|\\d+ entries in the log[^<]*|\\d+ (second|minute)s? ago|just now", RegexOptions.Singleline)]
    private static partial Regex Passing();
}
