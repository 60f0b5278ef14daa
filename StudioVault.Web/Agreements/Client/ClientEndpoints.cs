using System.Globalization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Agreements.Evidence;

namespace StudioVault.Web.Agreements.Client;

/// <summary>Where a client's links lead, and how StudioVault is reached from outside.</summary>
public sealed record ClientSite(Uri Address);

/// <summary>
/// What clients do behind /c/{token}: read, sign, keep. Whole pages of HTML that need neither script nor cookie; every step has an
/// address of its own.
/// </summary>
/// <remarks>
/// The posts carry no antiforgery token on purpose. Such a token protects a cookie that browsers add by themselves, and there is
/// none here: whoever can post to the address knows the secret in it, and a signature needs a code from the mailbox besides. A
/// cookie would break the signing of people whose mail app opens links in a window of its own. Posts that browsers say come from
/// another site are refused all the same.
/// </remarks>
public static class ClientEndpoints
{
    private const int LargestForm = 16 * 1024;

    // While documents are being made the page looks again by itself.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Later = TimeSpan.FromMinutes(1);

    public static IServiceCollection AddClientPages(this IServiceCollection services, Uri site) => services.AddSingleton(new ClientSite(site)).AddSingleton<ClientLimits>().AddSingleton<ClientVisits>();

    public static void MapClientPages(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/c").AllowAnonymous().DisableAntiforgery().WithMetadata(new RequestSizeLimitAttribute(LargestForm)).AddEndpointFilter(GuardAsync);
        group.MapGet("/{token}", OverviewAsync);
        group.MapGet("/{token}/sign", SignPageAsync);
        group.MapPost("/{token}/sign", SignAsync);
        group.MapGet("/{token}/done", DoneAsync);
        group.MapGet("/{token}/document.pdf", (string token, HttpContext http, ClientVisits visits, SigningCommands signings, CancellationToken ct) => FileAsync(token, false, http, visits, signings, ct));
        group.MapGet("/{token}/certificate.pdf", (string token, HttpContext http, ClientVisits visits, SigningCommands signings, CancellationToken ct) => FileAsync(token, true, http, visits, signings, ct));
        group.MapGet("/{token}/evidence.zip", EvidenceAsync);
        group.MapGet("/{token}/withdraw", WithdrawPageAsync);
        group.MapPost("/{token}/withdraw", WithdrawAsync);
        group.MapGet("/{token}/receipt.pdf", ReceiptAsync);
        group.MapGet("/{token}/pictures", PicturesPageAsync);
        group.MapPost("/{token}/pictures", PicturesAsync);
        group.MapGet("/{token}/pictures/{id:guid}.pdf", ReleaseFileAsync);
        // Whatever else is asked for here is answered like a link that leads nowhere.
        group.MapFallback("/{**rest}", (HttpContext http, ClientVisits visits) => visits.UnknownAsync(http));
    }

    private static async Task<IResult> OverviewAsync(string token, HttpContext http, ClientVisits visits, ReleaseCommands releases, CancellationToken ct)
    {
        var (scene, link, no) = await visits.OpenAsync(token, http, ct);
        if (scene is null) return no!;
        // Nothing is asked about pictures before there is an agreement.
        IReadOnlyList<ReleaseView> asked = scene.View.Head > 0 && (await releases.MineAsync(link, ct)).TryGet(out var mine, out _) ? mine : [];
        return await visits.PageAsync<ClientOverviewPage>(200, new() { [nameof(ClientOverviewPage.Scene)] = scene, [nameof(ClientOverviewPage.Releases)] = asked });
    }

    private static async Task<IResult> SignPageAsync(string token, string? s, HttpContext http, ClientVisits visits, IDataProtectionProvider protection, CancellationToken ct)
    {
        var (scene, _, no) = await visits.OpenAsync(token, http, ct);
        if (scene is null) return no!;
        if (scene.View.Mine == SigningState.Signed) return Results.LocalRedirect(scene.Done);
        if (!scene.View.TakesSignature) return Results.LocalRedirect(scene.Home);
        if (SignState.Open(protection, scene.View.Id, s) is not { } state) return await visits.PageAsync<ClientSignPage>(200, new() { [nameof(ClientSignPage.Scene)] = scene });
        return state.Hash == scene.View.ContentHash ? await CodePageAsync(visits, scene, state, s!, null, null) : await visits.StaleAsync(scene, AgreementRefusals.StaleView);
    }

