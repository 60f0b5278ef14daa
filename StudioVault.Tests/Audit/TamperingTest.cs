using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>A log of 25 entries in a real database, with checkpoints after 7, 13, 19 and 25; that of 19 is kept elsewhere.</summary>
public abstract class TamperingTest(PostgresServer server) : VaultTest(server)
{
    private NpgsqlDataSource _sequencer = null!;

    private protected NpgsqlDataSource SequencerConnections => _sequencer;
    private protected ShortFolder Folder { get; } = new();
    protected GroupKey Key { get; private set; } = null!;
    protected CheckpointSigner Attacker { get; } = new(GroupKey.LogName, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>The checkpoint of size 19, as an auditor wrote it down.</summary>
    protected string Anchor { get; private set; } = "";

    /// <summary>The frontier when there were 13 entries, for who puts an older state back.</summary>
    protected byte[][] FrontierOf13 { get; private set; } = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Key = GroupKey.Load(Folder["key.pem"], GroupKey.LogName, mayCreate: true);
        _sequencer = NpgsqlDataSource.Create(Server.For(Database, VaultRoles.Default.Sequencer));
        for (var batch = 0; batch < 4; batch++)
        {
            // The first batch numbers the entry of the set-up too.
            await WriteAsync(6, batch);
            await NewSequencer().NumberAsync(Ct);
            if (batch == 1) FrontierOf13 = (byte[][])(await SqlAsync("select frontier from audit.sequencer_state"))!;
        }
        Anchor = (string)(await SqlAsync("select note from audit.checkpoints where size = 19"))!;
    }

    public override async ValueTask DisposeAsync()
    {
        await _sequencer.DisposeAsync();
        Key.Dispose();
        Attacker.Dispose();
        Folder.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Sequencer NewSequencer() => new(new SequencerSource(_sequencer), Wake, Key, new LiveOptions(), new SequencerOptions { CheckpointInterval = TimeSpan.Zero }, NullLogger<Sequencer>.Instance);

    /// <summary>Stages entries with payloads, as the app's role.</summary>
    protected async Task WriteAsync(int entries, int batch = 0)
    {
        await using var connection = await new VaultDbs(App).OpenConnectionAsync(TenantScope.Hq, Ct);
        await using var insert = new NpgsqlCommand("""
            insert into audit.entries (id, actor_kind, actor_id, root_id, on_behalf_of, action, object_type, object_id, outcome, payload, payload_sha256)
            select gen_random_uuid(), 'staff', 'ana', 'ana', '{}', 'package.accept', 'package', 'p' || n, 'done', p, encode(sha256(p::bytea), 'hex')
            from (select n, '{"n":' || n || '}' as p from generate_series($1, $2) n) x
            """, connection)
        { Parameters = { new() { Value = batch * entries }, new() { Value = batch * entries + entries - 1 } } };
        await insert.ExecuteNonQueryAsync(Ct);
    }

    /// <summary>SQL of somebody who runs the database server: no trigger and no foreign key is in their way.</summary>
    protected async Task TamperAsync(string sql, params object[] args)
    {
        await using var connection = await Superuser.OpenConnectionAsync(Ct);
        await using (var off = new NpgsqlCommand("set session_replication_role = replica", connection))
            await off.ExecuteNonQueryAsync(Ct);
        foreach (var statement in sql.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            await using var command = new NpgsqlCommand(statement, connection);
            for (var i = 0; i < args.Length && statement.Contains($"${i + 1}", StringComparison.Ordinal); i++) command.Parameters.Add(new() { Value = args[i] });
            await command.ExecuteNonQueryAsync(Ct);
        }
    }

    /// <summary>Gives an entry the leaf hash its changed row should have.</summary>
    protected async Task RehashAsync(long index)
    {
        MerkleHash? hash = null;
        await using (var archive = await AuditArchive.OpenAsync(Superuser, Ct))
        {
            await foreach (var entry in archive.EntriesAsync(index + 1, Ct))
                if (entry.Index == index) hash = entry.Body!.LeafHash();
        }
        await TamperAsync("update audit.leaves set hash = $1 where idx = $2", hash!.Value.ToArray(), index);
    }

    protected Task<AuditReport> VerifyAsync(params IReadOnlyList<string> anchors) => VerifyAsync(Key.Signer.Key, anchors);

    protected async Task<AuditReport> VerifyAsync(CheckpointKey key, params IReadOnlyList<string> anchors)
    {
        await using var archive = await AuditArchive.OpenAsync(App, Ct);
        return (await archive.VerifyAsync([key], anchors, Ct)).Report;
    }

    protected async Task<byte[]> ExportAsync()
    {
        await using var archive = await AuditArchive.OpenAsync(App, Ct);
        using var file = new MemoryStream();
        await AuditExport.WriteAsync(archive, file, Ct);
        return file.ToArray();
    }

    protected AuditReport VerifyExport(byte[] export, params IReadOnlyList<string> anchors) =>
        AuditExport.Verify(new MemoryStream(export), [Key.Signer.Key], anchors).Report;

    /// <summary>The fault is among the findings, and the lowest index named is this one.</summary>
    protected static void AssertFinds(AuditFault fault, long first, AuditReport report)
    {
        Assert.Contains(report.Findings, f => f.Fault == fault);
        Assert.Equal(first, report.First!.FirstBadIndex);
    }
}
