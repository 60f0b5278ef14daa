using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StudioVault.Domain.Documents;
using StudioVault.Infrastructure.Documents;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary>On a real Chromium: what it is asked for is what comes out, and its death is survived.</summary>
public sealed class DocumentPrinterTests(Printer printer) : IClassFixture<Printer>
{
    private static readonly DateTimeOffset Dated = new(2026, 5, 12, 13, 2, 11, TimeSpan.Zero);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prints_text_with_title_tags_and_the_documents_own_date()
    {
        var pdf = await PrintAsync(Html("<h1>Agreement</h1><p>Größe, 1.480,00 €, Łódź</p>"));
        Assert.Contains("Größe, 1.480,00 €, Łódź", await Pdf.TextAsync(pdf), StringComparison.Ordinal);
        var info = await Pdf.InfoAsync(pdf);
        Assert.Equal(("A title", "yes", "no"), (info["Title"], info["Tagged"], info["JavaScript"]));
        Assert.Contains("May 12 13:02:11 2026", info["CreationDate"], StringComparison.Ordinal);
        Assert.Contains("May 12 13:02:11 2026", info["ModDate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_document_is_the_same_bytes_whichever_Chromium_prints_it_and_when()
    {
        var html = Html("<h1>Agreement</h1><p>The same.</p>");
        var first = await PrintAsync(html);
        Assert.Equal(first, await PrintAsync(html));
        await using var another = Printer.Of(new PrinterOptions());
        Assert.Equal(first, (await another.PrintAsync(html, Dated, Ct)).Value);
        Assert.NotEqual(first, (await printer.Documents.PrintAsync(html, Dated.AddSeconds(1), Ct)).Value);
    }

    [Fact]
    public async Task A_page_runs_no_script_and_reaches_nothing()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var there = $"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/";
        var html = Html($"""
            <p>Before</p><script>document.body.textContent = 'owned'; fetch('{there}');</script><img src="{there}a.png" alt=""><img src="file:///etc/passwd" alt="">
            <iframe src="{there}"></iframe><iframe src="file:///etc/passwd"></iframe><link rel="stylesheet" href="{there}a.css"><meta http-equiv="refresh" content="0;url={there}"><p>After</p>
            """);
        // Several times: whether the way elsewhere or the end of the text comes first is a race.
        for (var i = 0; i < 6; i++)
        {
            var text = await Pdf.TextAsync(await PrintAsync(html));
            Assert.Contains("Before After", text, StringComparison.Ordinal);
            Assert.DoesNotContain("owned", text, StringComparison.Ordinal);
            Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
        }

        Assert.False(server.Pending());
    }

    [Fact]
    public async Task Two_documents_are_printed_side_by_side_and_do_not_mix()
    {
        var both = await Task.WhenAll(PrintAsync(Html("<p>One</p>" + Pages(20))), PrintAsync(Html("<p>Other</p>" + Pages(20))));
        var texts = await Task.WhenAll(both.Select(Pdf.TextAsync));
        Assert.StartsWith("One", texts[0], StringComparison.Ordinal);
        Assert.StartsWith("Other", texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Chromium_killed_in_the_middle_is_replaced_and_the_document_comes_all_the_same()
    {
        await using var own = Printer.Of(new PrinterOptions());
        Assert.Null((await own.PrintAsync(Html("<p>Warm</p>"), Dated, Ct)).Refusal);
        var victim = own.ProcessId!.Value;
        var printing = own.PrintAsync(Html(Pages(300)), Dated, Ct);
        Process.GetProcessById(victim).Kill();
        var printed = await printing;
        Assert.Null(printed.Refusal);
        Assert.Equal("300", (await Pdf.InfoAsync(printed.Value))["Pages"]);
        Assert.NotEqual(victim, own.ProcessId);
    }

    [Fact]
    public async Task Nothing_of_Chromium_is_left_when_the_printer_goes()
    {
        var own = Printer.Of(new PrinterOptions());
        Assert.Null((await own.PrintAsync(Html("<p>Short</p>"), Dated, Ct)).Refusal);
        var profile = ProfileOf(own.ProcessId!.Value);
        Assert.True(Directory.Exists(profile));
        await own.DisposeAsync();
        await Eventually.True(() => !Processes().Any(p => p.Contains(profile, StringComparison.Ordinal)), "all of Chromium had ended");
    }

    [Theory]
    [InlineData("/nowhere/chromium")]
    [InlineData("/bin/false")]
    public async Task A_missing_or_broken_Chromium_is_a_refusal(string path)
    {
        await using var broken = Printer.Of(new PrinterOptions { BrowserPath = path });
        Assert.Equal(DocumentRefusals.PrinterUnavailable, (await broken.PrintAsync(Html("<p>Nothing</p>"), Dated, Ct)).Refusal?.Kind);
    }

    [Fact]
    public async Task More_documents_than_may_wait_are_refused_at_once()
    {
        await using var small = Printer.Of(new PrinterOptions { Parallel = 1, Waiting = 1 });
        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => small.PrintAsync(Html("<p>One of three</p>"), Dated, Ct)));
        Assert.Equal([DocumentRefusals.PrinterBusy], results.Where(r => r.IsRefused).Select(r => r.Refusal!.Kind));
        Assert.Null((await small.PrintAsync(Html("<p>Later</p>"), Dated, Ct)).Refusal);
    }

    [Fact]
    public async Task A_document_that_takes_too_long_is_refused_and_the_next_one_is_printed()
    {
        using var folder = new ShortFolder();
        var slow = folder["chromium"];
        await File.WriteAllTextAsync(slow, "#!/bin/sh\nexec sleep 60\n", Ct);
        File.SetUnixFileMode(slow, (UnixFileMode)0b111_101_101);
        await using var impatient = Printer.Of(new PrinterOptions { BrowserPath = slow, TimeLimit = TimeSpan.FromSeconds(1) });
        Assert.Equal(DocumentRefusals.PrinterBusy, (await impatient.PrintAsync(Html("<p>Slow</p>"), Dated, Ct)).Refusal?.Kind);
        Assert.Equal(DocumentRefusals.PrinterBusy, (await impatient.PrintAsync(Html("<p>Slow</p>"), Dated, Ct)).Refusal?.Kind);
    }

    private async Task<byte[]> PrintAsync(string html)
    {
        var printed = await printer.Documents.PrintAsync(html, Dated, Ct);
        Assert.Null(printed.Refusal);
        return printed.Value;
    }

    private static string Html(string body) => $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>A title</title></head><body>{body}</body></html>";

    private static string Pages(int count) => string.Concat(Enumerable.Range(1, count).Select(i => $"<p style=\"break-after: {(i < count ? "page" : "auto")}\">Page {i}</p>"));

    private static string ProfileOf(int process) =>
        File.ReadAllText($"/proc/{process}/cmdline").Split('\0').Single(a => a.StartsWith("--user-data-dir=", StringComparison.Ordinal))["--user-data-dir=".Length..];

    private static IEnumerable<string> Processes()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (IOException)
            {
                continue; // ended meanwhile
            }

            yield return line;
        }
    }
}
