using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// The words of proposals, of decisions on them and of what was carried out: stored closed, each proposal by a key of its own that
/// opens with the keys of all clients it is about (ADR 0011). What an approval, a rule or a proof looks at is not among them.
/// </summary>
public sealed class ProposalTexts(ClientKeys keys)
{
    /// <summary>No erasure takes so long.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromHours(1);

    /// <summary>The key of a proposal that is being made.</summary>
    /// <param name="LookAgain">Somebody of its project was erased lately, perhaps between the look at it and the lock: what was seen may name them.</param>
    internal sealed record NewKey(Concern About, byte[] Key, byte[] Wrapped, bool LookAgain)
    {
        public byte[] Close(ProposalText text) => SecretBox.Close(Key, text.ToBytes());
    }

    /// <summary>
    /// A key for a new proposal. Until the transaction ends nobody it is about can be erased, so none is left out of an erasure.
    /// Refused with <c>refuse.proposal.client_erased</c> when one of them just was.
    /// </summary>
    internal async Task<Result<NewKey>> NewAsync(VaultDb db, Concern about, DateTimeOffset now, CancellationToken ct)
    {
        Guid[] ids = [.. about.Clients.Select(c => c.Value)];
        var clients = ids.Length == 0 ? [] : await db.Clients.FromSql($"select *, xmin from agreements.clients where id = any({ids}) for share").AsNoTracking().ToListAsync(ct);
        var lookAgain = false;
        if (about.Project is { } project)
        {
            await db.Database.ExecuteSqlAsync($"select 1 from agreements.projects where id = {project.Value} for key share", ct);
            lookAgain = await db.Clients.AnyAsync(c => c.ErasedAt > now - Lately && db.ProjectClients.Any(l => l.ProjectId == project && l.ClientId == c.Id), ct);
        }

        if (clients.Count != ids.Length || clients.Any(c => c.Key is null)) return ProposalRefusals.ClientErased;
        var key = SecretBox.NewKey();
        return new NewKey(about, key, keys.WrapByAll([.. ids.Select(id => clients.Single(c => c.Id.Value == id))], key), lookAgain);
    }

    /// <summary>
    /// A key for what nobody carries out, without holding anybody: whoever of them is erased meanwhile takes their part of the key
    /// along. Refused as <see cref="NewAsync"/>.
    /// </summary>
    internal async Task<Result<NewKey>> WrapAsync(VaultDb db, Concern about, CancellationToken ct)
    {
        var ids = about.Clients.ToList();
        var clients = await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToListAsync(ct);
        if (clients.Count != ids.Count || clients.Any(c => c.Key is null)) return ProposalRefusals.ClientErased;
        var key = SecretBox.NewKey();
        return new NewKey(about, key, keys.WrapByAll([.. ids.Select(id => clients.Single(c => c.Id == id))], key), false);
    }

    /// <summary>Opens what belongs to these proposals, with one look at the keys of everybody they are about.</summary>
    internal async Task<ProposalReader> ReaderAsync(VaultDb db, IReadOnlyCollection<Proposal> proposals, CancellationToken ct)
    {
        var ids = proposals.Where(p => p.Key.Length > 0).SelectMany(p => p.Clients).Distinct().Select(c => new ClientId(c)).ToList();
        return new ProposalReader(keys, ids.Count == 0 ? [] : await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToDictionaryAsync(c => c.Id.Value, ct));
    }

    /// <summary>What one says. Refused as <see cref="ProposalReader.Text"/>.</summary>
    internal async Task<Result<ProposalText>> OpenAsync(VaultDb db, Proposal proposal, CancellationToken ct) => (await ReaderAsync(db, [proposal], ct)).Text(proposal);

    /// <summary>Something said about one, as it is stored; nothing is read for what nobody said. Refused with <c>refuse.proposal.client_erased</c>.</summary>
    internal async Task<Result<byte[]?>> CloseAsync(VaultDb db, Proposal proposal, string? text, CancellationToken ct) =>
        string.IsNullOrWhiteSpace(text) ? (Result<byte[]?>)(byte[]?)null : (await ReaderAsync(db, [proposal], ct)).Close(proposal, text);
}

/// <summary>Opens what is stored of proposals. What is erased stays closed and is no failure.</summary>
internal sealed class ProposalReader(ClientKeys keys, IReadOnlyDictionary<Guid, Client> clients)
{
    private readonly Dictionary<ProposalId, Result<byte[]>> _keys = [];

    /// <summary>What it says. Refused with <c>refuse.proposal.client_erased</c>, or <c>refuse.approval.digest_mismatch</c> when somebody changed it past the program.</summary>
    public Result<ProposalText> Text(Proposal p)
    {
        if (!Open(p, p.SealedText).TryGet(out var bytes, out var refusal)) return refusal;
        try
        {
            return ProposalText.Parse(bytes);
        }
        catch (JsonException)
        {
            return Changed();
        }
    }

    /// <summary>What it says, or a sentence that stands for it.</summary>
    public ProposalText TextOrGone(Proposal p) => Text(p).TryGet(out var text, out var refusal) ? text : refusal.Kind == ProposalRefusals.ClientErased ? ProposalText.Gone : ProposalText.Broken;

    /// <summary>Whether a client it is about was erased.</summary>
    public bool IsGone(Proposal p) => KeyOf(p).Refusal?.Kind == ProposalRefusals.ClientErased;

    /// <summary>Something said about it; null where nothing was said or nobody can read it any more.</summary>
    public string? Said(Proposal p, byte[]? box) => box is not null && Open(p, box).TryGet(out var bytes, out _) ? Encoding.UTF8.GetString(bytes) : null;

    public Result<byte[]?> Close(Proposal p, string text) => KeyOf(p).TryGet(out var key, out var refusal) ? SecretBox.Close(key, Encoding.UTF8.GetBytes(text.Trim())) : refusal;

    private Result<byte[]> Open(Proposal p, byte[] box)
    {
        if (!KeyOf(p).TryGet(out var key, out var refusal)) return refusal;
        try
        {
            return SecretBox.Open(key, box);
        }
        catch (CryptographicException)
        {
            return Changed();
        }
    }

    private Result<byte[]> KeyOf(Proposal p)
    {
        if (_keys.TryGetValue(p.Id, out var known)) return known;
        return _keys[p.Id] = Unwrap(p);
    }

    private Result<byte[]> Unwrap(Proposal p)
    {
        if (p.Key.Length == 0) return ProposalRefusals.ClientErased;
        var about = p.Clients.Select(c => clients.GetValueOrDefault(c)).OfType<Client>().ToList();
        if (about.Count != p.Clients.Length) return Changed();
        try
        {
            return keys.OpenByAll(about, p.Key).TryGet(out var key, out _) ? key : ProposalRefusals.ClientErased;
        }
        catch (CryptographicException)
        {
            return Changed();
        }
    }

    private static Refusal Changed() => ApprovalRefusals.DigestMismatch.With("its content is not what its digest says");
}
