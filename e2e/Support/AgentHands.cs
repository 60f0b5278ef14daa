using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using Xunit;

namespace StudioVault.E2E.Support;

/// <summary>
/// A software agent with a key and a power in Porto, both made beside the running program on its database; what it proposes goes
/// the way of every agent, by HTTP.
/// </summary>
public sealed class AgentHands : IDisposable
{
    private readonly HttpClient _client;

    private AgentHands(HttpClient client, IReadOnlyList<string> projects, IReadOnlyList<string> people) => (_client, Projects, People) = (client, projects, people);

    /// <summary>Projects of the branch whose day lies ahead.</summary>
    public IReadOnlyList<string> Projects { get; }

    /// <summary>Who works in the branch.</summary>
    public IReadOnlyList<string> People { get; }

    /// <param name="data">The program's data folder.</param>
    /// <param name="owner">Name of who answers for it, at headquarters.</param>
    /// <param name="giver">Name of who lets it propose in the branch.</param>
    public static async Task<AgentHands> OfAsync(string data, Uri address, string name, string owner, string giver)
    {
        var ct = CancellationToken.None;
        await using var app = NpgsqlDataSource.Create($"Host={data}/postgres;Database=studiovault;Username=studiovault_app;No Reset On Close=true");
        await using var all = NpgsqlDataSource.Create($"Host={data}/postgres;Database=studiovault;Username=postgres;Pooling=false");
        var door = new WriteDoor(new VaultDbs(app, app), new FeedWake(), new NodeIdentity("e2e"), NullLogger<WriteDoor>.Instance);
        var porto = new BranchId(Guid.Parse((await ListAsync(all, "select id::text from organization.branches where slug = 'porto'"))[0]));
        var (hq, staff) = (await WhoAsync(all, owner), await WhoAsync(all, giver));
        var until = TimeProvider.System.GetUtcNow().AddDays(7);
        var agents = new AgentCommands(door);
        var agent = await agents.CreateAsync(hq, name.ToLowerInvariant().Replace(' ', '-'), name, "Proposes what tests need.", hq.PersonId!.Value, ct);
        Assert.Null(agent.Refusal);
        Assert.Null((await new DelegationCommands(door).GiveAsync(staff, porto, new NewDelegation(null, Party.Of(agent.Value), null, null, until, "Helps."), ct)).Refusal);
        var key = await agents.CreateKeyAsync(hq, agent.Value, new NewKeyScope("Tests", null, null, until), ct);
        Assert.Null(key.Refusal);
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Value.Token);
        return new AgentHands(client,
            await ListAsync(all, $"select id::text from agreements.projects where branch_id = '{porto}' and state in ('Quote', 'Booked') and event_on > current_date + 10 order by event_on, id"),
            await ListAsync(all, $"select person_id::text from organization.memberships where branch_id = '{porto}' order by person_id"));
    }

    /// <summary>Proposes, and insists on 202.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> ProposeAsync(string capability, object args, string why = "The calendar says so.")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/proposals") { Content = JsonContent.Create(new { branch = "porto", capability, args, why }) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await _client.SendAsync(request);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return answer.Headers.Location!.OriginalString.Split('/')[^1];
    }

    /// <summary>The state of one as the API tells it.</summary>
    public async Task<string> StateAsync(string id)
    {
        using var answer = await _client.GetAsync(new Uri($"/v1/proposals/{id}", UriKind.Relative));
        if (answer.StatusCode == HttpStatusCode.TooManyRequests)
        {
            // Whoever waits for a state asks often; the answer says after how long one may ask again.
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
            return await StateAsync(id);
        }

        using var body = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("state").GetString()!;
    }

    public void Dispose() => _client.Dispose();

    private static async Task<Sender> WhoAsync(NpgsqlDataSource source, string name)
    {
        await using var who = source.CreateCommand("select id, security_stamp from organization.people where name = $1");
        who.Parameters.Add(new() { Value = name });
        await using var reader = await who.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync(), name);
        return Sender.Person(new PersonId(reader.GetGuid(0)), reader.GetString(1));
    }

    private static async Task<IReadOnlyList<string>> ListAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync()) found.Add(reader.GetString(0));
        return found;
    }
}
