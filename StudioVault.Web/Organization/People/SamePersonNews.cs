using System.Text.Json.Nodes;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Shell;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Organization.People;

/// <summary>Tells people live that HQ linked or parted their accounts; it stands in their account menu from then on.</summary>
public sealed class SamePersonNews(Session session, OrganizationQueries organization, LiveFeed feed, ShellModel shell, Toasts toasts) : IStripeSource
{
    private IDisposable? _subscription;

    public async Task StartAsync(bool follow)
    {
        var state = await session.GetAsync();
        if (!follow || state.View?.PersonId is not { } me) return;
        _subscription ??= feed.Subscribe(e => e.Topic == Topics.PersonChanged && Concerns(e, me.ToString()), async _ =>
        {
            if (!(await organization.SessionAsync(state.Sender, CancellationToken.None)).TryGet(out var view, out var refusal)) return;
            shell.ShowSamePerson(view.SamePerson);
            if (view.SamePerson.Count > 0) toasts.Say("Headquarters linked your accounts", $"You and {string.Join(" and ", view.SamePerson)} count as one person wherever two are needed.");
            else toasts.Say("Headquarters parted your accounts", "You count as a person of your own.");
        });
    }

    public void Dispose() => _subscription?.Dispose();

    private static bool Concerns(LiveEvent e, string me) => JsonNode.Parse(e.Payload)?["personIds"] is JsonArray ids && ids.Any(id => (string?)id == me);
}
