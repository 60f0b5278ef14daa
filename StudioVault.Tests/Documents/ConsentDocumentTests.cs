using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Packages;
using StudioVault.Tests.Support;
using StudioVault.Web.Documents;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary>The consent of a branch as a file: complete, checkable without us, the branch's own business.</summary>
public sealed partial class ConsentDocumentTests(PostgresServer server, Printer printer) : PackagesTest(server), IClassFixture<Printer>, IDisposable
{
    private readonly DocumentRenderer _documents = new(NullLoggerFactory.Instance);
    private ConsentQueries _consents = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _consents = new ConsentQueries(Door, Key);
    }

    public void Dispose() => _documents.Dispose();

    [Fact]
    public async Task Names_each_change_with_both_sides_and_what_was_decided_about_it()
    {
        var consent = await DecidedAsync();
        var text = await Pdf.TextAsync(await PrintAsync(consent));
        Assert.Contains("Northlight Porto", text, StringComparison.Ordinal);
        Assert.Contains("Decision on version 2 of Wedding Classic", text, StringComparison.Ordinal);
        Assert.Contains("Accepted in part", text, StringComparison.Ordinal);
        Assert.Contains($"SHA-256 {consent.VersionHash}", text, StringComparison.Ordinal);
        Assert.Contains("Decided by Ana", text, StringComparison.Ordinal);
        Assert.Contains("Lisbon time (Europe/Lisbon; ", text, StringComparison.Ordinal);
        Assert.Contains("Album: price €520.00 €495.00 Another value entered: €510.00", text, StringComparison.Ordinal);
        Assert.Contains("Travel radius included 40 km 60 km The studio’s kept", text, StringComparison.Ordinal);
        Assert.DoesNotContain("The studio’s kept, as proposed", text, StringComparison.Ordinal);
        Assert.Contains("Turnaround 42 days 35 days HQ’s taken, as proposed", text, StringComparison.Ordinal);
        Assert.Contains("Originals are kept for 180 days.", text, StringComparison.Ordinal);
        Assert.Contains("Originals are kept for 365 days after delivery.", text, StringComparison.Ordinal);
        Assert.Contains("Page 1 of ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_tagged_has_its_fonts_inside_and_the_same_bytes_every_time()
    {
        var consent = await DecidedAsync();
        var pdf = await PrintAsync(consent);
        var info = await Pdf.InfoAsync(pdf);
        Assert.Equal(("Decision on version 2 of Wedding Classic", "yes"), (info["Title"], info["Tagged"]));
        Assert.StartsWith("594.96 x 841.92", info["Page size"], StringComparison.Ordinal);
        var fonts = await Pdf.FontsAsync(pdf);
        Assert.All(fonts, f => Assert.Matches("(InstrumentSans|Newsreader|IBMPlexMono).* yes yes yes ", f));
        Assert.Contains("/Outlines", Encoding.Latin1.GetString(pdf), StringComparison.Ordinal);
        Assert.Contains("/Lang (en)", Encoding.Latin1.GetString(pdf), StringComparison.Ordinal);

        var before = Thread.CurrentThread.CurrentCulture;
        Thread.CurrentThread.CurrentCulture = new System.Globalization.CultureInfo("de-DE");
        try
        {
            Assert.Equal(pdf, await PrintAsync((await _consents.ConsentAsync(PortoStaff, Porto, consent.Offer, Ct)).Value));
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task The_signature_it_shows_verifies_with_openssl_as_it_says()
    {
        var consent = await DecidedAsync();
        var text = await Pdf.TextAsync(await PrintAsync(consent));
        using var folder = new ShortFolder();
        await File.WriteAllBytesAsync(folder[ConsentFile.NameOf(consent, "json")], ConsentFile.ToJson(consent), Ct);
        var commands = ConsentFile.Check(ConsentFile.NameOf(consent, "json"));
        Assert.Equal(2, commands.Count);
        Assert.All(commands, c => Assert.Contains(Joined(c), Joined(text), StringComparison.Ordinal));
        Assert.Equal("Verified OK", await ShellAsync(folder.Path, string.Join('\n', commands)));
        Assert.StartsWith(consent.ConsentSha256, await ShellAsync(folder.Path, "sha256sum c"), StringComparison.Ordinal);
        Assert.Contains(consent.Key.Fingerprint, await ShellAsync(folder.Path, "openssl pkey -pubin -in k -outform der | openssl dgst -sha256"), StringComparison.Ordinal);

        // What is printed is what the file holds.
        var printed = Signature().Match(text).Groups[1].Value.Replace(" ", "", StringComparison.Ordinal);
        Assert.Equal(consent.Signature, printed);
        Assert.True(Key.Verify(await File.ReadAllBytesAsync(folder["c"], Ct), printed));
        var signed = JsonNode.Parse(await File.ReadAllTextAsync(folder["c"], Ct))!;
        Assert.Equal((consent.VersionHash, consent.PreviewDigest, "partly_accepted"), ((string?)signed["versionHash"], (string?)signed["previewDigest"], (string?)signed["verdict"]));
        Assert.Equal(1L, await SqlAsync("select count(*) from audit.entries where payload::jsonb->>'consentSha256' = $1", consent.ConsentSha256));
    }

    [Fact]
    public async Task A_reason_with_markup_in_it_is_shown_as_it_was_typed()
    {
        const string reason = "<script>document.title='x'</script> <img src=x onerror=alert(1)> **not bold** </dd></dl></body> & {{ x }}\n\u202Eטקסט";
        await AdoptAsync();
        await PublishAsync(Version2());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await Decide.IgnoreAsync(Ana, Porto, offer, reason, Ct)).Refusal);
        var consent = (await _consents.ConsentAsync(Ana, Porto, offer, Ct)).Value;
        var html = await RenderAsync(consent);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        var text = await Pdf.TextAsync(await PrintAsync(consent));
        Assert.Contains(Joined("<script>document.title='x'</script> <img src=x onerror=alert(1)> **not bold** </dd></dl></body> & {{ x }}"), Joined(text), StringComparison.Ordinal);
        Assert.Contains("Ignored The studio declined the version as a whole", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_order_of_a_list_is_signed_and_shown_like_every_other_choice()
    {
        await AdoptAsync();
        var version = WeddingContent();
        var items = version["items"]!.AsArray();
        var first = items[0]!;
        items.RemoveAt(0);
        items.Add(first);
        await PublishAsync(version);
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto, new MergeDecisions(new Dictionary<string, MergeDecision>(), new Dictionary<string, MergeChoice> { ["/items"] = MergeChoice.Branch }))).Refusal);
        var consent = (await _consents.ConsentAsync(Ana, Porto, offer, Ct)).Value;
        Assert.Equal("branch", (string?)JsonNode.Parse(consent.Consent)!["orders"]!["/items"]);
        var order = Assert.Single(consent.Orders);
        Assert.Equal(["Full-day coverage", "Album"], order.Yours);
        Assert.Equal(["Album", "Full-day coverage"], order.Hq);
        Assert.Contains("The studio’s order kept", await Pdf.TextAsync(await PrintAsync(consent)), StringComparison.Ordinal);
        Assert.Contains((await Packages.ReviewAsync(Ana, Porto, offer, Ct)).Value.Receipt!.Rows, r => r.Field.Label.EndsWith(": order", StringComparison.Ordinal) && r.Decision == MergeDecision.Branch);
    }

    [Fact]
    public async Task An_adoption_says_so()
    {
        await PublishAsync(WeddingContent());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto)).Refusal);
        var consent = (await _consents.ConsentAsync(Ana, Porto, offer, Ct)).Value;
        Assert.Null(consent.Before);
        Assert.Equal((await Packages.PackagesAsync(Ana, Porto, null, Ct)).Value.Single().Revision, consent.Revision);
        Assert.Contains("Taken up The studio took the package as HQ has it", await Pdf.TextAsync(await PrintAsync(consent)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_branch_and_an_undecided_offer_find_nothing()
    {
        var consent = await DecidedAsync();
        Assert.Equal(KernelRefusals.NotFound, (await _consents.ConsentAsync(BerlinManager, Berlin, consent.Offer, Ct)).Refusal?.Kind);
        Assert.Equal(KernelRefusals.NotFound, (await _consents.ConsentAsync(BerlinManager, Porto, consent.Offer, Ct)).Refusal?.Kind);
        Assert.Equal(KernelRefusals.NotFound, (await _consents.ConsentAsync(BerlinManager, Berlin, await OpenOfferAsync(Berlin), Ct)).Refusal?.Kind);
        Assert.Equal(KernelRefusals.NotFound, (await _consents.ConsentAsync(Ana, Porto, OfferId.New(), Ct)).Refusal?.Kind);
    }

    [Fact]
    public async Task A_record_somebody_changed_in_the_database_is_not_made_into_a_document()
    {
        var consent = await DecidedAsync();
        await SqlAsync("set session_replication_role = replica; update packages.offer_decisions set consent = replace(consent, 'partly_accepted', 'accepted') where offer_id = '" + consent.Offer + "'");
        Assert.Equal(OfferRefusals.ConsentDamaged, (await _consents.ConsentAsync(Ana, Porto, consent.Offer, Ct)).Refusal?.Kind);
    }

    /// <summary>Porto made the album dearer; HQ changes it too, and the radius, the turnaround and a clause. Ana decides differently about each.</summary>
    private async Task<ConsentRecord> DecidedAsync()
    {
        var package = await AdoptAsync();
        Assert.Null((await EditAsync(package, c => In(c, "items", "album")["unitPrice"] = "520.00")).Refusal);
        await PublishAsync(Version2());
        var offer = await OpenOfferAsync(Porto);
        Assert.Null((await AcceptAsync(Ana, Porto, MergeDecisions.Of(("/items/album/unitPrice", MergeDecision.Enter(ContentValue.String("510.00"))), ("/travel/radiusKm", MergeDecision.Branch)))).Refusal);
        return (await _consents.ConsentAsync(Ana, Porto, offer, Ct)).Value;
    }

    private static JsonObject Version2()
    {
        var content = WeddingContent();
        In(content, "items", "album")["unitPrice"]!["EUR"] = "495.00";
        content["travel"]!["radiusKm"] = 60;
        content["turnaroundDays"] = 35;
        In(content, "clauses", "archive")["body"] = "Originals are kept for 180 days.";
        return content;
    }

    private Task<string> RenderAsync(ConsentRecord consent) =>
        _documents.RenderAsync<ConsentDocument>(new() { [nameof(ConsentDocument.Consent)] = consent });

    private async Task<byte[]> PrintAsync(ConsentRecord consent)
    {
        var printed = await printer.Documents.PrintAsync(await RenderAsync(consent), consent.At, Ct);
        Assert.Null(printed.Refusal);
        return printed.Value;
    }

    private static async Task<string> ShellAsync(string folder, string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var text = await shell.StandardOutput.ReadToEndAsync(Ct);
        await shell.WaitForExitAsync(Ct);
        return text.Trim();
    }

    /// <summary>Lines break where there is room: without spaces a text is the same wherever they did.</summary>
    private static string Joined(string text) => text.Replace(" ", "", StringComparison.Ordinal);

    [GeneratedRegex("base64 of DER ([A-Za-z0-9+/= ]+?) Key ")]
    private static partial Regex Signature();
}
