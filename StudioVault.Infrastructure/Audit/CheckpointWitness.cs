using Microsoft.Extensions.Logging;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// Carries checkpoints out of the database into this node's <see cref="CheckpointFile"/> (AUD-7), and writes down only what goes
/// on from what it wrote before. At the start and from then on a database that was put back to an older state, or replaced by
/// another history, raises the alarm.
/// </summary>
public sealed class CheckpointWitness(CheckpointFile file, AuditProofs proofs, GroupKey key, AuditAlarms alarms, TimeProvider time, ILogger<CheckpointWitness> log) : NodeService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    /// <summary>Why checkpoints do not reach the file; null when they do. Anybody may read it.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Looks once: compares, then writes down.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        if (!TryNewest(out var note)) return;
        var kept = note is null ? null : Checkpoint.Parse(note).Value;
        if (kept is not null && kept.Verify(key.Signer.Key) != CheckpointVerdict.Signed)
        {
            Say("The newest checkpoint kept outside the database is not signed by this log's key.", null);
            return;
        }

        var (newest, size, alarm) = await proofs.CompareAsync(kept, AuditAlarm.File, ct);
        if (alarm is not null)
        {
            await alarms.RaiseAsync(alarm, ct);
            return;
        }

        alarms.Fits();
        if (newest is null || (kept is not null && (ulong)size <= kept.Size) || TryAppend(newest)) Say(null, null);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var warm = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                if (!warm)
                {
                    await proofs.WarmAsync(stoppingToken);
                    warm = true;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (VaultErrors.IsForALoop(e))
            {
                // The database is away, which readiness says itself; anything else it answers is for the log.
                log.Log(VaultErrors.AsRefusal(e) is null ? LogLevel.Warning : LogLevel.Debug, e, "The checkpoints cannot be compared now");
            }

            try
            {
                await Task.Delay(Pace, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private bool TryNewest(out string? note)
    {
        note = null;
        try
        {
            note = file.Newest();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say("The checkpoints kept outside the database cannot be read.", e);
            return false;
        }
    }

    private bool TryAppend(string note)
    {
        try
        {
            file.Append(note);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say("Checkpoints cannot be kept outside the database: their file cannot be written.", e);
            return false;
        }
    }

    private void Say(string? trouble, Exception? e)
    {
        if (trouble is not null && trouble != Trouble) log.LogError(e, "{Trouble}", trouble);
        Trouble = trouble;
    }
}
