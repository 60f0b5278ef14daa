using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Audit;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>AUD-6 on a real database: whatever those who run it do to the log is found, with the first index that is in doubt.</summary>
public sealed class AuditArchiveTests(PostgresServer server) : TamperingTest(server)
{
    private const string E15 = "(select entry_id from audit.leaves where idx = 15)";
    private const string NewEntry = "insert into audit.entries (id, xid, at, actor_kind, actor_id, root_id, on_behalf_of, action, object_type, object_id, outcome) " +
        "values ('00000000-0000-0000-0000-0000000000ff', '3', '2026-01-01Z', 'staff', 'x', 'x', '{}', 'package.accept', 'package', 'x', 'done')";

    [Fact]
    public async Task A_clean_log_raises_no_alarm_in_the_database_or_as_a_file()
    {
        var report = await VerifyAsync(Anchor);
        Assert.True(report.IsClean, report.First?.Reason);
        Assert.Equal((25L, 25L, 5), (report.Entries, report.Covered, report.Checkpoints));
        var export = VerifyExport(await ExportAsync(), Anchor);
        Assert.True(export.IsClean, export.First?.Reason);
        Assert.Equal((25L, 25L, 5, report.Root), (export.Entries, export.Covered, export.Checkpoints, export.Root));
    }

    [Fact]
    public async Task A_log_that_grows_meanwhile_raises_no_alarm()
    {
        var written = Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            for (var i = 0; i < 30; i++) await WriteAsync(2);
        }));
        var numbered = Task.Run(async () =>
        {
            while (!written.IsCompleted) await NewSequencer().NumberAsync(Ct);
        }, Ct);
        do
        {
            var report = await VerifyAsync(Anchor);
            Assert.True(report.IsClean, report.First?.Reason);
            Assert.True(VerifyExport(await ExportAsync(), Anchor).IsClean);
        } while (!written.IsCompleted);
        await Task.WhenAll(written, numbered);
    }

    [Theory]
    [InlineData("a changed payload", $$"""update audit.entries set payload = '{"n":99}' where id = {{E15}}""", AuditFault.PayloadMismatch, 15)]
    [InlineData("a payload taken away", $"update audit.entries set payload = null where id = {E15}", AuditFault.PayloadMismatch, 15)]
    [InlineData("a changed payload and its digest", $$"""update audit.entries set payload = '{}', payload_sha256 = encode(sha256('{}'), 'hex') where id = {{E15}}""", AuditFault.LeafMismatch, 15)]
    [InlineData("a changed actor", $"update audit.entries set actor_id = 'rui' where id = {E15}", AuditFault.LeafMismatch, 15)]
    [InlineData("a changed time", $"update audit.entries set at = at - interval '1 day' where id = {E15}", AuditFault.LeafMismatch, 15)]
    [InlineData("a time there is not", $"update audit.entries set at = '-infinity' where id = {E15}", AuditFault.LeafMismatch, 15)]
    [InlineData("a deleted entry that keeps its number", $"delete from audit.entries where id = {E15}", AuditFault.EntryMissing, 15)]
    [InlineData("a deleted entry", $"delete from audit.entries where id = {E15}; delete from audit.leaves where idx = 15", AuditFault.Gap, 15)]
    [InlineData("a deleted tail", "delete from audit.entries where id in (select entry_id from audit.leaves where idx >= 22); delete from audit.leaves where idx >= 22", AuditFault.Truncated, 22)]
    [InlineData("a number taken away at the end", "delete from audit.leaves where idx = 24", AuditFault.Truncated, 24)]
    [InlineData("an entry put in without a number", NewEntry, AuditFault.Unnumbered, 25)]
    [InlineData("an entry put on the end", NewEntry + "; insert into audit.leaves values (25, '00000000-0000-0000-0000-0000000000ff', sha256(''))", AuditFault.LeafMismatch, 25)]
    [InlineData("two swapped entries", "update audit.leaves set entry_id = '00000000-0000-0000-0000-000000000001' where idx = 15; " +
        "update audit.leaves l set entry_id = (select id from audit.entries where not exists (select from audit.leaves o where o.entry_id = id)) where idx = 16; " +
        "update audit.leaves l set entry_id = (select id from audit.entries where not exists (select from audit.leaves o where o.entry_id = id)) where idx = 15", AuditFault.LeafMismatch, 15)]
    [InlineData("two swapped numbers", "update audit.leaves set idx = 1000 where idx = 15; update audit.leaves set idx = 15 where idx = 16; update audit.leaves set idx = 16 where idx = 1000", AuditFault.RootMismatch, 13)]
    [InlineData("another size to go on from", "update audit.sequencer_state set size = 24", AuditFault.StateMismatch, 24)]
    [InlineData("another frontier to go on from", "update audit.sequencer_state set frontier[1] = sha256('')", AuditFault.StateMismatch, 25)]
    [InlineData("another root shown beside a checkpoint", "update audit.checkpoints set root = sha256('') where size = 19", AuditFault.StateMismatch, 19)]
    [InlineData("a checkpoint that is none", "update audit.checkpoints set note = 'x' where size = 19", AuditFault.CheckpointMalformed, 13)]
    public async Task Finds(string tampering, string sql, AuditFault fault, long first)
    {
        Assert.NotEmpty(tampering);
        await TamperAsync(sql);
        AssertFinds(fault, first, await VerifyAsync(Anchor));
        // A file carried away afterwards shows it too; in it is neither what the sequencer keeps for itself nor what has no number or signature yet.
        if (fault is AuditFault.StateMismatch or AuditFault.Unnumbered || first >= 25) return;
        AssertFinds(fault, first, VerifyExport(await ExportAsync(), Anchor));
    }

    [Fact]
    public async Task A_hundred_clean_logs_raise_no_alarm_in_the_database_or_as_a_file()
    {
        for (var log = 0; log < 100; log++)
        {
            // A log is clean at every length, whether all of it is signed or not.
            await WriteAsync(log % 7);
            if (log % 3 != 0) await NewSequencer().NumberAsync(Ct);
            var report = await VerifyAsync(Anchor);
            Assert.True(report.IsClean, $"{log}: {report.First?.Reason}");
            Assert.True(VerifyExport(await ExportAsync(), Anchor).IsClean);
        }
    }

    [Fact]
    public async Task Finds_an_entry_put_in_the_middle_with_all_numbers_and_its_hash_right()
    {
        await TamperAsync(NewEntry + "; update audit.leaves set idx = idx + 1000 where idx >= 15; update audit.leaves set idx = idx - 999 where idx >= 1000;" +
            "insert into audit.leaves values (15, '00000000-0000-0000-0000-0000000000ff', sha256(''))");
        await RehashAsync(15);
        AssertFinds(AuditFault.RootMismatch, 13, await VerifyAsync(Anchor));
        AssertFinds(AuditFault.RootMismatch, 13, VerifyExport(await ExportAsync(), Anchor));
    }

    [Fact]
    public async Task Finds_a_rewritten_entry_with_its_leaf_hash_recomputed_between_the_checkpoints_around_it()
    {
        await TamperAsync($"update audit.entries set actor_id = 'rui' where id = {E15}");
        await RehashAsync(15);
        var report = await VerifyAsync();
        Assert.Equal((AuditFault.RootMismatch, 13L, 18L), (report.First!.Fault, report.First.FirstBadIndex, report.First.LastBadIndex));
        AssertFinds(AuditFault.RootMismatch, 13, VerifyExport(await ExportAsync()));
    }

    [Fact]
    public async Task Finds_a_tree_rebuilt_whole_by_the_checkpoint_kept_elsewhere_whoever_signed_the_new_ones()
    {
        await TamperAsync($"update audit.entries set actor_id = 'rui' where id = {E15}");
        await RehashAsync(15);
        var roots = await RebuildAsync();
        await ReplaceAsync(19, Attacker.Sign(19, roots.RootAt(19)).ToString(), roots.RootAt(19));
        await ReplaceAsync(25, Attacker.Sign(25, roots.RootAt(25)).ToString(), roots.RootAt(25));
        AssertFinds(AuditFault.UnknownKey, 13, await VerifyAsync());

        // With the true key stolen, only a checkpoint from outside shows that two histories were told.
        await ReplaceAsync(19, Key.Signer.Sign(19, roots.RootAt(19)).ToString(), roots.RootAt(19));
        await ReplaceAsync(25, Key.Signer.Sign(25, roots.RootAt(25)).ToString(), roots.RootAt(25));
        Assert.True((await VerifyAsync()).IsClean);
        AssertFinds(AuditFault.Fork, 13, await VerifyAsync(Anchor));
        AssertFinds(AuditFault.Fork, 13, VerifyExport(await ExportAsync(), Anchor));
        await TamperAsync("delete from audit.checkpoints where size = 19");
        AssertFinds(AuditFault.RootMismatch, 13, await VerifyAsync(Anchor));
    }

    [Fact]
    public async Task Finds_an_older_state_put_back_whole_by_the_checkpoint_kept_elsewhere()
    {
        await TamperAsync("delete from audit.entries where id in (select entry_id from audit.leaves where idx >= 13); delete from audit.leaves where idx >= 13;" +
            "delete from audit.checkpoints where size > 13; update audit.sequencer_state set frontier = $1, size = 13", [FrontierOf13]);
        Assert.True((await VerifyAsync()).IsClean);
        AssertFinds(AuditFault.Truncated, 13, await VerifyAsync(Anchor));
        AssertFinds(AuditFault.Truncated, 13, VerifyExport(await ExportAsync(), Anchor));
    }

    [Fact]
    public async Task Finds_a_forged_checkpoint()
    {
        var old = Checkpoint.Parse(Anchor).Value;
        await ReplaceAsync(19, Checkpoint.Of(GroupKey.LogName, 19, MerkleHash.Empty).With(old.Signatures[0]).ToString(), MerkleHash.Empty);
        AssertFinds(AuditFault.BadSignature, 13, await VerifyAsync());
        AssertFinds(AuditFault.BadSignature, 13, VerifyExport(await ExportAsync()));
    }

    [Fact]
    public async Task Finds_the_same_signature_in_another_encoding()
    {
        var old = Checkpoint.Parse(Anchor).Value;
        var der = old.Signatures[0].Bytes.ToArray();
        // SEQUENCE with its length in two bytes instead of one: readers of BER take it for the same.
        byte[] malleated = [der[0], 0x81, .. der[1..]];
        await ReplaceAsync(19, Checkpoint.Of(GroupKey.LogName, 19, old.Root).With(new(GroupKey.LogName, old.Signatures[0].Hint, malleated)).ToString(), old.Root);
        AssertFinds(AuditFault.BadSignature, 13, await VerifyAsync());
        AssertFinds(AuditFault.BadSignature, 13, VerifyExport(await ExportAsync()));
    }

    [Fact]
    public async Task Nothing_is_believed_under_another_key()
    {
        var report = await VerifyAsync(Attacker.Key, Anchor);
        AssertFinds(AuditFault.UnknownKey, 0, report);
        Assert.Equal(0, report.Covered);
    }

    [Fact]
    public async Task Those_who_check_and_carry_away_write_nothing()
    {
        await using var archive = await AuditArchive.OpenAsync(Superuser, Ct);
        await archive.VerifyAsync([Key.Signer.Key], [], Ct);
        Assert.Equal(25L, await SqlAsync("select count(*) from audit.entries"));
    }

    private async Task<MerkleTree> RebuildAsync()
    {
        var tree = new MerkleTree();
        var range = new CompactRange();
        await using (var archive = await AuditArchive.OpenAsync(Superuser, Ct))
        {
            await foreach (var entry in archive.EntriesAsync(25, Ct))
            {
                tree.Append(entry.Body!.LeafHash());
                range.Append(entry.Body!.LeafHash());
            }
        }
        await TamperAsync("update audit.sequencer_state set frontier = $1", [range.ToArrays()]);
        return tree;
    }

    private Task ReplaceAsync(long size, string note, MerkleHash root) =>
        TamperAsync("update audit.checkpoints set note = $1, root = $2 where size = $3", note, root.ToArray(), size);
}
