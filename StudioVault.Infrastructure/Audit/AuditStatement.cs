using System.Globalization;
using System.Text;
using Npgsql;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// The SQL of one page. Each way to find an entry is a branch of its own that walks one index in the order of the list and stops
/// after a page, so that neither a rare nor a frequent condition reads the log from end to end.
/// </summary>
internal sealed class AuditStatement
{
    private readonly List<NpgsqlParameter> _parameters = [];
    private readonly List<string> _conditions = [];
    private string _order = "";
    private string _hits = "";

    private AuditStatement() { }

    public static AuditStatement Page(AuditReader reader, AuditFilter filter, IReadOnlyList<AuditMatch> words, (DateTimeOffset At, Guid Id)? from, bool upwards)
    {
        var statement = new AuditStatement { _order = upwards ? "order by e.at, e.id" : "order by e.at desc, e.id desc" };
        statement.Ask(reader, filter);
        if (from is { } key) statement._conditions.Add($"(e.at, e.id) {(upwards ? '>' : '<')} ({statement.Value(key.At)}, {statement.Value(key.Id)})");
        // The narrowest word leads; the others only look at what it found.
        var leading = words.MinBy(w => w.Breadth);
        foreach (var word in words.Where(w => w != leading)) statement._conditions.Add(statement.Fits(word));
        statement._hits = leading is null ? statement.Walk("") : string.Join("\nunion\n", statement.Ways(leading).Select(way => $"({way})"));
        return statement;
    }

    public NpgsqlCommand Command(NpgsqlConnection connection, string columns)
    {
        var command = new NpgsqlCommand($"""
            select {columns} from (select e.id from ({_hits}) e {_order} limit {AuditQueries.PageSize + 1}) h
            join audit.entries e on e.id = h.id left join audit.leaves l on l.entry_id = e.id {_order}
            """, connection);
        command.Parameters.AddRange(_parameters.ToArray());
        return command;
    }

    private void Ask(AuditReader reader, AuditFilter filter)
    {
        if ((reader.Branch ?? filter.Branch) is { } branch) _conditions.Add($"e.branch_id = {Value(branch.Value)}");
        else if (filter.GroupOnly) _conditions.Add("e.branch_id is null");
        if (filter.ActorId is { } actor) _conditions.Add($"e.actor_id = {Value(actor)}");
        // Literals, not parameters: PostgreSQL must see that the partial indexes apply.
        if (filter.ActorKind is "human" or "staff" or "agent" or "system") _conditions.Add($"e.actor_kind = '{filter.ActorKind}'");
        if (filter.Outcome is "done" or "refused") _conditions.Add($"e.outcome = '{filter.Outcome}'");
        if (filter.Action is { } action) _conditions.Add($"e.action = {Value(action)}");
        if (filter is { ObjectType: { } type, ObjectId: { } id }) _conditions.Add($"e.object_type = {Value(type)} and e.object_id = {Value(id)}");
        if (filter.Capability is { } capability) _conditions.Add($"e.capability = {Value(capability)}");
        if (filter.ProposalId is { } proposal) _conditions.Add($"e.proposal_id = {Value(proposal)}");
        // Asked for by a walk along the index of proposals' entries; each looks at one row more.
        if (filter.Band is { } band) _conditions.Add($"e.proposal_id is not null and exists (select from proposals.proposals p where p.branch_id = e.branch_id and p.id::text = e.proposal_id and p.band = {Value(band.ToString())})");
        if (!filter.WithReads && filter.Action is null) _conditions.Add($"e.action <> '{AuditReads.Action}'");
        if (filter.From is { } from) _conditions.Add($"e.at >= {Value(from)}");
        if (filter.Until is { } until) _conditions.Add($"e.at < {Value(until)}");
    }

    /// <summary>A page of entries that meet every condition and one more.</summary>
    private string Walk(string condition)
    {
        string[] all = condition.Length == 0 ? [.. _conditions] : [condition, .. _conditions];
        return $"select e.id, e.at from audit.entries e {(all.Length == 0 ? "" : "where " + string.Join(" and ", all))} {_order} limit {AuditQueries.PageSize + 1}";
    }

    private IEnumerable<string> Ways(AuditMatch word)
    {
        if (word.Actions.Length > 0) yield return Each($"unnest({Value(word.Actions)}) v(x)", "e.action = v.x");
        if (word.Actors.Length > 0) yield return Each($"unnest({Value(word.Actors)}) v(x)", "e.actor_id = v.x");
        if (word.Branches.Length > 0) yield return Each($"unnest({Value(word.Branches)}) v(x)", "e.branch_id = v.x");
        if (word.Things.Length > 0)
            yield return Each($"unnest({Value(word.Things.Select(t => t.Type).ToArray())}, {Value(word.Things.Select(t => t.Id).ToArray())}) v(t, x)", "e.object_type = v.t and e.object_id = v.x");
        if (word.Codes.Length > 0) yield return Walk($"e.outcome = 'refused' and e.reason_code = any({Value(word.Codes)})");
        if (word.Entries.Length > 0) yield return Walk($"e.id = any({Value(word.Entries)})");
    }

    private string Each(string values, string condition) => $"select e.id, e.at from {values} cross join lateral ({Walk(condition)}) e";

    private string Fits(AuditMatch word)
    {
        var ways = new StringBuilder("(false");
        if (word.Actions.Length > 0) ways.Append(CultureInfo.InvariantCulture, $" or e.action = any({Value(word.Actions)})");
        if (word.Actors.Length > 0) ways.Append(CultureInfo.InvariantCulture, $" or e.actor_id = any({Value(word.Actors)})");
        if (word.Branches.Length > 0) ways.Append(CultureInfo.InvariantCulture, $" or e.branch_id = any({Value(word.Branches)})");
        if (word.Things.Length > 0) ways.Append(CultureInfo.InvariantCulture, $" or e.object_id = any({Value(word.Things.Select(t => t.Id).ToArray())})");
        if (word.Codes.Length > 0) ways.Append(CultureInfo.InvariantCulture, $" or e.reason_code = any({Value(word.Codes)})");
        if (word.Entries.Length > 0) ways.Append(CultureInfo.InvariantCulture, $" or e.id = any({Value(word.Entries)})");
        return ways.Append(')').ToString();
    }

    private string Value(object value)
    {
        _parameters.Add(new NpgsqlParameter { Value = value });
        return $"${_parameters.Count.ToString(CultureInfo.InvariantCulture)}";
    }
}
