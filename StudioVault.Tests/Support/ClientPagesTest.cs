using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Agreements.Evidence;
using StudioVault.Infrastructure.Audit;
using StudioVault.Web.Agreements.Client;
using StudioVault.Web.Documents;
using StudioVault.Web.Shell;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>A client's browser without script and cookies, on a vault in which Marta and João have booked.</summary>
public abstract partial class ClientPagesTest(PostgresServer server) : AgreementsTest(server)
{
    private WebApplication _app = null!;

    protected HttpClient Http { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddAuthorization();
        builder.Services.AddSingleton(Signings).AddSingleton(Withdrawals).AddSingleton(Releases).AddSingleton(Links).AddSingleton<DocumentRenderer>().AddClientPages(new Uri("https://vault.example"));
        builder.Services.AddSingleton(Door).AddSingleton(Papers).AddSingleton(Keys).AddSingleton(Key).AddSingleton<AuditTree>().AddSingleton<EvidencePack>();
        Add(builder.Services);
        _app = builder.Build();
        _app.UseSecurityHeaders(requireHttps: false);
        // The address of the visitor, for what is counted by network.
        _app.Use((context, next) =>
        {
            context.Connection.RemoteIpAddress = IPAddress.Parse(context.Request.Headers["Test-From"].FirstOrDefault() ?? "192.0.2.7");
            return next(context);
        });
        _app.MapClientPages();
        Map(_app);
        await _app.StartAsync(Ct);
        Http = _app.GetTestClient();
        Http.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1");
    }

    public override async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    /// <summary>Services of further pages.</summary>
    protected virtual void Add(IServiceCollection services) { }

    /// <summary>Further pages.</summary>
    protected virtual void Map(WebApplication app) { }

    protected string AddressOf(LinkTarget link) => $"/c/{Links.TokenOf(LinkKind.Signing, link.Branch, link.Id)}";

    /// <summary>A page, which has to have this status.</summary>
    protected async Task<string> PageAsync(string address, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var answer = await Http.GetAsync(address, Ct);
        var page = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(status == answer.StatusCode, $"{answer.StatusCode}\n{page}");
        return page;
    }

    /// <summary>Fills in the first form of a page as a browser does, hidden fields and all, and presses a button.</summary>
    protected Task<HttpResponseMessage> PressAsync(string page, string button, params (string Name, string Value)[] typed)
    {
        var action = WebUtility.HtmlDecode(Action().Match(page).Groups[1].Value);
        var fields = Hidden().Matches(FirstForm().Match(page).Value).Select(m => (Name: m.Groups[1].Value, Value: WebUtility.HtmlDecode(m.Groups[2].Value)))
            .Concat(typed).Append(("do", button)).ToDictionary(f => f.Item1, f => f.Item2);
        return Http.PostAsync(action, new FormUrlEncodedContent(fields), Ct);
    }

    /// <summary>Where an answer sends the browser.</summary>
    protected static string Redirected(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return answer.Headers.Location!.ToString();
    }

    /// <summary>From the opened link to the page of the code, as the client does it.</summary>
    protected async Task<string> AskForCodeAsync(LinkTarget link, string name)
    {
        await PageAsync(AddressOf(link));
        using var asked = await PressAsync(await PageAsync(AddressOf(link) + "/sign"), "code", ("name", name), ("agrees", "yes"));
        return await PageAsync(Redirected(asked));
    }

    /// <summary>Signs from the first page to the last.</summary>
    /// <returns>The last page.</returns>
    protected async Task<string> SignOnPagesAsync(LinkTarget link, string name)
    {
        var page = await AskForCodeAsync(link, name);
        using var signed = await PressAsync(page, "sign", ("code", await MailedCodeAsync(link)));
        return await PageAsync(Redirected(signed));
    }

    /// <summary>The code in the newest mail.</summary>
    protected async Task<string> MailedCodeAsync(LinkTarget link) => (await LastLetterAsync(link)).Text.Split('\n').Single(l => l.Length == 6 && l.All(char.IsAsciiDigit));

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex FirstForm();

    [GeneratedRegex("<form[^>]*action=\"([^\"]+)\"")]
    private static partial Regex Action();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
