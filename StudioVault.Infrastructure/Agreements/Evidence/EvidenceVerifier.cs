using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Documents.Sealing;

namespace StudioVault.Infrastructure.Agreements.Evidence;

/// <summary>
/// Checks an evidence pack with nothing but its files and, if there is one, a public key known from elsewhere. The trust goes
/// from that key to the checkpoint, from there through the inclusion proofs to the entries of the audit log, and from what
/// these say (content, document, certificate, seal key, signature evidence) to every file.
/// </summary>
public sealed class EvidenceVerifier
{
    private readonly IReadOnlyDictionary<string, byte[]> _files;
    private readonly IReadOnlyList<CheckpointKey> _known;
    private readonly List<EvidenceFinding> _findings = [];
    private readonly List<(AuditBody Body, JsonObject Payload)> _log = [];

    private EvidenceVerifier(IReadOnlyDictionary<string, byte[]> files, IReadOnlyList<CheckpointKey> known) => (_files, _known) = (files, known);

    /// <summary>Checks the files of a pack.</summary>
    /// <param name="files">By path, see <see cref="EvidenceZip.Read"/>.</param>
    /// <param name="known">Keys of the group known from elsewhere; without any, the one in the pack is taken and nobody vouches for it.</param>
    public static async Task<EvidenceReport> VerifyAsync(IReadOnlyDictionary<string, byte[]> files, IReadOnlyList<CheckpointKey> known, CancellationToken ct) =>
        await new EvidenceVerifier(files, known).RunAsync(ct);

    private async Task<EvidenceReport> RunAsync(CancellationToken ct)
    {
        if (!_files.TryGetValue(EvidenceManifest.Path, out var json) || EvidenceManifest.Read(json) is not { } manifest)
        {
            Found("manifest_missing", EvidenceManifest.Path, "The pack has no readable manifest.");
            return new(null, 0, 0, 0, 0, null, false, _findings);
        }

        CheckFiles(manifest);
        var (fingerprint, isKnown) = CheckLog(manifest);
        var seals = Seals(manifest);
        AgreementChain? chain = null;
        var broken = manifest.Papers.Count == 0;
        if (broken) Found("papers_missing", null, "The pack holds no paper.");
        for (var i = 0; i < manifest.Papers.Count; i++)
        {
            var paper = manifest.Papers[i];
            if (paper.Version != i + 1)
            {
                Found("chain_broken", paper.Content, $"Version {i + 1} is missing or not in its place.");
                broken = true;
            }

            var signatories = broken ? null : CheckContent(manifest, paper, ref chain, ref broken);
            await CheckDocumentAsync(paper, paper.Document, paper.ContentHash, seals, ct);
            if (Sha256Of(paper.Document.Path) is { } document) await CheckDocumentAsync(paper, paper.Certificate, document, seals, ct);
            CheckSignatures(paper, signatories);
            CheckEntries(paper);
        }

        return new(manifest.Agreement, manifest.Papers.Count, manifest.Papers.Sum(p => p.Signatures.Count), _log.Count, manifest.Audit.Size, fingerprint, isKnown, _findings);
    }

    private void CheckFiles(EvidenceManifest manifest)
    {
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in manifest.Files)
        {
            if (!listed.Add(file.Path)) Found("manifest_malformed", file.Path, "The manifest names this file twice.");
            else if (!_files.TryGetValue(file.Path, out var bytes)) Found("file_missing", file.Path, "The manifest names this file and it is not there.");
            else if (bytes.LongLength != file.Length || Sha256Of(file.Path) != file.Sha256) Found("file_changed", file.Path, "The file is not the one the manifest names.");
        }

