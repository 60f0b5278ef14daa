using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>Opens database contexts, each with its tenant scope. The only way to a <see cref="VaultDb"/>.</summary>
/// <param name="source">The app role's connections.</param>
/// <param name="door">Those of the door, <see cref="VaultDatabase.Door"/>; null = the same.</param>
public sealed class VaultDbs(NpgsqlDataSource source, NpgsqlDataSource? door = null)
{
    private readonly DbContextOptions<VaultDb> _options = Options(b => b.UseNpgsql(source, ForServer));

    // Making a context costs more than all else a small command does. These are only ever joined to a transaction at hand.
    // A pooled context keeps its model, so HQ's have a pool of their own.
    private readonly PooledDbContextFactory<VaultDb> _joined = new(Options(b => b.UseNpgsql(source, ForServer)), 64);
    private readonly PooledDbContextFactory<VaultDb> _joinedHq = new(Options(b => b.UseNpgsql(source, ForServer)), 64);

    /// <summary>The app role's connections, for the few places that speak SQL themselves.</summary>
    public NpgsqlDataSource Source { get; } = source;

    /// <summary>For transactions whose scope ends with them, <see cref="ScopeOfTransaction"/>: nothing is wiped when one goes back to its pool.</summary>
    internal NpgsqlDataSource Door { get; } = door ?? source;

    /// <summary>Whether the server is there at all.</summary>
    internal StorageReach Reach { get; } = new(source.ConnectionString);

    /// <summary>Whether there is room for changes.</summary>
    public StorageRoom Room { get; } = new();

    /// <summary>
    /// Whether a command would get a connection soon. They have a pool of their own: one that reads may be had while all of theirs are
    /// held (fault F9).
    /// </summary>
    public async Task<bool> DoorOpensAsync(TimeSpan within, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(within);
        try
        {
            await using var connection = await Door.OpenConnectionAsync(patience.Token);
            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>A new context; dispose it after one operation.</summary>
    public VaultDb Open(TenantScope scope) => new(_options) { Scope = scope };

    /// <summary>A connection whose scope has been told to PostgreSQL, for those who speak SQL themselves; it is forgotten when the connection goes back.</summary>
    public async Task<NpgsqlConnection> OpenConnectionAsync(TenantScope scope, CancellationToken ct)
    {
        var connection = await Source.OpenConnectionAsync(ct);
        try
        {
            await using var command = ScopeOfSession(scope, connection);
            await command.ExecuteNonQueryAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A context inside a running transaction whose scope has been told to PostgreSQL already.</summary>
    internal VaultDb Join(NpgsqlConnection connection, NpgsqlTransaction transaction, TenantScope scope)
    {
        var db = (scope.IsHq ? _joinedHq : _joined).CreateDbContext();
        db.Scope = scope;
        db.Database.SetDbConnection(connection, contextOwnsConnection: false);
        db.Database.UseTransaction(transaction);
        // A save that fails ends the transaction anyway: a savepoint would be two round trips and a subtransaction for nothing.
        db.Database.AutoSavepointsEnabled = false;
        return db;
    }

    /// <summary>Options every context shares, whoever connects.</summary>
    public static DbContextOptions<VaultDb> Options(Action<DbContextOptionsBuilder<VaultDb>> connect)
    {
        var builder = new DbContextOptionsBuilder<VaultDb>();
        connect(builder);
        return builder.AddInterceptors(ScopeInterceptor.Instance).ReplaceService<IModelCacheKeyFactory, VaultDb.ModelOfScope>().ReplaceService<IModificationCommandBatchFactory, RowBatches>().Options;
    }

    /// <summary>Options for a plain connection string (migrations, set-up).</summary>
    public static DbContextOptions<VaultDb> Options(string connectionString) => Options(b => b.UseNpgsql(connectionString, ForServer));

    /// <summary>Options for an open connection, whose scope stays as it is.</summary>
    internal static DbContextOptions<VaultDb> Options(NpgsqlConnection connection) => Options(b => b.UseNpgsql(connection, ForServer));

    // The provider otherwise assumes a newer server than the oldest one we support.
    private static void ForServer(Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.NpgsqlDbContextOptionsBuilder npgsql) =>
        npgsql.SetPostgresVersion(15, 0).MigrationsHistoryTable("migrations", "public");

    /// <summary>
    /// Tells PostgreSQL the scope each time a context takes a connection. Npgsql wipes the settings when the connection goes
    /// back to the pool; <see cref="VaultGuard"/> refuses a connection string that turns that off.
    /// </summary>
    private sealed class ScopeInterceptor : DbConnectionInterceptor
    {
        public static readonly ScopeInterceptor Instance = new();

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = Command(connection, eventData);
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = Command(connection, eventData);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        private static NpgsqlCommand Command(DbConnection connection, ConnectionEndEventData eventData) =>
            ScopeOfSession(((VaultDb)eventData.Context!).Scope, (NpgsqlConnection)connection);
    }

    private const string SetScope = "select set_config('app.scope', $1, $3), set_config('app.branch_id', $2, $3)";

    private static NpgsqlCommand ScopeOfSession(TenantScope scope, NpgsqlConnection connection) => new(SetScope, connection)
    {
        Parameters = { new() { Value = scope.Name }, new() { Value = scope.BranchId?.ToString() ?? "" }, new() { Value = false } },
    };

    /// <summary>Tells PostgreSQL the scope for the rest of a transaction, as part of a batch.</summary>
    internal static NpgsqlBatchCommand ScopeOfTransaction(TenantScope scope) => new(SetScope)
    {
        Parameters = { new() { Value = scope.Name }, new() { Value = scope.BranchId?.ToString() ?? "" }, new() { Value = true } },
    };
}
