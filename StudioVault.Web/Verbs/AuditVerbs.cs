using System.CommandLine;
using System.Text.Json;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Verbs;

/// <summary><c>audit verify</c> and <c>audit export</c>: for auditors, who trust neither the pages nor those who run the database.</summary>
internal static class AuditVerbs
{
    /// <summary>
    /// Answers with one line of JSON: <c>ok</c>, <c>entries</c>, <c>covered</c> (entries a good checkpoint covers),
    /// <c>checkpoints</c>, <c>root</c>, <c>firstBadIndex</c>, <c>reasons</c> (codes of <see cref="AuditFaults"/>) and <c>findings</c>.
    /// </summary>
    public static Command Verify()
    {
        var db = new Option<bool>("--db") { Description = "Check the database of the settings (ConnectionStrings__Vault, or the private one in DataDir)." };
        var export = new Option<string?>("--export") { Description = "Check a file written by audit export; no database is needed." };
        var keys = new Option<string[]>("--key") { Description = "PEM file of a public key that signed checkpoints; once for each key there ever was.", Required = true };
        var anchors = new Option<string[]>("--checkpoint") { Description = "File with a checkpoint kept from an earlier visit or another place, or with many of them (a node's Audit:CheckpointFile). Without one, a log rolled back whole looks intact." };
        var save = new Option<string?>("--save-checkpoint") { Description = "When all is well, write the newest checkpoint to this file, for the next visit." };
        var command = new Command("verify", "Check that nothing in the audit log was changed, taken out or put in.") { db, export, keys, anchors, save };
        command.Validators.Add(result =>
        {
            if (result.GetValue(db) == (result.GetValue(export) is not null)) result.AddError("Say either --db or --export FILE.");
        });
        command.SetAction((parsed, ct) => VaultVerbs.GuardedAsync(async () =>
        {
            var known = new List<CheckpointKey>();
            try
            {
                foreach (var file in parsed.GetRequiredValue(keys))
                {
                    if (!CheckpointKey.FromPem(GroupKey.LogName, await File.ReadAllTextAsync(file, ct)).TryGet(out var key, out _))
                        return await BadAsync($"{file} does not hold an ECDSA P-256 public key in PEM form.");
                    known.Add(key);
                }
                var notes = new List<string>();
                foreach (var file in parsed.GetValue(anchors) ?? [])
                {
                    var text = await File.ReadAllTextAsync(file, ct);
                    // One note, or many: the file a node keeps outside the database.
                    if (CheckpointFile.Split(text) is { Count: > 0 } found) notes.AddRange(found);
                    else notes.Add(text);
                }

                var (report, newest) = parsed.GetValue(export) is { } path ? VerifyExport(path, known, notes) : await VerifyDatabaseAsync(known, notes, ct);
                Write(report);
                if (!report.IsClean) return VaultVerbs.Finding;
                if (parsed.GetValue(save) is { } target && newest is not null) await File.WriteAllTextAsync(target, newest, ct);
                return VaultVerbs.Fine;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
            {
                return await BadAsync(e.Message);
            }
            finally
            {
                known.ForEach(k => k.Dispose());
            }
        }));
        return command;
    }

    public static Command Export()
    {
        var file = new Argument<string>("FILE") { Description = "File to write; - writes to standard output." };
        var command = new Command("export", "Write the audit log up to its newest checkpoint as JSON lines that audit verify --export checks.") { file };
        command.SetAction((parsed, ct) => VaultVerbs.GuardedAsync(async () =>
        {
            var path = parsed.GetRequiredValue(file);
            try
            {
                await using var database = await VaultReader.OpenAsync(VaultVerbs.Options(), ct);
                await using var archive = await AuditArchive.OpenAsync(database.Source, ct);
                await using var output = path == "-" ? Console.OpenStandardOutput() : File.Create(path);
                var entries = await AuditExport.WriteAsync(archive, output, ct);
                await Console.Error.WriteLineAsync($"{entries} entries written.");
                return VaultVerbs.Fine;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
            {
                return await BadAsync(e.Message);
            }
        }));
        return command;
    }

    private static (AuditReport, string?) VerifyExport(string path, List<CheckpointKey> keys, List<string> anchors)
    {
        using var input = File.OpenRead(path);
        return AuditExport.Verify(input, keys, anchors);
    }

    private static async Task<(AuditReport, string?)> VerifyDatabaseAsync(List<CheckpointKey> keys, List<string> anchors, CancellationToken ct)
    {
        await using var database = await VaultReader.OpenAsync(VaultVerbs.Options(), ct);
        await using var archive = await AuditArchive.OpenAsync(database.Source, ct);
        return await archive.VerifyAsync(keys, anchors, ct);
    }

    private static void Write(AuditReport report) => Console.WriteLine(JsonSerializer.Serialize(new
    {
        ok = report.IsClean,
        entries = report.Entries,
        covered = report.Covered,
        checkpoints = report.Checkpoints,
        root = report.Root.ToString(),
        firstBadIndex = report.First?.FirstBadIndex,
        reasons = report.Findings.Select(f => f.Fault.Code()).Distinct(),
        findings = report.Findings.Select(f => new { code = f.Fault.Code(), first = f.FirstBadIndex, last = f.LastBadIndex, reason = f.Reason }),
    }));

    private static async Task<int> BadAsync(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return VaultVerbs.BadInput;
    }
}
