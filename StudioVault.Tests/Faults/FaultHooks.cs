using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Tests.Faults;
using StudioVault.Tests.Support;
using StudioVault.Web.Live;

[assembly: HostingStartup(typeof(FaultHooks))]

namespace StudioVault.Tests.Faults;

/// <summary>
/// What the tests bring into a real web process of theirs: capabilities of their own, and a hook by which it dies or freezes at a
/// named point (APP-9). It lives in this assembly, which no release contains; the product has nothing but places that call nobody.
/// </summary>
public sealed class FaultHooks : IHostingStartup
{
    /// <summary>Set in processes that <see cref="WebNodeTest"/> starts; without it nothing here is done.</summary>
    internal const string IsNode = "FAULT_NODE";

    /// <summary>
    /// Names the point: <c>before-intent</c>, <c>after-intent</c>, <c>before-effect</c>, <c>before-commit</c>, <c>after-commit</c> of
    /// the executor, a command's action with <c>/before-commit</c> or <c>/after-commit</c>, or <c>sequencer/looked</c>,
    /// <c>sequencer/numbered</c>, <c>sequencer/committed</c>.
    /// </summary>
    internal const string At = "FAULT_AT";

    /// <summary><see cref="Die"/> or <see cref="Freeze"/>.</summary>
    internal const string How = "FAULT_HOW";

    internal const string Die = "die";
    internal const string Freeze = "freeze";

    public void Configure(IWebHostBuilder builder)
    {
        if (Environment.GetEnvironmentVariable(IsNode) is null) return;
        builder.ConfigureServices(services => services
            .AddSingleton<ICapability>(new NoteCapability("test.note", atomic: true))
            .AddSingleton<ICapability>(new NoteCapability("test.note_outside", atomic: false))
            .AddHostedService<Switch>());
    }

    /// <summary>Begins before everything that could come by the point.</summary>
    private sealed class Switch(ProposalExecutor executor, WriteDoor door, Sequencer sequencer, LiveHubConnections connections) : IHostedService
    {
        private const int SigStop = 19;
        private int _done;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            // Several processes share two cores here: whoever leaves may take longer over its goodbyes.
            connections.GoodbyeWithin = TimeSpan.FromSeconds(10);
            if (Environment.GetEnvironmentVariable(At) is not { Length: > 0 } point) return Task.CompletedTask;
            var signal = Environment.GetEnvironmentVariable(How) == Freeze ? SigStop : Libc.SigKill;
            executor.At = at => Reach(at, point, signal);
            sequencer.At = (at, _) =>
            {
                Reach($"sequencer/{at}", point, signal);
                return Task.CompletedTask;
            };
            door.At = (action, at) => Reach($"{action}/{at}", point, signal);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private void Reach(string at, string point, int signal)
        {
            if (at != point || Interlocked.Exchange(ref _done, 1) != 0) return;
            // On standard output, so that the test knows; flushed, for nothing comes after it.
            Console.Out.WriteLine($"{At}={at}");
            Console.Out.Flush();
            _ = Libc.Kill(Environment.ProcessId, signal);
        }
    }
}
