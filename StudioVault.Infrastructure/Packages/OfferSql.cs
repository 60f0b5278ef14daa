using Npgsql;
using NpgsqlTypes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;

namespace StudioVault.Infrastructure.Packages;

/// <summary>
/// Making and closing offers for many branches at once: one statement a step, so that ten thousand branches cost little more
/// than ten thousand rows. The caller has written its audit entry.
/// </summary>
internal static class OfferSql
{
    private const string Open = "('Offered', 'Viewed', 'Snoozed')";

    /// <summary>
    /// Offers a version to branches: what they have open of older versions is superseded, each gets one offer and one event.
    /// A branch that snoozed until a day is not woken: the new offer keeps the day and the reason.
    /// </summary>
    /// <param name="branches">The wave; null = every branch that has no offer of this version yet.</param>
    /// <returns>How many offers were made.</returns>
    public static async Task<int> OfferAsync(WriteContext context, TemplateId template, int version, IReadOnlyCollection<BranchId>? branches, CancellationToken ct)
    {
        await using (var supersede = Command(context, $"""
            update packages.update_offers set state = 'Superseded', closed_at = $3
            where template_id = $1 and version < $2 and state in {Open} and ($4::uuid[] is null or branch_id = any($4))
            """, template, version, branches))
            await supersede.ExecuteNonQueryAsync(ct);

        await using var offer = Command(context, $"""
            with made as (
              insert into packages.update_offers (branch_id, id, template_id, version, is_adoption, state, offered_at, snoozed_until, snoozed_to_next_version, reason)
              select b.id, {IdAfter("$9")}, $1, $2, p.id is null, case when s.snoozed_until is null then 'Offered' else 'Snoozed' end, $3, s.snoozed_until, false,
                case when s.snoozed_until is null then null else s.reason end
              from organization.branches b
              left join packages.branch_packages p on p.branch_id = b.id and p.template_id = $1
              left join packages.update_offers s on s.branch_id = b.id and s.template_id = $1 and s.state = 'Superseded' and s.closed_at = $3
              where ($4::uuid[] is null or b.id = any($4))
                and not exists (select from packages.update_offers o where o.branch_id = b.id and o.template_id = $1 and o.version >= $2)
              returning branch_id, id, state
            )
            {Announce}
            """, template, version, branches);
        var first = new NpgsqlParameter<string> { TypedValue = Guid.CreateVersion7().ToString() };
        return await ReturningEventsAsync(context, offer, ct, first);
    }

    /// <summary>Stops offering a version and marks the offers of branches that took it. Nothing of a branch changes.</summary>
    /// <returns>How many offers changed.</returns>
    public static async Task<int> YankAsync(WriteContext context, TemplateId template, int version, CancellationToken ct)
    {
        await using var yank = Command(context, $"""
            with made as (
              update packages.update_offers set
                state = case when state in {Open} then 'Yanked' else state end,
                closed_at = case when state in {Open} then $3 else closed_at end,
                review_revert_asked_at = case when state in ('Accepted', 'PartlyAccepted') then $3 else review_revert_asked_at end
              where template_id = $1 and version = $2 and state in ('Offered', 'Viewed', 'Snoozed', 'Accepted', 'PartlyAccepted') and ($4::uuid[] is null)
              returning branch_id, id, state
            )
            {Announce}
            """, template, version, null);
        return await ReturningEventsAsync(context, yank, ct);
    }

    // The payload is written in canonical form (keys sorted, no spaces), so that its hash is the hash of what is stored.
    private static readonly string Announce = $$"""
        insert into live.outbox (id, topic, actor, device, space_id, payload_sha256, payload)
        select {{IdAfter("$8")}}, $5, $6, $7, m.branch_id, encode(sha256(convert_to(m.payload, 'UTF8')), 'hex'), m.payload
        from (select branch_id, '{"offerId":"' || id || '","state":"' || state || '","templateId":"' || $1::uuid || '","version":' || $2::int || '}' as payload from made) m
        """;

    // Random ids of the server's own making took a quarter of a publish's time, and land all over the index. The first half of
    // one version 7 id, new each time, followed by the row's number is as unique.
    private static string IdAfter(string id) => $"(left({id}, 24) || lpad(to_hex(row_number() over ()), 12, '0'))::uuid";

    private static NpgsqlCommand Command(WriteContext context, string sql, TemplateId template, int version, IReadOnlyCollection<BranchId>? branches) =>
        new(sql, context.Connection, context.Transaction)
        {
            CommandTimeout = 60,
            Parameters =
            {
                new() { Value = template.Value },
                new() { Value = version },
                new() { Value = context.Now },
                new() { Value = branches is null ? DBNull.Value : branches.Select(b => b.Value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
            },
        };

    private static Task<int> ReturningEventsAsync(WriteContext context, NpgsqlCommand command, CancellationToken ct, params NpgsqlParameter[] more)
    {
        command.Parameters.Add(new() { Value = Topics.OfferChanged });
        command.Parameters.Add(new() { Value = context.EventActor });
        command.Parameters.Add(new() { Value = context.Device });
        command.Parameters.Add(new() { Value = Guid.CreateVersion7().ToString() });
        command.Parameters.AddRange(more);
        return command.ExecuteNonQueryAsync(ct);
    }
}
