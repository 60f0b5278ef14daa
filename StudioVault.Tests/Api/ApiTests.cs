using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Api;
using StudioVault.Tests.Support;
using StudioVault.Web.Api;
using Xunit;

namespace StudioVault.Tests.Api;

/// <summary>The public API over HTTP.</summary>
public sealed class ApiTests(PostgresServer server) : ApiTest(server)
{
    [Fact]
    public async Task A_proposal_is_accepted_and_found_where_the_answer_says()
    {
        var answer = await PostAsync(Body());
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var made = await JsonAsync(answer);
        Assert.Equal(("Pending", "AMBER"), ((string)made["state"]!, (string)made["band"]!));
        Assert.Equal((string?)made["location"], answer.Headers.Location?.ToString());
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());

        var found = await JsonAsync(await Http.GetAsync(answer.Headers.Location, Ct));
        Assert.Equal((string?)made["digest"], (string?)found["digest"]);
        Assert.Equal("""["agent The helper","staff Ana"]""", new JsonArray([.. found["chain"]!.AsArray().Select(a => (JsonNode)$"{a!["kind"]} {a["name"]}")]).ToJsonString());
        Assert.Equal("2030-01-31", (string?)found["changes"]![0]!["after"]);
        Assert.Null(await PausedAsync());
    }

    [Fact]
    public async Task People_decide_on_it_and_the_agent_reads_what_they_said()
    {
        var made = await JsonAsync(await PostAsync(Body()));
        var id = new ProposalId((Guid)made["id"]!);
        Assert.Null((await Decide.ApproveAsync(Rui, Porto, id, new Approval((string)made["digest"]!, null, 5_000, null), Ct)).Refusal);
        await EndGraceAsync(id);
        Assert.Equal(1, await Executor.RunDueAsync(Ct));
        var found = await JsonAsync(await Http.GetAsync($"/v1/proposals/{id}", Ct));
        Assert.Equal(("Succeeded", "Updates are paused"), ((string)found["state"]!, (string)found["outcome"]!["summary"]!));
        var decision = Assert.Single((await JsonAsync(await Http.GetAsync($"/v1/proposals/{id}/decisions", Ct)))["items"]!.AsArray())!;
        Assert.Equal(("Approve", "Rui"), ((string)decision["verdict"]!, (string)decision["by"]!));
    }

    [Fact]
    public async Task The_person_behind_the_agent_cannot_approve_what_it_proposes()
    {
        var made = await JsonAsync(await PostAsync(Body()));
        Assert.Equal(ApprovalRefusals.SameHuman.Code, (await Decide.ApproveAsync(Ana, Porto, new ProposalId((Guid)made["id"]!), new Approval((string)made["digest"]!, null, 5_000, null), Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task The_same_request_gets_the_same_bytes_and_makes_one_proposal()
    {
        var first = await PostAsync(Body(), "order-0001");
        // Spaced and ordered otherwise it is the same request.
        var again = await PostAsync("""{ "why":"Wedding season", "args":{"until":"2030-01-31"},   "capability":"test.amber", "branch":"porto" }""", "order-0001");
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Ct), await again.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.Equal(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(1, await CountAsync("select count(*) from proposals.proposals"));
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused_and_a_refusal_is_not_kept()
    {
        Assert.Equal(404, (await RefusedAsync(await PostAsync(Body(capability: "test.nothing"), "order-0003"))).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(Body(), "order-0003")).StatusCode);
        Assert.Equal((409, "refuse.api.idempotency_mismatch", "Idempotency-Key"), await RefusedAsync(await PostAsync(Body(until: "2030-02-01"), "order-0003")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("short")]
    [InlineData("with space here")]
    public async Task A_proposal_without_a_usable_idempotency_key_is_refused(string? key)
    {
        var answer = await Http.SendAsync(ApiHost.Post(Body(), key), Ct);
        Assert.Equal((400, "refuse.api.idempotency_key_missing", "Idempotency-Key"), await RefusedAsync(answer));
    }

    [Fact]
    public async Task Thirty_orders_sent_three_times_at_once_make_thirty_proposals()
    {
        var api = Host.Services.GetRequiredService<AgentApi>();
        var sender = Sender.AgentBy(Key.Id, Convert.ToHexStringLower(AgentToken.Parse(Key.Token)!.SecretSha256()));
        var answers = await Task.WhenAll(Enumerable.Range(0, 90).Select(async i =>
        {
            var order = i / 3;
            var sent = new ApiOrder("porto", Input(until: $"2031-01-{(order % 28) + 1:00}", why: $"Order {order}"), $"order-{order:0000}", $"{order:x64}");
            var result = await api.SubmitAsync(sender, Helper, sent, Ct);
            // As a program does that was told to wait: the same once more.
            for (var attempt = 0; attempt < 20 && result.Refusal?.Kind.HttpStatus == 503; attempt++) result = await api.SubmitAsync(sender, Helper, sent, Ct);
            Assert.Null(result.Refusal);
            return (Order: order, Body: Encoding.UTF8.GetString(result.Value.Body));
        }));
        Assert.All(answers.GroupBy(a => a.Order), g => Assert.Single(g.Select(a => a.Body).Distinct()));
        Assert.Equal(30, await CountAsync("select count(*) from proposals.proposals"));
        Assert.Equal(30, await CountAsync("select count(*) from proposals.kept_answers"));
    }

    [Fact]
    public async Task Old_answers_are_forgotten_and_young_ones_are_not()
    {
        await PostAsync(Body(), "order-young");
        await PostAsync(Body(until: "2030-02-02"), "order-older");
        await SqlAsync("update proposals.kept_answers set at = at - interval '25 hours' where key = 'order-young'");
        await SqlAsync("update proposals.kept_answers set at = at - interval '49 hours' where key = 'order-older'");
        Assert.Null((await new ForgetAnswers(Dbs).RunAsync(Sender.System("test"), Ct)).Refusal);
        Assert.Equal("order-young", await SqlAsync("select string_agg(key, ', ') from proposals.kept_answers"));
        var (old, young) = (await TicketOfAsync(Ana), await TicketOfAsync(Rui));
        Assert.NotEqual(old, young);
        await TamperAsync($"update proposals.fresh_sign_ins set at = at - interval '11 minutes' where person_id = '{Ana.PersonId}'");
        Assert.Null((await new ForgetAnswers(Dbs).RunAsync(Sender.System("test"), Ct)).Refusal);
        Assert.Equal(Rui.PersonId!.Value.Value, await SqlAsync("select person_id from proposals.fresh_sign_ins"));
    }

    [Fact]
    public async Task Nobody_comes_in_without_a_live_key()
    {
        using var nobody = Host.Client(null);
        var answer = await nobody.GetAsync("/v1/me", Ct);
        Assert.Equal((401, "refuse.api.key_missing", null), await RefusedAsync(answer));
        Assert.Equal("Bearer realm=\"StudioVault\"", answer.Headers.WwwAuthenticate.ToString());
        using var stranger = Host.Client(AgentToken.Of(new byte[48]).Reveal());
        Assert.Equal((401, "refuse.agent.key_unknown", null), await RefusedAsync(await stranger.GetAsync("/v1/me", Ct)));
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("/v1/me", Ct)).StatusCode);
        // The query is a place for the hub's tokens alone.
        Assert.Equal("refuse.api.key_missing", (await RefusedAsync(await nobody.GetAsync($"/v1/me?access_token={Key.Token}", Ct))).Code);
        Assert.Null((await Agents.RevokeKeyAsync(Hq, Key.Id, "Enough.", Ct)).Refusal);
        Assert.Equal((401, "refuse.agent.key_revoked", null), await RefusedAsync(await Http.GetAsync("/v1/me", Ct)));
    }

    [Fact]
    public async Task Who_asks_too_often_is_told_how_long_to_wait_and_strangers_use_up_nothing_of_it()
    {
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("/v1/me", Ct)).StatusCode);
        using (var stranger = Host.Client($"{Key.Token[..37]}{AgentToken.Of(new byte[48]).Reveal()[37..]}"))
        {
            var knocks = await Task.WhenAll(Enumerable.Range(0, ApiGate.KnocksPerMinute + 10).Select(_ => stranger.GetAsync("/v1/me", Ct)));
            Assert.Contains(knocks, k => k.StatusCode == HttpStatusCode.TooManyRequests && k.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }

        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("/v1/me", Ct)).StatusCode);
        HttpResponseMessage? tooMuch = null;
        for (var i = 0; i < 20 && tooMuch is null; i++)
            tooMuch = (await Task.WhenAll(Enumerable.Range(0, ApiGate.Burst).Select(_ => Http.GetAsync("/v1/no-such-thing", Ct)))).FirstOrDefault(a => a.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.NotNull(tooMuch);
        Assert.Equal((429, "refuse.api.too_many_requests", null), await RefusedAsync(tooMuch));
        Assert.InRange(tooMuch.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
    }

    [Theory]
    [InlineData("""{"branch":"porto","branch":"berlin","capability":"test.amber","args":{},"why":"x"}""", 400, "refuse.api.malformed", null)]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{"until":"2030-01-31","until":"2030-02-01"},"why":"x"}""", 400, "refuse.api.malformed", null)]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{},"why":"x","band":"GREEN"}""", 400, "refuse.api.malformed", "/band")]
    [InlineData("""{"Branch":"porto","capability":"test.amber","args":{},"why":"x"}""", 400, "refuse.api.malformed", "/Branch")]
    [InlineData("""{"capability":"test.amber","args":{},"why":"x"}""", 400, "refuse.api.malformed", "/branch")]
    [InlineData("""{"branch":7,"capability":"test.amber","args":{},"why":"x"}""", 400, "refuse.api.malformed", "/branch")]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":[],"why":"x"}""", 400, "refuse.api.malformed", "/args")]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{},"why":"x","epoch":1.5}""", 400, "refuse.api.malformed", "/epoch")]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{},"why":"x","epoch":1e300}""", 400, "refuse.api.malformed", "/epoch")]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{},"why":"x","evidence":[{"title":"a","source":"https://a.example","at":"yesterday"}]}""", 400, "refuse.api.malformed", "/evidence/0/at")]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{},"why":"x","evidence":[{"title":"a","source":"https://a.example","run":"it"}]}""", 400, "refuse.api.malformed", "/evidence/0/run")]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{"note":"\ud800"},"why":"x"}""", 400, "refuse.api.malformed", null)]
    [InlineData("""[1]""", 400, "refuse.api.malformed", null)]
    [InlineData("""{"branch":"porto"} {}""", 400, "refuse.api.malformed", null)]
    [InlineData("", 400, "refuse.api.malformed", null)]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{"note":"x","more":1},"why":"x"}""", 400, "refuse.proposal.argument_unknown", "/args/more")]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{"until":"tomorrow"},"why":"x"}""", 400, "refuse.proposal.argument_wrong", "/args/until")]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{"until":"2030-01-31"},"why":" "}""", 400, "refuse.kernel.reason_required", "/why")]
    [InlineData("""{"branch":"porto","capability":"test.amber","args":{"until":"2030-01-31"},"why":"x","evidence":[{"title":"a","source":"javascript:alert(1)"}]}""", 400, "refuse.proposal.evidence_malformed", "/evidence/0/source")]
    [InlineData("""{"branch":"berlin","capability":"test.amber","args":{"until":"2030-01-31"},"why":"x"}""", 404, "refuse.kernel.not_found", "/branch")]
    [InlineData("""{"branch":"atlantis","capability":"test.amber","args":{"until":"2030-01-31"},"why":"x"}""", 404, "refuse.kernel.not_found", "/branch")]
    public async Task What_cannot_be_taken_is_refused_at_its_place_and_leaves_nothing(string body, int status, string code, string? path)
    {
        Assert.Equal((status, code, path), await RefusedAsync(await PostAsync(body)));
        Assert.Equal(0, await CountAsync("select count(*) from proposals.proposals"));
    }

    [Fact]
    public async Task Bodies_are_bounded_in_size_depth_and_kind()
    {
        Assert.Equal(413, (await RefusedAsync(await PostAsync(Body(why: new string('x', 70_000))))).Status);
        Assert.Equal("refuse.api.malformed", (await RefusedAsync(await PostAsync($$"""{"args":{{new string('[', 40)}}{{new string(']', 40)}}}"""))).Code);
        Assert.Equal("refuse.api.malformed", (await RefusedAsync(await PostAsync($$"""{"args":{{new string('[', 5000)}}{{new string(']', 5000)}}}"""))).Code);
        var form = ApiHost.Post(Body(), "order-form");
        form.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        Assert.Equal(415, (await RefusedAsync(await Http.SendAsync(form, Ct))).Status);
        var latin = ApiHost.Post("", "order-latin");
        latin.Content = new ByteArrayContent([.. "{\"branch\":\"porto\",\"why\":\""u8, 0xE9, .. "\"}"u8]);
        latin.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Assert.Equal("refuse.api.malformed", (await RefusedAsync(await Http.SendAsync(latin, Ct))).Code);
    }

    [Fact]
    public async Task A_list_comes_in_pages_that_nothing_new_shifts()
    {
        var made = new List<string>();
        for (var i = 1; i <= 5; i++) made.Insert(0, (string)(await JsonAsync(await PostAsync(Body(until: $"2030-03-0{i}"))))["id"]!);
        var first = await JsonAsync(await Http.GetAsync("/v1/proposals?branch=porto&limit=2", Ct));
        await PostAsync(Body(until: "2030-03-09"));
        var second = await JsonAsync(await Http.GetAsync($"/v1/proposals?branch=porto&limit=2&cursor={first["next"]}", Ct));
        var third = await JsonAsync(await Http.GetAsync($"/v1/proposals?branch=porto&limit=2&cursor={second["next"]}", Ct));
        Assert.Equal(made, new[] { first, second, third }.SelectMany(p => p["items"]!.AsArray()).Select(i => (string)i!["id"]!));
        Assert.Null(third["next"]);
        Assert.Equal("refuse.api.cursor", (await RefusedAsync(await Http.GetAsync($"/v1/proposals?branch=porto&state=Pending&cursor={first["next"]}", Ct))).Code);
        Assert.Equal("refuse.api.cursor", (await RefusedAsync(await Http.GetAsync("/v1/proposals?branch=porto&cursor=AAAA", Ct))).Code);
        Assert.Equal("limit", (await RefusedAsync(await Http.GetAsync("/v1/proposals?branch=porto&limit=0", Ct))).Path);
        Assert.Equal("limit", (await RefusedAsync(await Http.GetAsync("/v1/proposals?branch=porto&limit=101", Ct))).Path);
        Assert.Equal("state", (await RefusedAsync(await Http.GetAsync("/v1/proposals?branch=porto&state=3", Ct))).Path);
        Assert.Equal("branch", (await RefusedAsync(await Http.GetAsync("/v1/proposals", Ct))).Path);
        Assert.Empty((await JsonAsync(await Http.GetAsync("/v1/proposals?branch=porto&state=Succeeded", Ct)))["items"]!.AsArray());
        Assert.Equal(6, (await JsonAsync(await Http.GetAsync("/v1/proposals?branch=porto&capability=test.amber", Ct)))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task An_agent_sees_its_own_proposals_and_no_others()
    {
        var mine = (await PostAsync(Body())).Headers.Location!;
        var theirs = await ProposeAsync(PortoStaff);
        var (_, key) = await NewAgentAsync("other", null);
        using var other = Host.Client(key.Token);
        Assert.Equal((404, "refuse.kernel.not_found", null), await RefusedAsync(await other.GetAsync(mine, Ct)));
        Assert.Equal((404, "refuse.kernel.not_found", null), await RefusedAsync(await Http.GetAsync($"/v1/proposals/{theirs.Id}", Ct)));
        Assert.Equal(404, (await RefusedAsync(await other.GetAsync($"{mine}/decisions", Ct))).Status);
        Assert.Equal(404, (await RefusedAsync(await other.SendAsync(ApiHost.Post("{}", null, $"{mine}/withdraw"), Ct))).Status);
        Assert.Empty((await JsonAsync(await other.GetAsync("/v1/proposals?branch=porto", Ct)))["items"]!.AsArray());
        Assert.Equal(404, (await RefusedAsync(await Http.GetAsync("/v1/proposals/nonsense", Ct))).Status);
    }

    [Fact]
    public async Task A_proposal_is_taken_back_once()
    {
        var location = (await PostAsync(Body())).Headers.Location!;
        var taken = await Http.SendAsync(ApiHost.Post("""{"reason":"Not needed any more."}""", null, $"{location}/withdraw"), Ct);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        Assert.Equal("Withdrawn", (string?)(await JsonAsync(taken))["state"]);
        Assert.Equal((409, "refuse.proposal.not_open", null), await RefusedAsync(await Http.PostAsync($"{location}/withdraw", null, Ct)));
    }

    [Fact]
    public async Task It_reads_what_it_may_and_how_much_is_left()
    {
        var (id, key) = await NewAgentAsync("narrow", ["test.amber"]);
        using var narrow = Host.Client(key.Token);
        var me = await JsonAsync(await narrow.GetAsync("/v1/me", Ct));
        Assert.Equal((id.ToString(), "narrow"), ((string)me["agent"]!["id"]!, (string)me["agent"]!["slug"]!));
        Assert.Equal("porto", (string?)Assert.Single(me["branches"]!.AsArray())!["slug"]);
        Assert.Equal("""["test.amber"]""", me["branches"]![0]!["powers"]![0]!["capabilities"]!.ToJsonString());
        Assert.Equal("Ana", (string?)me["branches"]![0]!["powers"]![0]!["onBehalfOf"]![0]);

        var capabilities = (await JsonAsync(await narrow.GetAsync("/v1/capabilities", Ct)))["items"]!.AsArray();
        Assert.Equal(["test.amber"], capabilities.Where(c => c!["branches"]!.AsArray().Count > 0).Select(c => (string)c!["name"]!));
        Assert.Equal("object", (string?)(await JsonAsync(await narrow.GetAsync("/v1/capabilities/test.red", Ct)))["input"]!["type"]);
        Assert.Equal((404, "refuse.capability.unknown", "name"), await RefusedAsync(await narrow.GetAsync("/v1/capabilities/test.nothing", Ct)));
        Assert.Equal((403, "refuse.delegation.scope", null), await RefusedAsync(await narrow.SendAsync(ApiHost.Post(Body(capability: "test.red"), "order-red1"), Ct)));

        Assert.Equal(HttpStatusCode.Accepted, (await narrow.SendAsync(ApiHost.Post(Body(), "order-quota"), Ct)).StatusCode);
        var quotas = await JsonAsync(await narrow.GetAsync("/v1/quotas?branch=porto", Ct));
        Assert.Equal(["agent 1/1000", "owner 1/2000", "capability 1/50000"], quotas["items"]!.AsArray().Select(q => $"{q!["bucket"]} {q["used"]}/{q["cap"]}"));
        Assert.Equal((1, 1), ((int)quotas["attention"]!["open"]!, (int)quotas["attention"]!["mine"]!));
    }

    [Fact]
    public async Task A_delegation_that_ended_is_told_and_ends_reading_too()
    {
        var location = (await PostAsync(Body())).Headers.Location!;
        var delegation = (Guid)(await SqlAsync("select id from organization.delegations"))!;
        Assert.Null((await Giving.RevokeAsync(Ana, Porto, new(delegation), "Enough.", Ct)).Refusal);
        Assert.Equal((403, "refuse.delegation.revoked", "/branch"), await RefusedAsync(await PostAsync(Body(until: "2030-05-05"))));
        Assert.Equal(404, (await RefusedAsync(await Http.GetAsync(location, Ct))).Status);
    }

    [Fact]
    public async Task Whatever_is_not_there_is_said_as_a_problem_too()
    {
        Assert.Equal((404, "refuse.api.no_such_address", null), await RefusedAsync(await Http.GetAsync("/v1/secrets", Ct)));
        var wrong = await Http.DeleteAsync("/v1/proposals", Ct);
        Assert.Equal((405, "refuse.api.method", null), await RefusedAsync(wrong));
        Assert.Equal(["GET", "POST"], wrong.Content.Headers.Allow.Order());
        Assert.Equal((405, "refuse.api.method", null), await RefusedAsync(await Http.PutAsync($"/v1/proposals/{Guid.NewGuid()}", null, Ct)));
        using var anybody = Host.Client(null);
        Assert.Equal((405, "refuse.api.method", null), await RefusedAsync(await anybody.PostAsync("/v1/branches/porto/booking", null, Ct)));
        Assert.Equal((405, "refuse.api.method", null), await RefusedAsync(await anybody.DeleteAsync("/v1/audit/checkpoint", Ct)));
        Assert.Equal((404, "refuse.api.no_such_address", null), await RefusedAsync(await anybody.GetAsync("/v1/audit/secrets", Ct)));
    }

    [Fact]
    public async Task The_log_refuses_as_everything_else_does()
    {
        using var anybody = Host.Client(null);
        Assert.Equal((400, "refuse.api.parameter", "entry"), await RefusedAsync(await anybody.GetAsync("/v1/audit/proof/inclusion", Ct)));
        Assert.Equal((400, "refuse.api.parameter", "from"), await RefusedAsync(await anybody.GetAsync("/v1/audit/proof/consistency?from=x", Ct)));
        Assert.Equal((400, "refuse.api.parameter", "index"), await RefusedAsync(await anybody.GetAsync("/v1/audit/entries/last/proof", Ct)));
        Assert.Equal((404, "refuse.audit.no_checkpoint", null), await RefusedAsync(await anybody.GetAsync("/v1/audit/checkpoint", Ct)));
        Assert.Equal((400, "refuse.audit.checkpoint_malformed", null), await RefusedAsync(await anybody.PostAsync("/v1/audit/alarms", new StringContent("x"), Ct)));
        Assert.Equal(401, (await RefusedAsync(await anybody.GetAsync("/v1/audit/entries/1", Ct))).Status);
    }

    [Fact]
    public async Task Who_asks_too_often_without_a_key_is_told_in_the_same_shape()
    {
        using var anybody = Host.Client(null);
        HttpResponseMessage? tooMuch = null;
        for (var i = 0; i < 300 && tooMuch is null; i++)
            if (await anybody.GetAsync("/v1/branches/porto/booking", Ct) is { StatusCode: HttpStatusCode.TooManyRequests } answer) tooMuch = answer;
        Assert.NotNull(tooMuch);
        Assert.Equal((429, "refuse.api.too_many_requests", null), await RefusedAsync(tooMuch));
        Assert.Equal(60, tooMuch.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
    }

    [Fact]
    public async Task A_key_that_opened_once_and_is_revoked_spares_the_database_too()
    {
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("/v1/me", Ct)).StatusCode);
        Assert.Null((await Agents.RevokeKeyAsync(Hq, Key.Id, "Enough.", Ct)).Refusal);
        var codes = new List<string>();
        for (var i = 0; i < ApiGate.KnocksPerMinute + 5; i++) codes.Add((await RefusedAsync(await Http.GetAsync("/v1/me", Ct))).Code);
        Assert.Equal("refuse.agent.key_revoked", codes[0]);
        Assert.Equal("refuse.api.too_many_requests", codes[^1]);
    }
}
