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
/// <param name="Fault"><c>rolled_back</c>, <c>forked</c>, <c>log_broken</c> or <c>tampered</c>.</param>
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

    /// <summary>0 is the gravest: what was recorded was changed, another history was put in its place, an older one was.</summary>
    internal int Gravity => Fault switch { "tampered" => 0, "log_broken" => 1, "forked" => 2, _ => 3 };
}

/// <summary>
/// Alarms about the history as such, on this node: they are logged, written into the log itself, and shown. What the file of
/// checkpoints says stands until it fits again; everything else stands until the program ends.
/// </summary>
public sealed class AuditAlarms(WriteDoor door, ILogger<AuditAlarms> log)
{
    /// <summary>Of devices, whom anybody may pretend to be, more are no better than these. What the file and the job find is always heard.</summary>
    private const int MostOfDevices = 100;

    private readonly ConcurrentDictionary<(string Source, string Fault, string KnownRoot), AuditAlarm> _raised = [];

    /// <summary>Those whose entry is written or being written.</summary>
    private readonly ConcurrentDictionary<(string Source, string Fault, string KnownRoot), bool> _entered = [];

    /// <summary>The database does not go on from what this node noted outside it; null when it does.</summary>
    public AuditAlarm? OfFile { get; private set; }

    /// <summary>The alarm to tell people about, the gravest first; null when there is none.</summary>
    public AuditAlarm? Current => OfFile ?? _raised.Values.Where(a => a.Source != AuditAlarm.File).OrderBy(a => a.Gravity).ThenByDescending(a => a.Source, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Raises it once: who comes again with the same evidence adds nothing, unless its entry could not be written before.</summary>
    public async Task RaiseAsync(AuditAlarm alarm, CancellationToken ct)
    {
        if (alarm.Source == AuditAlarm.File) OfFile = alarm;
        var key = (alarm.Source, alarm.Fault, alarm.KnownRoot);
        if (alarm.Source == AuditAlarm.Device && !_raised.ContainsKey(key) && _raised.Keys.Count(k => k.Source == AuditAlarm.Device) >= MostOfDevices) return;
        if (_raised.TryAdd(key, alarm)) log.LogCritical("The audit log shows an older or another history than was seen before ({Source}, {Fault}): {What}", alarm.Source, alarm.Fault, alarm.What);
        if (!_entered.TryAdd(key, true)) return;
        var written = false;
        try
        {
            written = !(await EnterAsync(alarm, ct)).IsRefused;
        }
        finally
        {
            if (!written) _entered.TryRemove(key, out _);
        }
    }

    private Task<Result<Done>> EnterAsync(AuditAlarm alarm, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("audit.alarm", Sender.System("audit-witness"), TenantScope.Hq, Access.Hq, "log", GroupKey.LogName), (context, _) =>
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

    /// <summary>What this node noted and what the database shows fit (again).</summary>
    internal void Fits()
    {
        if (OfFile is null) return;
        log.LogWarning("The audit log goes on from what was noted again");
        OfFile = null;
    }
}
