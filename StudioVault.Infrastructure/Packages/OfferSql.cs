using Microsoft.EntityFrameworkCore;
using Npgsql;
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
    private const string Taken = "('Accepted', 'PartlyAccepted')";

    /// <summary>
    /// Waits for whoever publishes, offers or calls back a version of the template now: each decides by what is on offer, and a
    /// version's class by what is called back.
    /// </summary>
    public static Task OneAtATimeAsync(WriteContext context, TemplateId template, CancellationToken ct) =>
        context.Db.Database.ExecuteSqlAsync($"select from packages.templates where id = {template.Value} for update", ct);

    /// <summary>
    /// Offers a version to branches: what they have open of older versions is superseded, each gets one offer and one event.
    /// A branch that snoozed until a day is not woken: the new offer keeps the day and the reason.
    /// </summary>
    /// <param name="branches">The wave; null = every branch that has no offer of this version yet.</param>
    /// <returns>How many offers were made.</returns>
    public static async Task<int> OfferAsync(WriteContext context, TemplateId template, int version, IReadOnlyCollection<BranchId>? branches, CancellationToken ct)
    {
        // The branches are named only where there is a wave: "all of them or these" in one statement has the planner expect a handful,
        // and look into every table once a branch.
        var wave = branches is null ? null : new NpgsqlParameter<Guid[]> { TypedValue = [.. branches.Select(b => b.Value)] };
        await using (var supersede = Command(context, $"""
            update packages.update_offers set state = 'Superseded', closed_at = $3
            where template_id = $1 and version < $2 and state in {Open}{(wave is null ? "" : " and branch_id = any($4)")}
            """, template, version))
        {
            if (wave is not null) supersede.Parameters.Add(wave.Clone());
            await supersede.ExecuteNonQueryAsync(ct);
        }

        await using var offer = Announcing(context, $"""
              insert into packages.update_offers (branch_id, id, template_id, version, is_adoption, state, offered_at, snoozed_until, snoozed_to_next_version, reason)
              select b.id, {IdAfter("$8")}, $1, $2, p.id is null, case when s.snoozed_until is null then 'Offered' else 'Snoozed' end, $3, s.snoozed_until, false,
                case when s.snoozed_until is null then null else s.reason end
              from organization.branches b
              left join packages.branch_packages p on p.branch_id = b.id and p.template_id = $1
              left join packages.update_offers s on s.branch_id = b.id and s.template_id = $1 and s.state = 'Superseded' and s.closed_at = $3
              where not exists (select from packages.update_offers o where o.branch_id = b.id and o.template_id = $1 and o.version >= $2 and o.state not in ('Superseded', 'Yanked'))
                {(wave is null ? "" : "and b.id = any($9)")}
            """, template, version, new NpgsqlParameter<string> { TypedValue = Guid.CreateVersion7().ToString() });
        if (wave is not null) offer.Parameters.Add(wave);
        return await offer.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Stops offering a version and asks the branches that took it to look: by accepting it, or by accepting a later one it was folded
    /// into and that still says what it changed. Nothing of a branch changes.
    /// </summary>
    /// <param name="foldedInto">Later versions that still hold something of the one called back.</param>
    /// <returns>How many offers changed.</returns>
    public static async Task<int> YankAsync(WriteContext context, TemplateId template, int version, IReadOnlyCollection<int> foldedInto, CancellationToken ct)
    {
        // Whoever ruled on the version, or on a later one, before accepting that later one has already declined or taken it there:
        // only the first decision that covers it counts. An adoption takes all of a version, whatever was ignored before.
        await using var yank = Announcing(context, $"""
              update packages.update_offers o set
                state = case when state in {Open} then 'Yanked' else state end,
                closed_at = case when state in {Open} then $3 else closed_at end,
                review_revert_asked_at = case when state in {Taken} then $3 else review_revert_asked_at end,
                revert_reviewed_at = case when state in {Taken} then null else revert_reviewed_at end
              where template_id = $1 and (
                (version = $2 and state in ('Offered', 'Viewed', 'Snoozed', 'Accepted', 'PartlyAccepted'))
                or (version = any($8) and state in {Taken} and (is_adoption or not exists (
                  select from packages.update_offers d where d.branch_id = o.branch_id and d.template_id = $1 and d.version >= $2 and d.version < o.version
                    and d.state in ('Accepted', 'PartlyAccepted', 'Ignored')))))
            """, template, version, new NpgsqlParameter<int[]> { TypedValue = [.. foldedInto] });
        return await yank.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// After a yank: a branch whose open offer it closed gets back the newest version it had been offered before, that HQ has not called
    /// back and the branch has not ruled on. Otherwise what was folded into the version that is gone would reach it no more. The
    /// superseded offer stays as it is; this is a new one, and a branch that had snoozed until a day is not woken.
    /// </summary>
    /// <returns>How many offers were made.</returns>
    public static async Task<int> OfferAgainAsync(WriteContext context, TemplateId template, int version, CancellationToken ct)
    {
        await using var offer = Announcing(context, $"""
              insert into packages.update_offers (branch_id, id, template_id, version, is_adoption, state, offered_at, snoozed_until, snoozed_to_next_version, reason)
              select y.branch_id, {IdAfter("$8")}, $1, before.version, p.id is null, case when y.snoozed_until is null then 'Offered' else 'Snoozed' end, $3, y.snoozed_until, false,
                case when y.snoozed_until is null then null else y.reason end
              from packages.update_offers y
              left join packages.branch_packages p on p.branch_id = y.branch_id and p.template_id = $1
              cross join lateral (
                select max(o.version) as version from packages.update_offers o
                where o.branch_id = y.branch_id and o.template_id = $1 and o.version < $2
                  and not exists (select from packages.template_yanks t where t.template_id = $1 and t.number = o.version)
              ) before
              where y.template_id = $1 and y.version = $2 and y.state = 'Yanked' and y.closed_at = $3 and before.version is not null
                and (p.id is null or p.decided_version < before.version)
                and not exists (select from packages.update_offers d where d.branch_id = y.branch_id and d.template_id = $1 and d.version >= before.version
                  and d.state in ('Offered', 'Viewed', 'Snoozed', 'Accepted', 'PartlyAccepted', 'Ignored'))
            """, template, version, new NpgsqlParameter<string> { TypedValue = Guid.CreateVersion7().ToString() });
        return await offer.ExecuteNonQueryAsync(ct);
    }

    // Random ids of the server's own making took a quarter of a publish's time, and land all over the index. The first half of
    // one version 7 id, new each time, followed by the row's number is as unique.
    private static string IdAfter(string id) => $"(left({id}, 24) || lpad(to_hex(row_number() over ()), 12, '0'))::uuid";

    private static NpgsqlCommand Command(WriteContext context, string sql, TemplateId template, int version) =>
        new(sql, context.Connection, context.Transaction)
        {
            CommandTimeout = 60,
            Parameters = { new() { Value = template.Value }, new() { Value = version }, new() { Value = context.Now } },
        };

    /// <summary>A step that announces every offer it touched, one event each.</summary>
    /// <param name="step">Changes packages.update_offers: $1 the template, $2 the version, $3 now, $8 <paramref name="more"/>.</param>
    private static NpgsqlCommand Announcing(WriteContext context, string step, TemplateId template, int version, NpgsqlParameter more)
    {
        // The payload is written in canonical form (keys sorted, no spaces), so that its hash is the hash of what is stored.
        var command = Command(context, $$"""
            with made as (
            {{step}}
              returning branch_id, id, state, version
            )
            insert into live.outbox (id, topic, actor, device, space_id, payload_sha256, payload)
            select {{IdAfter("$7")}}, $4, $5, $6, m.branch_id, encode(sha256(convert_to(m.payload, 'UTF8')), 'hex'), m.payload
            from (select branch_id, '{"offerId":"' || id || '","state":"' || state || '","templateId":"' || $1::uuid || '","version":' || version || '}' as payload from made) m
            """, template, version);
        command.Parameters.Add(new() { Value = Topics.OfferChanged });
        command.Parameters.Add(new() { Value = context.EventActor });
        command.Parameters.Add(new() { Value = context.Device });
        command.Parameters.Add(new() { Value = Guid.CreateVersion7().ToString() });
        command.Parameters.Add(more);
        return command;
    }
}
