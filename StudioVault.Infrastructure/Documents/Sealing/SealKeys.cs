using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>The keys the group seals documents with: made when the first document is sealed, rotated on request, never forgotten.</summary>
/// <param name="group">Name of the group as it stands in the certificate.</param>
public sealed class SealKeys(WriteDoor door, MasterKey master, string group) : IDisposable
{
    private static readonly Sender Self = Sender.System("documents.seal-key");

    private readonly SemaphoreSlim _making = new(1, 1);
    private SealKey? _current;

    /// <summary>Name of the group in seals.</summary>
    public string Group => group;

    /// <summary>The key of now.</summary>
    public async Task<Result<SealKey>> CurrentAsync(CancellationToken ct)
    {
        await _making.WaitAsync(ct);
        try
        {
            if (!(await ReadAsync(ct)).TryGet(out var rows, out var refusal)) return refusal;
            var row = rows.Where(r => r.PrivateKey is not null).MaxBy(r => r.MadeAt);
            if (row is null) return await MakeAsync(null, ct);
            if (_current?.Fingerprint == row.Fingerprint) return _current;
            return _current = SealKey.Load(row.Certificate, master.Decrypt(row.PrivateKey));
        }
        finally
        {
            _making.Release();
        }
    }

    /// <summary>
    /// Makes the group's first key with a life that begins earlier, so that what the demo group signed in the past can be sealed
    /// with its own times. Nothing happens when there is a key.
    /// </summary>
    public async Task<Result<SealKey>> BeginAsync(DateTimeOffset from, CancellationToken ct)
    {
        await _making.WaitAsync(ct);
        try
        {
            if (!(await ReadAsync(ct)).TryGet(out var rows, out var refusal)) return refusal;
            if (rows.Count == 0) return await MakeAsync(from, ct);
        }
        finally
        {
            _making.Release();
        }

        return await CurrentAsync(ct);
    }

    /// <summary>Every certificate that ever sealed, with the day it was retired.</summary>
    public async Task<Result<IReadOnlyList<TrustedSeal>>> TrustedAsync(CancellationToken ct) =>
        (await ReadAsync(ct)).TryGet(out var rows, out var refusal) ? rows.Select(r => new TrustedSeal(r.Certificate, r.RetiredAt)).ToList() : refusal;

    /// <summary>Retires the key of now; the next document makes a new one. HQ only.</summary>
    public Task<Result<Done>> RotateAsync(Sender from, string reason, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("seal_key.rotate", from, TenantScope.Hq, Access.Hq, "seal_key", "current"), async (context, token) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
            foreach (var row in await context.Db.SealKeys.Where(k => k.RetiredAt == null).ToListAsync(token))
            {
                row.Retire(context.Now);
                context.ObjectId = row.Fingerprint;
            }

            context.Audit(new JsonObject { ["reason"] = reason.Trim() });
            return Done.It;
        }, ct);

    public void Dispose()
    {
        _making.Dispose();
        _current?.Dispose();
    }

    private Task<Result<List<SealKeyRow>>> ReadAsync(CancellationToken ct) =>
        door.ReadAsync<List<SealKeyRow>>(Self, TenantScope.None, Access.Hq, async (db, _, token) => await db.SealKeys.AsNoTracking().ToListAsync(token), ct);

    private Task<Result<SealKey>> MakeAsync(DateTimeOffset? from, CancellationToken ct) =>
        door.RunAsync<SealKey>(new Command("seal_key.make", Self, TenantScope.Hq, Access.Hq, "seal_key", "new"), (context, _) =>
        {
            // A little earlier: the clocks of two nodes differ.
            var made = SealKey.Make(group, from ?? context.Now.AddDays(-1));
            context.Db.SealKeys.Add(SealKeyRow.Of(made, master.Encrypt(made.PrivateKey()), context.Now));
            context.ObjectId = made.Fingerprint;
            context.Audit(new JsonObject { ["fingerprint"] = made.Fingerprint });
            return Task.FromResult<Result<SealKey>>(_current = made);
        }, ct);
}
