using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Audit;

/// <summary>One step of a check.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Ok">Null where it could not be done.</param>
/// <param name="Said">What came out, one sentence.</param>
/// <param name="Value">The hash or number it is about, for who wants to compare.</param>
public sealed record AuditStep(string Name, bool? Ok, string Said, string? Value = null);

/// <summary>The outcome of checking some entries.</summary>
/// <param name="Sentence">The result as one sentence.</param>
/// <param name="FirstBad">First entry that is not what was recorded; null when all are well or none can be named.</param>
/// <param name="Took">Time it took on the server.</param>
public sealed record AuditCheck(long From, long To, long Checked, bool IsGood, string Sentence, long? FirstBad, IReadOnlyList<AuditStep> Steps, DateTimeOffset At, TimeSpan Took)
{
    /// <summary>The result as a file for people and programs.</summary>
    public string ToJson() => new JsonObject
    {
        ["format"] = "studiovault-audit-check",
        ["version"] = 1,
        ["log"] = GroupKey.LogName,
        ["from"] = From,
        ["to"] = To,
        ["checked"] = Checked,
        ["ok"] = IsGood,
        ["firstBadIndex"] = FirstBad,
        ["sentence"] = Sentence,
        ["at"] = At.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
        ["steps"] = new JsonArray([.. Steps.Select(s => new JsonObject { ["name"] = s.Name, ["ok"] = s.Ok, ["said"] = s.Said, ["value"] = s.Value })]),
    }.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });
}

/// <summary>Everything that proves one entry, for a file that needs neither StudioVault nor us.</summary>
/// <param name="Name">File name.</param>
public sealed record AuditProofFile(string Name, string Json);

/// <summary>
/// Checks entries for people who look at the log: recomputes hashes from what is stored now and follows them up to a signature.
/// Who asked for a check or carried a proof away is remembered (AUD-10).
/// </summary>
public sealed class AuditChecks(WriteDoor door, AuditTree tree, GroupKey key, CheckpointFile file, TimeProvider time)
{
    /// <summary>Longest range of one check.</summary>
    public const int MostEntries = 10_000;

    /// <summary>
    /// Recomputes the entries with these places in the log, both included, of which the reader may see (a manager: the branch's
    /// own), then the tree above them.
    /// </summary>
    /// <returns>Refused: <c>refuse.audit.range_too_long</c>, <c>refuse.kernel.not_found</c>, <c>refuse.audit.no_checkpoint</c>.</returns>
    public async Task<Result<AuditCheck>> CheckAsync(AuditReader reader, long from, long to, CancellationToken ct)
    {
        var clock = time.GetTimestamp();
        if (from < 0 || to < from) return KernelRefusals.NotFound;
        if (to - from >= MostEntries) return AuditRefusals.RangeTooLong.With(MostEntries.ToString("N0", CultureInfo.InvariantCulture));
        var result = await door.ReadAsync<AuditCheck>(reader.From, reader.Scope, reader.Access, async (db, _, token) =>
        {
            if (await HeadAsync(db, token) is not { } head) return AuditRefusals.NoCheckpoint;
            if (from >= head.Size) return AuditRefusals.NoCheckpoint;
            to = Math.Min(to, head.Size - 1);
            var read = await ReadAsync(db, from, to, token);
            if (read.Count == 0) return KernelRefusals.NotFound;
            return await JudgeAsync(db, head, from, to, read, reader.Branch is null, token) with { Took = time.GetElapsedTime(clock) };
        }, ct);
        if (!result.IsRefused) await NoteAsync(reader, "audit.verify", new JsonObject { ["from"] = from, ["to"] = to, ["ok"] = result.Value.IsGood, ["firstBadIndex"] = result.Value.FirstBad }, ct);
        return result;
    }

    /// <summary>The proof of one entry as a file: leaf, path, signed checkpoint, public key.</summary>
    /// <returns>Refused: <c>refuse.kernel.not_found</c>, <c>refuse.audit.no_checkpoint</c>, <c>refuse.audit.log_broken</c>.</returns>
    public async Task<Result<AuditProofFile>> ProofFileAsync(AuditReader reader, long index, CancellationToken ct)
    {
        var result = await door.ReadAsync<AuditProofFile>(reader.From, reader.Scope, reader.Access, async (db, _, token) =>
        {
            if (await HeadAsync(db, token) is not { } head) return AuditRefusals.NoCheckpoint;
            var read = await ReadAsync(db, index, index, token);
            if (read.Count == 0) return index >= head.Size ? AuditRefusals.NoCheckpoint : KernelRefusals.NotFound;
            if (index >= head.Size) return AuditRefusals.NoCheckpoint;
            if (await tree.RootsAsync(db, [new(index, index + 1), .. MerklePaths.Inclusion(index, head.Size)], head.Size, head.Root, token) is not { } roots) return AuditRefusals.LogBroken;
            return new AuditProofFile($"audit-proof-{index.ToString(CultureInfo.InvariantCulture)}.json", Bundle(read[0], head, roots));
        }, ct);
        if (!result.IsRefused) await NoteAsync(reader, "audit.prove", new JsonObject { ["index"] = index }, ct);
        return result;
    }

