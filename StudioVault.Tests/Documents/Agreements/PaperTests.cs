using System.Text;
using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Domain.Agreements;
using StudioVault.Tests.Agreements;
using StudioVault.Web.Documents;
using StudioVault.Web.Documents.Agreements;
using Xunit;

namespace StudioVault.Tests.Documents.Agreements;

/// <summary>The papers of an agreement, printed by the real Chromium and read back by other programs.</summary>
public sealed class PaperTests(Printer printer) : IClassFixture<Printer>, IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly DocumentRenderer _documents = new(NullLoggerFactory.Instance);

    public static TheoryData<string> Kinds => ["agreement", "everybody", "amendment", "out of sequence", "as amended", "certificate", "withdrawal", "release"];

    public void Dispose() => _documents.Dispose();

    [Fact]
    public async Task The_agreement_says_who_what_when_how_much_and_by_which_rules()
    {
        var content = AgreementSamples.Sousa;
        var text = await Pdf.TextAsync(await PrintAsync(await AgreementAsync(content, signed: true)));
        Contains(text, "Agreement between Northlight Porto, Marta Sousa and João Reis.", "Rua das Flores 112, 4050-262 Porto", "Saturday, 12 June 2027", "From 14:00, 8 hours", "Quinta da Aveleda, Penafiel",
            "450 Edited photographs, JPEG, full resolution", "€1,450.00", "Total €1,970.00", "of which IVA 23 % €368.37", "13 May 2027, 30 days before the day", "€1,379.00", "A new date is agreed in writing.",
            "Governed by the rules of 21 November 2026", "Privacy, version 3", "There is no right of withdrawal. A service of leisure on a fixed day", "Marta Sousa, Client", "Signed 21 Nov 2026, 14:02:11, Lisbon time (2026-11-21 14:02:11 UTC)");
        Assert.DoesNotContain("Not signed yet", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_signatures_it_lists_who_has_to_sign_and_a_minor_is_signed_for()
    {
        var text = await Pdf.TextAsync(await PrintAsync(await AgreementAsync(PaperSamples.Everybody, signed: false)));
        Assert.Equal(4, text.Split("Not signed yet").Length - 1);
        Contains(text, "Guardian, signs for", "You may withdraw from this agreement within 14 days of signing");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_page_says_whose_it_is_which_one_of_how_many_and_where_it_is_checked(string kind)
    {
        var (html, mark) = await RenderAsync(kind, "PT");
        var pages = await Pdf.PagesAsync(await PrintAsync(html));
        for (var i = 0; i < pages.Length; i++) Contains(pages[i], $"Page {i + 1} of {pages.Length}", mark.Name, $"SHA-256 {mark.ShortHash}");
        Contains(Joined(pages[^1]), mark.ContentHash, mark.VerifyAddress);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Is_tagged_sound_has_its_fonts_inside_and_the_same_bytes_every_time(string kind)
    {
        var (html, mark) = await RenderAsync(kind, "PT");
        var pdf = await PrintAsync(html);
        Assert.Equal(pdf, await PrintAsync((await RenderAsync(kind, "PT")).Html));
        await Pdf.CheckAsync(pdf);
        var info = await Pdf.InfoAsync(pdf);
        Assert.Equal(("yes", "no"), (info["Tagged"], info["JavaScript"]));
        Assert.StartsWith("594.96 x 841.92", info["Page size"], StringComparison.Ordinal);
        Assert.All(await Pdf.FontsAsync(pdf), f => Assert.Matches(@" yes (yes|no) +yes +\d", f));
        Assert.Contains("/Outlines", Encoding.Latin1.GetString(pdf), StringComparison.Ordinal);
        Assert.Contains($"/Alt (QR code leading to {mark.VerifyAddress})", Encoding.Latin1.GetString(pdf), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("US", "612 x 792")]
    [InlineData("CA", "612 x 792")]
    [InlineData("PL", "594.96 x 841.92")]
    public async Task Is_printed_on_the_paper_of_the_studios_country(string country, string size) =>
        Assert.StartsWith(size, (await Pdf.InfoAsync(await PrintAsync((await RenderAsync("agreement", country)).Html)))["Page size"], StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Headings_go_down_step_by_step_and_every_table_names_its_columns(string kind)
    {
        var page = new HtmlParser().ParseDocument((await RenderAsync(kind, "PT")).Html);
        var last = 0;
        foreach (var level in page.QuerySelectorAll("h1, h2, h3, h4, h5, h6").Select(h => h.LocalName[1] - '0'))
        {
            Assert.InRange(level, 1, last + 1);
            last = level;
        }

        Assert.Single(page.QuerySelectorAll("h1"));
        Assert.All(page.QuerySelectorAll("table"), t => Assert.NotEmpty(t.QuerySelectorAll("thead th")));
        Assert.All(page.QuerySelectorAll("svg[role=img]"), s => Assert.False(string.IsNullOrEmpty(s.GetAttribute("aria-label"))));
    }

    [Fact]
    public async Task Names_in_every_script_and_words_that_try_to_get_out_stand_as_they_were_typed()
    {
        var html = await AgreementAsync(PaperSamples.Everybody, signed: true);
        var page = new HtmlParser().ParseDocument(html);
        Assert.Empty(page.QuerySelectorAll("script, img, iframe, object"));
        Assert.Empty(page.QuerySelectorAll("[onerror], [href^='javascript:']"));
        var text = await Pdf.TextAsync(await PrintAsync(html));
        Contains(text, "Małgorzata Brzęczyszczykiewicz-Grzegżółka", "Krakowskie Przedmieście", "Łucja Źdźbło", "PLN 24,677.49", "<script>document.title='x'</script><img src=x onerror=alert(1)>");
        Contains(Joined(text), "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz");
        Assert.Matches("נועם|םעונ", text);
    }

    [Fact]
    public async Task A_redline_is_readable_without_colour_and_by_ear()
    {
        var (html, _) = await RenderAsync("amendment", "PT");
        var pdf = await PrintAsync(html);
        var text = await Pdf.TextAsync(pdf);
        Contains(text, "Hours of coverage Changed 8 hours 10 hours", "Fine art prints Added nothing", "Total Changed €1,970.00 €2,300.00", "agreed in writing[added: , at least thirty days ahead].", "[added: all of this]", "[end of what is added]",
            "[removed: all of this]", "1 March 2027", "The party goes on until midnight", "Version 1 of the agreement SHA-256 " + AgreementSamples.Sousa.Hash());
        Contains(await Pdf.StructureAsync(pdf), "[added:", "[removed:");
        var page = new HtmlParser().ParseDocument(html);
        Assert.NotEmpty(page.QuerySelectorAll("ins .words"));
        Assert.All(page.QuerySelectorAll(".prose ins, .prose del"), e => Assert.Matches(@"^\[(added|removed): .+\]$", e.TextContent));
    }

    [Fact]
    public async Task An_amendment_ahead_of_a_signed_one_says_what_the_parties_chose()
    {
        var text = await Pdf.TextAsync(await PrintAsync((await RenderAsync("out of sequence", "PT")).Html));
        Contains(text, "Saturday, 12 June 2027 Saturday, 3 July 2027", "The prices agreed go on.", "“Hours”, signed, from 1 March 2027 on, changes the same. On its day it replaces what this amendment says.");
    }

    [Fact]
    public async Task The_agreement_as_amended_names_beside_each_part_the_paper_it_comes_from()
    {
        var chain = PaperSamples.Sousa();
        var page = new HtmlParser().ParseDocument(await ConformedAsync(chain, DateOnly.MaxValue));
        string Beside(string title) => page.QuerySelectorAll(".clause").Single(c => c.QuerySelector("h3")!.TextContent == title).QuerySelector(".source")!.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is var words ? string.Join(' ', words) : "";
        Assert.Equal("Version 2, signed 5 December 2026 by Marta Sousa and João Reis", Beside("Drone"));
        Assert.StartsWith("Version 3, ", Beside("Use of the pictures"), StringComparison.Ordinal);
        Assert.All(page.QuerySelectorAll(".clause"), c => Assert.NotNull(c.QuerySelector(".source")));

        // On an earlier day the later papers are not there at all.
        var text = await Pdf.TextAsync(await PrintAsync(await ConformedAsync(chain, new(2027, 2, 1))));
        Contains(text, "The agreement as it holds on 1 February 2027", "Casa da Música, Porto", "Full-day coverage", "Version 3, New date");
        Assert.DoesNotContain("Version 2", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_holds_how_each_signature_was_proven_and_what_was_shown()
    {
        var text = Joined(await Pdf.TextAsync(await PrintAsync((await RenderAsync("certificate", "PT")).Html)));
        Contains(text, Joined("A code used once, sent to m•••@sousa.example"), Joined("The personal link sent to j•••@reis.example"), Joined("I have read the agreement shown to me and sign it with my name."), Joined("statement, version 2026-05"),
            Joined("agreement.pdf, 184,220 bytes SHA-256 " + new string('b', 64)), AgreementSamples.Sousa.Hash(), Joined("Sealed 21 Nov 2026, 19:02:11"));
    }

    [Fact]
    public async Task The_receipt_of_a_withdrawal_gives_its_words_and_the_second_it_arrived() =>
        Contains(await Pdf.TextAsync(await PrintAsync((await RenderAsync("withdrawal", "PT")).Html)), "I withdraw from the agreement. Please send the deposit back", "24 Nov 2026, 14:02:11, Lisbon time", "Open until 5 December 2026, end of the day");

    [Fact]
    public async Task An_image_release_lists_each_purpose_and_how_it_is_taken_back() =>
        Contains(await Pdf.TextAsync(await PrintAsync((await RenderAsync("release", "PT")).Html)), "Inês Sousa, a minor, represented by Marta Sousa", "Social media of the studio Allowed 12 June 2028", "Training of machine learning models Not allowed", "https://vault.northlight.example/c/kJ3f9aQ2mZ");

    [Fact]
    public async Task Real_terms_and_their_three_amendments_are_printed_redlined_and_folded()
    {
        var whole = LegalFamily.CloudService();
        var first = await PrintAsync(await AgreementAsync(whole.First, signed: true));
        Assert.InRange((await Pdf.PagesAsync(first)).Length, 10, 16);
        Contains(await Pdf.TextAsync(first), "1. Service", "15. Definitions", "7.1 Mutual. Each party represents and warrants to the other that", "Cloud Service Agreement");
        var chain = LegalFamily.CloudService(1);
        foreach (var (amendment, said) in whole.Amendments.Zip(["[added:", "[removed: 1.2 Service Level.", "Version [removed: 2.0][added: 2.1]"]))
        {
            Assert.Null(chain.Refuses(amendment));
            var html = await AmendmentAsync(chain, amendment);
            var pdf = await PrintAsync(html);
            Assert.Equal(pdf, await PrintAsync(html));
            await Pdf.CheckAsync(pdf);
            Contains(await Pdf.TextAsync(pdf), $"Amendment to agreement CSA-2026-0001, version {amendment.Version}", said);
            chain.Append(amendment);
        }

        // Folded, it is the newest text, word for word.
        Assert.Equal(LegalFamily.CsaClauses("2.1"), AgreementContent.From(whole.Whole().Content).Value.Clauses.OrderBy(c => Array.FindIndex(LegalFamily.CsaClauses("2.1"), n => n.Id == c.Id)));
        var folded = await PrintAsync(await ConformedAsync(whole, DateOnly.MaxValue));
        await Pdf.CheckAsync(folded);
        Contains(await Pdf.TextAsync(folded), "Terms Version 2.1", "Version 3, signed 12 December 2026 by Marta Sousa and João Reis", "Version 4, signed");
        Assert.All(await Pdf.FontsAsync(folded), f => Assert.Matches("(InstrumentSans|Newsreader|IBMPlexMono).* yes yes yes ", f));
    }

    [Fact]
    public async Task Real_terms_of_service_with_tables_links_and_letters_are_redlined_too()
    {
        var chain = LegalFamily.TermsOfService(1);
        var amendment = LegalFamily.TermsOfService().Amendments.Single();
        var pdf = await PrintAsync(await AmendmentAsync(chain, amendment));
        await Pdf.CheckAsync(pdf);
        Contains(await Pdf.TextAsync(pdf), "Terms of Service", "paragraphs not changed]", "[removed: User][added: Personal]");
        Contains(await Pdf.TextAsync(await PrintAsync(await AgreementAsync(chain.First, signed: false))), "A. Definitions", "R. Miscellaneous");
    }

    private static void Contains(string text, params string[] words) => Assert.All(words, w => Assert.Contains(w, text, StringComparison.Ordinal));

    /// <summary>Lines break where there is room: without spaces a text is the same wherever they did.</summary>
    private static string Joined(string text) => text.Replace(" ", "", StringComparison.Ordinal);

    private async Task<(string Html, PaperMark Mark)> RenderAsync(string kind, string country)
    {
        var content = kind == "everybody" ? PaperSamples.Everybody : AgreementSamples.Sousa;
        content = content with { Studio = content.Studio with { Country = country } };
        var chain = new AgreementChain(content);
        switch (kind)
        {
            case "amendment":
                var longer = PaperSamples.Longer(chain);
                return (await AmendmentAsync(chain, longer), Mark(AgreementWords.Name(content.Number, 2), longer.Hash()));
            case "out of sequence":
                chain.Append(PaperSamples.Longer(chain));
                var earlier = PaperSamples.Earlier(chain);
                return (await AmendmentAsync(chain, earlier), Mark(AgreementWords.Name(content.Number, 3), earlier.Hash()));
            case "as amended":
                chain.Append(PaperSamples.Longer(chain));
                return (await ConformedAsync(chain, DateOnly.MaxValue), Mark($"Agreement {content.Number} as amended", chain.HeadHash));
            case "certificate":
                var certificate = PaperSamples.Certificate(content);
                return (await RenderAsync<CertificateDocument>((nameof(CertificateDocument.Certificate), certificate)), certificate.Mark);
            case "withdrawal":
                var receipt = PaperSamples.Withdrawal(content);
                return (await RenderAsync<WithdrawalReceiptDocument>((nameof(WithdrawalReceiptDocument.Receipt), receipt)), receipt.Mark);
            case "release":
                var release = PaperSamples.Release(content);
                return (await RenderAsync<ImageReleaseDocument>((nameof(ImageReleaseDocument.Release), release)), release.Mark);
            default:
                return (await AgreementAsync(content, signed: true), Mark(AgreementWords.Name(content.Number, 1), content.Hash()));
        }

        PaperMark Mark(string name, string hash) => new(content.Studio.Name, country, name, hash, PaperSamples.Site);
    }

    private Task<string> AgreementAsync(AgreementContent content, bool signed) => RenderAsync<AgreementDocument>((nameof(AgreementDocument.Content), content), (nameof(AgreementDocument.Site), PaperSamples.Site),
        (nameof(AgreementDocument.Signatures), signed ? PaperSamples.SignaturesOf(content) : []));

    private Task<string> AmendmentAsync(AgreementChain chain, AmendmentContent amendment) => RenderAsync<AmendmentDocument>((nameof(AmendmentDocument.Amendment), amendment),
        (nameof(AmendmentDocument.Setting), AmendmentSetting.Of(chain, amendment)), (nameof(AmendmentDocument.Site), PaperSamples.Site));

    private Task<string> ConformedAsync(AgreementChain chain, DateOnly asOf) => RenderAsync<ConformedDocument>((nameof(ConformedDocument.Conformed), chain.On(asOf)), (nameof(ConformedDocument.Papers), PaperSamples.Sources(chain)),
        (nameof(ConformedDocument.Site), PaperSamples.Site));

    private Task<string> RenderAsync<T>(params (string Name, object Value)[] parameters) where T : IComponent => _documents.RenderAsync<T>(parameters.ToDictionary(p => p.Name, p => (object?)p.Value));

    private async Task<byte[]> PrintAsync(string html)
    {
        var printed = await printer.Documents.PrintAsync(html, PaperSamples.Signed, Ct);
        Assert.Null(printed.Refusal);
        return printed.Value;
    }
}