    private static async Task<IResult> SignAsync(string token, HttpContext http, ClientVisits visits, ClientLimits limits, SigningCommands signings, IDataProtectionProvider protection, CancellationToken ct)
    {
        var (scene, link, no) = await visits.OpenAsync(token, http, ct);
        if (scene is null) return no!;
        if (!http.Request.HasFormContentType) return Results.LocalRedirect(scene.Sign);
        if (scene.View.Mine == SigningState.Signed) return SeeOther(http, scene.Done);
        var form = await http.Request.ReadFormAsync(ct);
        var act = form["do"].ToString();
        var closed = form["s"].ToString();
        var from = http.Connection.RemoteIpAddress;
        if (SignState.Open(protection, scene.View.Id, closed) is not { } state)
        {
            // The first step: name, consent, and what was read.
            var name = form["name"].ToString().Trim();
            var agrees = form["agrees"] == "yes";
            state = new SignState(name, form["hash"].ToString(), form["disclosure"].ToString());
            Refusal? wrong = name.Length == 0 ? SigningRefusals.NameMissing.At("name") : null;
            if (name.Length > Domain.Agreements.Client.LongestName) wrong = KernelRefusals.TooLong.At("name", Domain.Agreements.Client.LongestName);
            if (wrong is null && (!agrees || Disclosures.Text(state.Disclosure).Length == 0)) wrong = SigningRefusals.ConsentMissing.At("agrees");
            if (wrong is null && state.Hash != scene.View.ContentHash) return await visits.StaleAsync(scene, AgreementRefusals.StaleView);
            if (wrong is null && act != "have") wrong = await AskAsync();
            if (wrong is null) return SeeOther(http, $"{scene.Sign}?s={state.Close(protection, scene.View.Id)}");
            if (await ElsewhereAsync(wrong) is { } elsewhere) return elsewhere;
            return await visits.PageAsync<ClientSignPage>(Status(http, wrong), new()
            {
                [nameof(ClientSignPage.Scene)] = scene,
                [nameof(ClientSignPage.Name)] = name,
                [nameof(ClientSignPage.Agrees)] = agrees,
                [nameof(ClientSignPage.Refusal)] = wrong,
            });
        }

        if (act == "again")
        {
            if (await AskAsync() is not { } asked) return SeeOther(http, $"{scene.Sign}?s={closed}");
            return await ElsewhereAsync(asked) ?? await CodePageAsync(visits, scene, state, closed, null, asked, Status(http, asked));
        }

        var code = string.Concat(form["code"].ToString().Where(c => !char.IsWhiteSpace(c)));
        Refusal? refusal = LinkRefusals.TooManyTries;
        if (limits.Allows(ClientLimits.Act.TryCode, link, from))
            refusal = (await signings.SignAsync(link, new(state.Hash, state.Name, true, code, Disclosures.Sentence, state.Disclosure, "en", ClientDevice.Of(http.Request.Headers.UserAgent), ClientDevice.Network(from)), ct)).Refusal;
        if (refusal is null || refusal.Kind == SigningRefusals.AlreadySigned) return SeeOther(http, scene.Done);
        return await ElsewhereAsync(refusal) ?? await CodePageAsync(visits, scene, state, closed, code, refusal, Status(http, refusal));

        async Task<Refusal?> AskAsync()
        {
            if (!limits.Allows(ClientLimits.Act.AskForCode, link, from)) return LinkRefusals.TooManyTries;
            return (await signings.SendCodeAsync(link, ct)).Refusal;
        }

        // What no correction on this page helps against.
        async Task<IResult?> ElsewhereAsync(Refusal why)
        {
            if (why.Kind == SigningRefusals.AlreadySigned) return SeeOther(http, scene.Done);
            if (why.Kind == SigningRefusals.LinkExpired)
                return await visits.PageAsync<ClientOverviewPage>(why.Kind.HttpStatus, new() { [nameof(ClientOverviewPage.Scene)] = scene, [nameof(ClientOverviewPage.Refusal)] = why });
            return why.Kind == AgreementRefusals.StaleView || why.Kind == AgreementRefusals.Voided || why.Kind == AgreementRefusals.Sealed || why.Kind == AgreementRefusals.BeingSealed ? await visits.StaleAsync(scene, why) : null;
        }
    }

    private static Task<IResult> CodePageAsync(ClientVisits visits, ClientScene scene, SignState state, string closed, string? code, Refusal? refusal, int status = 200) => visits.PageAsync<ClientCodePage>(status, new()
    {
        [nameof(ClientCodePage.Scene)] = scene,
        [nameof(ClientCodePage.State)] = closed,
        [nameof(ClientCodePage.Name)] = state.Name,
        [nameof(ClientCodePage.Code)] = code,
        [nameof(ClientCodePage.Refusal)] = refusal,
    });

