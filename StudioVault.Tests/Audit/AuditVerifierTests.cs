using System.Security.Cryptography;
using StudioVault.Domain.Audit;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>AUD-6 as far as it shows in entries, leaf hashes and checkpoints: twelve ways to tamper, and clean logs.</summary>
public sealed class AuditVerifierTests : IDisposable
{
    private const string Origin = "studiovault.example/audit";

    private readonly CheckpointSigner _signer = new(Origin, ECDsa.Create(ECCurve.NamedCurves.nistP256));
    private readonly CheckpointSigner _attacker = new(Origin, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public void Dispose()
    {
        _signer.Dispose();
        _attacker.Dispose();
    }

    [Fact]
    public void A_hundred_clean_logs_raise_no_alarm()
    {
        var random = new Random(20261121);
        for (var i = 0; i < 100; i++)
        {
            var log = Log.Of(_signer, random, random.Next(0, 200));
            var report = Verify(log);
            Assert.True(report.IsClean, report.First?.Reason);
            Assert.Equal((log.Entries.Count, log.Entries.Count), (report.Entries, report.Covered));
            Assert.Equal(new MerkleTree(log.Entries.Select(e => e.Body!.LeafHash())).Root, report.Root);
        }
    }

    [Fact]
    public async Task A_log_read_as_bytes_in_a_stream_is_the_same_log()
    {
        var log = Log.Of(_signer, new Random(1), 50);
        var report = await AuditVerifier.VerifyAsync(Origin, [_signer.Key], Stream(log.Entries), log.Stored, log.Anchors, AuditTail.Signed, TestContext.Current.CancellationToken);
        Assert.True(report.IsClean, report.First?.Reason);
        log.Entries[30] = new(30, log.Entries[30].StoredHash, log.Entries[31].Body!);
        report = await AuditVerifier.VerifyAsync(Origin, [_signer.Key], Stream(log.Entries), log.Stored, log.Anchors, AuditTail.Signed, TestContext.Current.CancellationToken);
        Assert.Equal((AuditFault.LeafMismatch, 30L), (report.First!.Fault, report.First.FirstBadIndex));

        static async IAsyncEnumerable<LoggedEntry> Stream(IEnumerable<LoggedEntry> entries)
        {
            foreach (var e in entries)
            {
                await Task.Yield();
                yield return new(e.Index, e.StoredHash, e.Body!.ToCanonical());
            }
        }
    }

    [Fact]
    public void Finds_1_an_edited_body() => FindsLeaf(b => b with { Action = "package.ignore" });

    [Fact]
    public void Finds_2_an_edited_actor() => FindsLeaf(b => b with { ActorId = "somebody-else" });

    [Fact]
    public void Finds_3_an_edited_timestamp() => FindsLeaf(b => b with { At = b.At.AddMicroseconds(-1) });

    [Fact]
    public void Finds_4_that_the_last_entry_was_deleted() => Each((log, _) =>
    {
        log.Entries.RemoveAt(log.Entries.Count - 1);
        return (AuditFault.Truncated, log.Entries.Count, log.Entries.Count);
    });

    [Fact]
    public void Finds_5_that_an_entry_in_the_middle_was_deleted() => Each((log, at) =>
    {
        log.Entries.RemoveAt(at);
        return (AuditFault.Gap, at, at);
    });

    [Fact]
    public void Finds_5b_that_an_entry_was_deleted_and_the_rest_renumbered() => Each((log, at) =>
    {
        log.Entries.RemoveAt(at);
        log.Renumber();
        // In the last batch no root is left to compare with: there is one entry too few.
        return at >= log.Sizes[^2] ? (AuditFault.Truncated, log.Entries.Count, log.Entries.Count) : Range(log, AuditFault.RootMismatch, at);
    });

    [Fact]
    public void Finds_6_that_two_entries_were_swapped() => Each((log, at) =>
    {
        (log.Entries[at], log.Entries[at + 1]) = (log.Entries[at + 1], log.Entries[at]);
        return (AuditFault.Gap, at, at);
    });

    [Fact]
    public void Finds_6b_that_two_bodies_were_swapped_under_their_numbers() => Each((log, at) =>
    {
        (log.Entries[at], log.Entries[at + 1]) = (log.Entries[at + 1], log.Entries[at]);
        log.Renumber();
        return Range(log, AuditFault.RootMismatch, at);
    });

    [Fact]
    public void Finds_7_that_a_backdated_entry_was_put_in() => Each((log, at) =>
    {
        var body = log.Entries[at].Body! with { Id = Guid.Empty };
        log.Entries.Insert(at + 1, new(at, body.LeafHash().ToArray(), body));
        return (AuditFault.Duplicate, at, at);
    });

    [Fact]
    public void Finds_7b_that_a_backdated_entry_was_put_in_and_the_rest_renumbered() => Each((log, at) =>
    {
        var body = log.Entries[at].Body! with { Id = Guid.Empty };
        log.Entries.Insert(at, new(at, body.LeafHash().ToArray(), body));
        log.Renumber();
        return Range(log, AuditFault.RootMismatch, at);
    });

    [Fact]
    public void Finds_7c_that_an_entry_was_put_on_the_end() => Each((log, _) =>
    {
        var body = log.Entries[^1].Body! with { Id = Guid.Empty };
        log.Entries.Add(new(log.Entries.Count, body.LeafHash().ToArray(), body));
        return (AuditFault.Unsigned, log.Entries.Count - 1, log.Entries.Count - 1);
    });

    [Fact]
    public void Finds_8_that_the_tree_was_rebuilt_without_the_key() => Each((log, at) =>
    {
        log.Edit(at, b => b with { ObjectId = "another" });
        log.Rehash(at);
        // The signatures stay as they were; only the roots in the notes are the new ones.
        var tree = new MerkleTree(log.Entries.Select(e => e.Body!.LeafHash()));
        log.ReplaceStored(c => Checkpoint.Of(Origin, (long)c.Size, tree.RootAt((long)c.Size)).With(c.Signatures[0]));
        return (AuditFault.BadSignature, log.SizeBelow(at), -1);
    });

    [Fact]
    public void Finds_8b_that_the_tree_was_rebuilt_and_the_notes_left() => Each((log, at) =>
    {
        log.Edit(at, b => b with { ObjectId = "another" });
        log.Rehash(at);
        return Range(log, AuditFault.RootMismatch, at);
    });

    [Fact]
    public void Finds_9_that_an_older_backup_was_put_back() => Each((log, at) =>
    {
        var size = log.SizeBelow(at);
        log.Entries.RemoveRange(size, log.Entries.Count - size);
        log.Stored.RemoveAll(n => Checkpoint.Parse(n).Value.Size > (ulong)size);
        return (AuditFault.Truncated, size, size);
    });

    [Fact]
    public void Finds_10_a_fork_signed_with_the_true_key() => Each((log, at) =>
    {
        log.Edit(at, b => b with { ObjectId = "another" });
        log.Rehash(at);
        var tree = new MerkleTree(log.Entries.Select(e => e.Body!.LeafHash()));
        log.ReplaceStored(c => _signer.Sign((long)c.Size, tree.RootAt((long)c.Size)));
        return (AuditFault.Fork, -1, -1);
    });

    [Fact]
    public void Finds_11_a_forged_signature() => Each((log, at) =>
    {
        var below = log.SizeBelow(at);
        log.ReplaceStored(c =>
        {
            if (c.Size != (ulong)log.Sizes.First(s => s > at)) return c;
            var bytes = c.Signatures[0].Bytes.ToArray();
            bytes[^1] ^= 1;
            return Checkpoint.Of(Origin, (long)c.Size, c.Root).With(new(Origin, c.Signatures[0].Hint, bytes));
        });
        return (AuditFault.BadSignature, below, below);
    });

    [Fact]
    public void Finds_12_another_key() => Each((log, at) =>
    {
        var below = log.SizeBelow(at);
        log.ReplaceStored(c => c.Size == (ulong)log.Sizes.First(s => s > at) ? _attacker.Sign((long)c.Size, c.Root) : c);
        return (AuditFault.UnknownKey, below, below);
    });

    [Fact]
    public void Finds_13_that_a_stored_checkpoint_shrank() => Each((log, at) =>
    {
        log.Stored.Add(log.Stored[0]);
        return (AuditFault.SizeShrank, 0, 0);
    });

    [Fact]
    public void Finds_a_note_that_is_none_a_foreign_log_and_a_short_stored_hash()
    {
        var log = Log.Of(_signer, new Random(5), 40);
        var foreign = new CheckpointSigner("other.example/audit", ECDsa.Create(ECCurve.NamedCurves.nistP256));
        Assert.Equal(AuditFault.CheckpointMalformed, Verify(log with { Stored = [.. log.Stored, "x"] }).First!.Fault);
        Assert.Equal(AuditFault.ForeignOrigin, Verify(log with { Stored = [.. log.Stored, foreign.Sign(40, MerkleHash.Empty).ToString()] }).First!.Fault);
        log.Entries[7] = new(7, new byte[31], log.Entries[7].Body!);
        Assert.Equal((AuditFault.LeafMismatch, 7L), (Verify(log).First!.Fault, Verify(log).First!.FirstBadIndex));
        foreign.Dispose();
    }

    [Fact]
    public void Without_any_checkpoint_nothing_is_covered()
    {
        var log = Log.Of(_signer, new Random(6), 10) with { Stored = [], Anchors = [] };
        var report = Verify(log);
        Assert.Equal((AuditFault.Unsigned, 0L, 9L, 0L), (report.First!.Fault, report.First.FirstBadIndex, report.First.LastBadIndex, report.Covered));
    }

    [Fact]
    public void The_newest_entries_of_a_living_log_may_wait_for_their_checkpoint()
    {
        var log = Log.Of(_signer, new Random(9), 40);
        var covered = log.Sizes[^2];
        log.Stored.RemoveAt(log.Stored.Count - 1);
        log.Anchors.RemoveAt(log.Anchors.Count - 1);
        var report = AuditVerifier.Verify(Origin, [_signer.Key], log.Entries, log.Stored, log.Anchors, AuditTail.Open);
        Assert.True(report.IsClean);
        Assert.Equal((40L, covered), (report.Entries, report.Covered));
        log.Edit(39, b => b with { ActorId = "x" });
        Assert.Equal(39, AuditVerifier.Verify(Origin, [_signer.Key], log.Entries, log.Stored, log.Anchors, AuditTail.Open).First!.FirstBadIndex);
    }

    [Fact]
    public void A_retired_key_still_counts()
    {
        var log = Log.Of(_signer, new Random(7), 30);
        var root = new MerkleTree(log.Entries.Select(e => e.Body!.LeafHash())).Root;
        var rotated = log with { Stored = [.. log.Stored, _attacker.Sign(30, root).ToString()] };
        Assert.True(AuditVerifier.Verify(Origin, [_signer.Key, _attacker.Key], rotated.Entries, rotated.Stored, rotated.Anchors, AuditTail.Signed).IsClean);
    }

    [Fact]
    public void A_thoroughly_broken_log_is_reported_from_its_first_bad_entry_on()
    {
        var log = Log.Of(_signer, new Random(8), 500);
        for (var i = 3; i < 500; i++) log.Edit(i, b => b with { ActorId = "x" });
        var report = Verify(log);
        Assert.Equal(3, report.First!.FirstBadIndex);
        Assert.Equal(AuditVerifier.MaxFindings, report.Findings.Count);
    }

    private void FindsLeaf(Func<AuditBody, AuditBody> edit) => Each((log, at) =>
    {
        log.Edit(at, edit);
        return (AuditFault.LeafMismatch, at, at);
    });

    // Where only roots tell, the fault lies after the last checkpoint that still holds.
    private static (AuditFault, int, int) Range(Log log, AuditFault fault, int at) => (fault, log.SizeBelow(at), -1);

    private void Each(Func<Log, int, (AuditFault Fault, int First, int Last)> tamper)
    {
        var random = new Random(42);
        for (var i = 0; i < 25; i++)
        {
            var log = Log.Of(_signer, random, random.Next(20, 120));
            var (fault, first, last) = tamper(log, random.Next(1, log.Entries.Count - 2));
            var report = Verify(log);
            Assert.Contains(report.Findings, f => f.Fault == fault);
            if (first >= 0) Assert.Equal(first, report.First!.FirstBadIndex);
            if (last >= 0 && report.First!.Fault == fault && fault is AuditFault.LeafMismatch or AuditFault.Gap or AuditFault.Duplicate) Assert.Equal(last, report.First.LastBadIndex);
        }
    }

    private AuditReport Verify(Log log) => AuditVerifier.Verify(Origin, [_signer.Key], log.Entries, log.Stored, log.Anchors, AuditTail.Signed);

    /// <summary>A log in memory: entries, notes beside it, one or two notes elsewhere (the last one always).</summary>
    private sealed record Log(List<LoggedEntry> Entries, List<string> Stored, List<string> Anchors, List<int> Sizes)
    {
        public static Log Of(CheckpointSigner signer, Random random, int size)
        {
            var log = new Log([], [], [], [0]);
            var range = new CompactRange();
            while (log.Entries.Count < size)
            {
                for (var batch = Math.Min(random.Next(1, 12), size - log.Entries.Count); batch > 0; batch--)
                {
                    var body = Body(random, log.Entries.Count);
                    range.Append(body.LeafHash());
                    log.Entries.Add(new(log.Entries.Count, body.LeafHash().ToArray(), body));
                }
                log.Sizes.Add(log.Entries.Count);
                log.Stored.Add(signer.Sign(range.Size, range.Root()).ToString());
                if (random.Next(4) == 0 || log.Entries.Count == size) log.Anchors.Add(log.Stored[^1]);
            }
            return log;
        }

        public void Edit(int at, Func<AuditBody, AuditBody> edit) => Entries[at] = new(at, Entries[at].StoredHash, edit(Entries[at].Body!));

        public void Rehash(int at) => Entries[at] = new(at, Entries[at].Body!.LeafHash().ToArray(), Entries[at].Body!);

        public void Renumber()
        {
            for (var i = 0; i < Entries.Count; i++) Entries[i] = Entries[i] with { Index = i };
        }

        public void ReplaceStored(Func<Checkpoint, Checkpoint> replace)
        {
            for (var i = 0; i < Stored.Count; i++) Stored[i] = replace(Checkpoint.Parse(Stored[i]).Value).ToString();
        }

        public int SizeBelow(int at) => Sizes.Last(s => s <= at);

        private static AuditBody Body(Random random, int index) => new()
        {
            Id = new Guid(index, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]),
            At = new DateTimeOffset(2026, 11, 21, 5, 0, 0, TimeSpan.Zero).AddMicroseconds(random.NextInt64(1_000_000_000)),
            ActorType = "staff",
            ActorId = $"person-{random.Next(9)}",
            RootId = $"person-{random.Next(9)}",
            BranchId = random.Next(3) == 0 ? null : Guid.Parse("11111111-2222-3333-4444-555555555555"),
            Action = "package.accept",
            ObjectType = "package",
            ObjectId = $"package-{random.Next(99)}",
            Outcome = random.Next(9) == 0 ? "refused" : "done",
            ReasonCode = random.Next(9) == 0 ? "refuse.kernel.stale_write" : null,
        };
    }
}
