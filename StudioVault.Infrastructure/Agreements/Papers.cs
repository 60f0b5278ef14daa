using System.Text;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>Opens what is stored of papers, with the keys of those who may still open it.</summary>
public sealed class Papers(ClientKeys keys)
{
    /// <summary>A paper's key; <c>refuse.client.erased</c> when nobody has theirs any more.</summary>
    internal async Task<Result<byte[]>> KeyAsync(VaultDb db, PaperId paper, CancellationToken ct)
    {
        var rows = await db.PaperKeys.AsNoTracking().Where(k => k.PaperId == paper).ToListAsync(ct);
        var ids = rows.Select(r => r.ClientId).ToList();
        return keys.Open(rows, await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToListAsync(ct));
    }

    /// <summary>What a paper says.</summary>
    internal async Task<Result<(PaperText Text, byte[] Key)>> ReadAsync(VaultDb db, AgreementPaper paper, CancellationToken ct)
    {
        if (!(await KeyAsync(db, paper.Id, ct)).TryGet(out var key, out var refusal)) return refusal;
        AgreementChain? chain = null;
        if (paper.Version > 1 && !(await ChainAsync(db, paper.AgreementId, paper.Version - 1, ct)).TryGet(out chain, out refusal)) return refusal;
        return PaperText.Parse(Text(SecretBox.Open(key, paper.Content)), chain).TryGet(out var text, out refusal) ? (text, key) : refusal;
    }

    /// <summary>The executed papers of an agreement up to a version.</summary>
    /// <returns><c>refuse.agreement.not_in_force</c> before the first, <c>refuse.client.erased</c>.</returns>
    internal async Task<Result<AgreementChain>> ChainAsync(VaultDb db, AgreementId agreement, int upTo, CancellationToken ct)
    {
        AgreementChain? chain = null;
        foreach (var row in await db.SealedPapers.AsNoTracking().Where(s => s.AgreementId == agreement && s.Version <= upTo).OrderBy(s => s.Version).ToListAsync(ct))
        {
            if (!(await KeyAsync(db, row.PaperId, ct)).TryGet(out var key, out var refusal)) return refusal;
            var json = Text(SecretBox.Open(key, row.Content));
            if (chain is null)
            {
                if (!AgreementContent.Parse(json).TryGet(out var first, out refusal)) return refusal;
                chain = new AgreementChain(first);
            }
            else
            {
                if (!AmendmentContent.Parse(json).TryGet(out var amendment, out refusal)) return refusal;
                if (chain.Append(amendment).Refusal is { } broken) return broken;
            }
        }

        return chain is null ? AgreementRefusals.NotInForce : chain;
    }

    /// <summary>
    /// The bytes of a document of a paper, as they were when it was made. <c>refuse.kernel.not_found</c> when the paper has no such
    /// document, <c>refuse.client.erased</c>.
    /// </summary>
    /// <param name="sha256">Of the bytes; null for the newest of its kind.</param>
    internal async Task<Result<byte[]>> FileAsync(VaultDb db, PaperId paper, FileKind kind, string? sha256, CancellationToken ct)
    {
        var files = db.Files.AsNoTracking().Where(f => f.PaperId == paper && f.Kind == kind);
        if (sha256 is not null) files = files.Where(f => f.Sha256 == sha256);
        if (await files.OrderByDescending(f => f.MadeAt).FirstOrDefaultAsync(ct) is not { } file) return KernelRefusals.NotFound;
        return (await KeyAsync(db, paper, ct)).TryGet(out var key, out var refusal) ? SecretBox.Open(key, file.Content) : refusal;
    }

    internal static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);

    internal static byte[] Close(byte[] key, string text) => SecretBox.Close(key, Encoding.UTF8.GetBytes(text));
}
