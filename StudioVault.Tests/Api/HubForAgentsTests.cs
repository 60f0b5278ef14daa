using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Live;
using StudioVault.Tests.Support;
using StudioVault.Web.Live;
using Xunit;

namespace StudioVault.Tests.Api;

/// <summary>The hub as another client meets it: the npm SignalR client in a page, with an agent key.</summary>
public sealed class HubForAgentsTests(PostgresServer server) : ApiTest(server)
{
    private const string Page = """
        <!DOCTYPE html><title>Agent</title><script src="/signalr.js"></script><script>
          const say = what => fetch("/report", { method: "POST", body: what });
          const live = new signalR.HubConnectionBuilder().withUrl("/hubs/live", { accessTokenFactory: () => location.hash.slice(1) }).build();
          live.on("event", e => say(`${e.topic} ${e.spaceId} ${e.payload}`));
          live.onclose(() => say("closed"));
          live.start().then(() => say("connected"), e => say("refused " + e));
        </script>
        """;

    private static readonly string[] Programs = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome-stable"];

    private readonly Channel<string> _said = Channel.CreateUnbounded<string>();

    private protected override void Map(WebApplication app)
    {
        app.MapGet("/page", () => Results.Content(Page, "text/html")).AllowAnonymous();
        app.MapGet("/signalr.js", () => Results.File(Path.Combine(Checkout.Root, "StudioVault.Tests", "Data", "signalr", "signalr.min.js"), "text/javascript")).AllowAnonymous();
        app.MapPost("/report", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            await _said.Writer.WriteAsync(await reader.ReadToEndAsync());
        }).AllowAnonymous();
    }

    [Fact]
    public async Task An_agent_hears_of_the_proposals_of_its_branches_until_its_key_is_revoked()
    {
        using var browser = Open(Key.Token);
        try
        {
            Assert.Equal("connected", await SaidAsync());
            // The handshake is answered before the hub has looked up what the agent may hear.
            var open = Host.Services.GetRequiredService<LiveHubConnections>();
            await Eventually.True(() => open.Count == 1, "the hub knows who listens");
            // Of a test of reviewers no agent hears.
            Publish(Topics.ProposalChanged, Porto, """{"peopleOnly":true,"proposalId":"6"}""");
            Publish(Topics.AgreementChanged, Porto, """{"agreementId":"1"}""");
            Publish(Topics.ProposalChanged, Berlin, """{"proposalId":"2"}""");
            Publish(Topics.AgentChanged, null, """{"agentId":"3"}""");
            Publish(Topics.ProposalChanged, Porto, """{"proposalId":"4"}""");
            Publish(Topics.CapabilityChanged, null, """{"capability":"5"}""");
            // What the page says of them may arrive in another order than it heard them.
            string[] heard = [await SaidAsync(), await SaidAsync()];
            Assert.Equal(["""CAPABILITY_CHANGED@1.0 null {"capability":"5"}""", $$"""PROPOSAL_CHANGED@1.0 {{Porto}} {"proposalId":"4"}"""], heard.Order(StringComparer.Ordinal));

            await open.ReviewAsync(Ct);
            Assert.Equal(1, open.Count);
            Assert.Null((await Agents.RevokeKeyAsync(Hq, Key.Id, "Enough.", Ct)).Refusal);
            await open.ReviewAsync(Ct);
            Assert.Equal("closed", await SaidAsync());
        }
        finally
        {
            End(browser);
        }
    }

    [Fact]
    public async Task Nobody_listens_with_a_key_that_opens_nothing()
    {
        using var nobody = Host.Client(null);
        var refused = await nobody.PostAsync($"/hubs/live/negotiate?negotiateVersion=1&access_token={Key.Token[..^1]}x", null, Ct);
        Assert.Equal((401, "refuse.agent.key_unknown", null), await RefusedAsync(refused));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await nobody.PostAsync("/hubs/live/negotiate?negotiateVersion=1", null, Ct)).StatusCode);
    }

    private void Publish(string topic, BranchId? branch, string payload) =>
        Host.Services.GetRequiredService<LiveFeed>().Publish([new LiveEvent(1, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), topic, "staff:x", branch, payload)]);

    private async Task<string> SaidAsync() => await _said.Reader.ReadAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct);

    private Process Open(string token)
    {
        var program = Programs.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "Chromium is not installed.");
        return Process.Start(new ProcessStartInfo(program!, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--remote-debugging-port=0", $"--user-data-dir={Directory.CreateTempSubdirectory("sv-hub-").FullName}", new Uri(Host.Address, $"/page#{token}").ToString()])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
    }

    private static void End(Process browser)
    {
        browser.Kill(entireProcessTree: true);
        browser.WaitForExit();
    }
}
