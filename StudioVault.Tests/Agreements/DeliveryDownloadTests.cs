using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Agreements.Evidence;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

/// <summary>Links of deliveries and the page of the branch behind them, on the running program.</summary>
public sealed partial class DeliveryDownloadTests(PostgresServer server) : ExecutedTest(server)
{
    private WebProcess _program = null!;
    private Uri _address = null!;
    private AgreementId _agreement;
    private ProjectId _project;
    private DeliveryCommands _deliveries = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _agreement = await ExecutedAsync();
        _project = new ProjectId((Guid)(await SqlAsync("select id from agreements.projects"))!);
        _deliveries = new DeliveryCommands(Door, Papers, new DeliveryFiles(Path.Combine(Folder["d"], "deliveries")));
        // One click on the sign-in page, as in the demo: the people of the tests have no passwords.
        await PastGuardsAsync("update organization.people set is_demo = true");
        _program = WebProcess.Start(Folder["d"], ("ConnectionStrings__Vault", Server.For(Database, VaultRoles.Default.App)), ("ConnectionStrings__VaultSequencer", Server.For(Database, VaultRoles.Default.Sequencer)),
            ("Security__MasterKeyFile", MasterKeyFile), ("Audit__SigningKeyFile", Folder["key.pem"]), ("Security__RequireHttps", "false"), ("Demo__Enabled", "true"), ("Jobs__Enabled", "false"));
        _address = await _program.AddressAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        _program.Signal("INT");
        await _program.ExitAsync();
        await _program.DisposeAsync();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_download_that_broke_off_goes_on_where_it_stopped_and_never_mixes_two_files()
    {
        using var http = new HttpClient();
        var (id, page) = await DeliveryAsync();
        var bytes = RandomNumberGenerator.GetBytes(500_000);
        var file = new Uri(_address, $"{page.AbsolutePath}/files/{(await _deliveries.AddFileAsync(PortoStaff, Porto, id, "Fête \"grande\".jpg", new MemoryStream(bytes), Ct)).Value}");

        using var whole = await http.GetAsync(file, Ct);
        Assert.Equal(bytes, await whole.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"", whole.Headers.ETag!.Tag);
        Assert.Equal(("bytes", "attachment", "Fête _grande_.jpg", "application/octet-stream"),
            (whole.Headers.AcceptRanges.Single(), whole.Content.Headers.ContentDisposition!.DispositionType, whole.Content.Headers.ContentDisposition.FileNameStar, whole.Content.Headers.ContentType!.MediaType));
        Assert.Equal("nosniff", whole.Headers.GetValues("X-Content-Type-Options").Single());

        using var rest = await SendAsync(http, file, r => (r.Headers.Range, r.Headers.IfRange) = (new RangeHeaderValue(400_000, null), new RangeConditionHeaderValue(whole.Headers.ETag)));
        Assert.Equal((HttpStatusCode.PartialContent, 400_000L), (rest.StatusCode, rest.Content.Headers.ContentRange!.From));
        Assert.Equal(bytes[400_000..], await rest.Content.ReadAsByteArrayAsync(Ct));

        // What was begun was another file: it is sent from its beginning.
        using var other = await SendAsync(http, file, r => (r.Headers.Range, r.Headers.IfRange) = (new RangeHeaderValue(400_000, null), new RangeConditionHeaderValue("\"another\"")));
        Assert.Equal((HttpStatusCode.OK, (long?)500_000), (other.StatusCode, other.Content.Headers.ContentLength));
        using var beyond = await SendAsync(http, file, r => r.Headers.Range = new RangeHeaderValue(500_000, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, file), Ct);
        Assert.Equal((HttpStatusCode.OK, (long?)500_000), (head.StatusCode, head.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task The_page_says_until_when_and_why_and_afterwards_what_happened_and_whom_to_ask()
    {
        using var http = new HttpClient();
        var (id, page) = await DeliveryAsync();
        var file = (await _deliveries.AddFileAsync(PortoStaff, Porto, id, "a <b>.jpg", new MemoryStream([1, 2, 3]), Ct)).Value;
        var html = await http.GetStringAsync(page, Ct);
        Assert.Contains("to the end of that day in Porto", html, StringComparison.Ordinal);
        Assert.Contains("version 1: 365 days from the day of delivery", html, StringComparison.Ordinal);
        Assert.Contains("a _b_.jpg", html, StringComparison.Ordinal);
        Assert.Contains("noindex", html, StringComparison.Ordinal);
        Assert.DoesNotContain("blazor", html, StringComparison.OrdinalIgnoreCase);

        Assert.Null((await _deliveries.RevokeAsync(Ana, Porto, _project, id, "The pictures of another wedding.", Ct)).Refusal);
        foreach (var address in new[] { page, new Uri(_address, $"{page.AbsolutePath}/files/{file}") })
        {
            using var gone = await http.GetAsync(address, Ct);
            var words = WebUtility.HtmlDecode(await gone.Content.ReadAsStringAsync(Ct));
            Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
            Assert.Contains("The pictures of another wedding.", words, StringComparison.Ordinal);
            Assert.Contains("mailto:porto@northlight.example", words, StringComparison.Ordinal);
            Assert.Contains("refuse.delivery.revoked", words, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task When_its_time_is_over_the_link_says_until_when_it_was()
    {
        using var http = new HttpClient();
        var (_, page) = await DeliveryAsync();
        // A year later, as the database sees it.
        await SqlAsync("set session_replication_role = replica; update agreements.deliveries set opened_at = opened_at - interval '400 days', promised_until = promised_until - 400, online_until = online_until - 400");
        using var gone = await http.GetAsync(page, Ct);
        Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
        Assert.Matches("This delivery was online until [0-9]+ [A-Z][a-z]+ [0-9]{4}, as agreed", await gone.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task A_link_with_a_letter_missing_gets_a_page_that_says_so()
    {
        using var http = new HttpClient();
        var (_, page) = await DeliveryAsync();
        foreach (var address in new[] { page.ToString()[..^1], page + "x", new Uri(_address, "/d/x").ToString(), page + "/files/" + Guid.NewGuid() })
        {
            using var answer = await http.GetAsync(new Uri(address), Ct);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            var words = await answer.Content.ReadAsStringAsync(Ct);
            Assert.True(words.Contains("This link leads nowhere", StringComparison.Ordinal) || words.Contains("refuse.kernel.not_found", StringComparison.Ordinal), words);
        }
    }

    [Fact]
    public async Task People_of_the_branch_make_fill_and_end_a_delivery_with_plain_forms_and_fetch_the_evidence()
    {
        using var ines = await SignInAsync("Inês");
        var path = new Uri(_address, $"/projects/{_project}/delivery");
        var form = await ines.GetStringAsync(path, Ct);
        using (var made = await ines.PostAsync(path, new FormUrlEncodedContent([new("title", "Film"), Token(form)]), Ct))
            Assert.Contains("Online through", await made.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        form = await ines.GetStringAsync(path, Ct);
        var delivery = Upload().Match(form).Groups[1].Value;
        var files = new Uri(_address, $"/projects/{_project}/delivery/{delivery}/files");

        // Without the token in front, nothing is even read.
        using (var forged = await ines.PostAsync(files, Files(null, ("a.jpg", [1]))!, Ct)) Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
        using (var added = await ines.PostAsync(files, Files(Token(form), ("a.jpg", RandomNumberGenerator.GetBytes(2_000_000)), ("b.jpg", [1, 2]))!, Ct))
            Assert.Contains("2 files, 2.0 MB", await added.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using (var none = await ines.PostAsync(files, Files(Token(form))!, Ct)) Assert.Contains("refuse.delivery.no_file", await none.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using (var revoked = await ines.PostAsync(new Uri(files, "revoke"), new FormUrlEncodedContent([new("reason", "Not cut yet."), Token(form)]), Ct))
            Assert.Contains("Not cut yet.", await revoked.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);

        byte[]? pack = null;
        await Eventually.True(async () =>
        {
            using var answer = await ines.GetAsync(new Uri(_address, $"/agreements/{_agreement}/evidence.zip"), Ct);
            pack = answer.IsSuccessStatusCode ? await answer.Content.ReadAsByteArrayAsync(Ct) : null;
            return pack is not null;
        }, "the log is signed and the pack is there");
        Assert.Empty((await EvidenceVerifier.VerifyAsync(EvidenceZip.Read(new MemoryStream(pack!)).Value, [LogKey.Signer.Key], Ct)).Findings);

        using var jonas = await SignInAsync("Jonas");
        using var foreign = await jonas.GetAsync(new Uri(_address, $"/agreements/{_agreement}/evidence.zip"), Ct);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        using var page = await jonas.GetAsync(path, Ct);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    private async Task<(DeliveryId Id, Uri Page)> DeliveryAsync()
    {
        var id = (await _deliveries.OpenAsync(PortoStaff, Porto, _project, "All photographs", Ct)).Value;
        return (id, new Uri(_address, $"/d/{Links.TokenOf(LinkKind.Delivery, Porto, id.Value)}"));
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient http, Uri address, Action<HttpRequestMessage> with)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        with(request);
        return http.SendAsync(request, Ct);
    }

    private static MultipartFormDataContent Files(KeyValuePair<string, string>? token, params (string Name, byte[] Bytes)[] files)
    {
        var form = new MultipartFormDataContent();
        if (token is { } t) form.Add(new StringContent(t.Value), t.Key);
        foreach (var (name, bytes) in files) form.Add(new ByteArrayContent(bytes), "files", name);
        return form;
    }

    private async Task<HttpClient> SignInAsync(string name)
    {
        var client = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() });
        var login = await client.GetStringAsync(new Uri(_address, "/login"), Ct);
        var id = (Guid)(await SqlAsync("select id from organization.people where name = $1", name))!;
        using var form = new FormUrlEncodedContent([new("person", id.ToString()), Token(login)]);
        using var answer = await client.PostAsync(new Uri(_address, "/login/demo"), form, Ct);
        Assert.True(answer.IsSuccessStatusCode);
        return client;
    }

    private static KeyValuePair<string, string> Token(string html) => new("__RequestVerificationToken", Hidden().Match(html).Groups[1].Value);

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Hidden();

    [GeneratedRegex("/delivery/([0-9a-f-]{36})/files")]
    private static partial Regex Upload();
}
