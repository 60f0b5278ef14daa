using System.Text;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>
/// The keys of what names clients and can never change; a client's key is wrapped by the group's, and destroying it erases them
/// (ADR 0011). A paper's key is wrapped once by the key of each of its clients: it is readable until the last has gone, for they all
/// have a right to it. A proposal's is wrapped by all of them, one inside the other: it is nobody's copy, so the first who goes closes it.
/// </summary>
public sealed class ClientKeys(MasterKey master)
{
    /// <summary>A key for a new client, as it is stored.</summary>
    public byte[] NewClientKey() => master.Encrypt(SecretBox.NewKey());

    /// <summary>A paper's new key, wrapped for its clients.</summary>
    public (byte[] Key, IReadOnlyList<PaperKey> Rows) NewPaperKey(PaperId paper, IEnumerable<Client> clients)
    {
        var key = SecretBox.NewKey();
        return (key, [.. clients.Where(c => c.Key is not null).Select(c => Wrap(paper, c, key))]);
    }

    /// <summary>The paper's key for one client more.</summary>
    public PaperKey Wrap(PaperId paper, Client client, ReadOnlySpan<byte> key) => PaperKey.Of(client.BranchId, paper, client.Id, SecretBox.Close(ClientKey(client), key));

    /// <summary>The paper's key, by any of the clients who still have theirs.</summary>
    /// <returns><c>refuse.client.erased</c> when nobody has.</returns>
    public Result<byte[]> Open(IEnumerable<PaperKey> rows, IEnumerable<Client> clients)
    {
        var wrapped = rows.ToDictionary(r => r.ClientId, r => r.Wrapped);
        foreach (var client in clients.Where(c => c.Key is not null))
        {
            if (wrapped.TryGetValue(client.Id, out var box)) return SecretBox.Open(ClientKey(client), box);
        }

        return ClientRefusals.Erased;
    }

    /// <summary>A key that opens with the keys of all these clients and of none without; of nobody's, with the group's.</summary>
    /// <param name="clients">In the order they are opened in; each has a key.</param>
    public byte[] WrapByAll(IReadOnlyList<Client> clients, byte[] key) => master.Encrypt(clients.Reverse().Aggregate(key, (box, client) => SecretBox.Close(ClientKey(client), box)));

    /// <inheritdoc cref="WrapByAll"/>
    /// <param name="wrapped">What <see cref="WrapByAll"/> made of it.</param>
    /// <returns><c>refuse.client.erased</c> when one of them has no key any more.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Other clients', or changed since.</exception>
    public Result<byte[]> OpenByAll(IReadOnlyList<Client> clients, byte[] wrapped) =>
        clients.Any(c => c.Key is null) ? ClientRefusals.Erased : clients.Aggregate(master.Decrypt(wrapped), (box, client) => SecretBox.Open(ClientKey(client), box));

    /// <summary>Text only this client's key opens.</summary>
    public byte[] Close(Client client, string text) => SecretBox.Close(ClientKey(client), Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Close"/>
    /// <returns><c>refuse.client.erased</c> when the key is destroyed.</returns>
    public Result<string> Open(Client client, byte[] box) => client.Key is null ? ClientRefusals.Erased : Encoding.UTF8.GetString(SecretBox.Open(ClientKey(client), box));

    private byte[] ClientKey(Client client) => master.Decrypt(client.Key!);
}
