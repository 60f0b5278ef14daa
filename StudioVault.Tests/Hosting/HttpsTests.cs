using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;
using SameSiteMode = Microsoft.Net.Http.Headers.SameSiteMode;

namespace StudioVault.Tests.Hosting;

/// <summary>WEB-6 and WEB-7 by a raw client, on the whole program as it is installed: with HTTPS, behind a proxy.</summary>
public sealed class HttpsTests(PostgresServer server) : VaultTest(server)
{
    private const string Password = "a long enough sentence";
    private WholeVault _vault = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await PastGuardsAsync("update organization.people set is_demo = true, password_hash = $1", new PasswordHasher<Person>().HashPassword(new Person(), Password));
        var added = await Door.RunAsync<Done>(new Command("setup.organization", Sender.System("test"), TenantScope.Hq, Access.Hq, "group", "test"), (context, _) =>
        {
            context.Db.Memberships.Add(Membership.In(Berlin, Ana.PersonId!.Value, Role.Staff));
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct);
        Assert.Null(added.Refusal);
        _vault = await WholeVault.StartAsync(Server.For(Database, VaultRoles.Default.App), Server.For(Database, VaultRoles.Default.Sequencer), null, ("Security:RequireHttps", "true"), ("Site:Address", "https://public.example"));
    }

