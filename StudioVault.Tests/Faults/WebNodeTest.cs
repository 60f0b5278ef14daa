using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>
/// A vault whose nodes are real web processes, on a database of their own: they serve the API, number the audit, run the jobs and
/// carry proposals out. The test sends by HTTP as an agent, decides as people, and does the processes harm.
/// </summary>
public abstract class WebNodeTest(PostgresServer server) : ProposalsTest(server)
{
    private readonly ShortFolder _data = new();
    private readonly List<WebProcess> _nodes = [];

    /// <summary>The helper's key, whose agent Ana of Porto gave all her powers.</summary>
    protected NewAgentKey Key { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (_, Key) = await NewAgentAsync("helper", null);
        // The tests' own lease is no node's.
        await TamperAsync("delete from proposals.executor_leases");
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        await base.DisposeAsync();
        _data.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the product with the hooks of <see cref="FaultHooks"/>; it has said that it is ready.</summary>
    private protected async Task<WebNode> StartNodeAsync(params (string Key, string Value)[] settings)
    {
        var process = Launch(settings);
        return new WebNode(process, await process.AddressAsync());
    }

    private WebProcess Launch((string Key, string Value)[] settings)
    {
        var folder = AppContext.BaseDirectory;
        // With the tests' list of assemblies, so that it finds theirs.
        var info = new ProcessStartInfo("dotnet", ["exec", "--depsfile", Path.Combine(folder, "StudioVault.Tests.deps.json"), "--runtimeconfig", Path.Combine(folder, "StudioVault.Web.runtimeconfig.json"),
            Path.Combine(folder, "StudioVault.Web.dll"), "--urls", "http://127.0.0.1:0"]);
        var process = WebProcess.Launch(info, [("DataDir", _data["d"]), ("Security__MasterKeyFile", MasterKeyFile), ("ASPNETCORE_ENVIRONMENT", "Development"), ("Shutdown__Drain", "0s"), ("Demo__Enabled", "true"),
            ("ConnectionStrings__Vault", Server.For(Database, VaultRoles.Default.App)), ("ConnectionStrings__VaultSequencer", Server.For(Database, VaultRoles.Default.Sequencer)),
            ("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", typeof(FaultHooks).Assembly.GetName().Name!), (FaultHooks.IsNode, "1"), .. settings]);
        _nodes.Add(process);
        return process;
    }

    /// <summary>
    /// A node that dies or freezes when it comes to a point of an execution, which may be before it is ready. It runs no jobs, so it
    /// takes nothing up that others left. Comes back when it has happened.
    /// </summary>
    private protected async Task<WebProcess> StrikeAsync(string point, string how)
    {
        var node = Launch([("Jobs__Enabled", "false"), (FaultHooks.At, point), (FaultHooks.How, how)]);
        await Eventually.True(() => node.Output.Contains(FaultHooks.At + "=", StringComparison.Ordinal), $"the node came to {point}\n{node.Output}\n{node.Errors}", 90);
        if (how == FaultHooks.Die) await node.ExitAsync();
        return node;
    }

    /// <summary>PostgreSQL has heard that the process is gone, and has rolled back what it had open.</summary>
    protected Task RolledBackAsync() => Eventually.True(async () => await CountAsync("select count(*) from pg_stat_activity where datname = current_database() and application_name like 'studiovault%' and state <> 'idle'") == 0, "PostgreSQL has rolled it back");

    /// <summary>A client with an address of its own: whoever knocks with many keys from one is held.</summary>
    private protected static HttpClient Client(Uri address, string token, int visitor = 1)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (context, ct) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.Bind(new IPEndPoint(new IPAddress((byte[])[127, 0, (byte)(visitor / 250), (byte)(1 + (visitor % 250))]), 0));
                    await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, ct);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        { BaseAddress = address, Timeout = Fault.Hang };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    protected static string NoteBody(string note, string capability = "test.note") =>
        new JsonObject { ["branch"] = "porto", ["capability"] = capability, ["args"] = new JsonObject { ["note"] = note }, ["why"] = "Wedding season" }.ToJsonString();

    /// <summary>A proposal of a person, approved, its time to undo over: due.</summary>
    protected async Task<Submitted> DueAsync(string note, string capability = "test.note")
    {
        var made = await ProposeNoteAsync(PortoStaff, note, capability);
        Assert.Null((await ApproveAsync(Ana, made)).Refusal);
        await EndGraceAsync(made.Id);
        return made;
    }

    /// <summary>As if the thirty seconds of every lease had gone by.</summary>
    protected Task EndLeasesAsync() => TamperAsync("update proposals.executor_leases set until = clock_timestamp()");

    protected Task EndsAsAsync(Submitted made, ProposalState state) => Eventually.True(async () => await StateAsync(made.Id) == state, $"the proposal is {state}", 90);
}

/// <summary>A running web process and where it answers.</summary>
internal sealed record WebNode(WebProcess Process, Uri Address)
{
    /// <summary>SIGKILL: nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        Process.Signal("KILL");
        await Process.ExitAsync();
    }
}
