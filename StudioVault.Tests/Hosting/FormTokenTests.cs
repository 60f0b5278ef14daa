using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Hosting;

/// <summary>
/// WEB-6 by a raw client, on the whole program: every address that takes a post refuses one without the token of a page of the sender's
/// own, or stands here with the reason why it needs none. The addresses are the program's own: a new one is asked by itself.
/// </summary>
public sealed partial class FormTokenTests(PostgresServer server) : VaultTest(server)
{
    /// <summary>What takes a post without a token, and why another site's page can do no harm with it.</summary>
    private static readonly Dictionary<string, string> WithoutToken = new(StringComparer.Ordinal)
    {
        ["/theme"] = "a cookie of the visitor's own says light or dark",
        ["/csp"] = "browsers report here by themselves, and nothing but a line in the log comes of it",
        ["/verify"] = "a question about a file that anybody may ask; nothing is written",
        ["/verify/facts"] = "a question about hashes that anybody may ask; nothing is written",
        ["/c/{token}/sign"] = "the secret link says who it is, no cookie does: another site does not know it",
        ["/c/{token}/withdraw"] = "the secret link says who it is, no cookie does",
        ["/c/{token}/pictures"] = "the secret link says who it is, no cookie does",
        ["/projects/{project:guid}/delivery/{delivery:guid}/files"] = "looks at its token by hand before the first file is read (DeliveryDownloadTests)",
        ["/v1/proposals"] = "an agent's key in a header, which no page of another site can send; cookies count for nothing there",
        ["/v1/proposals/{id}/withdraw"] = "an agent's key in a header",
        ["/v1/audit/alarms"] = "for everybody's verifier, without a cookie",
        ["/v1/audit/witness"] = "for everybody's verifier, without a cookie",
    };

    private WholeVault _vault = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await PastGuardsAsync("update organization.people set is_demo = true");
        _vault = await WholeVault.StartAsync(Server.For(Database, VaultRoles.Default.App), Server.For(Database, VaultRoles.Default.Sequencer), null, ("Security:RequireHttps", "true"));
    }

    public override async ValueTask DisposeAsync()
    {
        await _vault.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_address_that_takes_a_form_refuses_one_without_its_token_or_with_somebody_elses()
    {
        var posted = ((IEndpointRouteBuilder)_vault.App).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Any(m => m is "POST" or "PUT" or "PATCH" or "DELETE") == true)
            .Select(e => $"/{e.RoutePattern.RawText!.Trim('/')}")
            // Live connections carry no form: there the Origin tells (HttpsTests).
            .Where(p => !p.StartsWith("/_blazor", StringComparison.Ordinal) && !p.StartsWith("/_framework", StringComparison.Ordinal) && !p.StartsWith("/hubs/", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal).ToList();
        var gone = WithoutToken.Keys.Except(posted).ToList();
        Assert.True(gone.Count == 0, $"Gone: {string.Join(", ", gone)}");
        var forms = posted.Except(WithoutToken.Keys).ToList();
        // The forms that pages are made of, beside the pages themselves.
        Assert.Superset(new HashSet<string>(["/login", "/login/demo", "/logout", "/me/password", "/password/{token}", "/branch/switch", "/projects/{project:guid}/delivery",
            "/projects/{project:guid}/delivery/{delivery:guid}/extend", "/projects/{project:guid}/delivery/{delivery:guid}/revoke", "/hq/people", "/updates"]), forms.ToHashSet());

        using var ana = await SignInAsync(Ana.PersonId!.Value.Value);
        using var helena = await SignInAsync(Hq.PersonId!.Value.Value);
        var (anas, helenas) = (await ana.ReadAsync("/branch"), await helena.ReadAsync("/hq/templates"));
        var wrong = new List<string>();
        // Signing out comes last: nobody is signed in afterwards.
        foreach (var form in forms.OrderBy(f => f == "/logout"))
        {
            var address = Fill(form);
            // Headquarters' pages are closed to a branch's people before any form is looked at.
            var isHq = form.StartsWith("/hq", StringComparison.Ordinal);
            var (sender, own, anothers) = isHq ? (helena, helenas, anas) : (ana, anas, helenas);
            if (!await IsRefusedAsync(sender, address, null)) wrong.Add($"{form} takes a form without a token");
            if (!await IsRefusedAsync(sender, address, anothers)) wrong.Add($"{form} takes a form with the token of somebody else");
            if (await IsRefusedAsync(sender, address, own)) wrong.Add($"{form} refuses its own token: it is not for want of that");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static async Task<bool> IsRefusedAsync(Visitor sender, string address, string? page)
    {
        using var answer = await sender.PostAsync(address, page, ("title", "Mine"), ("until", "2099-12-31"), ("reason", "Mine"));
        return answer.StatusCode == HttpStatusCode.BadRequest && (await answer.Content.ReadAsStringAsync(Ct)).Contains(KernelRefusals.StaleForm.Code, StringComparison.Ordinal);
    }

    private async Task<Visitor> SignInAsync(Guid person)
    {
        var visitor = new Visitor(_vault.Address);
        await visitor.SignInAsync(person);
        return visitor;
    }

    private static string Fill(string route) => Parameter().Replace(route, m => m.Groups[1].Value switch
    {
        "guid" => "0197f000-0000-7000-8000-000000000000",
        "int" or "long" => "1",
        _ => "x",
    });

    [GeneratedRegex("\\{[^:}]+(?::([a-z]+))?[^}]*\\}")]
    private static partial Regex Parameter();
}
