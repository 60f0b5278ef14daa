using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using StudioVault.Domain.Packages;
using StudioVault.Web.Packages.Updates;

namespace StudioVault.Bench;

/// <summary>Three-way merge of a package of 2,000 fields with everything its review page computes from it.</summary>
internal static class MergeAndReview
{
    /// <summary>The name of the package.</summary>
    public const string Name = "Everything";

    private const int Fields = 2_000;
    private const int Items = 150;
    private const int Clauses = 172;

    public static Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        var rounds = quick ? 20 : 150;
        var usual = Request(hq: (i, _) => i % 10 == 0, branch: (i, _) => i % 7 == 0);
        var worst = Request(hq: (_, _) => true, branch: (_, _) => true);
        var fields = Leaves(JsonNode.Parse(usual.Branch.ToJson())!);
        if (fields < Fields) throw new InvalidOperationException($"Only {fields} fields.");
        var json = usual.Branch.ToJson();

        for (var i = 0; i < (quick ? 20 : 150); i++) Review(usual);
        var (merges, parses, decides, worsts) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var shown = UpdateReview.Of(usual).Value;
        var cpu = Cpu.Now();
        for (var i = 0; i < rounds; i++) Review(usual);
        cpu = (Cpu.Now() - cpu) / rounds;
        for (var i = 0; i < rounds; i++)
        {
            merges.Add(Time(() => Review(usual)));
            // What any way of merging has to do at least: read three trees.
            parses.Add(Time(() =>
            {
                for (var n = 0; n < 3; n++) JsonDocument.Parse(json).Dispose();
            }));
            decides.Add(Time(() => UpdateReview.Of(usual).Value.Decide(AllHq(shown), shown.Digest)));
            if (i % 5 == 0) worsts.Add(Time(() => Review(worst)));
        }

        var merge = Measure.Median(merges);
        return Task.FromResult<IReadOnlyList<Measure>>(
        [
            new($"merge and review of {fields:#,0} fields", merge, "ms", 20, false, $"parsing the three trees: {Measure.Median(parses):0.0} ms",
                $"median of {rounds}, p95 {Measure.Percentile(merges, 95):0.0} ms; processor time {cpu.Client:0.0} ms; {shown.Counts.Changes} changes, {shown.Counts.NeedChoice} conflicts; with the decision of all of them {Measure.Median(decides):0.0} ms; when every field is a conflict {Measure.Median(worsts):0.0} ms"),
        ]);
    }

    /// <summary>What opening the page computes: the merge, its rows and digest, the cards, and the package as it would become.</summary>
    private static ReviewPreview Review(ReviewRequest request)
    {
        var choices = new ReviewChoices(UpdateReview.Of(request).Value, "EUR");
        _ = choices.Left;
        return choices.Preview;
    }

    private static MergeDecisions AllHq(UpdateReview review) => new(review.Rows.Where(r => !r.IsAlreadyEqual).ToDictionary(r => r.Path, _ => MergeDecision.Hq), review.Orders.ToDictionary(o => o.Path, _ => MergeChoice.Hq));

    private static double Time(Action work)
    {
        var clock = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
    }

    private static ReviewRequest Request(Func<int, string, bool> hq, Func<int, string, bool> branch)
    {
        var first = TemplateContent.Parse(Content("", (_, _) => false).ToJsonString()).Value;
        var second = TemplateContent.Parse(Content(" (new)", hq).ToJsonString()).Value;
        var mine = TemplateContent.Parse(Content(" (ours)", branch).ToJsonString()).Value.ProjectTo("EUR").Value;
        return new ReviewRequest(TemplateId.New(), [Version(1, first), Version(2, second)], 2, FieldPointers.At(1), mine, mine.Hash(), new DateOnly(2026, 11, 21));
    }

    private static PublishedVersion Version(int number, TemplateContent content) =>
        new(number, new DateTimeOffset(2026, number, 1, 9, 0, 0, TimeSpan.Zero), $"Version {number}.", content.Hash(), content);

    /// <summary>The package of 2,000 fields; <paramref name="changed"/> says by a field's number and name whether it gets the mark.</summary>
    public static JsonObject Content(string mark, Func<int, string, bool> changed)
    {
        var n = 0;
        string Say(string path, string text) => changed(n++, path) ? text + mark : text;
        int Count(string path, int number) => changed(n++, path) ? number + 1 + mark.Length : number;
        var items = Enumerable.Range(0, Items).Select(i => (JsonNode)new JsonObject
        {
            ["id"] = $"line-{i}",
            ["title"] = Say("title", $"Line {i} of the package"),
            ["kind"] = "product",
            ["quantity"] = Count("quantity", 1),
            ["unitPrice"] = new JsonObject { ["EUR"] = $"{Count("price", 100 + i)}.00" },
            ["inclusion"] = i % 3 == 0 ? "add_on" : "included",
            ["deliverables"] = new JsonArray([.. Enumerable.Range(0, 2).Select(d => (JsonNode)new JsonObject
            {
                ["id"] = $"part-{d}",
                ["title"] = Say("part", $"Part {d} of line {i}"),
                ["quantity"] = Count("parts", 10),
                ["format"] = Say("format", "JPEG, full resolution"),
            })]),
        });
        var clauses = Enumerable.Range(0, Clauses).Select(c => (JsonNode)new JsonObject
        {
            ["id"] = $"clause-{c}",
            ["title"] = Say("clause", $"Clause {c}"),
            ["body"] = Say("body", $"The client and the studio agree in clause {c} that pictures are kept for a year after they were delivered, and that **changes** are agreed in writing."),
        });
        return new JsonObject
        {
            ["schema_version"] = "1.0.0",
            ["name"] = Name,
            ["description"] = Say("description", "A package with two thousand fields."),
            ["items"] = new JsonArray([.. items]),
            ["depositPlan"] = new JsonArray(
                new JsonObject { ["id"] = "booking", ["title"] = "On booking", ["percent"] = "30", ["due"] = "booking", ["dueDays"] = 0 },
                new JsonObject { ["id"] = "balance", ["title"] = "Before the day", ["percent"] = "70", ["due"] = "days_before_event", ["dueDays"] = 30 }),
            ["tax"] = new JsonObject { ["name"] = "VAT", ["ratePercent"] = "23", ["pricesIncludeTax"] = true },
            ["travel"] = new JsonObject { ["radiusKm"] = Count("radius", 40), ["pricePerKm"] = new JsonObject { ["EUR"] = "0.55" } },
            ["turnaroundDays"] = Count("turnaround", 42),
            ["gallery"] = new JsonObject { ["onlineDays"] = 365, ["originalsDays"] = 365, ["deletionNoticeDays"] = 30 },
            ["clauses"] = new JsonArray([.. clauses]),
            ["rules"] = new JsonArray(
                new JsonObject { ["id"] = "tax", ["path"] = "/tax/ratePercent", ["mode"] = "local", ["basis"] = "Each country's own rate" },
                new JsonObject { ["id"] = "line-band", ["path"] = "/items/line-10/unitPrice", ["mode"] = "bounded", ["minPercent"] = "-50", ["maxPercent"] = "50", ["basis"] = "Brand" }),
        };
    }

    /// <summary>Values a person could change: leaves, without the ids.</summary>
    private static int Leaves(JsonNode? node) => node switch
    {
        JsonObject o => o.Where(m => m.Key is not ("id" or "schema_version")).Sum(m => Leaves(m.Value)),
        JsonArray a => a.Sum(Leaves),
        _ => 1,
    };
}
