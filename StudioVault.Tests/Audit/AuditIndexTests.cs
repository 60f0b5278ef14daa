using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Infrastructure.Audit;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>A log of years has a million entries: no page of it may read them all.</summary>
public sealed class AuditIndexTests(PostgresServer server) : VaultTest(server)
{
    private const int Entries = 20_000;

    [Fact]
    public async Task No_condition_reads_the_log_from_end_to_end_or_sorts_more_than_a_page()
    {
        await FillAsync();
        var person = Ana.PersonId!.Value.ToString();
        var noon = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        AuditFilter[] filters =
        [
            new(), new() { Branch = Porto }, new() { GroupOnly = true }, new() { ActorId = person }, new() { ActorId = "nobody-has-this-id" }, new() { ActorKind = "human" },
            new() { ActorKind = "system" }, new() { Action = "session.sign_in" }, new() { Action = "offer.view" }, new() { Outcome = "refused" }, new() { ObjectType = "offer", ObjectId = "offer-7" },
            new() { From = noon, Until = noon.AddHours(1) }, new() { Branch = Porto, Outcome = "refused" }, new() { Branch = Berlin, Action = "template.publish" },
        ];
        var failures = new List<string>();
        foreach (var reader in new AuditReader[] { new(Hq, null), new(Ana, Porto) })
        {
            foreach (var filter in filters) failures.AddRange(await FaultsAsync(reader, filter, []));
            failures.AddRange(await FaultsAsync(reader, new AuditFilter { Text = "words" },
                [new(["offer.view", "package.accept"], [person], [("offer", "offer-7"), ("offer", "offer-8")], [Porto.Value], ["refuse.kernel.not_found"], [Guid.NewGuid()], false), new([], [person], [], [], [], [], false)]));
        }

        Assert.Empty(failures);
    }

    private async Task<List<string>> FaultsAsync(AuditReader reader, AuditFilter filter, IReadOnlyList<AuditMatch> words)
    {
        var faults = new List<string>();
        foreach (var (from, upwards) in new[] { (null, false), ((DateTimeOffset, Guid)?)(new DateTimeOffset(2026, 1, 3, 0, 0, 0, TimeSpan.Zero), Guid.NewGuid()) is var key ? (key, false) : default, (key, true) })
        {
            await using var db = Dbs.Open(reader.Scope);
            await db.Database.OpenConnectionAsync(Ct);
            await using var command = AuditStatement.Page(reader, filter, words, from, upwards).Command((NpgsqlConnection)db.Database.GetDbConnection(), "e.id, l.idx");
            command.CommandText = "explain (analyze, timing off, format json) " + command.CommandText;
            var plan = JsonNode.Parse((string)(await command.ExecuteScalarAsync(Ct))!)![0]!["Plan"]!;
            faults.AddRange(Nodes(plan).Where(IsFault).Select(n => $"{filter} {(upwards ? "up" : from is null ? "newest" : "down")}: {n["Node Type"]} on {n["Relation Name"]}, {n["Actual Rows"]} rows, {n["Rows Removed by Filter"]} thrown away"));
        }

        return faults;
    }

    private static bool IsFault(JsonNode node) =>
        (node["Node Type"]!.ToString().Contains("Seq Scan", StringComparison.Ordinal) && node["Relation Name"]?.ToString() == "entries")
        || (node["Node Type"]!.ToString().Contains("Sort", StringComparison.Ordinal) && (double)node["Actual Rows"]! > 1_000);

    private static IEnumerable<JsonNode> Nodes(JsonNode plan) => [plan, .. plan["Plans"] is JsonArray inner ? inner.SelectMany(p => Nodes(p!)) : []];

    /// <summary>A few weeks of a group: three busy verbs, a rare one, one refusal in thirty, a job and a stranger now and then.</summary>
    private async Task FillAsync()
    {
        await SqlAsync($$"""
            insert into audit.entries (id, at, actor_kind, actor_id, root_id, on_behalf_of, branch_id, action, object_type, object_id, outcome, reason_code)
            select gen_random_uuid(), timestamptz '2026-01-01 00:00Z' + n * interval '1 minute', kind, actor, actor, '{}', branch, action, 'offer', 'offer-' || n % 500, case when n % 30 = 0 then 'refused' else 'done' end,
              case when n % 30 = 0 then 'refuse.kernel.not_found' end
            from generate_series(1, {{Entries}}) n,
              lateral (select case when n % 1000 = 0 then 'human' when n % 50 = 0 then 'system' else 'staff' end as kind) k,
              lateral (select case kind when 'human' then 'anonymous' when 'system' then 'job' else (array[$1, $2, $3])[1 + n / 3 % 3] end as actor) a,
              lateral (select (array[$4, $5, null])[1 + n % 3]::uuid as branch) b,
              lateral (select case when n % 5000 = 0 then 'template.publish' else (array['offer.view', 'session.sign_in', 'package.accept', 'offer.view'])[1 + n % 4] end as action) v
            """, Ana.PersonId!.Value.Value.ToString(), Rui.PersonId!.Value.Value.ToString(), Hq.PersonId!.Value.Value.ToString(), Porto.Value, Berlin.Value);
        await SqlAsync("analyze audit.entries");
    }
}
