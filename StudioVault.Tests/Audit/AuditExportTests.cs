using System.Diagnostics;
using System.Text;
using System.Text.Json;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>The exported log as a file in somebody's hands, and the verbs that write and check it.</summary>
public sealed class AuditExportTests(PostgresServer server) : TamperingTest(server)
{
    // Lines of the export: the manifest, four checkpoints, then the entries.
    private const int FirstEntry = 5;

    public static TheoryData<string, Func<List<string>, IEnumerable<string>>, AuditFault, long> Tamperings => new()
    {
        { "cut after entry 19", l => l[..(FirstEntry + 20)], AuditFault.Truncated, 20 },
        { "cut in the middle of entry 20", l => [.. l[..(FirstEntry + 20)], l[FirstEntry + 20][..40]], AuditFault.ExportMalformed, 20 },
        { "cut among the checkpoints", l => l[..3], AuditFault.Truncated, 0 },
        { "cut with manifest and checkpoints to match", l => [l[0].Replace("\"entries\":25,\"checkpoints\":4", "\"entries\":13,\"checkpoints\":2", StringComparison.Ordinal), .. l[1..3], .. l[FirstEntry..(FirstEntry + 13)]], AuditFault.Truncated, 13 },
        { "empty", _ => [], AuditFault.ExportMalformed, 0 },
        { "no manifest", l => l[1..], AuditFault.ExportMalformed, 0 },
        { "manifest of another version", l => [l[0].Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal), .. l[1..]], AuditFault.ExportMalformed, 0 },
        { "manifest that names another root", l => [l[0].Replace("\"root\":\"", "\"root\":\"0", StringComparison.Ordinal), .. l[1..]], AuditFault.ExportMalformed, 0 },
        { "a checkpoint left out", l => [l[0], .. l[2..]], AuditFault.ExportMalformed, 25 },
        { "a line that is no JSON", l => l.Select((x, i) => i == FirstEntry + 15 ? "x" : x), AuditFault.ExportMalformed, 15 },
        { "a field too many", l => l.Select((x, i) => i == FirstEntry + 15 ? x[..^1] + ",\"note\":1}" : x), AuditFault.ExportMalformed, 15 },
        { "a field twice", l => l.Select((x, i) => i == FirstEntry + 15 ? x[..^1] + ",\"index\":15}" : x), AuditFault.ExportMalformed, 15 },
        { "a checkpoint among the entries", l => [.. l[..(FirstEntry + 15)], l[1], .. l[(FirstEntry + 15)..]], AuditFault.ExportMalformed, 15 },
        { "a changed payload", l => l.Select((x, i) => i == FirstEntry + 15 ? x.Replace("{\\\"n\\\":", "{\\\"m\\\":", StringComparison.Ordinal) : x), AuditFault.PayloadMismatch, 15 },
        { "a changed body", l => l.Select((x, i) => i == FirstEntry + 15 ? x.Replace("\"actor_id\":\"ana\"", "\"actor_id\":\"rui\"", StringComparison.Ordinal) : x), AuditFault.LeafMismatch, 15 },
        { "white space in a body", l => l.Select((x, i) => i == FirstEntry + 15 ? x.Replace("\"actor_id\":", "\"actor_id\": ", StringComparison.Ordinal) : x), AuditFault.LeafMismatch, 15 },
        { "two lines swapped", l => [.. l[..(FirstEntry + 15)], l[FirstEntry + 16], l[FirstEntry + 15], .. l[(FirstEntry + 17)..]], AuditFault.Gap, 15 },
        { "a line twice", l => [.. l[..(FirstEntry + 16)], .. l[(FirstEntry + 15)..]], AuditFault.Duplicate, 15 },
        { "a line left out", l => [.. l[..(FirstEntry + 15)], .. l[(FirstEntry + 16)..]], AuditFault.Gap, 15 },
    };

    [Fact]
    public async Task Finds_every_tampering_with_the_file()
    {
        var lines = Encoding.UTF8.GetString(await ExportAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        Assert.Equal(FirstEntry + 25, lines.Count);
        Assert.All(Tamperings, t =>
        {
            var (name, tamper, fault, first) = t.Data;
            var report = VerifyExport(Encoding.UTF8.GetBytes(string.Join('\n', tamper(lines))), Anchor);
            Assert.True(report.Findings.Any(f => f.Fault == fault) && report.First!.FirstBadIndex == first, $"{name}: {string.Join("; ", report.Findings)}");
        });
    }

    [Fact]
    public async Task Says_that_nothing_is_left_of_a_file_of_other_things()
    {
        Assert.False(VerifyExport([0xff, 0xfe, (byte)'\n', .. new byte[200_000]], Anchor).IsClean);
        Assert.False(VerifyExport("[]\n{}\nnull\n{\"kind\":\"entry\"}\n"u8.ToArray()).IsClean);
        Assert.True(VerifyExport(await ExportAsync()).IsClean);
    }

    [Fact]
    public async Task The_verbs_export_check_keep_a_checkpoint_for_the_next_visit_and_tell_a_finding_from_bad_input()
    {
        await File.WriteAllTextAsync(Folder["pub.pem"], Key.Signer.Key.ToPem(), Ct);
        Assert.Equal(0, (await RunAsync("export", Folder["log.jsonl"])).Code);
        var file = await RunAsync("verify", "--export", Folder["log.jsonl"], "--key", Folder["pub.pem"], "--save-checkpoint", Folder["seen"]);
        Assert.Equal((0, true, 25), (file.Code, file.Answer.GetProperty("ok").GetBoolean(), file.Answer.GetProperty("entries").GetInt32()));
        Assert.Equal(25UL, Checkpoint.Parse(await File.ReadAllTextAsync(Folder["seen"], Ct)).Value.Size);
        var clean = await RunAsync("verify", "--db", "--key", Folder["pub.pem"], "--checkpoint", Folder["seen"]);
        Assert.Equal((0, JsonValueKind.Null), (clean.Code, clean.Answer.GetProperty("firstBadIndex").ValueKind));

        await TamperAsync("update audit.entries set actor_id = 'rui' where id = (select entry_id from audit.leaves where idx = 15)");
        var bad = await RunAsync("verify", "--db", "--key", Folder["pub.pem"], "--checkpoint", Folder["seen"]);
        Assert.Equal((1, false, 15), (bad.Code, bad.Answer.GetProperty("ok").GetBoolean(), bad.Answer.GetProperty("firstBadIndex").GetInt32()));
        Assert.Equal("leaf_mismatch", bad.Answer.GetProperty("reasons")[0].GetString());

        Assert.Equal(2, (await RunAsync("verify", "--db", "--export", Folder["log.jsonl"], "--key", Folder["pub.pem"])).Code);
        Assert.Equal(2, (await RunAsync("verify", "--export", Folder["none"], "--key", Folder["pub.pem"])).Code);
        Assert.Equal(2, (await RunAsync("verify", "--export", Folder["log.jsonl"], "--key", Folder["key.pem"])).Code);
    }

    private async Task<(int Code, JsonElement Answer)> RunAsync(params string[] arguments)
    {
        await using var program = WebProcess.Launch(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "StudioVault.Web"), ["audit", .. arguments]),
            ("ConnectionStrings__Vault", Server.For(Database, VaultRoles.Default.App)), ("DataDir", Folder["d"]));
        var code = await program.ExitAsync();
        return (code, program.Output.StartsWith('{') ? JsonDocument.Parse(program.Output).RootElement : default);
    }
}
