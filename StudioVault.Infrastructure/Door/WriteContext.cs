using System.Text.Json.Nodes;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Door;

/// <summary>
/// The inside of one command: load and decide with <see cref="Db"/>, say what happened with <see cref="Audit"/> and
/// <see cref="Announce"/>, return. The door writes the audit entry and the events, then the tracked changes, then commits.
/// Nothing is written when the work returns a refusal.
/// </summary>
public sealed class WriteContext : IAsyncDisposable
{
    private readonly List<NpgsqlBatchCommand> _events = [];
    private readonly Command _command;
    private readonly string _device;
    private JsonObject? _payload;
    private bool _audited;

    private readonly VaultDbs _dbs;
    private VaultDb? _db;

    internal WriteContext(Command command, VaultDbs dbs, NpgsqlConnection connection, NpgsqlTransaction transaction, Caller caller, DateTimeOffset now, string device) =>
        (_command, _dbs, Connection, Transaction, Caller, Now, ObjectId, _device) =
        (command, dbs, connection, transaction, caller, now, command.ObjectId, device);

    /// <summary>The context of this transaction, with the command's scope. Made when first asked for: set-based commands need none.</summary>
    public VaultDb Db => _db ??= _dbs.Join(Connection, Transaction, _command.Scope);

    /// <summary>The transaction's connection, for set-based statements; call <see cref="WriteAuditAsync"/> before the first one.</summary>
    public NpgsqlConnection Connection { get; }

    public NpgsqlTransaction Transaction { get; }
    public Caller Caller { get; }

    /// <summary>The database clock at the start of the command, UTC.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The object in the audit entry; a command that creates one sets it.</summary>
    public string ObjectId { get; set; }

    /// <summary>The acting actor as events name them, kind:id.</summary>
    internal string EventActor => $"{KindName(Caller.Chain.Acting.Kind)}:{Caller.Chain.Acting.Id}";

    /// <summary>Id of the audit entry: whoever finds it in the log knows that all of the command was committed.</summary>
    internal Guid EntryId { get; } = Guid.CreateVersion7();

    /// <summary>This node's name, as events carry it.</summary>
    internal string Device => _device;

    /// <summary>True from the attempt to write the entry until it succeeded: what fails in between is the audit, not the work.</summary>
    internal bool IsWritingAudit { get; private set; }

    /// <summary>The proposal this is about, for the audit entry, a refused one too; null for most commands.</summary>
    public ProposalLink? Link { get; set; }

    internal Dictionary<string, Refusal> Races { get; } = [];

    /// <summary>What changed, for the audit entry. Never personal data: ids, versions, values of the group's own things.</summary>
    public void Audit(JsonObject payload) => _payload = payload;

    /// <summary>
    /// The command found nothing to do: no entry is written, and PostgreSQL lets nothing governed through without one. Only for work that
    /// looks whether somebody else was quicker.
    /// </summary>
    public T Nothing<T>(T result)
    {
        DidNothing = true;
        return result;
    }

    internal bool DidNothing { get; private set; }

    /// <summary>If this unique index is violated, somebody else was first: answer with the refusal.</summary>
    public void IfTaken(string indexName, Refusal refusal) => Races[indexName] = refusal;

    /// <summary>Adds an event; it becomes visible to every node after the commit.</summary>
    /// <param name="topic">For example <see cref="Live.Topics.OfferChanged"/>.</param>
    /// <param name="branch">Whose event it is; null for the group.</param>
    /// <param name="payload">Ids and numbers only.</param>
    public void Announce(string topic, BranchId? branch, JsonObject payload) => _events.Add(EventCommand(
        "insert into live.outbox (id, topic, actor, device, space_id, payload_sha256, payload) values ($1, $2, $3, $4, $5, $6, $7)",
        topic, branch, payload));

