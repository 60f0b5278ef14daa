using Npgsql;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>Proofs out of the database, held against a tree in memory.</summary>
public sealed class AuditTreeTests(PostgresServer server) : VaultTest(server)
{
    private readonly List<MerkleHash> _leaves = [];

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1_500)]
    public async Task Every_proof_is_the_one_of_a_tree_that_is_held_whole(int size)
    {
        await PutAsync(size);
        var whole = new MerkleTree(_leaves);
        using var tree = new AuditTree();
        await using var db = Dbs.Open(TenantScope.Hq);
        foreach (var n in new[] { 1, size / 3, size / 2 + 1, size - 1, size }.Where(n => n > 0).Distinct())
        {
            var inclusion = MerklePaths.Inclusion(n - 1, size);
            Assert.Equal(whole.InclusionProof(n - 1, size), await tree.RootsAsync(db, inclusion, size, whole.RootAt(size), Ct) ?? []);
            Assert.Equal(whole.ConsistencyProof(n, size), await tree.RootsAsync(db, MerklePaths.Consistency(n, size), size, whole.RootAt(size), Ct) ?? []);
            Assert.Equal([whole.RootAt(n), _leaves[n - 1]], await tree.RootsAsync(db, [new(0, n), new(n - 1, n)], size, whole.RootAt(size), Ct) ?? []);
        }
    }

    [Fact]
    public async Task A_log_that_grows_is_read_on()
    {
        await PutAsync(300);
        using var tree = new AuditTree();
        await using var db = Dbs.Open(TenantScope.Hq);
        Assert.NotNull(await tree.RootsAsync(db, [], 300, new MerkleTree(_leaves).Root, Ct));
        var kept = new MerkleTree(_leaves).Root;
        await PutAsync(700);
        Assert.Equal([kept], await tree.RootsAsync(db, [new(0, 300)], 1_000, new MerkleTree(_leaves).Root, Ct) ?? []);
    }

    [Fact]
    public async Task Nothing_is_proved_of_leaves_that_do_not_add_up_and_a_history_put_back_is_read_anew()
    {
        await PutAsync(600);
        using var tree = new AuditTree();
        await using var db = Dbs.Open(TenantScope.Hq);
        var root = new MerkleTree(_leaves).Root;
        Assert.NotNull(await tree.RootsAsync(db, [], 600, root, Ct));
        Assert.Null(await tree.RootsAsync(db, [], 600, MerkleHash.Empty, Ct));

        await TamperAsync("update audit.leaves set hash = sha256('') where idx = 5");
        Assert.Null(await tree.RootsAsync(db, [new(5, 6)], 600, root, Ct));
        await TamperAsync("delete from audit.leaves where idx = 599");
        Assert.Null(await tree.RootsAsync(db, [], 600, root, Ct));

        // Another history of the same length, under a program that remembers the old one.
        await TamperAsync("delete from audit.leaves");
        _leaves.Clear();
        await PutAsync(600, "other");
        Assert.NotNull(await tree.RootsAsync(db, [new(0, 300)], 600, new MerkleTree(_leaves).Root, Ct));
    }

    private async Task PutAsync(int count, string salt = "")
    {
        var from = _leaves.Count;
        for (var i = from; i < from + count; i++) _leaves.Add(MerkleHash.Leaf(System.Text.Encoding.UTF8.GetBytes($"{salt}{i}")));
        await using var connection = await Superuser.OpenConnectionAsync(Ct);
        await using var off = new NpgsqlCommand("set session_replication_role = replica", connection);
        await off.ExecuteNonQueryAsync(Ct);
        await using var insert = new NpgsqlCommand("insert into audit.leaves (idx, entry_id, hash) select $1 + n - 1, gen_random_uuid(), h from unnest($2) with ordinality as t(h, n)", connection)
        { Parameters = { new() { Value = (long)from }, new() { Value = _leaves.Skip(from).Select(l => l.ToArray()).ToArray() } } };
        await insert.ExecuteNonQueryAsync(Ct);
    }

    private async Task TamperAsync(string sql)
    {
        await using var connection = await Superuser.OpenConnectionAsync(Ct);
        await using var command = new NpgsqlCommand($"set session_replication_role = replica; {sql}", connection);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
