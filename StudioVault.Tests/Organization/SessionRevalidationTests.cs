using System.Security.Claims;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using StudioVault.Web.Organization;
using Xunit;

namespace StudioVault.Tests.Organization;

/// <summary>WEB-2: an open circuit ends when its person may no longer be there.</summary>
public sealed class SessionRevalidationTests(PostgresServer server) : VaultTest(server)
{
    private readonly LiveFeed _feed = new(NullLogger<LiveFeed>.Instance);
    private Passwords _passwords = null!;

    private PeopleCommands People => new(Door, Dbs, _passwords, new DemoMode(false));

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _passwords = new Passwords(Dbs, Passwords.Hasher());
    }

    public override async ValueTask DisposeAsync()
    {
        _passwords.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_circuit_ends_at_once_when_its_session_is_signed_out_of_and_the_other_device_goes_on()
    {
        var (desk, tablet) = (Rui with { Session = Guid.NewGuid() }, Rui with { Session = Guid.NewGuid() });
        using var deskTab = Circuit(desk);
        using var tabletTab = Circuit(tablet);
        using var anas = Circuit(Ana with { Session = Guid.NewGuid() });
        Assert.Null((await People.EndSessionAsync(desk, Ct)).Refusal);
        // What the transaction wrote for the nodes, as they hear it.
        Ring(Topics.SessionEnded, (string)(await SqlAsync("select payload::text from live.outbox where topic = $1", Topics.SessionEnded))!);
        await Eventually.True(async () => !await IsInAsync(deskTab), "the circuit of the ended session knows nobody");
        await Eventually.True(() => tabletTab.Heard == 1 && anas.Heard == 1, "the others have looked too");
        Assert.True(await IsInAsync(tabletTab));
        Assert.True(await IsInAsync(anas));
    }

    [Fact]
    public async Task Every_circuit_of_somebody_switched_off_ends_at_once()
    {
        using var one = Circuit(Rui with { Session = Guid.NewGuid() });
        using var other = Circuit(Rui with { Session = Guid.NewGuid() });
        using var anas = Circuit(Ana with { Session = Guid.NewGuid() });
        Assert.Null((await People.DisableAsync(Hq, Rui.PersonId!.Value, "He left", Ct)).Refusal);
        Ring(Topics.AccountChanged, (string)(await SqlAsync("select payload::text from live.outbox where topic = $1", Topics.AccountChanged))!);
        await Eventually.True(async () => !await IsInAsync(one) && !await IsInAsync(other), "both circuits know nobody");
        await Eventually.True(() => anas.Heard == 1, "hers has looked too");
        Assert.True(await IsInAsync(anas));
    }

    [Fact]
    public async Task A_circuit_that_hears_nothing_ends_by_itself()
    {
        using var deaf = Circuit(Rui with { Session = Guid.NewGuid() }, TimeSpan.FromMilliseconds(50));
        using var anas = Circuit(Ana with { Session = Guid.NewGuid() }, TimeSpan.FromMilliseconds(50));
        Assert.Null((await People.SignOutEverywhereAsync(Hq, Rui.PersonId!.Value, Ct)).Refusal);
        await Eventually.True(async () => !await IsInAsync(deaf), "the circuit looked by itself");
        Assert.True(await IsInAsync(anas));
    }

    [Fact]
    public void A_circuit_that_is_gone_listens_no_more()
    {
        var circuit = Circuit(Rui);
        Assert.Equal(1, _feed.Count);
        ((IDisposable)circuit).Dispose();
        Assert.Equal(0, _feed.Count);
    }

    private SessionRevalidation Circuit(Sender who, TimeSpan? every = null)
    {
        var circuit = new SessionRevalidation(NullLoggerFactory.Instance, Door, _feed) { Every = every ?? TimeSpan.FromHours(1) };
        circuit.SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity(
            [new(ClaimTypes.NameIdentifier, who.PersonId!.Value.ToString()), new("AspNet.Identity.SecurityStamp", who.SecurityStamp!), new(PersonClaims.Session, who.Session?.ToString() ?? "")], "test")))));
        return circuit;
    }

    private static async Task<bool> IsInAsync(SessionRevalidation circuit) => (await circuit.GetAuthenticationStateAsync()).User.Identity?.IsAuthenticated == true;

    private void Ring(string topic, string payload)
    {
        Assert.NotNull(JsonNode.Parse(payload)?["personId"]);
        _feed.Publish([new LiveEvent(1, Guid.NewGuid(), DateTimeOffset.UnixEpoch, topic, "staff:x", null, payload)]);
    }
}
