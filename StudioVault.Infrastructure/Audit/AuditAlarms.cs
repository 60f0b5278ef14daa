using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>What was kept outside the database and what the database shows do not fit.</summary>
/// <param name="Fault"><c>rolled_back</c>, <c>forked</c>, <c>log_broken</c>, <c>unproved</c> or <c>tampered</c>.</param>
/// <param name="Source">Who noticed: <see cref="File"/>, <see cref="Device"/> or <see cref="Job"/>.</param>
/// <param name="What">Half a sentence for people.</param>
/// <param name="KnownSize">Entries of what was kept; 0 where nothing was.</param>
/// <param name="ShownSize">Entries the database shows.</param>
public sealed record AuditAlarm(string Fault, string Source, string What, long KnownSize, string KnownRoot, long ShownSize, string ShownRoot)
{
    public const string File = "file";
    public const string Device = "device";
    public const string Job = "job";

    /// <summary>A kept checkpoint that today's log does not go on from.</summary>
    internal static AuditAlarm Between(Checkpoint kept, long size, MerkleHash root, string source) => kept.Size > (ulong)size
        ? new("rolled_back", source, string.Create(CultureInfo.InvariantCulture, $"it had {kept.Size:N0} entries and now has {size:N0}"), (long)kept.Size, kept.Root.ToString(), size, root.ToString())
        : new("forked", source, string.Create(CultureInfo.InvariantCulture, $"its first {kept.Size:N0} entries are not the ones that were signed"), (long)kept.Size, kept.Root.ToString(), size, root.ToString());

    /// <summary>The leaves do not add up to the newest checkpoint.</summary>
    internal static AuditAlarm Broken(Checkpoint kept, long size, MerkleHash root, string source) =>
        new("log_broken", source, "its leaves do not add up to its newest signed checkpoint", (long)kept.Size, kept.Root.ToString(), size, root.ToString());

    /// <summary>A device could not follow our proof.</summary>
    internal static AuditAlarm Unproved(Checkpoint kept, long size, MerkleHash root) =>
        new("unproved", Device, "a device was shown a history that does not go on from what it had seen", (long)kept.Size, kept.Root.ToString(), size, root.ToString());
}

/// <summary>
/// Alarms about the history as such, on this node: they are logged, written into the log itself, and shown. What the file of
/// checkpoints says stands until it fits again; everything else stands until the program ends.
/// </summary>
public sealed class AuditAlarms(WriteDoor door, ILogger<AuditAlarms> log)
{
    /// <summary>More are no better than these.</summary>
    private const int Most = 100;

    private readonly ConcurrentDictionary<(string, string, string), AuditAlarm> _raised = [];

    /// <summary>The database does not go on from what this node noted outside it; null when it does.</summary>
    public AuditAlarm? OfFile { get; private set; }

    /// <summary>The alarm to tell people about, the gravest first; null when there is none.</summary>
    public AuditAlarm? Current => OfFile ?? _raised.Values.OrderBy(a => a.Source, StringComparer.Ordinal).FirstOrDefault(a => a.Source != AuditAlarm.File);

    /// <summary>Raises it once: who comes again with the same evidence adds nothing.</summary>
    public async Task RaiseAsync(AuditAlarm alarm, CancellationToken ct)
    {
        if (alarm.Source == AuditAlarm.File) OfFile = alarm;
        if (_raised.Count >= Most || !_raised.TryAdd((alarm.Source, alarm.Fault, alarm.KnownRoot), alarm)) return;
        log.LogCritical("The audit log shows an older or another history than was seen before ({Source}, {Fault}): {What}", alarm.Source, alarm.Fault, alarm.What);
        await door.RunAsync<Done>(new Command("audit.alarm", Sender.System("audit-witness"), TenantScope.Hq, Access.Hq, "log", GroupKey.LogName), (context, _) =>
        {
            context.Audit(new JsonObject
            {
                ["fault"] = alarm.Fault,
                ["source"] = alarm.Source,
                ["what"] = alarm.What,
                ["known"] = new JsonObject { ["size"] = alarm.KnownSize, ["root"] = alarm.KnownRoot },
                ["shown"] = new JsonObject { ["size"] = alarm.ShownSize, ["root"] = alarm.ShownRoot },
            });
            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);
    }

    /// <summary>What this node noted and what the database shows fit (again).</summary>
    internal void Fits()
    {
        if (OfFile is null) return;
        log.LogWarning("The audit log goes on from what was noted again");
        OfFile = null;
    }
}
