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
    private readonly List<NpgsqlBatchCommand> _last = [];
    private readonly Command _command;
    private readonly string _device;
    private readonly List<NpgsqlBatchCommand> _audit = [];
    private JsonObject? _payload;

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
    /// A statement for the end of the command, in the same round trip as entry, events, tracked changes and COMMIT, after the first two and
    /// before the third. Nothing that the command does afterwards sees it; a condition has to fail by itself, <see cref="RoundTrip.ExactlyOne"/>.
    /// </summary>
    internal void AtTheEnd(NpgsqlBatchCommand statement) => _last.Add(statement);

    /// <summary>
    /// Writes the audit entry, announced events and the statements for the end now, so that set-based SQL may follow in the same transaction.
    /// Without this call the door does it when it commits.
    /// </summary>
    public async Task WriteAuditAsync(CancellationToken ct)
    {
        List<NpgsqlBatchCommand> statements = [.. Pending(), .. _last];
        _last.Clear();
        if (statements.Count == 0) return;
        await using var batch = new NpgsqlBatch(Connection, Transaction);
        foreach (var statement in statements) batch.BatchCommands.Add(statement);
        await RoundTrip.RunAsync(batch, ct);
    }

    /// <summary>What is left to write (entry, events, statements for the end, what changed through <see cref="Db"/>) and the COMMIT, in one round trip.</summary>
    internal Task CommitAsync(CancellationToken ct) => new RoundTrip([.. Pending(), .. _last]).CommitAsync(_db, Connection, Transaction, ct);

    /// <summary>Whether it was the entry or an event that could not be written, and not the work.</summary>
    internal bool IsOfTheAudit(PostgresException e) => e.BatchCommand is NpgsqlBatchCommand failed && _audit.Contains(failed);

    /// <summary>The entry unless it was written before, and the events announced since.</summary>
    private List<NpgsqlBatchCommand> Pending()
    {
        List<NpgsqlBatchCommand> pending = _audit.Count > 0 ? [] : [EntryCommand(_command, Caller, ObjectId, _payload, null, Link, EntryId)];
        pending.AddRange(_events);
        _events.Clear();
        _audit.AddRange(pending);
        return pending;
    }

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