    /// <summary>The whole log was carried away as a file; asked for before it begins.</summary>
    public Task<Result<Done>> ExportingAsync(AuditReader reader, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("audit.export", reader.From, TenantScope.Hq, Domain.Organization.Access.Hq, "log", GroupKey.LogName), (_, _) => Task.FromResult<Result<Done>>(Done.It), ct);

    private async Task<AuditCheck> JudgeAsync(VaultDb db, Head head, long from, long to, List<Row> read, bool all, CancellationToken ct)
    {
        var steps = new List<AuditStep>();
        long? bad = null;
        void Bad(long at) => bad = Math.Min(bad ?? at, at);

        var gap = all ? Gap(read, from, to) : null;
        steps.Add(gap is { } missing ? new("Entries", false, $"Entry {N(missing)} is missing.") : new("Entries", true,
            read.Count == 1 ? $"Entry {N(read[0].Index)} was read." : $"{N(read.Count)} entries were read, {N(read[0].Index)} to {N(read[^1].Index)}{(all ? ", none missing" : ", those of the branch")}."));
        if (gap is { } g) Bad(g);

        var leaf = read.FirstOrDefault(r => r.Body is null || !r.Body.LeafHash().Equals(r.Hash));
        steps.Add(leaf is null ? new("Leaf hashes", true, read.Count == 1 ? "Its hash, computed from what is stored now, is the one in the log." : "Each one's hash, computed from what is stored now, is the one in the log.", read.Count == 1 ? Hex(read[0].Hash) : null)
            : new("Leaf hashes", false, leaf.Body is null ? $"Entry {N(leaf.Index)} is not there any more." : $"Entry {N(leaf.Index)} is not what was recorded: its hash is another one.", leaf.Body?.LeafHash().ToString()));
        if (leaf is not null) Bad(leaf.Index);

        var payloads = read.Where(r => r.Body?.PayloadSha256 is not null || r.Payload is not null).ToList();
        var payload = payloads.FirstOrDefault(r => r.Body is not null && (r.Payload is null || CanonicalJson.Sha256(System.Text.Encoding.UTF8.GetBytes(r.Payload)) != r.Body.PayloadSha256));
        steps.Add(payload is null ? new("Payloads", true, payloads.Count == 0 ? "Nothing beyond the entries was recorded." : payloads.Count == 1 ? "What was recorded with it has the hash its entry holds." : $"{N(payloads.Count)} records of what changed have the hashes their entries hold.")
            : new("Payloads", false, $"What was recorded with entry {N(payload.Index)} is {(payload.Payload is null ? "not there any more" : "another text now")}."));
        if (payload is not null) Bad(payload.Index);

        // The stored hashes of the range, up to the root. Where they do not add up, the exact place is unknown: signed are roots only.
        var one = from == to || read.Count == 1;
        var path = one ? MerklePaths.Inclusion(read[0].Index, head.Size) : [];
        var roots = await tree.RootsAsync(db, [new(read[0].Index, read[0].Index + 1), .. path], head.Size, head.Root, ct);
        var proven = roots is not null && (!one || MerkleProofs.VerifyInclusion((ulong)read[0].Index, (ulong)head.Size, new MerkleHash(read[0].Hash), roots.AsSpan(1), head.Root) == ProofFault.None);
        steps.Add(proven ? new("Tree", true, one ? $"{path.Count} steps lead from its hash to the root of the first {N(head.Size)} entries." : $"The hashes of the first {N(head.Size)} entries, these among them, add up to the signed root.", head.Root.ToString())
            : new("Tree", false, $"The hashes in the log do not add up to the signed root of the first {N(head.Size)} entries.", head.Root.ToString()));

        var signed = Checkpoint.Parse(head.Note).TryGet(out var checkpoint, out _) && checkpoint.Size == (ulong)head.Size && checkpoint.Root == head.Root && checkpoint.Verify(key.Signer.Key) == CheckpointVerdict.Signed;
        steps.Add(signed ? new("Signature", true, $"The checkpoint of {N(head.Size)} entries is signed by the group's key.", key.Fingerprint) : new("Signature", false, "The checkpoint is not signed by the group's key.", key.Fingerprint));
        steps.Add(await OutsideAsync(db, head, ct));

        var good = steps.TrueForAll(s => s.Ok != false);
        var what = read.Count == 1 ? $"Entry {N(read[0].Index)} is" : $"{N(read.Count)} entries, {N(read[0].Index)} to {N(read[^1].Index)}, are";
        var sentence = good ? $"{what} what was recorded, and signed: nothing was changed, taken out or put in."
            : bad is { } at ? $"Entry {N(at)} is the first that is not what was recorded."
            : !proven ? "These entries agree with their own hashes, but the log as a whole does not add up to what was signed."
            : "What is signed does not fit: see the step that failed.";
        return new AuditCheck(from, to, read.Count, good, sentence, bad, steps, time.GetUtcNow(), default);
    }

