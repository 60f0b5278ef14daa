using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Organization;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>A vault with proposals, the API before it, and an agent that Ana of Porto gave all her powers.</summary>
public abstract class ApiTest(PostgresServer server) : ProposalsTest(server)
{
    private protected ApiHost Host { get; private set; } = null!;

    /// <summary>The agent's client.</summary>
    protected HttpClient Http { get; private set; } = null!;

    protected AgentId Helper { get; private set; }
    protected NewAgentKey Key { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Host = await ApiHost.StartAsync(Door, Dbs, Registry, Texts, Map);
        (Helper, Key) = await NewAgentAsync("helper", null);
        Http = Host.Client(Key.Token);
    }

    public override async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    /// <summary>Addresses of a test's own.</summary>
    private protected virtual void Map(Microsoft.AspNetCore.Builder.WebApplication app)
    {
    }

    protected static string Body(string until = "2030-01-31", string branch = "porto", string capability = "test.amber", string why = "Wedding season") =>
        new JsonObject { ["branch"] = branch, ["capability"] = capability, ["args"] = new JsonObject { ["until"] = until }, ["why"] = why }.ToJsonString();

    protected async Task<HttpResponseMessage> PostAsync(string body, string? key = null) => await Http.SendAsync(ApiHost.Post(body, key ?? Guid.NewGuid().ToString()), Ct);

    protected static async Task<JsonObject> JsonAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!.AsObject();

    /// <summary>Status and code of a refusal, its problem details looked at.</summary>
    protected static async Task<(int Status, string Code, string? Path)> RefusedAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.ToString());
        var problem = await JsonAsync(answer);
        Assert.Equal((int)answer.StatusCode, (int)problem["status"]!);
        Assert.Equal($"/docs/api/codes/{problem["code"]}", (string?)problem["type"]);
        Assert.NotEmpty((string)problem["sentence"]!);
        Assert.NotEmpty((string)problem["nextStep"]!);
        return ((int)answer.StatusCode, (string)problem["code"]!, (string?)problem["path"]);
    }
}
