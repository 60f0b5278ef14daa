using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using StudioVault.Domain.Documents;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary>Sealing of files the real Chromium printed, with pdfsig and qpdf as judges.</summary>
public sealed class PdfSealTests(SealedPaper paper) : IClassFixture<SealedPaper>
{
    [Fact]
    public async Task Other_programs_find_the_seal_valid_over_the_whole_file_and_the_file_sound()
    {
        Assert.True(await Pdf.IsSignedWholeAsync(paper.Sealed));
        Assert.Equal("", await Pdf.FlawsAsync(paper.Sealed));
        Assert.Equal(await Pdf.TextAsync(paper.Printed), await Pdf.TextAsync(paper.Sealed));
        var (before, after) = (await Pdf.InfoAsync(paper.Printed), await Pdf.InfoAsync(paper.Sealed));
        Assert.Equal((before["Title"], before["Pages"], "yes"), (after["Title"], after["Pages"], after["Tagged"]));
        Assert.True((await SealedPaper.CheckAsync(paper.Sealed)).IsIntact);
    }

    [Fact]
    public void The_identifier_is_the_content_hash_in_both_halves_of_both_trailers()
    {
        var text = Encoding.Latin1.GetString(paper.Sealed);
        var id = $"/ID[<{SealedPaper.ContentHash}><{SealedPaper.ContentHash}>]";
        Assert.Equal(3, text.Split(id).Length);
        Assert.Equal(3, text.Split("%%EOF\n").Length);
        Assert.EndsWith("%%EOF\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_file_key_and_time_give_the_same_bytes_and_another_time_others()
    {
        Assert.Equal(paper.Sealed, SealedPaper.Seal(paper.Printed));
        using var stored = SealKey.Load(SealedPaper.Key.Certificate.Span, SealedPaper.Key.PrivateKey());
        Assert.Equal(paper.Sealed, SealedPaper.Seal(paper.Printed, stored));
        Assert.NotEqual(paper.Sealed, SealedPaper.Seal(paper.Printed, at: SealedPaper.At.AddSeconds(1)));
    }

    [Fact]
    public async Task OpenSSL_alone_verifies_the_seal_with_the_certificate_at_hand()
    {
        using var folder = new ShortFolder();
        var text = Encoding.Latin1.GetString(paper.Sealed);
        var gap = text.LastIndexOf("/Contents<", StringComparison.Ordinal) + "/Contents".Length;
        var rest = gap + 2 * PdfSeal.Room + 2;
        await File.WriteAllBytesAsync(folder["signature"], Convert.FromHexString(text[(gap + 1)..(rest - 1)]), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder["content"], [.. paper.Sealed.AsSpan(0, gap), .. paper.Sealed.AsSpan(rest)], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["certificate"], PemEncoding.WriteString("CERTIFICATE", SealedPaper.Key.Certificate.Span), TestContext.Current.CancellationToken);
        Assert.Equal(0, await VerifyAsync());
        await File.WriteAllTextAsync(folder["content"], "other", TestContext.Current.CancellationToken);
        Assert.NotEqual(0, await VerifyAsync());

        // The certificate is the one the group published, so that it is trusted; its own signature says nothing more.
        async Task<int> VerifyAsync()
        {
            using var process = Process.Start(new ProcessStartInfo("openssl",
                ["cms", "-verify", "-binary", "-inform", "DER", "-in", folder["signature"], "-content", folder["content"], "-CAfile", folder["certificate"], "-purpose", "any", "-no_check_time", "-out", "/dev/null"])
            { RedirectStandardError = true })!;
            await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return process.ExitCode;
        }
    }

    [Theory]
    [InlineData("<p>No link, so that the page has no notes</p>", 1)]
    [InlineData("", 1)]
    [InlineData("<p>Łódź ü €</p><p><a href=\"#b\">In</a> <a href=\"https://a.example/(x)\">Out</a></p><h2 id=\"b\">B</h2>", 1)]
    [InlineData("{pages}", 130)]
    public async Task Every_kind_of_document_is_sealed(string body, int pages)
    {
        var text = body.Replace("{pages}", string.Concat(Enumerable.Range(1, pages).Select(i => $"<h2 style=\"break-after: {(i < pages ? "page" : "auto")}\">Page {i}</h2>")), StringComparison.Ordinal);
        var sealedFile = SealedPaper.Seal(await paper.PrintAsync("Größe (an »odd« title) /ID[&lt;00&gt;&lt;00&gt;] %%EOF", text));
        Assert.True(await Pdf.IsSignedWholeAsync(sealedFile));
        Assert.Equal("", await Pdf.FlawsAsync(sealedFile));
        Assert.Equal($"{pages}", (await Pdf.InfoAsync(sealedFile))["Pages"]);
        Assert.True((await SealedPaper.CheckAsync(sealedFile)).IsIntact);
    }

    [Fact]
    public async Task The_name_of_a_group_may_hold_anything()
    {
        const string Name = "Ł(ó)dź \\ \"Foto\", CN=x + Söhne";
        using var key = SealKey.Make(Name, SealedPaper.At);
        var made = PdfSeal.Apply(paper.Printed, SealedPaper.ContentHash, key, Name, "Reason) with (brackets", SealedPaper.At).Value;
        Assert.True(await Pdf.IsSignedWholeAsync(made));
        Assert.Equal("", await Pdf.FlawsAsync(made));
        Assert.True((await SealedPaper.CheckAsync(made, new TrustedSeal(key.Certificate, null))).IsIntact);
    }

    [Fact]
    public async Task A_file_in_a_form_that_is_not_known_is_refused_with_the_reason()
    {
        Refuses("encrypted", await Pdf.RewriteAsync(paper.Printed, "--encrypt", "", "owner", "256", "--"));
        Refuses("cross-reference stream", await Pdf.RewriteAsync(paper.Printed, "--object-streams=generate"));
        Refuses("more than one revision", paper.Sealed);
        Refuses("does not begin", "<html></html>"u8.ToArray());
        Refuses("does not begin", []);
        Refuses("does not end", paper.Printed[..^40]);
        Refuses("does not end", [.. paper.Printed, .. "more"u8]);
    }

    [Fact]
    public void A_damaged_file_is_refused_or_sealed_but_never_breaks_the_sealing()
    {
        var random = new Random(4711);
        // The structure stands in the first kilobytes and in the table at the end; the rest is compressed.
        for (var round = 0; round < 400; round++)
        {
            var file = paper.Printed.ToArray();
            for (var i = 0; i < 3; i++) file[random.Next(2) == 0 ? random.Next(3000) : file.Length - 1 - random.Next(1200)] = (byte)random.Next(256);
            if (PrintedPdf.Read(file, out var problem) is null) Assert.EndsWith(".", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_does_not_seal_outside_the_life_of_its_certificate() =>
        Assert.Equal(DocumentRefusals.Unsealable, PdfSeal.Apply(paper.Printed, SealedPaper.ContentHash, SealedPaper.Key, SealedPaper.Group, "Early", SealedPaper.At.AddYears(-2)).Refusal?.Kind);

    private static void Refuses(string reason, byte[] file)
    {
        var refused = PdfSeal.Apply(file, SealedPaper.ContentHash, SealedPaper.Key, SealedPaper.Group, "Reason", SealedPaper.At).Refusal;
        Assert.Equal(DocumentRefusals.Unsealable, refused?.Kind);
        Assert.Contains(reason, refused!.Sentence, StringComparison.Ordinal);
    }
}
