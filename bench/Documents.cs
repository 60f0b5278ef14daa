using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Playwright;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Documents;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Web.Documents;
using StudioVault.Web.Documents.Agreements;

namespace StudioVault.Bench;

/// <summary>
/// Agreements as the product makes them (drawn, printed by its warm Chromium, dates put right, sealed) beside the very same HTML
/// printed by a bare Chromium of the same program, as warm as ours: a page of its own for each document, filled, printed, closed, and nothing else. One and two at a time.
/// </summary>
internal static partial class Documents
{
    private static readonly DateTimeOffset At = new(2026, 5, 12, 13, 2, 11, TimeSpan.Zero);

    public static async Task<IReadOnlyList<Measure>> RunAsync(bool quick)
    {
        using var renderer = new DocumentRenderer(NullLoggerFactory.Instance);
        await using var printer = new DocumentPrinter(new PrinterOptions(), NullLogger<DocumentPrinter>.Instance);
        using var key = SealKey.Make("Northlight Studios", At.AddYears(-1));
        using var playwright = await Playwright.CreateAsync();
        await using var bare = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = printer.Program,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var papers = new PaperPrinter(renderer, printer, "https://vault.example");
        var measures = new List<Measure>();
        foreach (var clauses in new[] { 0, 102 })
        {
            var text = PaperText.Of(Agreement(clauses));
            var html = await renderer.RenderAsync<AgreementDocument>(new()
            {
                [nameof(AgreementDocument.Content)] = text.First,
                [nameof(AgreementDocument.Site)] = "https://vault.example",
                [nameof(AgreementDocument.Signatures)] = Array.Empty<PaperSignature>(),
            });
            var pages = Pages(await OursAsync());
            foreach (var workers in new[] { 1, 2 })
            {
                var each = (quick ? 4 : 12) * (clauses == 0 ? 2 : 1);
                var (ours, theirs, ratios) = (new List<double>(), new List<double>(), new List<double>());
                for (var round = 0; round < (quick ? 3 : 7); round++)
                {
                    // In turns, and each of them first as often as second: whatever else the machine does hits both.
                    double a, b;
                    if (round % 2 == 0) (a, b) = (await TimeAsync(workers, each, _ => OursAsync()), await TimeAsync(workers, each, _ => TheirsAsync()));
                    else (b, a) = (await TimeAsync(workers, each, _ => TheirsAsync()), await TimeAsync(workers, each, _ => OursAsync()));
                    if (round == 0) continue;
                    ours.Add(a);
                    theirs.Add(b);
                    ratios.Add(a / b);
                }

                var (mine, its) = (Measure.Median(ours), Measure.Median(theirs));
                measures.Add(new($"document of {pages} page{(pages == 1 ? "" : "s")}, {workers} at a time", Measure.Median(ratios), "×", 1.3, false,
                    $"bare Chromium: {its:0} ms a document", $"{1000 / mine:0.0} documents a second ({mine:0} ms each, drawn, printed and sealed); bare {1000 / its:0.0} a second; median of {ratios.Count} rounds, ratios {string.Join(' ', ratios.Select(r => $"{r:0.00}"))}"));
            }

            async Task<byte[]> OursAsync()
            {
                var printed = await BenchLab.MustAsync(papers.PaperAsync(text, [], At, CancellationToken.None));
                return PdfSeal.Apply(printed, text.Hash, key, "Northlight Studios", "Agreement", At).Value;
            }

            async Task<byte[]> TheirsAsync()
            {
                var page = await bare.NewPageAsync();
                await page.SetContentAsync(html);
                var pdf = await page.PdfAsync(new() { PreferCSSPageSize = true, PrintBackground = true, Tagged = true, Outline = true });
                await page.CloseAsync();
                return pdf;
            }
        }

        return measures;
    }

    /// <returns>Milliseconds a document.</returns>
    private static async Task<double> TimeAsync(int workers, int each, Func<int, Task<byte[]>> make)
    {
        var clock = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(async w =>
        {
            for (var i = 0; i < each; i++) await make(w);
        }));
        return Stopwatch.GetElapsedTime(clock).TotalMilliseconds / (workers * each);
    }

    /// <summary>A wedding with so many clauses.</summary>
    internal static AgreementContent Agreement(int clauses) => new(
        "PRT-2026-0042",
        new("Northlight Porto", "Rua das Flores 112, 4050-262 Porto", "porto@northlight.example", "PT", "Europe/Lisbon"),
        [new("marta", PartyRole.Client, "Marta Sousa", "marta@sousa.example", false, ""), new("joao", PartyRole.Client, "João Reis", "joao@reis.example", false, "")],
        new("Wedding of Marta and João", new DateOnly(2027, 6, 12), "14:00", 8, "Quinta da Aveleda, Penafiel", "Ana Moreira"),
        new(new DateOnly(2026, 11, 21), "wedding-classic", 4, 3, new string('a', 64)),
        "EUR",
        [new("coverage", "Full-day coverage", ItemKind.Coverage, 1, 1450, [new("edited", "Edited photographs", 450, "JPEG, full resolution")]), new("album", "Linen album", ItemKind.Product, 1, 520, [])],
        new("IVA", 23, true),
        [new("booking", "On booking", 591, InstalmentDue.Booking, 0, null), new("balance", "Before the day", 1379, InstalmentDue.DaysBeforeEvent, 30, null)],
        new(40, 0.55m), 42, new(365, 365, 30), "For private use.",
        new(WithdrawalRegime.Exempt, 0, "A service of leisure on a fixed day (Directive 2011/83/EU, Article 16 l)."),
        [.. Enumerable.Range(1, clauses).Select(c => new Clause($"clause-{c}", $"Clause {c}",
            $"The client and the studio agree in clause {c} that pictures are kept for a year after they were delivered, that **changes** are agreed in writing, and that whoever cannot keep a date says so as soon as they know it. What was paid for that day is then set off against another one."))],
        []);

    private static int Pages(byte[] pdf) => PageCount().Matches(Encoding.Latin1.GetString(pdf)).Max(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"/Type\s*/Pages[^>]*?/Count (\d+)")]
    private static partial Regex PageCount();
}
