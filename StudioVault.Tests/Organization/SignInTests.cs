using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

/// <summary>Signing in and out as a browser does it, before the whole product.</summary>
public sealed partial class SignInTests(PostgresServer server) : VaultTest(server)
{
    private const string Good = "seven quiet lanterns";

    private readonly FaultyLine _line = new(new System.Net.Sockets.UnixDomainSocketEndPoint(server.Socket));
    private WholeHost _host = null!;
    private Uri _address = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _host = await WholeHost.StartAsync(Server, Database, Ct, new NpgsqlConnectionStringBuilder(Server.For(Database, VaultRoles.Default.App)) { Host = "127.0.0.1", Port = _line.Port }.ConnectionString);
        _address = _host.Address;
        var hash = Passwords.Hasher().HashPassword(new Person(), Good);
        await PastGuardsAsync("update organization.people set password_hash = $1 where name in ('Rui', 'Inês', 'Jonas', 'Helena')", hash);
    }

    public override async ValueTask DisposeAsync()
    {
        _line.Clear();
        await _host.DisposeAsync();
        _line.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_right_password_opens_a_session_and_the_log_has_it()
    {
        using var browser = new Browser(_address);
        var answer = await browser.SignInAsync("Rui@northlight.example", Good);
        Assert.Equal((HttpStatusCode.Found, "/"), answer);
        Assert.Contains("Rui", await browser.TextAsync("/me"), StringComparison.Ordinal);
        Assert.Equal(1L, await SqlAsync("select count(*) from audit.entries where action = 'session.sign_in' and outcome = 'done' and actor_id = $1", Rui.PersonId.ToString()!));
    }

    [Fact]
    public async Task Nobody_resting_switched_off_without_a_password_and_a_wrong_one_are_answered_alike()
    {
        await PastGuardsAsync("update organization.people set lockout_end = clock_timestamp() + interval '5 minutes' where name = 'Inês'");
        await PastGuardsAsync("update organization.people set is_disabled = true where name = 'Jonas'");
        var answers = new List<string>();
        foreach (var (mail, password) in new[] { ("nobody@northlight.example", Good), ("inês@northlight.example", Good), ("jonas@northlight.example", Good), ("ana@northlight.example", Good), ("rui@northlight.example", "not his at all") })
        {
            using var browser = new Browser(_address);
            var (status, location) = await browser.SignInAsync(mail, password);
            answers.Add($"{(int)status} {location} {browser.HasSession} {browser.LastHeaders}");
        }

        Assert.StartsWith($"302 /login?refused={OrganizationRefusals.SignInFailed.Code} False", answers[0], StringComparison.Ordinal);
        Assert.Single(answers.Distinct());
        Assert.Equal(5L, await SqlAsync("select count(*) from audit.entries where action = 'session.sign_in' and outcome = 'refused'"));
    }

    [Fact]
    public async Task After_five_wrong_tries_the_right_one_waits()
    {
        using var browser = new Browser(_address);
        for (var i = 0; i < 5; i++) await browser.SignInAsync("rui@northlight.example", "wrong");
        Assert.Equal($"/login?refused={OrganizationRefusals.SignInFailed.Code}", (await browser.SignInAsync("rui@northlight.example", Good)).Location);
        // The visitor learns nothing by it; the log has it.
        Assert.Equal("4 2", await SqlAsync("select count(*) filter (where reason_code = $1) || ' ' || count(*) filter (where reason_code = $2) from audit.entries where action = 'session.sign_in' and outcome = 'refused'", OrganizationRefusals.SignInFailed.Code, OrganizationRefusals.AccountRests.Code));
        await PastGuardsAsync("update organization.people set lockout_end = clock_timestamp() where name = 'Rui'");
        Assert.Equal("/", (await browser.SignInAsync("rui@northlight.example", Good)).Location);
    }

    [Fact]
    public async Task A_hash_of_fewer_rounds_is_made_anew_at_the_sign_in()
    {
        var weak = new PasswordHasher<Person>(Options.Create(new PasswordHasherOptions { IterationCount = 1_000 })).HashPassword(new Person(), Good);
        await PastGuardsAsync("update organization.people set password_hash = $1 where name = 'Rui'", weak);
        using var browser = new Browser(_address);
        Assert.Equal("/", (await browser.SignInAsync("rui@northlight.example", Good)).Location);
        var now = (string)(await SqlAsync("select password_hash from organization.people where name = 'Rui'"))!;
        Assert.Equal(PasswordVerificationResult.Success, Passwords.Hasher().VerifyHashedPassword(new Person(), now, Good));
    }

    [Fact]
    public async Task Too_many_tries_from_one_address_are_told_to_wait()
    {
        using var browser = new Browser(_address);
        var locations = new List<string?>();
        // Without the form's own token: what is counted is whoever knocks.
        for (var i = 0; i < 62; i++) locations.Add((await browser.PostAsync("/login", [("email", "x"), ("password", "x")])).Location);
        Assert.Null(locations[0]);
        Assert.Equal($"/login?refused={OrganizationRefusals.TooManyTries.Code}", locations[^1]);
        Assert.Contains("Retry-After", browser.LastHeaders, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_kills_every_copy_of_the_cookie_and_leaves_the_persons_other_devices_alone()
    {
        using var desk = new Browser(_address);
        using var tablet = new Browser(_address);
        await desk.SignInAsync("helena@northlight.example", Good);
        await tablet.SignInAsync("helena@northlight.example", Good);
        using var thief = desk.Copy();
        Assert.Contains("Jonas", await thief.TextAsync("/hq/people"), StringComparison.Ordinal);
        Assert.Equal("/login", (await desk.PostFormAsync("/logout", [])).Location);
        Assert.False(desk.HasSession);
        Assert.DoesNotContain("Jonas", await thief.TextAsync("/hq/people"), StringComparison.Ordinal);
        Assert.Contains(KernelRefusals.SignedOut.Code, (await thief.PostFormAsync("/me/password", [("current", Good), ("password", "eight loud lanterns"), ("again", "eight loud lanterns")])).Location, StringComparison.Ordinal);
        Assert.Contains("Jonas", await tablet.TextAsync("/hq/people"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_password_keeps_this_browser_and_ends_the_others()
    {
        using var desk = new Browser(_address);
        using var tablet = new Browser(_address);
        await desk.SignInAsync("helena@northlight.example", Good);
        await tablet.SignInAsync("helena@northlight.example", Good);
        Assert.Equal($"/me?refused={PeopleRefusals.PasswordsDiffer.Code}", (await desk.PostFormAsync("/me/password", [("current", Good), ("password", "eight loud lanterns"), ("again", "nine loud lanterns")])).Location);
        Assert.Equal($"/me?refused={PeopleRefusals.PasswordWrong.Code}", (await desk.PostFormAsync("/me/password", [("current", "no"), ("password", "eight loud lanterns"), ("again", "eight loud lanterns")])).Location);
        Assert.Contains("fewer than 12", await desk.TextAsync($"/me?refused={PasswordRefusals.TooShort.Code}"), StringComparison.Ordinal);
        Assert.Equal("/me?done=password", (await desk.PostFormAsync("/me/password", [("current", Good), ("password", "eight loud lanterns"), ("again", "eight loud lanterns")])).Location);
        Assert.Contains("Jonas", await desk.TextAsync("/hq/people"), StringComparison.Ordinal);
        Assert.DoesNotContain("Jonas", await tablet.TextAsync("/hq/people"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_branch_is_for_whoever_is_still_signed_in()
    {
        using var browser = new Browser(_address);
        await browser.SignInAsync("rui@northlight.example", Good);
        Assert.Equal((HttpStatusCode.Found, "/"), await browser.PostFormAsync("/branch/switch", [("branch", Porto.ToString())]));
        Assert.Contains("Rui", await browser.TextAsync("/me"), StringComparison.Ordinal);
        var token = await browser.TokenAsync("/login");
        await PastGuardsAsync("update organization.people set security_stamp = 'another' where name = 'Rui'");
        Assert.Equal("/login", (await browser.PostAsync("/branch/switch", [("branch", Porto.ToString()), token])).Location);
        Assert.DoesNotContain("Rui", await browser.TextAsync("/me"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_signed_out_while_the_branch_is_switched_gets_no_living_cookie_by_it()
    {
        using var browser = new Browser(_address);
        await browser.SignInAsync("rui@northlight.example", Good);
        var token = await browser.TokenAsync("/login");
        // Who they are is known by then; which branches they have is not.
        await using var holder = await Superuser.OpenConnectionAsync(Ct);
        await using var held = await holder.BeginTransactionAsync(Ct);
        await using (var hold = new NpgsqlCommand("lock table organization.branches in access exclusive mode", holder, held)) await hold.ExecuteNonQueryAsync(Ct);
        var switching = browser.PostAsync("/branch/switch", [("branch", Porto.ToString()), token]);
        await Eventually.True(async () => (bool)(await SqlAsync("select exists (select from pg_locks where not granted and relation = 'organization.branches'::regclass)"))!, "the branches are asked for");
        await PastGuardsAsync("update organization.people set security_stamp = 'another' where name = 'Rui'");
        await held.CommitAsync(Ct);
        Assert.Equal("/login", (await switching).Location);
        Assert.DoesNotContain("Rui", await browser.TextAsync("/me"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_away_signs_nobody_out_who_switches_the_branch()
    {
        using var browser = new Browser(_address);
        await browser.SignInAsync("rui@northlight.example", Good);
        var token = await browser.TokenAsync("/login");
        _line.Refuse();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, null), await browser.PostAsync("/branch/switch", [("branch", Porto.ToString()), token]));
        Assert.Contains("The branch was not switched", browser.LastText, StringComparison.Ordinal);
        Assert.Contains(KernelRefusals.StorageUnavailable.Code, browser.LastText, StringComparison.Ordinal);
        _line.Clear();
        Assert.True(browser.HasSession);
        Assert.Contains("Rui", await browser.TextAsync("/me"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_of_headquarters_leads_to_a_password_and_then_to_nothing()
    {
        var people = _host.Services.GetRequiredService<PeopleCommands>();
        var made = (await people.AddAsync(Hq, new("Olga Neves", "", "olga@northlight.example", false, new Dictionary<BranchId, Role> { [Porto] = Role.Staff }), Ct)).Value;
        using var browser = new Browser(_address);
        var path = $"/password/{made.Link!.Token}";
        Assert.Contains("Choose your password, Olga Neves", await browser.TextAsync(path), StringComparison.Ordinal);
        Assert.Contains("no-store", browser.LastHeaders, StringComparison.Ordinal);
        Assert.Equal($"{path}?refused={PasswordRefusals.TooShort.Code}", (await browser.PostFormAsync(path, [("password", "short"), ("again", "short")], path)).Location);
        Assert.Equal("/login?done=password", (await browser.PostFormAsync(path, [("password", Good), ("again", Good)], path)).Location);
        var dead = await browser.TextAsync(path);
        Assert.Contains(PeopleRefusals.LinkDead.Code, dead, StringComparison.Ordinal);
        Assert.DoesNotContain("Olga", dead, StringComparison.Ordinal);
        Assert.Equal("/", (await browser.SignInAsync("olga@northlight.example", Good)).Location);
    }

    [Fact]
    public async Task The_sign_in_says_when_nobody_of_headquarters_can_sign_in_yet()
    {
        await PastGuardsAsync("update organization.people set password_hash = null where name = 'Helena'");
        using var browser = new Browser(_address);
        Assert.Contains("Nobody can sign in yet", await browser.TextAsync("/login"), StringComparison.Ordinal);
        await PastGuardsAsync("update organization.people set password_hash = 'x' where name = 'Helena'");
        Assert.DoesNotContain("Nobody can sign in yet", await browser.TextAsync("/login"), StringComparison.Ordinal);
    }

    /// <summary>A browser as far as forms and cookies go. Cookies here are for HTTPS only, so they are kept by hand.</summary>
    private sealed partial class Browser(Uri address) : IDisposable
    {
        private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address };
        private readonly Dictionary<string, string> _cookies = [];

        public bool HasSession => _cookies.ContainsKey("__Host-StudioVault");

        /// <summary>Names of the last answer's headers, and whether it may be kept.</summary>
        public string LastHeaders { get; private set; } = "";

        /// <summary>What the last form was answered with.</summary>
        public string LastText { get; private set; } = "";

        public Browser Copy()
        {
            var copy = new Browser(address);
            foreach (var (name, value) in _cookies) copy._cookies[name] = value;
            return copy;
        }

        public Task<(HttpStatusCode Status, string? Location)> SignInAsync(string mail, string password) => PostFormAsync("/login", [("email", mail), ("password", password)]);

        /// <summary>Posts a form with the token of a page.</summary>
        public async Task<(HttpStatusCode Status, string? Location)> PostFormAsync(string path, IEnumerable<(string, string)> fields, string page = "/login")
        {
            var token = await TokenAsync(page);
            return await PostAsync(path, [.. fields, token]);
        }

        /// <summary>The field a form of a page proves itself by.</summary>
        public async Task<(string, string)> TokenAsync(string page)
        {
            var token = Token().Match(await TextAsync(page));
            Assert.True(token.Success, "the page has a form");
            return ("__RequestVerificationToken", WebUtility.HtmlDecode(token.Groups[1].Value));
        }

        public async Task<(HttpStatusCode Status, string? Location)> PostAsync(string path, IEnumerable<(string Name, string Value)> fields)
        {
            using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) });
            LastText = await answer.Content.ReadAsStringAsync(Ct);
            return (answer.StatusCode, answer.Headers.Location?.OriginalString);
        }

        public async Task<string> TextAsync(string path)
        {
            using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path));
            return await answer.Content.ReadAsStringAsync(Ct);
        }

        public void Dispose() => _http.Dispose();

        private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
        {
            using (request)
            {
                if (_cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}")));
                var answer = await _http.SendAsync(request, Ct);
                foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
                {
                    var (name, value) = (cookie[..cookie.IndexOf('=', StringComparison.Ordinal)], cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(';')[0]);
                    if (value.Length == 0) _cookies.Remove(name);
                    else _cookies[name] = value;
                }

                LastHeaders = string.Join(", ", answer.Headers.Concat(answer.Content.Headers).Select(h => h.Key == "Cache-Control" ? $"{h.Key}: {string.Join(' ', h.Value)}" : h.Key).Order(StringComparer.Ordinal));
                return answer;
            }
        }

        [GeneratedRegex("""name="__RequestVerificationToken"[^>]*value="([^"]+)""")]
        private static partial Regex Token();
    }
}
