using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Tests.Scheduling;

/// <summary>One node of the cluster, with the app role's rights, in this process; quick to notice what the others do.</summary>
internal sealed class JobNodeHost : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly IHost _host;
    private Task? _stopping;

    private JobNodeHost(NpgsqlDataSource source, IHost host) => (_source, _host) = (source, host);

    public JobBoard Board => _host.Services.GetRequiredService<JobBoard>();
    public JobControl Control => _host.Services.GetRequiredService<JobControl>();
    public IServiceProvider Services => _host.Services;

    /// <param name="connection">The app role's.</param>
    /// <param name="jobs">Registers the jobs this node's version knows.</param>
    /// <param name="change">Changes the quick test timing.</param>
    public static async Task<JobNodeHost> StartAsync(string name, string connection, JobProbe probe, Action<IServiceCollection> jobs, Action<JobsOptions>? change = null)
    {
        var node = Build(name, connection, probe, jobs, change);
        await node._host.StartAsync();
        await node._host.Services.GetServices<IHostedService>().OfType<JobsHost>().Single().ExecuteTask!;
        return node;
    }

    /// <summary>A node told to stop before its scheduler could be built: its database is not there.</summary>
    public static async Task StartAndStopWithoutDatabaseAsync()
    {
        await using var node = Build("early", "Host=127.0.0.1;Port=1;Timeout=1", new JobProbe(), _ => { }, null);
        await node._host.StartAsync();
        await node.StopAsync();
    }

    private static JobNodeHost Build(string name, string connection, JobProbe probe, Action<IServiceCollection> jobs, Action<JobsOptions>? change)
    {
        var source = NpgsqlDataSource.Create(connection);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(probe);
        builder.Services.AddSingleton(new VaultDbs(source));
        builder.Services.AddSingleton(new NodeIdentity(name));
        builder.Services.AddSingleton<FeedWake>();
        builder.Services.AddSingleton<WriteDoor>();
        builder.Services.AddSingleton<PresenceBoard>();
        var options = new JobsOptions { CheckIn = TimeSpan.FromSeconds(1), DeadAfter = TimeSpan.FromSeconds(1), Look = TimeSpan.FromSeconds(1), Drain = TimeSpan.FromSeconds(10), HandOver = TimeSpan.FromSeconds(1) };
        change?.Invoke(options);
        builder.Services.AddVaultScheduling(options);
        jobs(builder.Services);
        return new JobNodeHost(source, builder.Build());
    }

    public Task<string?> HealthAsync() => _host.Services.GetRequiredService<JobsHealth>().ReasonAsync(CancellationToken.None);

    /// <summary>The process freezes or its network breaks: from now on the database hears nothing of this node.</summary>
    public ValueTask CutOffAsync() => _source.DisposeAsync();

    /// <summary>What SIGTERM does.</summary>
    public Task StopAsync() => _stopping ??= _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        await _source.DisposeAsync();
    }
}

/// <summary>What the test jobs did, and how to hold them.</summary>
internal sealed class JobProbe
{
    private int _ended;

    /// <summary>Names of the nodes, in the order in which they began a run.</summary>
    public ConcurrentQueue<string> Begun { get; } = new();

    public int Ended => Volatile.Read(ref _ended);

    /// <summary>Runs wait for this before they end.</summary>
    public TaskCompletionSource? Hold { get; set; }

    /// <summary>What runs answer.</summary>
    public Func<Result<JobReport>> Answer { get; set; } = () => JobReport.Of("Did it");

    public async Task<Result<JobReport>> RunAsync(string node, CancellationToken ct)
    {
        Begun.Enqueue(node);
        if (Hold is { } hold) await hold.Task.WaitAsync(ct);
        Interlocked.Increment(ref _ended);
        return Answer();
    }
}

/// <summary>A job that does what the probe says.</summary>
internal sealed class ProbeJob(JobProbe probe, NodeIdentity node) : IVaultJob
{
    public Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct) => probe.RunAsync(node.Name, ct);
}