        foreach (var path in _files.Keys.Where(p => !listed.Contains(p) && p is not (EvidenceManifest.Path or EvidenceManifest.Sums)))
            Found("file_unlisted", path, "The manifest knows nothing of this file.");
        if (!_files.TryGetValue(EvidenceManifest.Sums, out var sums)) Found("file_missing", EvidenceManifest.Sums, "The list of sums is not there.");
        else if (!sums.AsSpan().SequenceEqual(SumsOf(_files))) Found("sums_wrong", EvidenceManifest.Sums, "The list of sums is not that of these files.");
    }

    /// <summary>The list for <c>sha256sum -c</c>: every file but itself, by name.</summary>
    internal static byte[] SumsOf(IReadOnlyDictionary<string, byte[]> files) => Encoding.UTF8.GetBytes(string.Concat(files.Where(f => f.Key != EvidenceManifest.Sums).OrderBy(f => f.Key, StringComparer.Ordinal)
        .Select(f => $"{Convert.ToHexStringLower(SHA256.HashData(f.Value))}  {f.Key}\n")));

    private (string? Fingerprint, bool IsKnown) CheckLog(EvidenceManifest manifest)
    {
        var log = manifest.Audit;
        CheckpointKey? own = null;
        try
        {
            if (Text(log.Key) is { } pem && CheckpointKey.FromPem(GroupKey.LogName, pem).TryGet(out var read, out _)) own = read;
            else Found("key_malformed", log.Key, "This is no ECDSA P-256 public key in PEM form.");
            var keys = _known.Count > 0 ? _known : own is null ? [] : [own];
            Checkpoint? checkpoint = null;
            if (Text(log.Checkpoint) is not { } note || !Checkpoint.Parse(note).TryGet(out checkpoint, out _)) Found("checkpoint_malformed", log.Checkpoint, "This is no checkpoint.");
            else if (checkpoint.Origin != GroupKey.LogName || checkpoint.Size != (ulong)log.Size) Found("checkpoint_malformed", log.Checkpoint, "The checkpoint is that of another log, or of another size than the manifest says.");
            else CheckSignature(log, checkpoint, keys);
            // A pack whose key file was swapped for another one still has to be told from an honest one.
            var isKnown = _known.Count > 0 && own is not null && _known.Any(k => k.Spki.Span.SequenceEqual(own.Spki.Span));
            if (_known.Count > 0 && own is not null && !isKnown) Found("key_foreign", log.Key, "The key in the pack is not the one you know.");
            foreach (var entry in log.Entries) CheckEntry(entry, checkpoint);
            return (own is null ? null : Convert.ToHexStringLower(SHA256.HashData(own.Spki.Span)), isKnown);
        }
        finally
        {
            own?.Dispose();
        }
    }

    private void CheckSignature(EvidenceLog log, Checkpoint checkpoint, IReadOnlyList<CheckpointKey> keys)
    {
        var verdicts = keys.Select(checkpoint.Verify).ToList();
        if (verdicts.Contains(CheckpointVerdict.BadSignature)) Found("checkpoint_signature_wrong", log.Checkpoint, "The signature of the checkpoint is not by the key, or the checkpoint was changed.");
        else if (!verdicts.Contains(CheckpointVerdict.Signed)) Found("checkpoint_unsigned", log.Checkpoint, "No known key signed the checkpoint.");
    }

    private void CheckEntry(EvidenceEntry entry, Checkpoint? checkpoint)
    {
        if (Bytes(entry.Body) is not { } canonical || Bytes(entry.Payload) is not { } payload) return;
        if (!AuditBody.FromCanonical(canonical).TryGet(out var body, out _))
        {
            Found("entry_malformed", entry.Body, "This is no entry of the audit log.");
            return;
        }

        if (body.PayloadSha256 != Convert.ToHexStringLower(SHA256.HashData(payload)))
        {
            Found("payload_changed", entry.Payload, "The entry holds another SHA-256 of what changed.");
            return;
        }

        if (checkpoint is null || !IsProven(entry, MerkleHash.Leaf(canonical), checkpoint))
        {
            if (checkpoint is not null) Found("proof_wrong", entry.Proof, $"The proof does not lead from entry {entry.Index.ToString(CultureInfo.InvariantCulture)} to the signed root.");
            return;
        }

        try
        {
            if (JsonNode.Parse(payload, null, new JsonDocumentOptions { AllowDuplicateProperties = false }) is JsonObject said) _log.Add((body, said));
            else Found("payload_changed", entry.Payload, "What changed is no object.");
        }
        catch (JsonException)
        {
            Found("payload_changed", entry.Payload, "What changed is not readable.");
        }
    }

    private bool IsProven(EvidenceEntry entry, MerkleHash leaf, Checkpoint checkpoint)
    {
        if (Text(entry.Proof) is not { } text || entry.Index < 0) return false;
        var nodes = new List<MerkleHash>();
        var hash = leaf;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (nodes.Count == 64 || line.Split(' ') is not [("left" or "right") and var side, { Length: 64 } hex] || !hex.All(char.IsAsciiHexDigitLower)) return false;
            var node = MerkleHash.FromHex(hex);
            // For openssl the sides are spelled out; they have to be those the place in the log gives.
            hash = side == "left" ? MerkleHash.Node(node, hash) : MerkleHash.Node(hash, node);
            nodes.Add(node);
        }

        return hash == checkpoint.Root && MerkleProofs.VerifyInclusion((ulong)entry.Index, checkpoint.Size, leaf, nodes.ToArray(), checkpoint.Root) == ProofFault.None;
    }

    private List<TrustedSeal> Seals(EvidenceManifest manifest)
    {
        var seals = new List<TrustedSeal>();
        foreach (var seal in manifest.Seals)
        {
            try
            {
                if (Text(seal.Path) is not { } pem) continue;
                using var certificate = X509Certificate2.CreateFromPem(pem);
                var trusted = new TrustedSeal(certificate.RawData, null);
                if (trusted.Fingerprint == seal.Fingerprint) seals.Add(trusted);
                else Found("seal_certificate_wrong", seal.Path, "The certificate is not the one the manifest names.");
            }
            catch (CryptographicException)
            {
                Found("seal_certificate_wrong", seal.Path, "This is no certificate in PEM form.");
            }
        }

        return seals;
    }

    /// <returns>Who has to sign the paper; null when that cannot be said.</returns>
    private IReadOnlyList<AgreementParty>? CheckContent(EvidenceManifest manifest, EvidencePaper paper, ref AgreementChain? chain, ref bool broken)
    {
        if (Bytes(paper.Content) is not { } content)
        {
            broken = true;
            return null;
        }

        if (!IsCanonical(content)) Found("content_not_canonical", paper.Content, "This is not canonical JSON (RFC 8785), so that its SHA-256 names nothing.");
        if (Sha256Of(paper.Content) != paper.ContentHash) Found("content_changed", paper.Content, "Its SHA-256 is not the one that stands on the paper.");
        if (!PaperText.Parse(Encoding.UTF8.GetString(content), chain).TryGet(out var text, out var refusal))
        {
            Found("content_malformed", paper.Content, refusal.Sentence);
            broken = true;
            return null;
        }

        if (text.Version != paper.Version || text.Number != manifest.Agreement || text.Amendment?.BaseHash != paper.BaseHash)
            Found("chain_broken", paper.Content, "The paper is of another agreement, version or base than the manifest says.");
        var signatories = text.Signatories;
        if (text.First is { } first) chain = new AgreementChain(first);
        else if (chain!.Append(text.Amendment!).Refusal is { } no)
        {
            Found("chain_broken", paper.Content, no.Sentence);
            broken = true;
        }

        return signatories;
    }

    private async Task CheckDocumentAsync(EvidencePaper paper, EvidenceDocument document, string named, List<TrustedSeal> seals, CancellationToken ct)
    {
        if (Bytes(document.Path) is not { } pdf) return;
        using var stream = new MemoryStream(pdf, writable: false);
        var scan = await PdfScan.ReadAsync(stream, seals, ct);
        var check = await PdfSealVerifier.CheckAsync(stream, scan, seals, ct);
        foreach (var finding in check.Findings) Found($"seal_{JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Fault.ToString())}", document.Path, finding.Reason);
        if (check.IsIntact && check.CertificateSha256 != paper.SealKey) Found("seal_key_wrong", document.Path, "It is sealed with another certificate than the manifest says.");
        if (!scan.PdfIds.Contains(named)) Found("document_unnamed", document.Path, "The file's identifier is not the hash of what it is printed from.");
        if (check.IsIntact && Bytes(document.Signature) is { } detached && (PdfSealVerifier.SignatureOf(pdf) is not { } embedded || !embedded.Signature.AsSpan().SequenceEqual(detached)))
            Found("signature_file_wrong", document.Signature, "This is not the signature that stands in the document.");
    }

    private void CheckSignatures(EvidencePaper paper, IReadOnlyList<AgreementParty>? signatories)
    {
        if (Bytes(paper.Shown) is null) return;
        var shown = Sha256Of(paper.Shown);
        foreach (var party in signatories?.Where(s => paper.Signatures.All(x => x.Party != s.Id)) ?? [])
            Found("signature_missing", paper.Content, $"{party.Name} has to sign version {paper.Version.ToString(CultureInfo.InvariantCulture)}, and the pack holds no signature of theirs.");
        foreach (var signature in paper.Signatures)
        {
            if (signature.ShownSha256 != shown) Found("shown_wrong", paper.Shown, "A signatory was shown another document.");
            if (signature.Evidence is null || Bytes(signature.Evidence) is not { } evidence) continue;
            if (Sha256Of(signature.Evidence) != signature.EvidenceSha256)
            {
                Found("evidence_changed", signature.Evidence, "The evidence is not what was recorded at the signature.");
                continue;
            }

            if (!Says(evidence, ("contentHash", paper.ContentHash), ("party", signature.Party), ("shownSha256", signature.ShownSha256)))
                Found("evidence_wrong", signature.Evidence, "The evidence is about another paper or another person.");
        }
    }

    /// <summary>What the log proves of a paper: executed with these very documents, sent, and signed by each with this evidence.</summary>
    private void CheckEntries(EvidencePaper paper)
    {
        var document = Sha256Of(paper.Document.Path);
        var certificate = Sha256Of(paper.Certificate.Path);
        var (executed, _) = _log.Find(e => e.Body.Action == "agreement.execute" && Is(e.Payload, "contentHash", paper.ContentHash));
        if (executed is null)
            Found("execution_not_logged", paper.Content, "No proven entry of the audit log says that this paper was executed.");
        else if (!_log.Exists(e => e.Body == executed && Is(e.Payload, "documentSha256", document) && Is(e.Payload, "certificateSha256", certificate) && Is(e.Payload, "sealKey", paper.SealKey)
            && e.Payload["version"] is JsonValue v && v.TryGetValue<int>(out var version) && version == paper.Version))
            Found("document_not_logged", paper.Document.Path, "The audit log says that this paper was executed with other documents or another seal.");
        if (!_log.Exists(e => e.Body.Action == "agreement.send" && Is(e.Payload, "contentHash", paper.ContentHash) && Is(e.Payload, "shownSha256", Sha256Of(paper.Shown))))
            Found("sending_not_logged", paper.Shown, "No proven entry of the audit log says that this paper was sent with this document.");
        foreach (var signature in paper.Signatures)
        {
            var logged = _log.Exists(e => e.Body.Action == "agreement.sign" && Is(e.Payload, "contentHash", paper.ContentHash) && Is(e.Payload, "evidenceSha256", signature.EvidenceSha256) && Is(e.Payload, "party", signature.Party));
            if (!logged) Found("signature_not_logged", signature.Evidence, $"No proven entry of the audit log says that {signature.Party} signed this paper with this evidence.");
        }

        // All of them are about one agreement: entries of another one prove nothing here.
        if (executed is not null && _log.Exists(e => e.Body.ObjectId != executed.ObjectId)) Found("entry_foreign", null, "An entry is about another agreement.");
    }

    private static bool Is(JsonObject payload, string key, string? value) => value is not null && payload[key] is JsonValue v && v.TryGetValue<string>(out var text) && text == value;

    private static bool Says(byte[] json, params (string Key, string Value)[] facts)
    {
        try
        {
            return IsCanonical(json) && JsonNode.Parse(json) is JsonObject said && facts.All(f => Is(said, f.Key, f.Value));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsCanonical(byte[] json)
    {
        try
        {
            return CanonicalJson.Canonicalize((ReadOnlySpan<byte>)json).AsSpan().SequenceEqual(json);
        }
        catch (CanonicalJsonException)
        {
            return false;
        }
    }

    private byte[]? Bytes(string path) => _files.GetValueOrDefault(path);

    private string? Text(string path) => Bytes(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private string? Sha256Of(string path) => Bytes(path) is { } bytes ? Convert.ToHexStringLower(SHA256.HashData(bytes)) : null;

    private void Found(string code, string? path, string reason) => _findings.Add(new(code, path, reason));
}
