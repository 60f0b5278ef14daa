using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Door;

/// <summary>
/// The one door for writes (and, without the audit, for reads). Who may pass is read from the database for each command; the
/// change, its audit entry and its events commit together or not at all; a refusal is a value and is itself audited.
/// </summary>
public sealed class WriteDoor(VaultDbs dbs, FeedWake wake, NodeIdentity node, ILogger<WriteDoor> log)
{
    private const int Tries = 3;
    private const int Looks = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>Who somebody is takes milliseconds to answer: a database that says nothing for so long is away (fault F5), whatever the statements after it may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Where tests let a process die, by the command's action (APP-9); nothing in the product sets it.</summary>
    internal Action<string, string>? At { get; set; }

    /// <summary>Runs a command.</summary>
    /// <param name="command">Verb, sender, scope and what it demands of the caller.</param>
    /// <param name="work">Loads and decides; may run again after a lost race, so it has no effects of its own.</param>
    public async Task<Result<T>> RunAsync<T>(Command command, Func<WriteContext, CancellationToken, Task<Result<T>>> work, CancellationToken ct)
    {
        using var measure = DoorMetrics.Begin(command.Action);
        var result = await RunUnmeasuredAsync(command, work, ct);
        measure.End(result.Refusal?.Code);
        if (result.Refusal?.Kind == KernelRefusals.StorageFull) dbs.Room.NoteFull();
        return result;
    }