    public override async ValueTask DisposeAsync()
    {
        await _vault.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task People_sign_in_by_password_or_in_the_demo_switch_their_branch_and_sign_out()
    {
        using var ana = new Visitor(_vault.Address);
        using (var wrong = await ana.PostAsync("/login", await ana.ReadAsync("/login"), ("email", "ana@northlight.example"), ("password", "not it")))
            Assert.StartsWith("/login?refused=refuse.organization.sign_in_failed", wrong.Headers.Location?.ToString(), StringComparison.Ordinal);
        using (var right = await ana.PostAsync("/login", await ana.ReadAsync("/login"), ("email", "ana@northlight.example"), ("password", Password)))
            Assert.Equal((HttpStatusCode.Redirect, "/"), (right.StatusCode, right.Headers.Location?.ToString()));

        var page = await ana.ReadAsync("/branch");
        using (var other = await ana.PostAsync("/branch/switch", page, ("branch", Berlin.ToString()))) Assert.Equal(HttpStatusCode.Redirect, other.StatusCode);
        Assert.Contains("Northlight Berlin", await ana.ReadAsync("/queue"), StringComparison.Ordinal);

        // A page of another site can send this form too, but not the token.
        using (var forged = await ana.PostAsync("/logout", null))
        {
            Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
            Assert.Contains(KernelRefusals.StaleForm.Code, await forged.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        page = await ana.ReadAsync("/queue");
        using (var left = await ana.PostAsync("/logout", page)) Assert.Equal("/login", left.Headers.Location?.ToString());
        using (var out_ = await ana.GetAsync("/queue")) Assert.Contains("/login", out_.Headers.Location?.ToString(), StringComparison.Ordinal);

        using var helena = new Visitor(_vault.Address);
        await helena.SignInAsync(Hq.PersonId!.Value.Value);
        Assert.Contains("Helena", await helena.ReadAsync("/hq/templates"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_cookies_are_bound_to_this_host_over_tls_and_closed_to_scripts()
    {
        using var ana = new Visitor(_vault.Address);
        await ana.SignInAsync(Ana.PersonId!.Value.Value);
        Assert.Equal(["__Host-StudioVault", "__Host-StudioVault-Form"], ana.Cookies.Keys.Order(StringComparer.Ordinal));
        Assert.All(ana.Cookies.Values, c => Assert.Equal((true, true, "/", false), (c.Secure, c.HttpOnly, c.Path.Value, c.Domain.HasValue)));
        Assert.Equal((SameSiteMode.Lax, SameSiteMode.Strict), (ana.Cookies["__Host-StudioVault"].SameSite, ana.Cookies["__Host-StudioVault-Form"].SameSite));

        // Behind a proxy whose word is not taken every request looks like plain HTTP: the form is drawn, and its cookie is marked all the same.
        using var plain = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = _vault.Address };
        using var page = await plain.GetAsync("/login", Ct);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("; secure", Assert.Single(page.Headers.GetValues("Set-Cookie")), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/login", 200)]
    [InlineData("/branch", 200)]
    [InlineData("/verify", 200)]
    [InlineData("/health/live", 200)]
    [InlineData("/v1/me", 401)]
    [InlineData("/not/there", 404)]
    [InlineData("/docs/api", 200)]
    public async Task Every_answer_carries_the_headers_that_hold_browsers_to_our_rules(string path, int status)
    {
        using var ana = new Visitor(_vault.Address);
        await ana.SignInAsync(Ana.PersonId!.Value.Value);
        using var answer = await ana.GetAsync(path);
        Assert.Equal(status, (int)answer.StatusCode);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy")).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var rule in (string[])["default-src 'self'", "script-src 'self'", "style-src-elem 'self'", "connect-src 'self'", "base-uri 'self'", "form-action 'self'", "object-src 'none'", "frame-ancestors 'none'"])
            Assert.Contains(rule, policy);
        Assert.DoesNotContain(policy, p => p.Contains("unsafe-eval", StringComparison.Ordinal) || (p.StartsWith("script", StringComparison.Ordinal) && p.Contains("unsafe", StringComparison.Ordinal)));
        Assert.Equal("nosniff", Said("X-Content-Type-Options"));
        Assert.Equal("same-origin", Said("Cross-Origin-Opener-Policy"));
        Assert.Equal("same-origin", Said("Referrer-Policy"));
        Assert.Equal("camera=(), microphone=(), geolocation=(), payment=()", Said("Permissions-Policy"));
        Assert.Equal("max-age=31536000", Said("Strict-Transport-Security"));

        string? Said(string name) => answer.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null;
    }

    /// <summary>Exactly this: the framework says it too where a page happens to carry a form, in other words.</summary>
    [Theory]
    [InlineData("/branch", 200)]
    [InlineData("/updates", 200)]
    [InlineData("/updates/0197f000-0000-7000-8000-000000000000", 404)]
    [InlineData("/projects/0197f000-0000-7000-8000-000000000000", 404)]
    [InlineData("/not/there", 404)]
    [InlineData("/docs/api", 200)]
    [InlineData("/hq/people", 200)]
    [InlineData("/hq/templates", 200)]
    public async Task A_page_shown_to_somebody_signed_in_is_kept_nowhere(string path, int status)
    {
        using var visitor = new Visitor(_vault.Address);
        await visitor.SignInAsync((path.StartsWith("/hq", StringComparison.Ordinal) ? Hq : Ana).PersonId!.Value.Value);
        using var answer = await visitor.GetAsync(path);
        Assert.Equal((status, "text/html", "no-store"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, answer.Headers.CacheControl?.ToString()));
    }

    [Fact]
    public async Task What_is_no_page_and_the_same_for_everybody_may_be_kept()
    {
        using var ana = new Visitor(_vault.Address);
        await ana.SignInAsync(Ana.PersonId!.Value.Value);
        using var document = await ana.GetAsync("/openapi/v1.json");
        Assert.Equal((HttpStatusCode.OK, false), (document.StatusCode, document.Headers.CacheControl?.NoStore ?? false));
    }

    [Fact]
    public async Task The_promise_of_https_is_made_over_tls_only_and_never_for_the_name_of_every_machine()
    {
        using var plain = new Visitor(_vault.Address, tls: false);
        using var answer = await plain.GetAsync("/login");
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
        using var local = new HttpClient { BaseAddress = _vault.Address };
        local.DefaultRequestHeaders.Host = "localhost:5080";
        local.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        using var mine = await local.GetAsync("/login", Ct);
        Assert.False(mine.Headers.Contains("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("/hubs/live")]
    [InlineData("/_blazor")]
    public async Task A_page_of_another_origin_opens_no_live_connection_with_somebodys_cookie(string hub)
    {
        using var ana = new Visitor(_vault.Address);
        await ana.SignInAsync(Ana.PersonId!.Value.Value);
        // A sibling subdomain is the same site: its requests carry the cookie.
        foreach (var foreign in (string[])["https://other.vault.example", "https://example", "https://vault.example:8443", "http://vault.example", "https://vault.example.evil.example", "null", "file://"])
        {
            using var socket = await ana.ConnectAsync(hub, foreign);
            Assert.Equal((HttpStatusCode.Forbidden, foreign), (socket.HttpStatusCode, foreign));
            using var negotiated = await NegotiateAsync(ana, hub, foreign);
            Assert.Equal(HttpStatusCode.Forbidden, negotiated.StatusCode);
            Assert.Contains(KernelRefusals.ForeignOrigin.Code, await negotiated.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        foreach (var ours in (string?[])[ana.Origin, "https://public.example", null])
        {
            using var socket = await ana.ConnectAsync(hub, ours);
            Assert.Equal((HttpStatusCode.SwitchingProtocols, ours), (socket.HttpStatusCode, ours));
            using var negotiated = await NegotiateAsync(ana, hub, ours);
            Assert.Equal(HttpStatusCode.OK, negotiated.StatusCode);
        }
    }

    [Theory]
    [InlineData("https://vault.example", "vault.example", true, true)]
    [InlineData("https://vault.example", "vault.example:443", true, true)]
    [InlineData("https://VAULT.example", "vault.example", true, true)]
    [InlineData("https://vault.example:8443", "vault.example:8443", true, true)]
    [InlineData("http://vault.example", "vault.example", true, false)]
    [InlineData("http://vault.example", "vault.example", false, true)]
    [InlineData("http://localhost:5080", "localhost:5080", false, true)]
    [InlineData("http://[::1]:5080", "[::1]:5080", false, true)]
    [InlineData("https://public.example", "web:8080", true, true)]
    [InlineData("http://public.example", "web:8080", true, false)]
    [InlineData("https://public.example@evil.example", "vault.example", true, false)]
    [InlineData("https://vault.example/path", "vault.example", true, false)]
    [InlineData("ws://vault.example", "vault.example", false, false)]
    [InlineData("", "vault.example", true, false)]
    [InlineData("https://vault.example", "", true, false)]
    public void What_counts_as_our_own_origin(string origin, string host, bool requireHttps, bool ours) =>
        Assert.Equal(ours, ForeignRequests.IsOurs(origin, new HostString(host), new Uri("https://public.example"), requireHttps));

    private static Task<HttpResponseMessage> NegotiateAsync(Visitor visitor, string hub, string? origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{hub}/negotiate?negotiateVersion=1");
        if (origin is not null) request.Headers.Add("Origin", origin);
        return visitor.SendAsync(request);
    }
}