    /// <summary>Holds the log against what this node keeps outside the database.</summary>
    private async Task<AuditStep> OutsideAsync(VaultDb db, Head head, CancellationToken ct)
    {
        const string name = "Outside the database";
        Checkpoint? kept;
        try
        {
            kept = file.Newest() is { } note && Checkpoint.Parse(note).TryGet(out var parsed, out _) && parsed.Verify(key.Signer.Key) == CheckpointVerdict.Signed ? parsed : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            kept = null;
        }

        if (kept is null || kept.Size == 0) return new(name, null, "No checkpoint is kept outside the database yet.");
        if (kept.Size > (ulong)head.Size) return new(name, false, $"{N((long)kept.Size)} entries were seen before; now there are {N(head.Size)}.", kept.Root.ToString());
        var roots = await tree.RootsAsync(db, [new(0, (long)kept.Size)], head.Size, head.Root, ct);
        return roots is null ? new(name, null, "The log does not add up, so it cannot be compared.")
            : roots[0] == kept.Root ? new(name, true, $"The log goes on from the checkpoint of {N((long)kept.Size)} entries that is kept outside the database.", kept.Root.ToString())
            : new(name, false, $"The first {N((long)kept.Size)} entries are not the ones whose checkpoint is kept outside the database.", kept.Root.ToString());
    }

    private static long? Gap(List<Row> read, long from, long to)
    {
        var due = from;
        foreach (var row in read)
        {
            if (row.Index != due) return due;
            due++;
        }

        return due <= to ? due : null;
    }

    private string Bundle(Row row, Head head, MerkleHash[] roots) => new JsonObject
    {
        ["format"] = "studiovault-audit-proof",
        ["version"] = 1,
        ["index"] = row.Index,
        ["size"] = head.Size,
        // As text, so that its bytes are the bytes that were hashed.
        ["leaf"] = row.Body is null ? null : System.Text.Encoding.UTF8.GetString(row.Body.ToCanonical()),
        ["leafHash"] = roots[0].ToString(),
        ["payload"] = row.Payload,
        ["proof"] = new JsonArray([.. roots[1..].Select(h => JsonValue.Create(h.ToString()))]),
        ["checkpoint"] = head.Note,
        ["key"] = key.Signer.Key.ToPem() + "\n",
    }.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static async Task<List<Row>> ReadAsync(VaultDb db, long from, long to, CancellationToken ct)
    {
        const int first = 4;
        await using var command = new NpgsqlCommand(
            $"select l.idx, l.hash, e.id is null, e.payload, {AuditEntryBody.Columns} from audit.leaves l left join audit.entries e on e.id = l.entry_id where l.idx between $1 and $2 order by l.idx",
            (NpgsqlConnection)db.Database.GetDbConnection())
        { Parameters = { new() { Value = from }, new() { Value = to } } };
        await using var row = await command.ExecuteReaderAsync(ct);
        var rows = new List<Row>();
        while (await row.ReadAsync(ct))
        {
            // To a manager a missing entry and one of another branch look the same: neither is there.
            if (row.GetBoolean(2) && !db.Scope.IsHq) continue;
            rows.Add(new Row(row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetBoolean(2) ? null : AuditEntryBody.Read(row, first), row.IsDBNull(3) ? null : row.GetString(3)));
        }

        return rows;
    }

    private static async Task<Head?> HeadAsync(VaultDb db, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select size, root, note from audit.checkpoints order by size desc limit 1", (NpgsqlConnection)db.Database.GetDbConnection());
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) && MerkleHash.TryRead(row.GetFieldValue<byte[]>(1), out var root) ? new Head(row.GetInt64(0), root, row.GetString(2)) : null;
    }

    private Task<Result<Done>> NoteAsync(AuditReader reader, string action, JsonObject payload, CancellationToken ct) =>
        door.RunAsync<Done>(new Command(action, reader.From, reader.Scope, reader.Access, "log", GroupKey.LogName), (context, _) =>
        {
            context.Audit(payload);
            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);

    private static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);

    private sealed record Row(long Index, byte[] Hash, AuditBody? Body, string? Payload);

    private sealed record Head(long Size, MerkleHash Root, string Note);
}
