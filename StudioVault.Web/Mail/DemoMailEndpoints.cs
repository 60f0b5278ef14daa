using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Agreements.Client;
using StudioVault.Web.Documents;

namespace StudioVault.Web.Mail;

/// <summary>The mailboxes of the demo's clients. Outside demo mode there is nothing here: the mails hold links that are secrets.</summary>
public static class DemoMailEndpoints
{
    public static void MapDemoMail(this IEndpointRouteBuilder routes) => routes.MapGet("/demo/mail", async (string? to, HttpContext http, DemoMode demo, MailQueries mails, DocumentRenderer documents, ClientSite site, CancellationToken ct) =>
    {
        if (!demo.Enabled) return Results.NotFound();
        if (!(await mails.DemoAsync(to, ct)).TryGet(out var found, out var refusal)) return Results.Text(refusal.Sentence, statusCode: refusal.Kind.HttpStatus);
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentSecurityPolicy = ClientStyles.ContentSecurityPolicy;
        var html = await documents.RenderAsync<DemoMailPage>(new() { [nameof(DemoMailPage.Mails)] = found, [nameof(DemoMailPage.To)] = to, [nameof(DemoMailPage.Site)] = site.Address });
        return Results.Content(html, "text/html; charset=utf-8");
    }).AllowAnonymous();
}
