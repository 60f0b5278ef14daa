using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Documents;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>
/// What the database knows of files: fingerprints and seal certificates, which everybody may ask for without signing in. Nothing
/// in them is personal, and only whoever holds a file, or its hash, can ask about it.
/// </summary>
public sealed class PublicRegister(VaultDbs dbs)
{
    /// <summary>The register as it is now, for judging files.</summary>
    public async Task<DocumentRegister> OpenAsync(CancellationToken ct)
    {
        await using var db = dbs.Open(TenantScope.None);
        var keys = await db.SealKeys.AsNoTracking().OrderBy(k => k.MadeAt).Select(k => new { k.Certificate, k.RetiredAt }).ToListAsync(ct);
        return new DocumentRegister([.. keys.Select(k => new TrustedSeal(k.Certificate, k.RetiredAt))], FindAsync);
    }

    /// <summary>The group's certificates, those of retired keys too.</summary>
    public Task<Result<IReadOnlyList<TrustedSeal>>> SealsAsync(CancellationToken ct) => AskAsync(async () => (await OpenAsync(ct)).Trusted);

    /// <summary>Judges a file. <c>refuse.kernel.storage_unavailable</c> while the database is away.</summary>
    /// <param name="file">From its beginning.</param>
    public Task<Result<DocumentVerdict>> JudgeAsync(Stream file, CancellationToken ct) => AskAsync(async () => await (await OpenAsync(ct)).JudgeAsync(file, ct));

    /// <summary>Judges a file that somebody else read.</summary>
    /// <param name="facts">As far as they are known; what they hold is believed.</param>
    public Task<Result<DocumentVerdict>> JudgeAsync(FileFacts facts, CancellationToken ct) => AskAsync(async () =>
        DocumentVerdict.Of(facts, await FindAsync([facts.Sha256, .. facts.Beginnings.Select(b => b.Sha256)], facts.PdfIds, ct)));

    /// <summary>
    /// What is known under a hash: files printed from a content with it, and files that have it themselves, with the certificates that name them.
    /// Empty when nothing is.
    /// </summary>
    /// <param name="hash">64 lower-case hexadecimal digits.</param>
    public Task<Result<IReadOnlyList<DocumentFingerprint>>> OfHashAsync(string hash, CancellationToken ct) => AskAsync<IReadOnlyList<DocumentFingerprint>>(async () =>
    {
        await using var db = dbs.Open(TenantScope.None);
        var rows = await db.Fingerprints.AsNoTracking().Where(f => f.Sha256 == hash || f.ContentHash == hash).ToListAsync(ct);
        // A certificate is printed from the document it is about: one step more shows both, whichever hash was asked for.
        var around = rows.SelectMany(r => new[] { r.Sha256, r.ContentHash }).OfType<string>().Where(h => h != hash).Distinct().ToList();
        rows.AddRange(await db.Fingerprints.AsNoTracking().Where(f => around.Contains(f.Sha256) || (f.Kind == "certificate" && around.Contains(f.ContentHash!))).ToListAsync(ct));
        return [.. rows.DistinctBy(r => r.Sha256).OrderBy(r => r.SealedAt).ThenBy(r => r.Kind, StringComparer.Ordinal).Select(Of)];
    });

    /// <summary>The newest version of an agreement that is sealed; 0 when none is known.</summary>
    public Task<Result<int>> NewestVersionAsync(string number, CancellationToken ct) => AskAsync(async () =>
    {
        await using var db = dbs.Open(TenantScope.None);
        return await db.Fingerprints.AsNoTracking().Where(f => f.Number == number && (f.Kind == "agreement" || f.Kind == "amendment")).MaxAsync(f => f.Version, ct) ?? 0;
    });

    private async Task<IReadOnlyList<DocumentFingerprint>> FindAsync(IReadOnlyCollection<string> sha256, IReadOnlyCollection<string> pdfIds, CancellationToken ct)
    {
        await using var db = dbs.Open(TenantScope.None);
        return [.. (await db.Fingerprints.AsNoTracking().Where(f => sha256.Contains(f.Sha256) || (f.PdfId != null && pdfIds.Contains(f.PdfId))).ToListAsync(ct)).Select(Of)];
    }

    private static DocumentFingerprint Of(FingerprintRow row) => new(row.Sha256, row.Length, row.Kind, row.PdfId, row.Number, row.Version, row.ContentHash, row.SealedAt);

    private static async Task<Result<T>> AskAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (VaultErrors.AsRefusal(e) is not null)
        {
            return VaultErrors.AsRefusal(e)!;
        }
    }
}