    private static async Task<IResult> DoneAsync(string token, HttpContext http, ClientVisits visits, CancellationToken ct)
    {
        var (scene, _, no) = await visits.OpenAsync(token, http, ct);
        if (scene is null) return no!;
        if (scene.View.Mine != SigningState.Signed) return Results.LocalRedirect(scene.Home);
        if (scene.View.State == PaperState.Sealing)
            http.Response.Headers["Refresh"] = (scene.View.WaitingReason is null ? Soon : Later).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return await visits.PageAsync<ClientDonePage>(200, new() { [nameof(ClientDonePage.Scene)] = scene });
    }

    // Also where it is not open: then it says why.
    private static async Task<IResult> WithdrawPageAsync(string token, HttpContext http, ClientVisits visits, WithdrawalCommands withdrawals, CancellationToken ct)
    {
        var (scene, link, no) = await visits.OpenAsync(token, http, ct);
        if (scene is null) return no!;
        if (scene.View.Withdrawal is not { } standing) return Results.LocalRedirect(scene.Home);
        if (standing.Refusal is { } why && why.Kind != WithdrawalRefusals.Already) return await visits.NoticeAsync("Withdrawal is not open", why, scene.Studio, ("Back to the document", scene.Home));
        if (standing.Refusal is null) return await visits.PageAsync<ClientWithdrawPage>(200, new() { [nameof(ClientWithdrawPage.Scene)] = scene });
        if (!(await withdrawals.SeeAsync(link, ct)).TryGet(out var facts, out var refusal)) return await visits.RefusedAsync(http, refusal);
        if (!facts.HasReceipt) http.Response.Headers["Refresh"] = Soon.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return await visits.PageAsync<ClientWithdrawnPage>(200, new() { [nameof(ClientWithdrawnPage.Scene)] = scene, [nameof(ClientWithdrawnPage.Facts)] = facts });
    }

    private static async Task<IResult> WithdrawAsync(string token, HttpContext http, ClientVisits visits, WithdrawalCommands withdrawals, CancellationToken ct)
    {
        var (scene, link, no) = await visits.OpenAsync(token, http, ct);
        if (scene is null) return no!;
        if (scene.View.Withdrawal is null || !http.Request.HasFormContentType) return Results.LocalRedirect(scene.Home);
        var name = (await http.Request.ReadFormAsync(ct))["name"].ToString();
        var done = await withdrawals.WithdrawAsync(link, new(name, scene.Statement, ClientDevice.Of(http.Request.Headers.UserAgent), ClientDevice.Network(http.Connection.RemoteIpAddress)), ct);
        if (done.Refusal is not { } refusal || refusal.Kind == WithdrawalRefusals.Already) return SeeOther(http, scene.Withdraw);
        if (refusal.Path is null) return await visits.NoticeAsync("Withdrawal is not open", refusal, scene.Studio, ("Back to the document", scene.Home));
        return await visits.PageAsync<ClientWithdrawPage>(refusal.Kind.HttpStatus, new() { [nameof(ClientWithdrawPage.Scene)] = scene, [nameof(ClientWithdrawPage.Name)] = name, [nameof(ClientWithdrawPage.Refusal)] = refusal });
    }

    private static async Task<IResult> ReceiptAsync(string token, HttpContext http, ClientVisits visits, WithdrawalCommands withdrawals, CancellationToken ct)
    {
        if (visits.Read(token) is not { } link) return await visits.UnknownAsync(http);
        return (await withdrawals.ReceiptAsync(link, ct)).TryGet(out var file, out var refusal) ? Sent(http, file) : await visits.RefusedAsync(http, refusal);
    }

    private static async Task<IResult> PicturesPageAsync(string token, HttpContext http, ClientVisits visits, ReleaseCommands releases, CancellationToken ct)
    {
        var (scene, link, no) = await visits.OpenAsync(token, http, ct);
        return scene is null ? no! : await PicturesOfAsync(visits, releases, scene, link, http, null, null, null, ct);
    }

    private static async Task<IResult> PicturesAsync(string token, HttpContext http, ClientVisits visits, ReleaseCommands releases, CancellationToken ct)
    {
        var (scene, link, no) = await visits.OpenAsync(token, http, ct);
        if (scene is null) return no!;
        if (!http.Request.HasFormContentType) return Results.LocalRedirect(scene.Pictures);
        var form = await http.Request.ReadFormAsync(ct);
        if (!Guid.TryParse(form["release"], out var id)) return Results.LocalRedirect(scene.Pictures);
        if (form["do"] == "back")
        {
            var taken = await releases.TakeBackAsync(link, new ReleaseId(id), form["purpose"].ToString(), ct);
            return taken.Refusal is { } refused ? await PicturesOfAsync(visits, releases, scene, link, http, refused, null, null, ct) : SeeOther(http, scene.Pictures);
        }

        const string Purpose = "purpose-";
        var decisions = form.Keys.Where(k => k.StartsWith(Purpose, StringComparison.Ordinal)).ToDictionary(k => k[Purpose.Length..], k => form[k] == "yes");
        var name = form["name"].ToString();
        var given = await releases.GiveAsync(link, new ReleaseId(id), new(name, decisions, ClientDevice.Of(http.Request.Headers.UserAgent), ClientDevice.Network(http.Connection.RemoteIpAddress)), ct);
        return given.Refusal is { } refusal && refusal.Kind != ReleaseRefusals.AlreadyGiven ? await PicturesOfAsync(visits, releases, scene, link, http, refusal, name, decisions, ct) : SeeOther(http, scene.Pictures);
    }

