using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Documents;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>What is checked of an executed paper.</summary>
public enum ProofKind
{
    /// <summary>The stored words give the hash that was signed.</summary>
    Content,

    /// <summary>The paper names the one before it.</summary>
    Chain,

    /// <summary>The stored document has the bytes that were sealed, and they are registered.</summary>
    Document,

    /// <summary>Likewise the certificate of completion.</summary>
    Certificate,

    /// <summary>The embedded signature of the document is the group's and covers every byte.</summary>
    Seal,

    /// <summary>Everybody who had to signed this content, and the evidence is what was kept.</summary>
    Signatures,

    /// <summary>The audit log says the same, in an entry that was not altered.</summary>
    Audit,

    /// <summary>The package revision that governs it is what it was.</summary>
    Rules,
}

/// <summary>One check: computed from what is stored, never read from a flag.</summary>
/// <param name="Holds">True, false, or null where it cannot be said (erased, not numbered yet).</param>
/// <param name="Says">A sentence for people.</param>
/// <param name="Found">The raw value computed now; <paramref name="Expected"/> is what it has to be, null where there is only one.</param>
public sealed record Proof(ProofKind Kind, bool? Holds, string Says, string? Found, string? Expected = null);

/// <summary>Proves an executed paper from the bytes in the database.</summary>
public sealed class AgreementProofs(WriteDoor door, Papers papers, ClientKeys keys, SealKeys seals)
{
    /// <summary>Every check of one version. Refused with <c>refuse.agreement.not_in_force</c> when it was never executed.</summary>
    public async Task<Result<IReadOnlyList<Proof>>> ProveAsync(Sender from, BranchId branch, AgreementId id, int version, CancellationToken ct)
    {
        if (!(await seals.TrustedAsync(ct)).TryGet(out var trusted, out var refusal)) return refusal;
        return await door.ReadAsync<IReadOnlyList<Proof>>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var rows = await db.SealedPapers.AsNoTracking().Where(s => s.AgreementId == id && s.Version <= version).OrderBy(s => s.Version).ToListAsync(token);
            if (rows.Find(r => r.Version == version) is not { } row) return AgreementRefusals.NotInForce;
            var paper = await db.Papers.AsNoTracking().SingleAsync(p => p.Id == row.PaperId, token);
            var known = await KnownAsync(db, [row.DocumentSha256, row.CertificateSha256], token);
            return new List<Proof>
            {
                await ContentAsync(db, row, token),
                Chain(paper, rows),
                await FileAsync(db, row, FileKind.Paper, row.DocumentSha256, known, token),
                await SealAsync(db, row, trusted, token),
                await FileAsync(db, row, FileKind.Certificate, row.CertificateSha256, known, token),
                await SignaturesAsync(db, paper, row, token),
                await AuditAsync(db, id, row, token),
                await RulesAsync(db, id, token),
            };
        }, ct);
    }

    private async Task<Proof> ContentAsync(VaultDb db, SealedPaper row, CancellationToken ct)
    {
        if (!(await papers.KeyAsync(db, row.PaperId, ct)).TryGet(out var key, out _)) return new(ProofKind.Content, null, "The words were erased with the last client's key; the hash stays.", null, row.ContentHash);
        if (Opened(() => SecretBox.Open(key, row.Content)) is not { } words) return new(ProofKind.Content, false, "The stored words were changed: their own key does not open them any more.", null, row.ContentHash);
        var found = CanonicalJson.Sha256(words);
        return new(ProofKind.Content, found == row.ContentHash, found == row.ContentHash ? "The stored words give the hash that everybody signed." : "The stored words do not give the hash that was signed.", found, row.ContentHash);
    }

    private static Proof Chain(AgreementPaper paper, List<SealedPaper> rows)
    {
        if (paper.Version == 1) return new(ProofKind.Chain, paper.BaseHash is null && rows.Count == 1, "It is the first paper; nothing stands before it.", paper.ContentHash);
        var before = rows.Find(r => r.Version == paper.Version - 1)?.ContentHash;
        var holds = before is not null && before == paper.BaseHash && rows.Count == paper.Version;
        return new(ProofKind.Chain, holds, holds ? $"It was written on version {paper.Version - 1}, and names it by its hash." : $"It does not name version {paper.Version - 1} by its hash.", paper.BaseHash, before);
    }

    private async Task<Proof> FileAsync(VaultDb db, SealedPaper row, FileKind kind, string expected, List<DocumentFingerprint> known, CancellationToken ct)
    {
        var (proof, what) = kind == FileKind.Paper ? (ProofKind.Document, "document") : (ProofKind.Certificate, "certificate of completion");
        var read = await StoredAsync(db, row, kind, expected, ct);
        if (read is not { } there) return new(proof, false, $"The {what} was changed: its own key does not open it any more.", null, expected);
        if (!there.TryGet(out var bytes, out var refusal))
            return new(proof, refusal.Kind == ClientRefusals.Erased ? null : false, refusal.Kind == ClientRefusals.Erased ? $"The {what} was erased with the last client's key; copies of it go on verifying." : $"The {what} is not there.", null, expected);
        var found = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var registered = known.Exists(k => k.Sha256 == found && k.Length == bytes.LongLength);
        var length = bytes.LongLength.ToString("#,0", CultureInfo.InvariantCulture);
        return new(proof, found == expected && registered, found != expected ? $"The {what} is not the one that was sealed." : registered ? $"The {what} is stored byte for byte, {length} bytes, and registered for everybody who holds a copy." : $"The {what} is stored byte for byte, but is not registered.", found, expected);
    }

    private async Task<Proof> SealAsync(VaultDb db, SealedPaper row, IReadOnlyList<TrustedSeal> trusted, CancellationToken ct)
    {
        if (await StoredAsync(db, row, FileKind.Paper, row.DocumentSha256, ct) is not { } read || !read.TryGet(out var bytes, out _)) return new(ProofKind.Seal, null, "There is no document to look at.", null, row.SealKey);
        using var file = new MemoryStream(bytes, writable: false);
        var check = await PdfSealVerifier.CheckAsync(file, trusted, ct);
        var holds = check.IsIntact && check.CertificateSha256 == row.SealKey;
        var at = check.SignedAt?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        return new(ProofKind.Seal, holds, holds ? $"The signature in the document is the group's, of {at}, and covers every byte." : check.Findings.Count > 0 ? check.Findings[0].Reason : "The document is sealed by another key than was noted.", check.CertificateSha256, row.SealKey);
    }

    private async Task<Proof> SignaturesAsync(VaultDb db, AgreementPaper paper, SealedPaper row, CancellationToken ct)
    {
        var asked = await db.Signings.AsNoTracking().Where(s => s.PaperId == row.PaperId && s.Issue == paper.Issue).ToListAsync(ct);
        var signatures = await db.Signatures.AsNoTracking().Where(s => s.PaperId == row.PaperId && s.Issue == paper.Issue).ToListAsync(ct);
        var ids = asked.ConvertAll(s => s.ClientId);
        var clients = await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToDictionaryAsync(c => c.Id, ct);
        var erased = 0;
        foreach (var signing in asked)
        {
            if (signatures.Find(s => s.SigningId == signing.Id) is not { } signature) return new(ProofKind.Signatures, false, "A signature is missing.", $"{signatures.Count}", $"{asked.Count}");
            if (signature.ContentHash != row.ContentHash) return new(ProofKind.Signatures, false, "Somebody signed another content.", signature.ContentHash, row.ContentHash);
            if (clients[signing.ClientId].Key is null) erased++;
            else if (Opened(() => keys.Open(clients[signing.ClientId], signature.Evidence).Value) is not { } json) return new(ProofKind.Signatures, false, "The evidence of a signature was changed: its own key does not open it any more.", null, signature.EvidenceSha256);
            else if (CanonicalJson.Sha256(CanonicalJson.Canonicalize(JsonNode.Parse(json)!)) is var found && found != signature.EvidenceSha256)
                return new(ProofKind.Signatures, false, "The evidence of a signature is not what was kept.", found, signature.EvidenceSha256);
        }

        var last = signatures.Count == 0 ? "" : $", the last on {signatures.Max(s => s.SignedAt).ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)} by the clock of the database";
        return new(ProofKind.Signatures, asked.Count > 0, $"{(asked.Count == 1 ? "The one who had to has" : $"All {asked.Count} who had to have")} signed exactly this content{last}{(erased > 0 ? "; the evidence of an erased client can be read no more" : "")}.",
            string.Join(' ', signatures.OrderBy(s => s.SignedAt).Select(s => s.EvidenceSha256)));
    }

    private static async Task<Proof> AuditAsync(VaultDb db, AgreementId id, SealedPaper row, CancellationToken ct)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var command = new NpgsqlCommand($"""
            select {AuditEntryBody.Columns}, e.payload, l.idx, l.hash from audit.entries e left join audit.leaves l on l.entry_id = e.id
            where e.object_type = 'agreement' and e.object_id = $1 and e.action = 'agreement.execute' and e.outcome = 'done' and e.payload like $2
            """, connection)
        { Parameters = { new() { Value = id.ToString() }, new() { Value = $"%{row.ContentHash}%" } } };
        await using var entry = await command.ExecuteReaderAsync(ct);
        if (!await entry.ReadAsync(ct)) return new(ProofKind.Audit, false, "The audit log holds no entry of the sealing.", null);
        var body = AuditEntryBody.Read(entry, 0);
        var payload = entry.IsDBNull(17) ? "" : entry.GetString(17);
        long? index = entry.IsDBNull(18) ? null : entry.GetInt64(18);
        var leaf = index is null ? null : Convert.ToHexStringLower(entry.GetFieldValue<byte[]>(19));
        var said = payload.Contains(row.DocumentSha256, StringComparison.Ordinal) && payload.Contains(row.CertificateSha256, StringComparison.Ordinal)
            && body.PayloadSha256 == CanonicalJson.Sha256(System.Text.Encoding.UTF8.GetBytes(payload));
        var computed = Convert.ToHexStringLower(body.LeafHash().ToArray());
        if (!said) return new(ProofKind.Audit, false, "The audit log names other documents.", body.PayloadSha256);
        return index is null ? new(ProofKind.Audit, null, "The audit log says the same; the entry gets its place in the log within seconds.", computed)
            : new(ProofKind.Audit, leaf == computed, leaf == computed ? $"The audit log says the same, in entry {index.Value.ToString("#,0", CultureInfo.InvariantCulture)}, which was not altered." : "The entry of the audit log was altered.", computed, leaf);
    }

    private async Task<Proof> RulesAsync(VaultDb db, AgreementId id, CancellationToken ct)
    {
        if (!(await papers.ChainAsync(db, id, 1, ct)).TryGet(out var chain, out _)) return new(ProofKind.Rules, null, "The words were erased.", null);
        var rules = chain.First.Rules;
        var project = await (from a in db.Agreements.AsNoTracking() join p in db.Projects.AsNoTracking() on a.ProjectId equals p.Id where a.Id == id select p).SingleAsync(ct);
        var revision = await db.PackageRevisions.AsNoTracking().SingleAsync(r => r.PackageId == project.PackageId && r.Number == rules.PackageRevision, ct);
        var found = ContentTree.Parse(revision.Content).TryGet(out var tree, out _) ? AgreementContent.HashOf(tree) : null;
        return new(ProofKind.Rules, found == rules.PackageHash, found == rules.PackageHash ? $"Revision {rules.PackageRevision} of the package is word for word what governed it on {rules.AsOf.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}."
            : $"Revision {rules.PackageRevision} of the package is not what governed it.", found, rules.PackageHash);
    }

    // What was changed behind all locks is not opened by its key; that is a finding here, and an error everywhere else.
    private static T? Opened<T>(Func<T> open) where T : class
    {
        try
        {
            return open();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private async Task<Result<byte[]>?> StoredAsync(VaultDb db, SealedPaper row, FileKind kind, string sha256, CancellationToken ct)
    {
        try
        {
            return await papers.FileAsync(db, row.PaperId, kind, sha256, ct);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static async Task<List<DocumentFingerprint>> KnownAsync(VaultDb db, string[] hashes, CancellationToken ct) =>
        (await db.Fingerprints.AsNoTracking().Where(f => hashes.Contains(f.Sha256)).ToListAsync(ct))
            .ConvertAll(f => new DocumentFingerprint(f.Sha256, f.Length, f.Kind, f.PdfId, f.Number, f.Version, f.ContentHash, f.SealedAt));
}
