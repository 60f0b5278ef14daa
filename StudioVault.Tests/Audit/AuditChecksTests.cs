using System.Diagnostics;
using System.Text.Json.Nodes;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Audit;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>Checking entries on the page, and proofs that leave the house (AUD-9).</summary>
public sealed class AuditChecksTests(PostgresServer server) : TamperingTest(server)
{
    private readonly AuditTree _tree = new();
    private AuditChecks _checks = null!;

    private AuditReader Reader => new(Hq, null);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _checks = new AuditChecks(Door, _tree, Key, new CheckpointFile(Folder["outside.txt"]), TimeProvider.System);
    }

    public override async ValueTask DisposeAsync()
    {
        _tree.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Entries_that_are_what_was_recorded_pass_every_step_and_the_check_is_remembered()
    {
        new CheckpointFile(Folder["outside.txt"]).Append(Anchor);
        var check = (await _checks.CheckAsync(Reader, 3, 17, Ct)).Value;
        Assert.True(check.IsGood, check.Sentence);
        Assert.Equal("15 entries, 3 to 17, are what was recorded, and signed: nothing was changed, taken out or put in.", check.Sentence);
        Assert.Equal(["Entries", "Leaf hashes", "Payloads", "Tree", "Signature", "Outside the database"], check.Steps.Select(s => s.Name));
        Assert.All(check.Steps, s => Assert.True(s.Ok, s.Said));
        Assert.True((await _checks.CheckAsync(Reader, 24, 24, Ct)).Value.IsGood);
        Assert.Equal(2L, await SqlAsync("select count(*) from audit.entries where action = 'audit.verify' and actor_id = $1", Hq.PersonId.ToString()!));
    }

    [Theory]
    [InlineData("update audit.entries set actor_id = 'rui' where id = (select entry_id from audit.leaves where idx = 15)", 15)]
    [InlineData("update audit.entries set payload = '{}' where id = (select entry_id from audit.leaves where idx = 15)", 15)]
    [InlineData("delete from audit.entries where id = (select entry_id from audit.leaves where idx = 15)", 15)]
    [InlineData("delete from audit.leaves where idx = 15", 15)]
    [InlineData("update audit.leaves set hash = sha256('') where idx = 15", 15)]
    public async Task The_exact_number_of_what_was_changed_is_named(string sql, long bad)
    {
        await TamperAsync(sql);
        var check = (await _checks.CheckAsync(Reader, 0, 24, Ct)).Value;
        Assert.False(check.IsGood);
        Assert.Equal((bad, $"Entry {bad} is the first that is not what was recorded."), (check.FirstBad!.Value, check.Sentence));
    }

    [Fact]
    public async Task A_leaf_changed_outside_the_range_shows_in_the_tree()
    {
        await TamperAsync("update audit.entries set actor_id = 'rui' where id = (select entry_id from audit.leaves where idx = 15)");
        await RehashAsync(15);
        var check = (await _checks.CheckAsync(Reader, 0, 5, Ct)).Value;
        Assert.Equal(["Tree"], check.Steps.Where(s => s.Ok == false).Select(s => s.Name));
        Assert.Null(check.FirstBad);
    }

    [Fact]
    public async Task A_log_that_was_longer_before_does_not_pass()
    {
        new CheckpointFile(Folder["outside.txt"]).Append(Key.Signer.Sign(40, MerkleHash.Empty).ToString());
        var check = (await _checks.CheckAsync(Reader, 0, 5, Ct)).Value;
        Assert.Equal(["Outside the database"], check.Steps.Where(s => s.Ok == false).Select(s => s.Name));
    }

    [Fact]
    public async Task Too_much_nothing_and_somebody_elses_are_refused()
    {
        Assert.Equal("refuse.audit.range_too_long", (await _checks.CheckAsync(Reader, 0, 10_000, Ct)).Refusal!.Code);
        Assert.Equal("refuse.audit.no_checkpoint", (await _checks.CheckAsync(Reader, 25, 30, Ct)).Refusal!.Code);
        Assert.Equal("refuse.kernel.not_found", (await _checks.CheckAsync(Reader, 5, 3, Ct)).Refusal!.Code);
        // All 25 are the group's: a manager may see none of them.
        Assert.Equal("refuse.kernel.not_found", (await _checks.CheckAsync(new AuditReader(Ana, Porto), 0, 24, Ct)).Refusal!.Code);
        Assert.Equal("refuse.kernel.not_found", (await _checks.ProofFileAsync(new AuditReader(Ana, Porto), 5, Ct)).Refusal!.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await _checks.ExportingAsync(new AuditReader(Ana, Porto), Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task A_proof_file_is_believed_by_a_program_that_is_not_ours_and_a_changed_one_is_not()
    {
        var json = (await _checks.ProofFileAsync(Reader, 15, Ct)).Value.Json;
        var good = await AskPythonAsync(json);
        Assert.True(good.Code == 0, good.Said);
        Assert.Equal(("package.accept", "ana"), ((string?)good.Answer!["entry"]!["action"], (string?)good.Answer["entry"]!["actor_id"]));
        await File.WriteAllTextAsync(Folder["key.pub"], Key.Signer.Key.ToPem(), Ct);
        Assert.Equal(0, (await AskPythonAsync(json, "--key", Folder["key.pub"])).Code);
        await File.WriteAllTextAsync(Folder["other.pub"], Attacker.Key.ToPem(), Ct);
        Assert.Equal((1, "unknown_key"), Reason(await AskPythonAsync(json, "--key", Folder["other.pub"])));

        Assert.Equal((1, "leaf_mismatch"), Reason(await AskPythonAsync(Change(json, p => p["leaf"] = ((string)p["leaf"]!).Replace("\"ana\"", "\"rui\"", StringComparison.Ordinal)))));
        Assert.Equal((1, "payload_mismatch"), Reason(await AskPythonAsync(Change(json, p => p["payload"] = "{}"))));
        Assert.Equal((1, "payload_missing"), Reason(await AskPythonAsync(Change(json, p => p["payload"] = null))));
        Assert.Equal((1, "root_mismatch"), Reason(await AskPythonAsync(Change(json, p => p["index"] = 14))));
        Assert.Equal((1, "root_mismatch"), Reason(await AskPythonAsync(Change(json, p => p["proof"]!.AsArray().RemoveAt(0)))));
        Assert.Equal((1, "size_mismatch"), Reason(await AskPythonAsync(Change(json, p => p["size"] = 24))));
        var note = Checkpoint.Parse((string)JsonNode.Parse(json)!["checkpoint"]!).Value;
        var old = Checkpoint.Parse(Anchor).Value;
        Assert.Equal((1, "bad_signature"), Reason(await AskPythonAsync(Change(json, p => p["checkpoint"] = Checkpoint.Of(note.Origin, 25, note.Root).With(old.Signatures[0]).ToString()))));
        Assert.Equal(2, (await AskPythonAsync("{}")).Code);
        Assert.Equal(2, (await AskPythonAsync(Change(json, p => p["key"] = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"))).Code);
    }

    private static (int, string?) Reason((int Code, JsonNode? Answer, string Said) result) => (result.Code, (string?)result.Answer?["reasons"]?[0]);

    private static string Change(string json, Action<JsonObject> change)
    {
        var proof = JsonNode.Parse(json)!.AsObject();
        change(proof);
        return proof.ToJsonString();
    }

    private async Task<(int Code, JsonNode? Answer, string Said)> AskPythonAsync(string proof, params string[] more)
    {
        await File.WriteAllTextAsync(Folder["proof.json"], proof, Ct);
        await using var python = WebProcess.Launch(new ProcessStartInfo("python3", [Path.Combine(Checkout.Root, "docs", "verify-audit-proof.py"), Folder["proof.json"], .. more]));
        var code = await python.ExitAsync();
        return (code, python.Output.StartsWith('{') ? JsonNode.Parse(python.Output) : null, python.Output + python.Errors);
    }
}
