using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary>The downloads of the running product: who gets them, under which name, and what stands there when none can be made.</summary>
public sealed partial class ConsentDownloadTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly ShortFolder _folder = new();
    private WebProcess _program = null!;
    private Uri _address = null!;

    public async ValueTask InitializeAsync()
    {
        // A Chromium that does not start, until a test lets it.
        Chromium("exit 1");
        File.SetUnixFileMode(_folder["chromium"], (UnixFileMode)0b111_101_101);
        _program = WebProcess.Start(_folder["d"], ("Demo__Enabled", "true"), ("Demo__LoadOnStart", "true"), ("Security__RequireHttps", "false"), ("Documents__BrowserPath", _folder["chromium"]));
        _address = await _program.AddressAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _program.Signal("INT");
        await _program.ExitAsync();
        await _program.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Gives_the_branch_its_files_and_nobody_else_and_says_what_is_wrong_when_it_cannot()
    {
        using var freja = await SignInAsync("Freja Nygaard");
        var inbox = await freja.GetStringAsync(new Uri(_address, "/updates?tab=accepted"), Ct);
        var offer = Offer().Match(inbox).Groups[1].Value;
        var receipt = await freja.GetStringAsync(new Uri(_address, $"/updates/{offer}"), Ct);
        Assert.Contains($"href=\"/updates/{offer}/consent.pdf\"", receipt, StringComparison.Ordinal);
        Assert.Contains($"href=\"/updates/{offer}/consent.json\"", receipt, StringComparison.Ordinal);

        using (var refused = await freja.GetAsync(new Uri(_address, $"/updates/{offer}/consent.pdf"), Ct))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            var page = await refused.Content.ReadAsStringAsync(Ct);
            Assert.Contains("refuse.document.printer_unavailable", page, StringComparison.Ordinal);
            Assert.Contains($"href=\"/updates/{offer}\"", page, StringComparison.Ordinal);
        }

        Chromium("exec /usr/bin/chromium \"$@\"");
        using (var pdf = await freja.GetAsync(new Uri(_address, $"/updates/{offer}/consent.pdf"), Ct))
        {
            Assert.Equal((HttpStatusCode.OK, "application/pdf", true), (pdf.StatusCode, pdf.Content.Headers.ContentType?.MediaType, pdf.Headers.CacheControl?.NoStore));
            Assert.Matches("^consent-[a-z-]+-v[0-9]+-copenhagen[.]pdf$", pdf.Content.Headers.ContentDisposition?.FileName);
            Assert.Equal("attachment", pdf.Content.Headers.ContentDisposition?.DispositionType);
            Assert.Contains("Consent record of Northlight Copenhagen", await Pdf.TextAsync(await pdf.Content.ReadAsByteArrayAsync(Ct)), StringComparison.Ordinal);
        }

        using (var record = await freja.GetAsync(new Uri(_address, $"/updates/{offer}/consent.json"), Ct))
        {
            Assert.Equal(("application/json", true, "attachment"), (record.Content.Headers.ContentType?.MediaType, record.Headers.CacheControl?.NoStore, record.Content.Headers.ContentDisposition?.DispositionType));
            var signed = JsonNode.Parse((string)JsonNode.Parse(await record.Content.ReadAsStringAsync(Ct))!["consent"]!)!;
            Assert.Equal(offer, (string?)signed["offerId"]);
        }

        using var ana = await SignInAsync("Ana Moreira");
        using var hq = await SignInAsync("Astrid Holm");
        foreach (var file in new[] { "pdf", "json" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await ana.GetAsync(new Uri(_address, $"/updates/{offer}/consent.{file}"), Ct)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await hq.GetAsync(new Uri(_address, $"/updates/{offer}/consent.{file}"), Ct)).StatusCode);
            using var visitor = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
            using var sent = await visitor.GetAsync(new Uri(_address, $"/updates/{offer}/consent.{file}"), Ct);
            Assert.StartsWith("/login", sent.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
        }
    }

    private void Chromium(string command) => File.WriteAllText(_folder["chromium"], $"#!/bin/sh\n{command}\n", new UTF8Encoding(false));

    private async Task<HttpClient> SignInAsync(string name)
    {
        var http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() });
        var page = await http.GetStringAsync(new Uri(_address, "/login"), Ct);
        var form = DemoForm().Matches(page).Select(m => m.Value).Single(f => f.Contains(name, StringComparison.Ordinal));
        using var answer = await http.PostAsync(new Uri(_address, "/login/demo"), new FormUrlEncodedContent(Input().Matches(form).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value)), Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return http;
    }

    [GeneratedRegex("/?updates/([0-9a-f-]{36})")]
    private static partial Regex Offer();

    [GeneratedRegex("<form[^>]*action=\"/?login/demo\".*?</form>", RegexOptions.Singleline)]
    private static partial Regex DemoForm();

    [GeneratedRegex("name=\"([^\"]+)\"[^>]*?value=\"([^\"]*)\"")]
    private static partial Regex Input();
}