    /// <summary>
    /// Writes the audit entry (and announced events) now, so that set-based SQL may follow in the same transaction.
    /// Without this call the door does it before it saves the tracked changes.
    /// </summary>
    /// <param name="then">Go along in the same round trip, after the entry.</param>
    public async Task WriteAuditAsync(CancellationToken ct, IReadOnlyList<NpgsqlBatchCommand>? then = null)
    {
        if (_audited && _events.Count == 0 && then is null) return;
        await using var batch = new NpgsqlBatch(Connection, Transaction);
        if (!_audited) batch.BatchCommands.Add(EntryCommand(_command, Caller, ObjectId, _payload, null, Link, EntryId));
        foreach (var e in _events) batch.BatchCommands.Add(e);
        _events.Clear();
        foreach (var statement in then ?? []) batch.BatchCommands.Add(statement);
        IsWritingAudit = true;
        try
        {
            await batch.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException e) when (then is not null && e.BatchCommand is NpgsqlBatchCommand failed && then.Contains(failed))
        {
            // The entry was written; what came after it was not.
            IsWritingAudit = false;
            throw;
        }

        IsWritingAudit = false;
        _audited = true;
    }

    /// <summary>Saves what the command changed through <see cref="Db"/>.</summary>
    internal Task SaveAsync(CancellationToken ct) => _db?.SaveChangesAsync(ct) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _db?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal static NpgsqlBatchCommand EntryCommand(Command command, Caller caller, string objectId, JsonObject? payload, string? reasonCode, ProposalLink? link, Guid? id = null)
    {
        var chain = caller.Chain;
        var canonical = payload is null ? null : CanonicalJson.Canonicalize(payload);
        return new NpgsqlBatchCommand("""
            insert into audit.entries (id, actor_kind, actor_id, root_id, on_behalf_of, branch_id, action, object_type, object_id, outcome, reason_code, payload, payload_sha256, capability, proposal_id, approval_state, policy_version)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            """)
        {
            Parameters =
            {
                new() { Value = id ?? Guid.CreateVersion7() },
                new() { Value = KindName(chain.Acting.Kind) },
                new() { Value = chain.Acting.Id },
                new() { Value = chain.Root.Id },
                new() { Value = chain.OnBehalfOf.Select(a => a.Id).ToArray() },
                new NpgsqlParameter<Guid?> { TypedValue = command.Scope.BranchId?.Value },
                new() { Value = command.Action },
                new() { Value = command.ObjectType },
                new() { Value = objectId },
                new() { Value = reasonCode is null ? "done" : "refused" },
                new NpgsqlParameter<string?> { TypedValue = reasonCode },
                new NpgsqlParameter<string?> { TypedValue = canonical is null ? null : System.Text.Encoding.UTF8.GetString(canonical) },
                new NpgsqlParameter<string?> { TypedValue = canonical is null ? null : CanonicalJson.Sha256(canonical) },
                new NpgsqlParameter<string?> { TypedValue = link?.Capability },
                new NpgsqlParameter<string?> { TypedValue = link?.ProposalId },
                new NpgsqlParameter<string?> { TypedValue = link?.ApprovalState },
                new NpgsqlParameter<string?> { TypedValue = link?.PolicyVersion },
            },
        };
    }

    private NpgsqlBatchCommand EventCommand(string sql, string topic, BranchId? branch, JsonObject payload)
    {
        var canonical = CanonicalJson.Canonicalize(payload);
        return new NpgsqlBatchCommand(sql)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7() },
                new() { Value = topic },
                new() { Value = EventActor },
                new() { Value = Device },
                new NpgsqlParameter<Guid?> { TypedValue = branch?.Value },
                new() { Value = CanonicalJson.Sha256(canonical) },
                new() { Value = System.Text.Encoding.UTF8.GetString(canonical) },
            },
        };
    }

    private static string KindName(ActorKind kind) => kind switch
    {
        ActorKind.Human => "human",
        ActorKind.Staff => "staff",
        ActorKind.Agent => "agent",
        _ => "system",
    };
}