    private async Task<Result<T>> RunUnmeasuredAsync<T>(Command command, Func<WriteContext, CancellationToken, Task<Result<T>>> work, CancellationToken ct)
    {
        Result<T> result;
        Caller? caller = null;
        ProposalLink? link = null;
        // Whether a commit was on its way: then a server that falls silent has perhaps heard of it.
        var commit = new StrongBox<bool>();
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                commit.Value = false;
                try
                {
                    (result, caller, link) = await dbs.Reach.GuardAsync(patient => TryAsync(command, work, commit, patient), ct);
                    break;
                }
                catch (Exception e) when (attempt == 1 && VaultErrors.IsCutOff(e))
                {
                    // Nothing of it was committed. The pool may hold more of the dead connections.
                    log.LogInformation("The connection was cut off during {Action}; it is tried once more", command.Action);
                    dbs.Door.Clear();
                }
                catch (Exception e) when (attempt < Tries && (VaultErrors.IsRetryable(e) || VaultErrors.IsLostRace(e)))
                {
                    await Task.Delay(Random.Shared.Next(5, 40) * attempt, ct);
                }
            }
        }
        catch (DbUpdateConcurrencyException)
        {
            result = KernelRefusals.StaleWrite;
        }
        catch (Exception e) when (VaultErrors.AsRefusal(e) is not null)
        {
            log.LogWarning(e, "Storage refused {Action}", command.Action);
            var storage = VaultErrors.AsRefusal(e)!;
            return commit.Value && storage.Kind == KernelRefusals.StorageUnavailable ? KernelRefusals.OutcomeUnknown.With() : storage;
        }

        if (result.Refusal is { } refusal)
            await AuditRefusalAsync(command, caller, refusal, ct, link);
        else
            wake.Written();
        return result;
    }

    /// <summary>Runs a query under the same check of rights, in a transaction that cannot write. A denial is audited.</summary>
    public Task<Result<T>> ReadAsync<T>(Sender from, TenantScope scope, Access access, Func<VaultDb, Caller, CancellationToken, Task<Result<T>>> query, CancellationToken ct) =>
        LookAsync(from, scope, access, readOnly: true, query, ct);

    /// <summary>
    /// Runs work on rows that are nobody's business yet (drafts) under the same check of rights; saved unless refused, without an
    /// audit entry. PostgreSQL refuses it any governed table.
    /// </summary>
    public Task<Result<T>> ScratchAsync<T>(Sender from, TenantScope scope, Access access, Func<VaultDb, Caller, CancellationToken, Task<Result<T>>> work, CancellationToken ct) =>
        LookAsync(from, scope, access, readOnly: false, work, ct);

    private async Task<Result<T>> LookAsync<T>(Sender from, TenantScope scope, Access access, bool readOnly, Func<VaultDb, Caller, CancellationToken, Task<Result<T>>> work, CancellationToken ct, bool again = true)
    {
        Refusal denied;
        Caller? caller;
        try
        {
            (var answer, caller, var no) = await dbs.Reach.GuardAsync(async patient =>
            {
                await using var connection = await dbs.Door.OpenConnectionAsync(patient);
                await using var transaction = await connection.BeginTransactionAsync(patient);
                (var resolved, _) = await ResolveAsync(from, scope, connection, transaction, readOnly, patient);
                if (!resolved.TryGet(out var known, out var unknown)) return ((Result<T>?)unknown, (Caller?)null, (Refusal?)null);
                if ((access.Check(known) ?? Outside(scope, known, writes: !readOnly)) is { } refusal) return (null, known, refusal);
                await using var db = dbs.Join(connection, transaction, scope);
                var result = await work(db, known, patient);
                if (readOnly || result.IsRefused) return (result, known, null);
                await transaction.CommitAsync(patient);
                dbs.Room.NoteWritten();
                return (result, known, null);
            }, ct);
            if (no is null) return answer!.Value;
            denied = no;
        }
        catch (Exception e) when (again && readOnly && VaultErrors.IsCutOff(e))
        {
            dbs.Door.Clear();
            return await LookAsync(from, scope, access, readOnly, work, ct, again: false);
        }
        catch (Exception e) when (VaultErrors.AsRefusal(e) is not null)
        {
            log.LogWarning(e, "Storage refused a query");
            var storage = VaultErrors.AsRefusal(e)!;
            if (storage.Kind == KernelRefusals.StorageFull) dbs.Room.NoteFull();
            return storage;
        }

        await AuditRefusalAsync(new Command("read", from, scope, access, scope.BranchId is null ? "group" : "branch", scope.BranchId?.ToString() ?? scope.Name), caller, denied, ct);
        return denied;
    }

    /// <summary>
    /// The second lock: whatever a command demands of its caller, nobody works in a scope they do not belong to. HQ may look into
    /// a branch, and writes nothing there (TEN-4).
    /// </summary>
    private static Refusal? Outside(TenantScope scope, Caller caller, bool writes) => scope switch
    {
        _ when caller.IsSystem => null,
        { IsHq: true } when caller.Agent is not null => AgentRefusals.ProposesOnly,
        { BranchId: { } branch } when caller.Agent is { } agent => agent.Refusal(branch),
        { BranchId: { } branch } when caller.Client?.Branch == branch => null,
        { IsHq: true } => caller.IsHqAdmin ? null : KernelRefusals.NotAllowed.With("an HQ administrator"),
        { BranchId: { } branch } when caller.RoleIn(branch) is null => !caller.IsHqAdmin ? KernelRefusals.NotFound : writes ? KernelRefusals.NotAllowed.With("somebody of that branch") : null,
        _ => null,
    };

    /// <summary>
    /// Runs a command for real, in its transaction and with its audit entry, looks at what it did, and rolls everything back:
    /// the way a blast radius is computed. Nothing remains, not even an audit entry.
    /// </summary>
    public async Task<Result<T>> RehearseAsync<T>(Command command, Func<WriteContext, CancellationToken, Task<Result<T>>> work, CancellationToken ct)
    {
        try
        {
            await using var connection = await dbs.Door.OpenConnectionAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(ct);
            var (resolved, now) = await ResolveAsync(command.From, command.Scope, connection, transaction, false, ct);
            if (!resolved.TryGet(out var caller, out var unknown)) return unknown;
            if ((command.Access.Check(caller) ?? Outside(command.Scope, caller, writes: true)) is { } denied) return denied;
            await using var context = new WriteContext(command, dbs, connection, transaction, caller, now, node.Name);
            return await work(context, ct);
        }
        catch (Exception e) when (VaultErrors.AsRefusal(e) is not null)
        {
            log.LogWarning(e, "Storage refused the rehearsal of {Action}", command.Action);
            return VaultErrors.AsRefusal(e)!;
        }
        catch (Exception e) when (VaultErrors.IsLostRace(e) || VaultErrors.IsRetryable(e))
        {
            // What it rehearsed on is gone; whoever looks is about to be shown what is there now.
            return KernelRefusals.StaleWrite;
        }
    }

    /// <summary>Remembers a refusal that was decided outside a command, for example a failed sign-in.</summary>
    public Task NoteRefusalAsync(Command command, Refusal refusal, CancellationToken ct) => AuditRefusalAsync(command, null, refusal, ct);

    private async Task<(Result<T>, Caller?, ProposalLink?)> TryAsync<T>(Command command, Func<WriteContext, CancellationToken, Task<Result<T>>> work, StrongBox<bool> commit, CancellationToken ct)
    {
        await using var connection = await dbs.Door.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var (resolved, now) = await ResolveAsync(command.From, command.Scope, connection, transaction, false, ct);
        if (!resolved.TryGet(out var caller, out var unknown)) return (unknown, null, null);
        if ((command.Access.Check(caller) ?? Outside(command.Scope, caller, writes: true)) is { } denied) return (denied, caller, null);

        await using var context = new WriteContext(command, dbs, connection, transaction, caller, now, node.Name);
        try
        {
            var result = await work(context, ct);
            if (result.IsRefused || context.DidNothing) return (result, caller, context.Link);
            var server = connection.ProcessID;
            At?.Invoke(command.Action, "before-commit");
            commit.Value = true;
            try
            {
                await context.CommitAsync(ct);
            }
            catch (Exception e) when (e is not OperationCanceledException && !VaultErrors.IsSilence(e))
            {
                // The server said no: there was no commit.
                commit.Value = false;
                throw;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "The answer to the commit of {Action} was lost; its audit entry is looked for", command.Action);
                return (await OutcomeAsync(context.EntryId, server) switch
                {
                    true => result,
                    false => KernelRefusals.StorageUnavailable.With(),
                    null => KernelRefusals.OutcomeUnknown.With(),
                }, caller, context.Link);
            }

            dbs.Room.NoteWritten();
            At?.Invoke(command.Action, "after-commit");
            return (result, caller, context.Link);
        }
        catch (PostgresException e) when (context.IsOfTheAudit(e) && !VaultErrors.IsRetryable(e) && e.SqlState != PostgresErrorCodes.UniqueViolation && VaultErrors.AsRefusal(e)?.Kind != KernelRefusals.StorageUnavailable)
        {
            // AUD-1: whatever keeps the entry from being written keeps the change from being written.
            log.LogError(e, "The audit entry of {Action} could not be written", command.Action);
            return (e.SqlState == PostgresErrorCodes.DiskFull ? KernelRefusals.StorageFull : AuditRefusals.Unavailable, caller, context.Link);
        }
        catch (Exception e) when (Race(e, context) is { } lost)
        {
            return (lost, caller, context.Link);
        }
    }

    /// <summary>
    /// Fault F8: whether a commit whose answer was lost happened. The audit entry commits together with the change, so the entry
    /// tells; nothing is ever tried again blindly.
    /// </summary>
    /// <returns>Null when nobody can tell now.</returns>
    private async Task<bool?> OutcomeAsync(Guid entry, int server)
    {
        dbs.Door.Clear();
        for (var look = 0; look < Looks; look++)
        {
            try
            {
                await using var connection = await dbs.Door.OpenConnectionAsync(CancellationToken.None);
                await using var batch = new NpgsqlBatch(connection) { Timeout = (int)Patience.TotalSeconds };
                batch.BatchCommands.Add(VaultDbs.ScopeOfTransaction(TenantScope.Hq));
                // In this order: what ended before the first question is seen by the second.
                batch.BatchCommands.Add(new NpgsqlBatchCommand("select exists (select from pg_stat_activity where pid = $1 and state is distinct from 'idle')") { Parameters = { new() { Value = server } } });
                batch.BatchCommands.Add(new NpgsqlBatchCommand("select exists (select from audit.entries where id = $1)") { Parameters = { new() { Value = entry } } });
                await using var reader = await batch.ExecuteReaderAsync();
                await reader.NextResultAsync();
                await reader.ReadAsync();
                // The server may still be at it: its answer was lost, not its work.
                var busy = reader.GetBoolean(0);
                await reader.NextResultAsync();
                await reader.ReadAsync();
                if (reader.GetBoolean(0)) return true;
                if (!busy) return false;
            }
            catch (Exception e) when (VaultErrors.AsRefusal(e) is not null)
            {
                log.LogDebug(e, "The audit entry cannot be looked for now");
            }

            await Task.Delay(Pause);
        }

        return null;
    }

    private static Refusal? Race(Exception exception, WriteContext context)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: { } index } && context.Races.TryGetValue(index, out var refusal))
                return refusal;
        return null;
    }

    /// <summary>AUD-10: a denial is remembered too. It has no effect to protect, so a failing log does not change the answer.</summary>
    private async Task AuditRefusalAsync(Command command, Caller? caller, Refusal refusal, CancellationToken ct, ProposalLink? link = null)
    {
        try
        {
            var who = caller ?? new Caller(new ActorChain(Unresolved(command.From)), null, []);
            await using var connection = await dbs.Door.OpenConnectionAsync(ct);
            await using var batch = new NpgsqlBatch(connection)
            {
                // Without a transaction of its own a batch is one: the scope ends with it.
                BatchCommands = { VaultDbs.ScopeOfTransaction(command.Scope), WriteContext.EntryCommand(command, who, command.ObjectId, null, refusal.Code, link) },
            };
            await batch.ExecuteNonQueryAsync(ct);
            wake.Written();
        }
        catch (Exception e) when (VaultErrors.AsRefusal(e) is not null || e is PostgresException)
        {
            log.LogError(e, "The refusal {Code} of {Action} could not be audited", refusal.Code, command.Action);
        }
    }

    /// <summary>Whoever sent it, as far as they said so themselves.</summary>
    private static Actor Unresolved(Sender from) => from switch
    {
        { PersonId: { } id } => new Actor(ActorKind.Staff, id.ToString(), ""),
        { Agent: { } agent } => new Actor(ActorKind.Agent, agent.Inside?.ToString() ?? AgentToken.ShownOf(agent.Key!.Value), ""),
        _ => new Actor(ActorKind.Human, "anonymous", ""),
    };

    /// <summary>
    /// The caller with the rights of this moment, and the database's time; in the same round trip the transaction gets its scope.
    /// Refused when not signed in (any more), or by what is wrong with an agent's key. Who somebody is is asked in no scope: in a branch's, strangers do not exist.
    /// </summary>
    private static async Task<(Result<Caller> Caller, DateTimeOffset Now)> ResolveAsync(Sender from, TenantScope scope, NpgsqlConnection connection, NpgsqlTransaction transaction, bool readOnly, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = (int)Patience.TotalSeconds };
        batch.BatchCommands.Add(from switch
        {
            { Job: not null } or { Client: not null } => new NpgsqlBatchCommand("select clock_timestamp()"),
            { Agent: { } proof } => AgentReader.Command(proof),
            _ => new NpgsqlBatchCommand("""
                select clock_timestamp(), p.name, p.is_disabled, p.security_stamp, m.branch_id, m.role, coalesce(p.human_id, p.id),
                    array(select o.id from organization.people o where o.human_id = coalesce(p.human_id, p.id) and o.id <> p.id),
                    exists (select from organization.ended_sessions s where s.id = $2)
                from (select 1) one
                left join organization.people p on p.id = $1
                left join organization.memberships m on m.person_id = p.id
                """)
            { Parameters = { new NpgsqlParameter<Guid?> { TypedValue = from.PersonId?.Value }, new NpgsqlParameter<Guid?> { TypedValue = from.Session } } },
        });
        batch.BatchCommands.Add(VaultDbs.ScopeOfTransaction(scope));
        if (readOnly) batch.BatchCommands.Add(new NpgsqlBatchCommand("set transaction read only"));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        if (from.Agent is { } agent) return await AgentReader.ReadAsync(reader, agent, scope.BranchId, ct);
        var roles = new List<(BranchId?, Role)>();
        var now = DateTimeOffset.MinValue;
        string? name = null;
        HumanId human = default;
        Guid[] others = [];
        while (await reader.ReadAsync(ct))
        {
            now = reader.GetFieldValue<DateTimeOffset>(0);
            if (from.Job is not null) return (Caller.System(from.Job, from.OnBehalfOf), now);
            if (from.Client is { } client) return (Caller.OfClient(client.Branch, client.Id), now);
            if (from.PersonId is null || reader.IsDBNull(1) || reader.GetBoolean(2)) return (KernelRefusals.SignedOut, now);
            var stamp = reader.IsDBNull(3) ? null : reader.GetString(3);
            if (from.SecurityStamp is null || from.SecurityStamp != stamp || reader.GetBoolean(8)) return (KernelRefusals.SignedOut, now);
            name = reader.GetString(1);
            human = new HumanId(reader.GetGuid(6));
            others = reader.GetFieldValue<Guid[]>(7);
            if (reader.IsDBNull(5)) continue;
            roles.Add((reader.IsDBNull(4) ? null : new BranchId(reader.GetGuid(4)), Enum.Parse<Role>(reader.GetString(5))));
        }

        return (Caller.OfPerson(from.PersonId!.Value, name!, human, roles, others), now);
    }
}
