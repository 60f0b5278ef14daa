using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace StudioVault.E2E.Proof;

/// <summary>A small PDF that the program knows as a document of its own.</summary>
public sealed class KnownDocument
{
    public const string Number = "PRT-2026-0042";

    private KnownDocument(byte[] bytes, string content, byte[] certificate) => (Bytes, Content, Certificate) = (bytes, content, certificate);

    public byte[] Bytes { get; }

    /// <summary>Hash of its content: its identifier as well.</summary>
    public string Content { get; }

    /// <summary>A certificate the group seals with.</summary>
    public byte[] Certificate { get; }

    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>Adds it to the program's register, as sealing does.</summary>
    public static async Task<KnownDocument> AddAsync(string dataDir)
    {
        var content = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var known = new KnownDocument(Encoding.Latin1.GetBytes(
            $"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 3/Root 1 0 R/ID[<{content}><{content}>]>>\nstartxref\n98\n%%EOF\n"),
            content, RandomNumberGenerator.GetBytes(64));
        await using var db = NpgsqlDataSource.Create($"Host={dataDir}/postgres;Database=studiovault;Username=postgres;Pooling=false");
        await using var connection = await db.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync("insert into audit.entries (id, actor_kind, actor_id, root_id, on_behalf_of, action, object_type, object_id, outcome) values (gen_random_uuid(), 'system', 'test', 'test', '{}', 'agreement.execute', 'agreement', 'test', 'done')");
        await RunAsync("insert into documents.fingerprints (sha256, length, kind, pdf_id, number, version, content_hash, sealed_at) values ($1, $2, 'agreement', $3, $4, 1, $3, $5)",
            known.Sha256, known.Bytes.LongLength, content, Number, DateTimeOffset.Parse("2026-05-12T13:02:11Z", CultureInfo.InvariantCulture));
        await RunAsync("insert into documents.seal_keys (fingerprint, certificate, private_key, made_at, retired_at) values ($1, $2, null, now(), now())", Convert.ToHexStringLower(SHA256.HashData(known.Certificate)), known.Certificate);
        await transaction.CommitAsync();
        return known;

        async Task RunAsync(string sql, params object[] values)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            foreach (var value in values) command.Parameters.Add(new() { Value = value });
            await command.ExecuteNonQueryAsync();
        }
    }
}
