using System.Net;
using System.Text;
using Microsoft.Playwright;
using StudioVault.E2E.Shell;
using StudioVault.E2E.Support;
using Xunit;

namespace StudioVault.E2E.Proof;

/// <summary>/verify as a stranger uses it: with scripts on a phone, and without.</summary>
public sealed class VerifyTests(GalleryVault gallery, Chromium chromium)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_browser_and_the_server_say_the_same_of_every_file_and_only_hashes_leave_the_device()
    {
        var known = await KnownDocument.AddAsync(gallery.DataDir);
        var latin = Encoding.Latin1;
        var id = latin.GetString(Convert.FromHexString(known.Content)).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);
        (string Name, byte[] File, string Verdict, string Says)[] files =
        [
            ("original.pdf", known.Bytes, "The original, byte for byte", "Nothing in this file was changed"),
            ("note.pdf", [.. known.Bytes, .. latin.GetBytes("3 0 obj\n<</Type/Annot/Subtype/Text>>\nendobj\nstartxref\n1\n%%EOF\n")], "The original, with something added", "It holds notes, marks or form fields."),
            ("newline.pdf", [.. known.Bytes, 10], "The original, with something added", "The addition is no PDF"),
            ("changed.pdf", [.. known.Bytes[..20], (byte)(known.Bytes[20] ^ 1), .. known.Bytes[21..]], "Not the original", "carries the identifier of the agreement"),
            ("saved anew.pdf", [.. "%PDF-1.4\ntrailer\n<</ID [ ("u8, .. latin.GetBytes(id), .. ") <00>]>>\n%%EOF"u8], "Not the original", "carries the identifier of the agreement"),
            ("holiday.jpg", [0xFF, 0xD8, 1, 2, 3], "Not known here", "That does not make it false"),
            ("empty", [], "Not known here", "No file with these bytes"),
            ("\"><img src=x onerror=alert(1)>.pdf", "%PDF-1.4"u8.ToArray(), "Not known here", "No file with these bytes"),
        ];

        var (page, sent) = await OpenAsync(Screen.Phone);
        using var plain = new HttpClient { BaseAddress = gallery.Vault.Address };
        foreach (var (name, file, verdict, says) in files)
        {
            await page.Locator("#verify-file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "application/pdf", Buffer = file });
            await Assertions.Expect(page.Locator("#verdict-title")).ToHaveTextAsync(verdict);
            await Assertions.Expect(page.Locator(".verdict-file")).ToHaveTextAsync(name);
            await Assertions.Expect(page.Locator(".verdict")).ToContainTextAsync(says);
            Assert.DoesNotContain("valid", await page.Locator(".verdict").InnerTextAsync(), StringComparison.OrdinalIgnoreCase);

            using var form = new MultipartFormDataContent { { new ByteArrayContent(file), "file", name.Replace("\"", "", StringComparison.Ordinal) } };
            using var answer = await plain.PostAsync(new Uri("/verify", UriKind.Relative), form, Ct);
            var html = await answer.Content.ReadAsStringAsync(Ct);
            Assert.Contains($">{verdict}</h2>", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", html, StringComparison.Ordinal);
        }

        Assert.All(sent.Where(r => r.Method == "POST"), r => Assert.EndsWith("/verify/facts", r.Url, StringComparison.Ordinal));
        Assert.All(sent.Where(r => r.Method == "POST"), r => Assert.True(r.PostData!.Length < 4096 && !r.PostData.Contains(".pdf", StringComparison.Ordinal)));
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_file_with_our_certificate_that_nobody_registered_is_sent_only_when_the_visitor_wants()
    {
        var known = await KnownDocument.AddAsync(gallery.DataDir);
        var (page, _) = await OpenAsync(Screen.Desktop);
        await page.Locator("#verify-file").SetInputFilesAsync(new FilePayload { Name = "a.pdf", MimeType = "application/pdf", Buffer = [.. "%PDF-1.4\n<"u8, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(known.Certificate)), .. ">"u8] });
        await Assertions.Expect(page.Locator("#verdict-title")).ToHaveTextAsync("Not known here");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send it to be looked at" }).ClickAsync();
        await Assertions.Expect(page.Locator(".verdict-file")).ToHaveTextAsync("a.pdf");
        await Assertions.Expect(page).ToHaveTitleAsync("Verify a document · StudioVault");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Two_hundred_megabytes_are_read_on_the_device()
    {
        var known = await KnownDocument.AddAsync(gallery.DataDir);
        var path = Path.Combine(Path.GetTempPath(), $"{known.Content}.pdf");
        try
        {
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
            {
                await file.WriteAsync(known.Bytes, Ct);
                file.SetLength(200L << 20);
            }

            var (page, _) = await OpenAsync(Screen.Desktop);
            await page.Locator("#verify-file").SetInputFilesAsync(path);
            await Assertions.Expect(page.Locator("#verdict-title")).ToHaveTextAsync("The original, with something added", new() { Timeout = 120_000 });
            await page.Context.DisposeAsync();
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_file_too_large_to_send_is_refused_in_words_and_so_is_a_form_without_one()
    {
        using var plain = new HttpClient { BaseAddress = gallery.Vault.Address, Timeout = TimeSpan.FromMinutes(2) };
        using var form = new MultipartFormDataContent { { new StreamContent(new Zeros((200L << 20) + 1)), "file", "large.pdf" } };
        using var answer = await plain.PostAsync(new Uri("/verify", UriKind.Relative), form, Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("refuse.document.file_too_large", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);

        using var empty = new StringContent("nothing", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var none = await plain.PostAsync(new Uri("/verify", UriKind.Relative), empty, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        Assert.Contains("refuse.document.file_missing", await none.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using var torn = new ByteArrayContent("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\nhalf a"u8.ToArray());
        torn.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        using var half = await plain.PostAsync(new Uri("/verify", UriKind.Relative), torn, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, half.StatusCode);
    }

    [Fact]
    public async Task A_printed_hash_leads_to_what_is_known_and_an_unknown_one_to_a_page_that_says_so()
    {
        var known = await KnownDocument.AddAsync(gallery.DataDir);
        using var plain = new HttpClient { BaseAddress = gallery.Vault.Address };
        foreach (var hash in new[] { known.Content, known.Sha256, known.Content.ToUpperInvariant() })
            Assert.Contains(KnownDocument.Number, await plain.GetStringAsync(new Uri($"/verify/{hash}", UriKind.Relative), Ct), StringComparison.Ordinal);
        using var none = await plain.GetAsync(new Uri($"/verify/{new string('0', 64)}", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Contains("Nothing is known under this number", await none.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using var bad = await plain.GetAsync(new Uri("/verify/%3Cscript%3E", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.DoesNotContain("<script>", await bad.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_streaming_hash_is_SHA_256()
    {
        var (page, _) = await OpenAsync(Screen.Desktop);
        // FIPS 180-4 examples, and every length around the ends of a block, fed in odd pieces, against the browser's own.
        var wrong = await page.EvaluateAsync<string[]>("""
            async () => {
              const wrong = [];
              const text = t => new TextEncoder().encode(t);
              const check = (name, got, want) => { if (got !== want) wrong.push(name); };
              check('abc', Sha256.of(text('abc')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
              check('nothing', Sha256.of(text('')), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
              check('448 bits', Sha256.of(text('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')), '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1');
              const million = new Sha256();
              for (let i = 0; i < 1000; i++) million.update(text('a'.repeat(1000)));
              check('a million', million.hex(), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
              for (let n = 0; n < 300; n++) {
                const bytes = new Uint8Array(n).map((_, i) => i * 31 + n);
                const mine = new Sha256();
                for (let at = 0, step = 1; at < n; at += step, step = step % 67 + 3) { mine.update(bytes.subarray(at, at + step)); mine.hex(); }
                const theirs = Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), b => b.toString(16).padStart(2, '0')).join('');
                check(`${n} bytes`, mine.hex(), theirs);
              }
              return wrong;
            }
            """);
        Assert.Empty(wrong);
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task It_fits_every_screen_and_axe_finds_nothing()
    {
        var known = await KnownDocument.AddAsync(gallery.DataDir);
        var (page, _) = await OpenAsync(Screen.Phone);
        var found = await page.LookAsync();
        await page.Locator("#verify-file").SetInputFilesAsync(new FilePayload { Name = "changed.pdf", MimeType = "application/pdf", Buffer = [.. known.Bytes[..20], 0, .. known.Bytes[21..]] });
        await Assertions.Expect(page.Locator("#verdict-title")).ToBeVisibleAsync();
        found.AddRange(await page.LookAsync());
        await page.GotoAsync($"/verify/{known.Content}");
        found.AddRange(await page.LookAsync());
        Assert.Empty(found);
        await page.Context.DisposeAsync();
    }

    private async Task<(IPage Page, List<IRequest> Sent)> OpenAsync(Screen screen)
    {
        var context = await chromium.Browser.NewContextAsync(screen.Options(gallery.Vault.Address));
        var page = await context.NewPageAsync();
        var sent = new List<IRequest>();
        page.Request += (_, request) => sent.Add(request);
        await page.GotoAsync("/verify");
        await Assertions.Expect(page.Locator("#verify-form.is-live")).ToBeVisibleAsync();
        return (page, sent);
    }

    /// <summary>So many zeros, made as they are read.</summary>
    private sealed class Zeros(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, _left);
            Array.Clear(buffer, offset, read);
            _left -= read;
            return read;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
