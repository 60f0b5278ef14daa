using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements.Evidence;

/// <summary>A pack as it is handed out.</summary>
/// <param name="Name">File name, for example <c>evidence-PORTO-2026-0042-v3.zip</c>.</param>
public sealed record EvidenceDownload(string Name, byte[] Zip);

/// <summary>
/// Everything that proves an agreement, in one ZIP that needs neither StudioVault nor us (features row 2.15, DOC-5): papers and
/// certificates as sealed, what they say as canonical JSON, what was recorded at each signature, the entries of the audit log
/// with proofs up to a signed checkpoint, the certificates and the key, a verifier and the way to do without it. The same state gives the same bytes.
/// </summary>
public sealed class EvidencePack(WriteDoor door, Papers papers, ClientKeys keys, GroupKey groupKey, AuditTree tree)
{
    /// <summary>The verifier every pack holds, one HTML page for a browser without a network.</summary>
    public static ReadOnlyMemory<byte> Verifier => EvidencePages.Verifier;

    private static readonly string[] Actions = ["agreement.begin", "agreement.send", "agreement.sign", "agreement.execute"];

    /// <summary>
    /// The pack of an agreement for people of the branch or HQ. Refused with <c>refuse.kernel.not_found</c>, <c>refuse.agreement.not_in_force</c>
    /// before anything is executed, <c>refuse.client.erased</c> when nobody can open a paper any more, <c>refuse.evidence.not_anchored</c>
    /// for a moment after a step, <c>refuse.evidence.log_broken</c>.
    /// </summary>
    public Task<Result<EvidenceDownload>> MakeAsync(Sender from, BranchId branch, AgreementId agreement, CancellationToken ct) =>
        MakeAsync(from, Access.ReaderOf(branch), branch, agreement, ct);

    /// <summary>The pack for a party, by the link of one of their signings: whoever calls has checked the link's proof. Refused as the other, and for a link that leads nowhere.</summary>
    public async Task<Result<EvidenceDownload>> MakeAsync(LinkTarget link, CancellationToken ct)
    {
        var who = await door.ReadAsync<(ClientId Client, AgreementId Agreement)>(Sender.System("link"), TenantScope.Of(link.Branch), Access.MemberOf(link.Branch), async (db, _, token) =>
            await (from s in db.Signings.AsNoTracking()
                   join p in db.Papers.AsNoTracking() on s.PaperId equals p.Id
                   where s.Id == new SigningId(link.Id)
                   select new { s.ClientId, p.AgreementId }).SingleOrDefaultAsync(token) is { } found ? (found.ClientId, found.AgreementId) : KernelRefusals.NotFound, ct);
        if (!who.TryGet(out var party, out var refusal)) return refusal;
        return await MakeAsync(Sender.ClientOf(link.Branch, party.Client), Access.ClientOf(link.Branch, party.Client), link.Branch, party.Agreement, ct);
    }