    private static async Task<IResult> PicturesOfAsync(ClientVisits visits, ReleaseCommands releases, ClientScene scene, LinkTarget link, HttpContext http, Refusal? refusal, string? name, Dictionary<string, bool>? decisions, CancellationToken ct)
    {
        if (!(await releases.MineAsync(link, ct)).TryGet(out var mine, out var unread)) return await visits.RefusedAsync(http, unread);
        return await visits.PageAsync<ClientPicturesPage>(refusal?.Kind.HttpStatus ?? 200, new()
        {
            [nameof(ClientPicturesPage.Scene)] = scene,
            [nameof(ClientPicturesPage.Releases)] = mine,
            [nameof(ClientPicturesPage.Name)] = name,
            [nameof(ClientPicturesPage.Decisions)] = decisions,
            [nameof(ClientPicturesPage.Refusal)] = refusal,
        });
    }

    private static async Task<IResult> ReleaseFileAsync(string token, Guid id, HttpContext http, ClientVisits visits, ReleaseCommands releases, CancellationToken ct)
    {
        if (visits.Read(token) is not { } link) return await visits.UnknownAsync(http);
        return (await releases.FileAsync(link, new ReleaseId(id), ct)).TryGet(out var file, out var refusal) ? Sent(http, file) : await visits.RefusedAsync(http, refusal);
    }

    private static async Task<IResult> FileAsync(string token, bool certificate, HttpContext http, ClientVisits visits, SigningCommands signings, CancellationToken ct)
    {
        if (visits.Read(token) is not { } link) return await visits.UnknownAsync(http);
        if (!(await signings.FileAsync(link, certificate, ct)).TryGet(out var file, out var refusal)) return await visits.RefusedAsync(http, refusal);
        return Sent(http, file);
    }

    private static async Task<IResult> EvidenceAsync(string token, HttpContext http, ClientVisits visits, EvidencePack packs, CancellationToken ct)
    {
        if (visits.Read(token) is not { } link) return await visits.UnknownAsync(http);
        if (!(await packs.MakeAsync(link, ct)).TryGet(out var pack, out var refusal)) return await visits.RefusedAsync(http, refusal);
        http.Response.Headers.CacheControl = "private, no-cache";
        return Results.Bytes(pack.Zip, "application/zip", pack.Name);
    }

    private static IResult Sent(HttpContext http, PaperFile file)
    {
        // The bytes behind an address change once, when the paper is sealed.
        http.Response.Headers.CacheControl = "private, no-cache";
        return Results.Bytes(file.Bytes, "application/pdf", NameOf(file), enableRangeProcessing: true, entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""));
    }

    /// <summary><c>agreement-porto-2026-0042-v1.pdf</c>: plain letters and digits, whatever the number holds.</summary>
    internal static string NameOf(PaperFile file)
    {
        var number = string.Concat(file.Number.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        var what = file.Kind == FileKind.Certificate ? "certificate" : file.Kind == FileKind.WithdrawalReceipt ? "withdrawal-receipt" : file.Kind == FileKind.ImageRelease ? "image-release" : file.Version == 1 ? "agreement" : "amendment";
        return $"{what}-{number}-v{file.Version.ToString(CultureInfo.InvariantCulture)}{(file.Kind == FileKind.Shown ? "-to-sign" : "")}.pdf";
    }

    private static int Status(HttpContext http, Refusal refusal)
    {
        if (refusal.Kind.HttpStatus == StatusCodes.Status429TooManyRequests)
            http.Response.Headers.RetryAfter = (refusal.Kind == SigningRefusals.TooManyCodes ? TimeSpan.FromHours(1) : ClientLimits.Window).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return refusal.Kind.HttpStatus;
    }

    // After a post the next page is fetched anew, so that reloading it sends nothing twice.
    private static IResult SeeOther(HttpContext http, string address)
    {
        http.Response.Headers.Location = address;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static async ValueTask<object?> GuardAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = ClientStyles.ContentSecurityPolicy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex, nofollow, noarchive";
        if (HttpMethods.IsPost(http.Request.Method) && http.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
            return await http.RequestServices.GetRequiredService<ClientVisits>().NoticeAsync("Nothing was done", LinkRefusals.ForeignForm);
        return await next(context);
    }
}
