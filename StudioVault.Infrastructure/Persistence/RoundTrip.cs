using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// What goes to PostgreSQL together with what a context saves, in one round trip: statements before the rows, and the COMMIT after
/// them. An error in any of them ends the transaction before the COMMIT, because PostgreSQL skips the rest of a batch (ADR 0015).
/// </summary>
/// <param name="before">In this order: the audit entry first, because governed tables ask for it.</param>
internal sealed class RoundTrip(IReadOnlyList<NpgsqlBatchCommand> before)
{
    private bool _begun;
    private bool _ended;

    /// <summary>Puts the statements that go first, once.</summary>
    public void Begin(NpgsqlBatch batch)
    {
        if (_begun) return;
        _begun = true;
        foreach (var statement in before) batch.BatchCommands.Add(statement);
    }

    /// <summary>Puts the COMMIT.</summary>
    public void End(NpgsqlBatch batch)
    {
        _ended = true;
        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
    }

    /// <summary>Saves what the context changed, if there is one, with everything else; by itself where there is nothing to save.</summary>
    /// <exception cref="DbUpdateConcurrencyException">Somebody else changed a row meanwhile. Nothing was committed.</exception>
    public async Task CommitAsync(VaultDb? db, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        if (db is not null)
        {
            db.Joining = this;
            try
            {
                await db.SaveChangesAsync(ct);
            }
            finally
            {
                db.Joining = null;
            }
        }

        if (_ended) return;
        await using var batch = new NpgsqlBatch(connection, transaction);
        Begin(batch);
        End(batch);
        await RunAsync(batch, ct);
    }

    /// <summary>Runs statements that answer with nothing.</summary>
    /// <exception cref="DbUpdateConcurrencyException">A conditional one did not find its row.</exception>
    public static async Task RunAsync(NpgsqlBatch batch, CancellationToken ct)
    {
        try
        {
            await batch.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException e) when (e.SqlState == SchemaProtection.StaleState)
        {
            throw Stale(e, []);
        }
    }

    /// <summary>Somebody else changed the row that a conditional statement was to change.</summary>
    public static DbUpdateConcurrencyException Stale(PostgresException? e, IReadOnlyList<IUpdateEntry> entries) =>
        entries.Count == 0 ? new("Somebody else changed it meanwhile.", e) : new("Somebody else changed it meanwhile.", e, entries);

    /// <summary>A conditional change that fails unless it finds exactly one row: so the COMMIT may follow it unseen.</summary>
    /// <param name="change">UPDATE or DELETE, with RETURNING.</param>
    /// <param name="also">A further data-modifying statement that reads from "changed", or null.</param>
    public static string ExactlyOne(string change, string? also = null) =>
        $"with changed as ({change}){(also is null ? "" : $", also as ({also})")} select audit.expect_one(count(*)) from changed";
}
