using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Tests.Support;
using StudioVault.Web.Agreements.Client;
using Xunit;

namespace StudioVault.Tests.Agreements;

/// <summary>The pages behind a client's link, by HTTP as a browser without script sees them.</summary>
public sealed partial class ClientPagesTests(PostgresServer server) : ClientPagesTest(server)
{
    private const int MostBytes = 60_000;

    [Fact]
    public async Task Two_clients_open_sign_and_get_the_sealed_documents()
    {
        var id = await SentAsync();
        var (marta, joao) = (await LinkAsync(id, "p1"), await LinkAsync(id, "p2"));
        var overview = await PageAsync(AddressOf(marta));
        Assert.Contains("Northlight Porto", overview, StringComparison.Ordinal);
        Assert.Contains($"href=\"{AddressOf(marta)}/sign\"", overview, StringComparison.Ordinal);
        var first = await SignOnPagesAsync(marta, "Marta Sousa");
        Assert.Contains("You have signed", first, StringComparison.Ordinal);
        Assert.Contains("Still to sign: João Reis", WebUtility.HtmlDecode(first), StringComparison.Ordinal);

        var sealing = await SignOnPagesAsync(joao, "João Reis");
        Assert.Contains("being sealed", sealing, StringComparison.Ordinal);
        using (var again = await Http.GetAsync(AddressOf(joao) + "/done", Ct)) Assert.Equal("3", again.Headers.GetValues("Refresh").Single());
        await Soon.DrainAsync(Ct);
        var done = await PageAsync(AddressOf(joao) + "/done");
        using (var settled = await Http.GetAsync(AddressOf(joao) + "/done", Ct)) Assert.False(settled.Headers.Contains("Refresh"));
        foreach (var (file, kind) in new[] { ("document", "Paper"), ("certificate", "Certificate") })
        {
            Assert.Contains($"href=\"{AddressOf(joao)}/{file}.pdf\"", done, StringComparison.Ordinal);
            using var pdf = await Http.GetAsync($"{AddressOf(joao)}/{file}.pdf", Ct);
            var sha = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await pdf.Content.ReadAsByteArrayAsync(Ct)));
            Assert.Equal(sha, await SqlAsync("select sha256 from documents.files where kind = $1", kind));
            Assert.Equal(("application/pdf", $"\"{sha}\"", "nosniff"), (pdf.Content.Headers.ContentType?.MediaType, pdf.Headers.ETag?.Tag, pdf.Headers.GetValues("X-Content-Type-Options").Single()));
            Assert.Matches($"^{(file == "document" ? "agreement" : "certificate")}-porto-[0-9]{{4}}-0001-v1[.]pdf$", pdf.Content.Headers.ContentDisposition?.FileName);
            using var unchanged = new HttpRequestMessage(HttpMethod.Get, $"{AddressOf(joao)}/{file}.pdf") { Headers = { IfNoneMatch = { pdf.Headers.ETag! } } };
            using var cached = await Http.SendAsync(unchanged, Ct);
            Assert.Equal(HttpStatusCode.NotModified, cached.StatusCode);
        }

        Assert.Contains("sealed on", await PageAsync(AddressOf(marta)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_page_runs_anything_fetches_anything_or_weighs_more_than_60_KB()
    {
        var id = await SentAsync();
        var link = await LinkAsync(id, "p1");
        var pages = new List<string> { await PageAsync(AddressOf(link)), await PageAsync(AddressOf(link) + "/sign"), await AskForCodeAsync(link, "Marta Sousa") };
        pages.Add(await SignOnPagesAsync(link, "Marta Sousa"));
        pages.Add(await PageAsync("/c/nothing", HttpStatusCode.NotFound));
        Assert.All(pages, page =>
        {
            Assert.InRange(Encoding.UTF8.GetByteCount(page), 1, MostBytes);
            Assert.DoesNotMatch("(?i)<script|javascript:|<iframe|<object|<link[^>]+stylesheet|@import|url\\(| on[a-z]+=", page);
            Assert.Single(Heading().Matches(page));
            Assert.DoesNotContain("_blazor", page, StringComparison.Ordinal);
        });

        using var answer = await Http.GetAsync(AddressOf(link), Ct);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        var style = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Style().Match(pages[0]).Groups[1].Value)));
        Assert.Contains($"'sha256-{style}'", policy, StringComparison.Ordinal);
        Assert.Equal(("no-store", "no-referrer"), (answer.Headers.CacheControl!.ToString(), answer.Headers.GetValues("Referrer-Policy").Single()));
        Assert.Contains("noindex", answer.Headers.GetValues("X-Robots-Tag").Single(), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task An_amendment_shows_what_changes_before_everything_else_with_both_sides_in_words()
    {
        var id = await ExecutedAsync();
        Assert.Equal(1, (await Agreements.AmendAsync(PortoStaff, Porto, id, 0, new(AmendmentKind.Reschedule, new DateOnly(2099, 1, 1), "The venue was double booked.", PriceBasis.Original,
            [AmendmentOperation.Set("/event/on", "2099-07-03")], new Dictionary<int, Precedence>()), Ct)).Value);
        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);
        var page = await PageAsync(AddressOf(await LinkAsync(id, "p1")));
        Assert.InRange(Encoding.UTF8.GetByteCount(page), 1, MostBytes);
        Assert.Contains("A change to your agreement, version 2", page, StringComparison.Ordinal);
        var before = page.IndexOf("<dt>Before</dt>", StringComparison.Ordinal);
        Assert.InRange(before, 1, page.IndexOf("Who signs", StringComparison.Ordinal));
        Assert.Matches("<dt>Before</dt>\\s*<dd><del><bdi>Friday, 12 June 2099</bdi></del></dd>\\s*<dt>After</dt>\\s*<dd><ins><bdi>Friday, 3 July 2099</bdi></ins></dd>", page);
        Assert.Contains("Governed by the rules of", page, StringComparison.Ordinal);

        // The link to the first version tells that there is a second one as soon as it is signed.
        foreach (var party in new[] { "p1", "p2" }) await SignOnPagesAsync(await LinkAsync(id, party), "Typed");
        await Soon.DrainAsync(Ct);
        var first = new LinkTarget(Porto, (Guid)(await SqlAsync("select s.id from agreements.signings s join agreements.papers p on p.id = s.paper_id where p.version = 1 and s.party_id = 'p1'"))!);
        Assert.Contains("Version 2 has changed the agreement since", await PageAsync(AddressOf(first)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_read_what_was_taken_back_is_told_so_and_led_to_the_new_version()
    {
        var id = await SentAsync();
        var old = await LinkAsync(id, "p1");
        var code = await AskForCodeAsync(old, "Marta Sousa");
        Assert.Null((await Agreements.RecallAsync(Ana, Porto, id, "The date was wrong.", Ct)).Refusal);
        using (var signed = await PressAsync(code, "sign", ("code", await MailedCodeAsync(old))))
        {
            Assert.Equal(HttpStatusCode.Conflict, signed.StatusCode);
            var said = await signed.Content.ReadAsStringAsync(Ct);
            Assert.Contains("refuse.agreement.stale_view", said, StringComparison.Ordinal);
            Assert.Contains("took this back", said, StringComparison.Ordinal);
            Assert.Contains("porto@northlight.example", said, StringComparison.Ordinal);
        }

        // What the studio writes in the meantime is nobody's to see.
        var draft = (await Signings.OpenAsync(old, Ct)).Value.Text.First! with { Licence = "A secret of the studio." };
        Assert.Equal(2, (await Agreements.WriteAsync(PortoStaff, Porto, id, 1, draft.ToJson(), Ct)).Value);
        foreach (var step in new[] { "", "/sign", "/done" })
            Assert.DoesNotContain("A secret of the studio", await PageAsync(AddressOf(old) + step, HttpStatusCode.Conflict), StringComparison.Ordinal);
        await PageAsync(AddressOf(old) + "/document.pdf", HttpStatusCode.Conflict);

        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);
        var fresh = await LinkAsync(id, "p1");
        Assert.Contains($"href=\"{AddressOf(fresh)}\"", await PageAsync(AddressOf(old), HttpStatusCode.Conflict), StringComparison.Ordinal);
        Assert.Contains("A secret of the studio", await PageAsync(AddressOf(fresh)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_said_in_place_and_what_was_typed_is_kept()
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        var page = await PageAsync(AddressOf(link) + "/sign");
        using (var noName = await PressAsync(page, "code", ("name", "  "), ("agrees", "yes")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, noName.StatusCode);
            var said = await noName.Content.ReadAsStringAsync(Ct);
            Assert.Contains("refuse.signing.name_missing", said, StringComparison.Ordinal);
            Assert.Contains("checked", said, StringComparison.Ordinal);
        }

        using (var noConsent = await PressAsync(page, "code", ("name", "Marta \"M\" Sousa")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, noConsent.StatusCode);
            var said = await noConsent.Content.ReadAsStringAsync(Ct);
            Assert.Contains("refuse.signing.consent_missing", said, StringComparison.Ordinal);
            Assert.Contains("value=\"Marta &quot;M&quot; Sousa\"", said, StringComparison.Ordinal);
        }

        Assert.Equal(0L, await SqlAsync("select count(*) from mail.messages where subject like '%code%'"));
        // The name is in the address of the next page, and not to be read there.
        using var asked = await PressAsync(page, "code", ("name", "Marta Sousa"), ("agrees", "yes"));
        var next = Redirected(asked);
        Assert.DoesNotContain("Marta", next, StringComparison.Ordinal);
        Assert.Contains("Marta Sousa", await PageAsync(next), StringComparison.Ordinal);
        // It belongs to this signing: on another link it counts for nothing.
        var other = new Uri("https://x" + next).Query;
        Assert.DoesNotContain("Marta Sousa", await PageAsync(AddressOf(await LinkAsync(await IdAsync(), "p2")) + "/sign" + other), StringComparison.Ordinal);
        Assert.Contains("step 1 of 2", await PageAsync(AddressOf(link) + "/sign?s=made-up"), StringComparison.Ordinal);
        Assert.Contains("I have the code", await PageAsync(AddressOf(link) + "/sign"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_code_an_old_one_and_a_second_signature_each_get_their_answer()
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        var page = await AskForCodeAsync(link, "Marta Sousa");
        var right = await MailedCodeAsync(link);
        using (var wrong = await PressAsync(page, "sign", ("code", right == "000000" ? "000001" : "000000")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            var said = await wrong.Content.ReadAsStringAsync(Ct);
            Assert.Contains("4 tries are left", said, StringComparison.Ordinal);
            Assert.Contains("Marta Sousa", said, StringComparison.Ordinal);
        }

        await SqlAsync("set session_replication_role = replica; update agreements.signings set code_sent_at = code_sent_at - interval '16 minutes'");
        using (var old = await PressAsync(page, "sign", ("code", right)))
        {
            Assert.Equal(HttpStatusCode.Conflict, old.StatusCode);
            Assert.Contains("refuse.signing.code_expired", await old.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        using (var again = await PressAsync(page, "again")) page = await PageAsync(Redirected(again));
        // Written as mails and phones write it.
        var fresh = await MailedCodeAsync(link);
        for (var i = 0; i < 2; i++)
        {
            using var signed = await PressAsync(page, "sign", ("code", $" {fresh[..3]} {fresh[3..]} "));
            Assert.EndsWith("/done", Redirected(signed), StringComparison.Ordinal);
        }

        Assert.Equal(1L, await SqlAsync("select count(*) from agreements.signatures"));
    }

    [Fact]
    public async Task After_its_last_day_a_link_shows_the_document_and_takes_no_signature()
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        var form = await PageAsync(AddressOf(link) + "/sign");
        var code = await AskForCodeAsync(link, "Marta Sousa");
        await SqlAsync("set session_replication_role = replica; update agreements.signings set expires_on = expires_on - 40");
        var page = await PageAsync(AddressOf(link));
        Assert.Contains("The time to sign this is over.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/sign\"", page, StringComparison.Ordinal);
        Assert.Contains("Services and price", page, StringComparison.Ordinal);
        await PageAsync(AddressOf(link) + "/document.pdf");
        foreach (var (from, button) in new[] { (form, "code"), (code, "sign"), (code, "again") })
        {
            using var refused = await PressAsync(from, button, ("name", "Marta Sousa"), ("agrees", "yes"), ("code", "123456"));
            Assert.Equal(HttpStatusCode.Gone, refused.StatusCode);
            Assert.Contains("refuse.signing.link_expired", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Guessing_codes_and_asking_for_too_many_is_stopped_with_a_time_to_wait()
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        var page = await AskForCodeAsync(link, "Marta Sousa");
        for (var i = 1; i < Signing.CodesAnHour; i++) (await PressAsync(page, "again")).Dispose();
        using (var sixth = await PressAsync(page, "again"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, sixth.StatusCode);
            Assert.Equal("3600", sixth.Headers.GetValues("Retry-After").Single());
            Assert.Contains("refuse.signing.too_many_codes", await sixth.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        var right = await MailedCodeAsync(link);
        var wrong = right == "000000" ? "000001" : "000000";
        for (var i = 0; i < ClientLimits.TriesALink; i++) (await PressAsync(page, "sign", ("code", wrong))).Dispose();
        // Not even the right one now.
        using var stopped = await PressAsync(page, "sign", ("code", right));
        Assert.Equal(HttpStatusCode.TooManyRequests, stopped.StatusCode);
        Assert.Equal("600", stopped.Headers.GetValues("Retry-After").Single());
        Assert.Contains("refuse.link.too_many_tries", await stopped.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(0L, await SqlAsync("select count(*) from agreements.signatures"));
        // Reading goes on.
        await PageAsync(AddressOf(link));
    }

    [Fact]
    public async Task Made_up_links_all_get_the_same_polite_answer_and_too_many_of_them_are_stopped_for_their_network_only()
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        var token = Links.TokenOf(LinkKind.Signing, link.Branch, link.Id);
        var gone = Links.TokenOf(LinkKind.Signing, Porto, Guid.NewGuid());
        var hostile = new[]
        {
            "x", token[..^1], token + "A", token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), gone, Links.TokenOf(LinkKind.Delivery, link.Branch, link.Id), Links.TokenOf(LinkKind.Signing, Berlin, link.Id), "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "..%2f..%2fetc%2fpasswd", "'; drop table agreements.papers; --", new string('A', 4_000), "\u202Efdp.c", "",
        };
        var answers = new List<string>();
        foreach (var made in hostile) answers.Add(await PageAsync($"/c/{made}", HttpStatusCode.NotFound));
        Assert.Single(answers.Distinct());
        Assert.Contains("refuse.link.unknown", answers[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Northlight", answers[0], StringComparison.Ordinal);
        Assert.Equal(answers[0], await PageAsync(AddressOf(link) + "/nothing/of/the/kind", HttpStatusCode.NotFound));

        for (var i = answers.Count + 1; i < ClientLimits.UnknownANetwork; i++) (await Http.GetAsync("/c/guess", Ct)).Dispose();
        using (var stopped = await Http.GetAsync("/c/guess", Ct))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, stopped.StatusCode);
            Assert.Equal("600", stopped.Headers.GetValues("Retry-After").Single());
        }

        using var neighbour = new HttpRequestMessage(HttpMethod.Get, "/c/guess") { Headers = { { "Test-From", "198.51.100.9" } } };
        using var other = await Http.SendAsync(neighbour, Ct);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        // Whoever has a link of their own is not kept out by a neighbour who guesses.
        await PageAsync(AddressOf(link));
    }

    [Fact]
    public async Task Markdown_with_scripts_is_shown_as_text()
    {
        var id = (await Agreements.BeginAsync(PortoStaff, Porto, await BookedAsync(), new HashSet<string>(), Ct)).Value;
        var content = await DraftAsync();
        var hostile = "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[press](javascript:alert(1)) ![](https://evil.example/pixel.png)\n\n<style>*{display:none}</style>";
        content = content with { Clauses = [new("hostile", "<b onclick=alert(1)>Terms</b>", hostile)], Event = content.Event with { Title = "\"><script>alert(2)</script>", Venue = "</style><script>alert(3)</script>" } };
        Assert.Equal(2, (await Agreements.WriteAsync(PortoStaff, Porto, id, 1, content.ToJson(), Ct)).Value);
        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);
        var link = await LinkAsync(id, "p1");
        foreach (var page in new[] { await PageAsync(AddressOf(link)), await PageAsync(AddressOf(link) + "/sign"), await SignOnPagesAsync(link, "<script>alert(4)</script>") })
            Assert.DoesNotMatch("(?i)<script|<img|<b onclick|href=\"javascript|evil[.]example/pixel|</style>[^<]*<script", page.Replace("&lt;", "‹", StringComparison.Ordinal));
        Assert.Contains("&lt;script&gt;alert(1)", await PageAsync(AddressOf(link)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guardian_is_told_for_whom_they_sign()
    {
        var id = await SentAsync(Marta with { IsMinor = true, Email = "" }, Joao with { Role = PartyRole.Guardian, SignsFor = 0 });
        var link = await LinkAsync(id, "p2");
        Assert.Matches("You sign as guardian for <b><bdi>Marta Sousa</bdi></b>", await PageAsync(AddressOf(link) + "/sign"));
        Assert.Contains("as guardian for Marta Sousa", await AskForCodeAsync(link, "João Reis"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paper_given_up_and_one_erased_say_so_and_show_nothing()
    {
        var id = await SentAsync();
        var (marta, joao) = (await LinkAsync(id, "p1"), await LinkAsync(id, "p2"));
        var client = new ClientId((Guid)(await SqlAsync("select client_id from agreements.signings where id = $1", marta.Id))!);
        Assert.Null((await Agreements.GiveUpAsync(Ana, Porto, id, "They married elsewhere.", Ct)).Refusal);
        Assert.Null((await Clients.EraseAsync(Ana, Porto, client, "She asked.", Ct)).Refusal);
        // Marta's mail lends the paper to nobody; João, who may read it, is told what became of it.
        Assert.Contains("refuse.client.erased", await PageAsync(AddressOf(marta), HttpStatusCode.Gone), StringComparison.Ordinal);
        Assert.Contains("refuse.client.erased", await PageAsync(AddressOf(marta) + "/document.pdf", HttpStatusCode.Gone), StringComparison.Ordinal);
        var page = await PageAsync(AddressOf(joao), HttpStatusCode.Conflict);
        Assert.Contains("refuse.agreement.void", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Services and price", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_of_another_site_and_one_too_large_do_nothing()
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        await PageAsync(AddressOf(link));
        using var foreign = new HttpRequestMessage(HttpMethod.Post, AddressOf(link) + "/sign")
        {
            Headers = { { "Sec-Fetch-Site", "cross-site" } },
            Content = new FormUrlEncodedContent([new("name", "Marta"), new("agrees", "yes"), new("do", "code")]),
        };
        using var refused = await Http.SendAsync(foreign, Ct);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var odd = await Http.PostAsync(AddressOf(link) + "/sign", new StringContent("{}", Encoding.UTF8, "application/json"), Ct);
        Assert.Equal(HttpStatusCode.Redirect, odd.StatusCode);
        Assert.Equal(0L, await SqlAsync("select count(*) from mail.messages where subject like '%code%'"));
    }

    [Fact]
    public async Task Before_it_is_sealed_the_document_is_the_one_that_was_shown_and_there_is_no_certificate()
    {
        var link = await LinkAsync(await SentAsync(), "p1");
        using var pdf = await Http.GetAsync(AddressOf(link) + "/document.pdf", Ct);
        Assert.Equal($"\"{await SqlAsync("select shown_sha256 from agreements.papers")}\"", pdf.Headers.ETag?.Tag);
        Assert.EndsWith("-to-sign.pdf", pdf.Content.Headers.ContentDisposition?.FileName, StringComparison.Ordinal);
        await PageAsync(AddressOf(link) + "/certificate.pdf", HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("PORTO-2026-0042", 1, "Paper", "agreement-porto-2026-0042-v1.pdf")]
    [InlineData("../../x\"\r\nSet-Cookie: a", 3, "Shown", "amendment-x---set-cookie--a-v3-to-sign.pdf")]
    public void Files_have_plain_names(string number, int version, string kind, string name) =>
        Assert.Equal(name, ClientEndpoints.NameOf(new([], "", Enum.Parse<FileKind>(kind), number, version)));

    [Theory]
    [InlineData("192.0.2.77", "192.0.2.0/24", "192.0.2.77/32")]
    [InlineData("::ffff:192.0.2.77", "192.0.2.0/24", "192.0.2.77/32")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48", "2001:db8:1:2::/64")]
    public void What_is_kept_of_an_address_is_its_network(string address, string kept, string counted) =>
        Assert.Equal((kept, counted), (ClientDevice.Network(IPAddress.Parse(address)), ClientDevice.Visitor(IPAddress.Parse(address))));

    private async Task<AgreementId> IdAsync() => new((Guid)(await SqlAsync("select id from agreements.agreements"))!);

    private async Task<AgreementContent> DraftAsync() => (await Door.ReadAsync<AgreementContent>(PortoStaff, Infrastructure.Persistence.TenantScope.Of(Porto), Domain.Organization.Access.MemberOf(Porto), async (db, _, ct) =>
        (await Papers.ReadAsync(db, db.Papers.Single(), ct)).TryGet(out var stored, out var no) ? stored.Text.First! : no, Ct)).Value;

    [GeneratedRegex("<h1[ >]")]
    private static partial Regex Heading();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
