using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Web.Organization;

/// <summary>
/// Ends an open circuit when its person was switched off, lost a right or signed out: at once where this node hears of it, and within
/// half a minute whatever it hears (WEB-2).
/// </summary>
public sealed class SessionRevalidation : RevalidatingServerAuthenticationStateProvider
{
    private readonly WriteDoor _door;
    private IDisposable? _feed;

    public SessionRevalidation(ILoggerFactory loggers, WriteDoor door, LiveFeed feed) : base(loggers)
    {
        _door = door;
        // Before the host has said who it is, there is nobody to look at.
        AuthenticationStateChanged += _ => _feed ??= feed.Subscribe(e => e.Topic is Topics.AccountChanged or Topics.SessionEnded, LookAsync);
    }

    /// <summary>How often it looks whatever it hears.</summary>
    internal TimeSpan Every { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many times it has dealt with what it heard: before, a test cannot know that nothing came of it.</summary>
    internal int Heard { get; private set; }

    protected override TimeSpan RevalidationInterval => Every;

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        SessionValidator.StillAsync(_door, PersonClaims.SenderOf(authenticationState.User), cancellationToken);

    protected override void Dispose(bool disposing)
    {
        _feed?.Dispose();
        base.Dispose(disposing);
    }

    private async Task LookAsync(IReadOnlyList<LiveEvent> events)
    {
        await EndIfGoneAsync(events);
        Heard++;
    }

    private async Task EndIfGoneAsync(IReadOnlyList<LiveEvent> events)
    {
        var sender = PersonClaims.SenderOf((await GetAuthenticationStateAsync()).User);
        if (sender.PersonId is not { } me || !events.Any(e => e.Payload.Contains(me.ToString(), StringComparison.Ordinal))) return;
        if (!await SessionValidator.StillAsync(_door, sender, CancellationToken.None))
            SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))));
    }
}
