using System.Globalization;
using Microsoft.AspNetCore.Components;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Web.Documents;

namespace StudioVault.Web.Agreements.Client;

/// <summary>Opens links and draws the pages behind them, also those that say why there is nothing to see.</summary>
internal sealed class ClientVisits(SigningCommands signings, ClientLinks links, ClientLimits limits, DocumentRenderer documents, ClientSite site)
{
    /// <summary>Where a token leads; null when it is none of ours.</summary>
    public LinkTarget? Read(string token) => links.Read(LinkKind.Signing, token);

    /// <summary>Opens a link, noting it. The answer in its place when there is no document to show.</summary>
    public async Task<(ClientScene? Scene, LinkTarget Link, IResult? No)> OpenAsync(string token, HttpContext http, CancellationToken ct)
    {
        if (Read(token) is not { } link) return (null, default, await UnknownAsync(http));
        if (!(await signings.OpenAsync(link, ct)).TryGet(out var view, out var refusal)) return (null, link, await RefusedAsync(http, refusal));
        var scene = new ClientScene(view, token, site.Address.ToString());
        return view.IsCurrent ? (scene, link, null) : (null, link, await StaleAsync(scene, view.State == PaperState.Void ? AgreementRefusals.Voided : AgreementRefusals.StaleView));
    }

    /// <summary>A page.</summary>
    public async Task<IResult> PageAsync<T>(int status, Dictionary<string, object?> parameters) where T : IComponent =>
        Results.Content(await documents.RenderAsync<T>(parameters), "text/html; charset=utf-8", statusCode: status);

    /// <summary>For a link that is none of ours, or whose row has gone: the same words for both.</summary>
    public Task<IResult> UnknownAsync(HttpContext http)
    {
        if (limits.AllowsGuess(http.Connection.RemoteIpAddress)) return NoticeAsync("Nothing is here", LinkRefusals.Unknown);
        http.Response.Headers.RetryAfter = ClientLimits.Window.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return NoticeAsync("A moment, please", LinkRefusals.TooManyTries);
    }

    /// <summary>For a paper that was taken back, given up or went on without this page.</summary>
    public Task<IResult> StaleAsync(ClientScene scene, Refusal why)
    {
        (string, string)? next = scene.View switch
        {
            { Newer: { } newer } => ("Read the new version", $"/c/{links.TokenOf(LinkKind.Signing, Read(scene.Token)!.Value.Branch, newer.Value)}"),
            { IsCurrent: true } => ("Read it as it is now", scene.Home),
            _ => null,
        };
        var text = why.Kind != AgreementRefusals.StaleView || next is not null ? why
            : why with { Sentence = "The studio took this back to change it.", NextStep = "You get a new mail as soon as there is something to read; nothing is to be done until then." };
        var title = why.Kind == AgreementRefusals.Voided ? "This was given up" : why.Kind == AgreementRefusals.StaleView ? "This has changed" : "Nothing more to sign";
        if (why.Kind == AgreementRefusals.Voided) text = why with { Sentence = "The studio gave this paper up; there is nothing to sign.", NextStep = "If you did not expect that, ask the studio." };
        return NoticeAsync(title, text, scene.Studio, next);
    }

    /// <summary>For what cannot be opened.</summary>
    public Task<IResult> RefusedAsync(HttpContext http, Refusal refusal)
    {
        if (refusal.Kind == KernelRefusals.NotFound) return UnknownAsync(http);
        if (refusal.Kind == ClientRefusals.Erased) return NoticeAsync("This was erased", refusal);
        return NoticeAsync(refusal.Kind == AgreementRefusals.StaleView ? "This has changed" : "This cannot be shown now", refusal);
    }

    /// <summary>A page that only says something.</summary>
    public Task<IResult> NoticeAsync(string title, Refusal refusal, AgreementStudio? studio = null, (string Words, string Address)? next = null) => PageAsync<ClientNoticePage>(refusal.Kind.HttpStatus, new()
    {
        [nameof(ClientNoticePage.Title)] = title,
        [nameof(ClientNoticePage.Refusal)] = refusal,
        [nameof(ClientNoticePage.Studio)] = studio,
        [nameof(ClientNoticePage.Next)] = next,
    });
}
