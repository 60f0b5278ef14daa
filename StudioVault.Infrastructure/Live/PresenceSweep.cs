using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Live;

/// <summary>Forgets heartbeats of people who closed the laptop without saying so.</summary>
public sealed class PresenceSweep(PresenceBoard board) : IVaultJob
{
    /// <summary>Long past <see cref="PresenceBoard.Lifetime"/>, so that it never takes away a row somebody still looks at.</summary>
    private static readonly TimeSpan Old = TimeSpan.FromHours(1);

    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        var gone = await board.ForgetAsync(Old, ct);
        return gone == 0 ? JobReport.NothingToDo("No old traces") : JobReport.Of($"Forgot {gone} old {(gone == 1 ? "trace" : "traces")}");
    }
}