    private Task<Result<EvidenceDownload>> MakeAsync(Sender from, Access access, BranchId branch, AgreementId id, CancellationToken ct) =>
        door.ReadAsync<EvidenceDownload>(from, TenantScope.Of(branch), access, async (db, _, token) =>
        {
            if (await db.Agreements.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, token) is not { } agreement) return KernelRefusals.NotFound;
            var rows = await db.SealedPapers.AsNoTracking().Where(s => s.AgreementId == id).OrderBy(s => s.Version).ToListAsync(token);
            if (rows.Count == 0) return AgreementRefusals.NotInForce;
            var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
            var described = new List<EvidencePaper>();
            foreach (var row in rows)
            {
                if (!(await AddAsync(db, files, row, token)).TryGet(out var paper, out var refusal)) return refusal;
                described.Add(paper);
            }

            if (!(await AddLogAsync(db, files, id, rows.Count, token)).TryGet(out var log, out var no)) return no;
            var seals = await AddSealsAsync(db, files, rows, token);
            files[EvidenceManifest.Verifier] = EvidencePages.Verifier;
            files[EvidenceManifest.Readme] = EvidencePages.Readme(agreement.Number, described, log, seals, files, groupKey.Signer.Key.Spki.Span);
            var manifest = new EvidenceManifest(EvidenceManifest.FormatName, EvidenceManifest.FormatVersion, agreement.Number, described, log, seals,
                [.. files.Select(f => new EvidenceFile(f.Key, f.Value.LongLength, Sha(f.Value)))]);
            files[EvidenceManifest.Path] = manifest.ToJson();
            files[EvidenceManifest.Sums] = EvidenceVerifier.SumsOf(files);
            return new EvidenceDownload($"evidence-{agreement.Number}-v{rows.Count.ToString(CultureInfo.InvariantCulture)}.zip", EvidenceZip.Write(files));
        }, ct);

    private async Task<Result<EvidencePaper>> AddAsync(VaultDb db, SortedDictionary<string, byte[]> files, SealedPaper row, CancellationToken ct)
    {
        var folder = $"papers/{row.Version.ToString(CultureInfo.InvariantCulture)}";
        if (!(await papers.KeyAsync(db, row.PaperId, ct)).TryGet(out var key, out var refusal)) return refusal;
        var paper = await db.Papers.AsNoTracking().SingleAsync(p => p.Id == row.PaperId, ct);
        files[$"{folder}/content.json"] = SecretBox.Open(key, row.Content);
        var stored = await db.Files.AsNoTracking().Where(f => f.PaperId == row.PaperId && (f.Sha256 == row.DocumentSha256 || f.Sha256 == row.CertificateSha256 || f.Sha256 == paper.ShownSha256)).ToListAsync(ct);
        byte[] Stored(string? sha) => SecretBox.Open(key, stored.Single(f => f.Sha256 == sha).Content);
        EvidenceDocument Sealed(string name, string sha)
        {
            var pdf = files[$"{folder}/{name}.pdf"] = Stored(sha);
            if (PdfSealVerifier.SignatureOf(pdf) is not { } seal) throw new InvalidOperationException($"Version {row.Version} has a {name} without a seal.");
            files[$"{folder}/{name}.p7s"] = seal.Signature;
            return new($"{folder}/{name}.pdf", $"{folder}/{name}.p7s");
        }

        files[$"{folder}/shown.pdf"] = Stored(paper.ShownSha256);
        var (document, certificate) = (Sealed("document", row.DocumentSha256), Sealed("certificate", row.CertificateSha256));
        var signatures = new List<EvidenceSignature>();
        var signed = await (from s in db.Signatures.AsNoTracking()
                            join g in db.Signings.AsNoTracking() on s.SigningId equals g.Id
                            where s.PaperId == row.PaperId && s.Issue == paper.Issue
                            orderby s.PartyId
                            select new { Signature = s, g.ClientId }).ToListAsync(ct);
        foreach (var one in signed)
        {
            string? path = null;
            var client = await db.Clients.AsNoTracking().SingleAsync(c => c.Id == one.ClientId, ct);
            // Whoever was erased took what identifies them along; that they signed, and with which evidence, stays provable.
            if (keys.Open(client, one.Signature.Evidence).TryGet(out var evidence, out _)) files[path = $"{folder}/signatures/{one.Signature.PartyId}.json"] = Encoding.UTF8.GetBytes(evidence);
            signatures.Add(new(one.Signature.PartyId, one.Signature.Disclosure, one.Signature.ShownSha256, one.Signature.SignedAt.ToUniversalTime(), one.Signature.EvidenceSha256, path));
        }

        return new EvidencePaper(row.Version, paper.Kind?.ToString(), row.ContentHash, paper.BaseHash, row.EffectiveOn, row.SealedAt.ToUniversalTime(), row.SealKey, $"{folder}/content.json", $"{folder}/shown.pdf",
            document, certificate, signatures);
    }

    private async Task<Result<EvidenceLog>> AddLogAsync(VaultDb db, SortedDictionary<string, byte[]> files, AgreementId id, int head, CancellationToken ct)
    {
        var found = new List<(long? Index, AuditBody Body, string Payload)>();
        await using (var command = new NpgsqlCommand($"""
            select l.idx, e.payload, {AuditEntryBody.Columns} from audit.entries e left join audit.leaves l on l.entry_id = e.id
            where e.object_type = 'agreement' and e.object_id = $1 and e.outcome = 'done' and e.action = any($2) order by l.idx, e.at
            """, (NpgsqlConnection)db.Database.GetDbConnection())
        { Parameters = { new() { Value = id.ToString() }, new() { Value = Actions } } })
        {
            await using var row = await command.ExecuteReaderAsync(ct);
            while (await row.ReadAsync(ct))
            {
                var payload = row.IsDBNull(1) ? "{}" : row.GetString(1);
                if (IsOfHead(payload, head)) found.Add((row.IsDBNull(0) ? null : row.GetInt64(0), AuditEntryBody.Read(row, 2), payload));
            }
        }

        if (found.Count == 0 || found.Exists(f => f.Index is null)) return EvidenceRefusals.NotAnchored;
        var last = found.Max(f => f.Index!.Value);
        // The first that covers it all, not the newest: the pack of one state stays the same however the log grows.
        if (await db.AuditCheckpoints.AsNoTracking().Where(c => c.Size > last).OrderBy(c => c.Size).FirstOrDefaultAsync(ct) is not { } checkpoint) return EvidenceRefusals.NotAnchored;
        if (!MerkleHash.TryRead(checkpoint.Root, out var root) || await tree.ProveAsync(db, [.. found.Select(f => f.Index!.Value)], checkpoint.Size, root, ct) is not { } proofs) return EvidenceRefusals.LogBroken;

        files["audit/checkpoint.txt"] = Encoding.UTF8.GetBytes(checkpoint.Note);
        files["audit/key.pem"] = Encoding.ASCII.GetBytes(groupKey.Signer.Key.ToPem() + "\n");
        var entries = new List<EvidenceEntry>();
        foreach (var (index, body, payload) in found.OrderBy(f => f.Index))
        {
            var name = $"audit/{index!.Value.ToString(CultureInfo.InvariantCulture)}";
            files[$"{name}.json"] = body.ToCanonical();
            files[$"{name}.payload.json"] = Encoding.UTF8.GetBytes(payload);
            files[$"{name}.proof.txt"] = Encoding.ASCII.GetBytes(string.Concat(proofs[index.Value].Select(p => $"{(p.IsLeft ? "left" : "right")} {p.Hash}\n")));
            entries.Add(new(index.Value, body.Action, $"{name}.json", $"{name}.payload.json", $"{name}.proof.txt"));
        }

        return new EvidenceLog("audit/checkpoint.txt", "audit/key.pem", checkpoint.Size, entries);
    }

    /// <summary>Leaves out what belongs to a paper that is not executed yet, and codes that were mistyped.</summary>
    private static bool IsOfHead(string payload, int head) =>
        JsonNode.Parse(payload) is JsonObject said && said["codeWrong"] is null && (said["version"] is not JsonValue version || version.GetValue<int>() <= head);

    private static async Task<IReadOnlyList<EvidenceSeal>> AddSealsAsync(VaultDb db, SortedDictionary<string, byte[]> files, List<SealedPaper> rows, CancellationToken ct)
    {
        var used = rows.Select(r => r.SealKey).Distinct().ToList();
        var seals = new List<EvidenceSeal>();
        foreach (var row in (await db.SealKeys.AsNoTracking().Where(k => used.Contains(k.Fingerprint)).ToListAsync(ct)).OrderBy(k => k.Fingerprint, StringComparer.Ordinal))
        {
            using var certificate = X509CertificateLoader.LoadCertificate(row.Certificate);
            var path = $"seals/{row.Fingerprint[..16]}.pem";
            files[path] = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n");
            seals.Add(new(row.Fingerprint, path));
        }

        return seals;
    }

    private static string Sha(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
