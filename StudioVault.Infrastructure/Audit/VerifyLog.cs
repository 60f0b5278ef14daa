using System.Globalization;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// Checks the whole log, as <c>audit verify --db</c> does, with this node's newest checkpoint from outside the database as the
/// anchor. Something wrong raises the alarm. Reads only.
/// </summary>
public sealed class VerifyLog(VaultDbs dbs, GroupKey key, CheckpointFile file, AuditAlarms alarms) : IVaultJob
{
    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        string? anchor;
        try
        {
            anchor = file.Newest();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            anchor = null; // Readiness says so already.
        }

        await using var archive = await AuditArchive.OpenAsync(dbs.Source, ct);
        var (report, _) = await archive.VerifyAsync([key.Signer.Key], anchor is null ? [] : [anchor], ct);
        if (report.First is not { } first)
            return JobReport.Of(string.Create(CultureInfo.InvariantCulture, $"All {report.Entries:N0} entries are what was recorded, {report.Covered:N0} of them signed"));
        await alarms.RaiseAsync(new AuditAlarm("tampered", AuditAlarm.Job, $"entry {first.FirstBadIndex.ToString("N0", CultureInfo.InvariantCulture)} is the first in doubt: {first.Fault.Code()}",
            anchor is null ? 0 : (long)Checkpoint.Parse(anchor).Value.Size, first.Fault.Code() + first.FirstBadIndex.ToString(CultureInfo.InvariantCulture), report.Entries, report.Root.ToString()), ct);
        return AuditRefusals.LogBroken;
    }
}
