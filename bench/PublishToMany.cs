using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Packages;

namespace StudioVault.Bench;

/// <summary>
/// Publishing to 10,000 branches (version, wave, offers, events, audit entry, one transaction) beside a bare INSERT … SELECT of
/// the very same offers and events into tables that have nothing but their primary key.
/// </summary>
internal static class PublishToMany
{
    private const int Branches = 10_000;

    public static async Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        await using var lab = await BenchLab.StartAsync();
        await using var node = await lab.NodeAsync();
        var door = node.GetRequiredService<WriteDoor>();
        var sequencer = node.GetRequiredService<Sequencer>();
        var (_, _, hq) = await BenchLab.SeedAsync(door);
        var (drafts, publish, radius) = (new TemplateDrafts(door), new PublishTemplateVersion(door), new BlastRadius(door));
        var template = await BenchLab.MustAsync(drafts.CreateAsync(hq, "bench", Content(0), CancellationToken.None));
        await FillAsync(lab);
        await PublishAsync(drafts, publish, radius, hq, template, 1);
        await AdoptAsync(lab, template);
        await lab.SqlAsync("""
            create table public.bare_offers (like packages.update_offers including defaults, primary key (branch_id, id));
            create table public.bare_events (like live.outbox including defaults, primary key (id));
            create unlogged table public.same_offers (like packages.update_offers);
            create unlogged table public.same_events (like live.outbox);
            """);
        await DrainAsync(sequencer);

        var (ratios, ours, bares, numbering) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var (costs, bareCosts) = (new List<double>(), new List<double>());
        var rounds = quick ? 2 : 7;
        for (var round = 0; round <= rounds; round++)
        {
            var version = round + 2;
            await lab.SqlAsync("vacuum analyze packages.update_offers, live.outbox, live.positions, packages.branch_packages");
            var start = lab.Cpu;
            var took = await PublishAsync(drafts, publish, radius, hq, template, version);
            var cpu = lab.Cpu - start;
            await lab.SqlAsync($"""
                truncate public.same_offers, public.same_events;
                insert into public.same_offers select * from packages.update_offers where version = {version};
                insert into public.same_events select * from live.outbox where payload::json->>'version' = '{version}' and topic like 'OFFER%';
                """);
            var middle = lab.Cpu;
            var bare = await BareAsync(lab);
            var bareCpu = lab.Cpu - middle;
            var clock = Stopwatch.GetTimestamp();
            await DrainAsync(sequencer);
            var numbered = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            await CloseOffersAsync(lab, version);
            if (round == 0) continue; // Warms both sides up.
            ours.Add(took);
            bares.Add(bare);
            numbering.Add(numbered);
            costs.Add(cpu.Server);
            bareCosts.Add(bareCpu.Server);
            ratios.Add(took / bare);
        }

        return
        [
            new($"publish to {Branches:#,0} branches", Measure.Median(ratios), "× the time", 2, false, $"bare INSERT … SELECT: {Measure.Median(bares):0} ms",
                $"median of {ratios.Count} rounds ({ratios.Min():0.00} to {ratios.Max():0.00}); {Measure.Median(ours):0} ms beside {Measure.Median(bares):0} ms; processor time of the server {Measure.Median(costs):0} ms beside {Measure.Median(bareCosts):0} ms; numbering the events for the feed afterwards {Measure.Median(numbering):0} ms"),
        ];
    }

    private static async Task<double> PublishAsync(TemplateDrafts drafts, PublishTemplateVersion publish, BlastRadius radius, Sender hq, TemplateId template, int version)
    {
        var draft = await BenchLab.MustAsync(drafts.OpenAsync(hq, template, CancellationToken.None));
        var saved = await BenchLab.MustAsync(drafts.SaveAsync(hq, template, draft.Revision, Content(version), "A change.", CancellationToken.None));
        var order = new PublishOrder(template, saved.Revision, "A change.", ChangeClass.Major, null, null, "bench", version);
        order = order with { RadiusDigest = (await BenchLab.MustAsync(radius.ComputeAsync(hq, order, null, CancellationToken.None))).Digest };
        var clock = Stopwatch.GetTimestamp();
        var published = await BenchLab.MustAsync(publish.RunAsync(hq, order, CancellationToken.None));
        var took = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        return published.Offers >= Branches ? took : throw new InvalidOperationException($"Only {published.Offers} offers.");
    }

    private static async Task<double> BareAsync(BenchLab lab)
    {
        await using var connection = await lab.Superuser.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("insert into public.bare_offers select * from public.same_offers"),
                new("insert into public.bare_events select * from public.same_events"),
            },
        };
        var clock = Stopwatch.GetTimestamp();
        var rows = await batch.ExecuteNonQueryAsync();
        var took = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        return rows >= 2 * Branches ? took : throw new InvalidOperationException($"Only {rows} rows.");
    }

    private static async Task DrainAsync(Sequencer sequencer)
    {
        while (await sequencer.NumberAsync(CancellationToken.None) is { IsEmpty: false }) { }
    }

    // As the superuser without triggers: ten thousand studios that have been at work for a while.
    private static Task FillAsync(BenchLab lab) => lab.SqlAsync($"""
        begin; set local session_replication_role = replica;
        insert into organization.branches select (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), 'slug', 'bench-' || n))).*
        from organization.branches b, generate_series(2, {Branches}) n;
        commit; vacuum analyze organization.branches
        """);

    private static Task AdoptAsync(BenchLab lab, TemplateId template) => lab.SqlAsync($$$"""
        begin; set local session_replication_role = replica;
        insert into packages.branch_packages (branch_id, id, template_id, current_revision, name, decided_version, is_customised, pointers)
        select id, gen_random_uuid(), '{{{template.Value}}}', 1, 'Bench', 1, false, '{"default":{"synced_from":1,"decided_at":1},"fields":{},"orders":{}}' from organization.branches;
        update packages.update_offers set state = 'Accepted', closed_at = clock_timestamp();
        commit; vacuum analyze packages.branch_packages
        """);

    private static Task CloseOffersAsync(BenchLab lab, int version) => lab.SqlAsync($"""
        begin; set local session_replication_role = replica;
        update packages.update_offers set state = 'Accepted', closed_at = clock_timestamp() where version = {version};
        commit
        """);

    private static string Content(int version) => new JsonObject
    {
        ["schema_version"] = "1.0.0",
        ["name"] = "Bench",
        ["description"] = $"Version {version}.",
        ["items"] = new JsonArray(new JsonObject
        {
            ["id"] = "coverage",
            ["title"] = "Coverage",
            ["kind"] = "coverage",
            ["quantity"] = 1,
            ["unitPrice"] = new JsonObject { ["EUR"] = $"{1000 + version}.00" },
            ["inclusion"] = "included",
            ["deliverables"] = new JsonArray(),
        }),
        ["depositPlan"] = new JsonArray(new JsonObject { ["id"] = "all", ["title"] = "On booking", ["percent"] = "100", ["due"] = "booking", ["dueDays"] = 0 }),
        ["tax"] = new JsonObject { ["name"] = "VAT", ["ratePercent"] = "23", ["pricesIncludeTax"] = true },
        ["travel"] = new JsonObject { ["radiusKm"] = 40, ["pricePerKm"] = new JsonObject { ["EUR"] = "0.55" } },
        ["turnaroundDays"] = 42,
        ["gallery"] = new JsonObject { ["onlineDays"] = 365, ["originalsDays"] = 365, ["deletionNoticeDays"] = 30 },
        ["clauses"] = new JsonArray(),
        ["rules"] = new JsonArray(),
    }.ToJsonString();
}
