using System.Net;
using System.Net.WebSockets;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>
/// A browser as far as HTTP goes, before a proxy that ends TLS: it keeps cookies by the rules browsers keep them by, among them that a
/// <c>__Host-</c> cookie must be marked secure, and it sends forms with the token of the page they stood on.
/// </summary>
internal sealed partial class Visitor : IDisposable
{
    public const string Host = "vault.example";
    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly Uri _address;
    private readonly bool _tls;
    private readonly Dictionary<string, SetCookieHeaderValue> _cookies = [];

    public Visitor(Uri address, bool tls = true)
    {
        (_address, _tls) = (address, tls);
        _http.BaseAddress = address;
        _http.DefaultRequestHeaders.Host = Host;
        if (tls) _http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
    }

    /// <summary>The origin of the pages this one sees.</summary>
    public string Origin => $"{(_tls ? "https" : "http")}://{Host}";

    /// <summary>The cookies it kept.</summary>
    public IReadOnlyDictionary<string, SetCookieHeaderValue> Cookies => _cookies;

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        if (_cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", _cookies.Values.Select(c => $"{c.Name}={c.Value}")));
        var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        if (answer.Headers.TryGetValues("Set-Cookie", out var set))
            foreach (var cookie in SetCookieHeaderValue.ParseList([.. set])) Keep(cookie);
        return answer;
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public async Task<string> ReadAsync(string path)
    {
        using var answer = await GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path} answered {answer.StatusCode}: {text}");
        return text;
    }

    /// <summary>Sends a form; without the page's token when there is no page.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string? page, params (string Name, string Value)[] fields)
    {
        var form = fields.Select(f => KeyValuePair.Create(f.Name, f.Value)).ToList();
        if (page is not null) form.Add(new("__RequestVerificationToken", WebUtility.HtmlDecode(Token().Match(page) is { Success: true } token ? token.Groups[1].Value : throw new InvalidOperationException("The page carries no token."))));
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form) });
    }

    /// <summary>One click on the sign-in page of the demo.</summary>
    public async Task SignInAsync(Guid person)
    {
        using var answer = await PostAsync("/login/demo", await ReadAsync("/login"), ("person", person.ToString()));
        Assert.Equal((HttpStatusCode.Redirect, "/"), (answer.StatusCode, answer.Headers.Location?.ToString()));
    }

    /// <summary>A WebSocket with this one's cookies.</summary>
    /// <param name="origin">Of the page that asks for it; null is a program.</param>
    public async Task<ClientWebSocket> ConnectAsync(string path, string? origin)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Host", Host);
        if (_tls) socket.Options.SetRequestHeader("X-Forwarded-Proto", "https");
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        if (_cookies.Count > 0) socket.Options.SetRequestHeader("Cookie", string.Join("; ", _cookies.Values.Select(c => $"{c.Name}={c.Value}")));
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{_address.Authority}{path}"), TestContext.Current.CancellationToken);
        }
        catch (WebSocketException)
        {
            // Refused: the status says how.
        }

        return socket;
    }

    public void Dispose() => _http.Dispose();

    private void Keep(SetCookieHeaderValue cookie)
    {
        var name = cookie.Name.Value!;
        if (cookie.Secure && !_tls) return;
        if (name.StartsWith("__Host-", StringComparison.Ordinal) && (!cookie.Secure || cookie.Path != "/" || cookie.Domain.HasValue)) return;
        if (cookie.Expires < TimeProvider.System.GetUtcNow()) _cookies.Remove(name);
        else _cookies[name] = cookie;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
