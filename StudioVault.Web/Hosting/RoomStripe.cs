using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Organization;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Hosting;

/// <summary>
/// While the database has no room: one line across every page of everybody signed in, so that nobody has to find out press by press that
/// nothing can be written (fault F10). It goes with the first change that is.
/// </summary>
public sealed class RoomStripe(Session session, VaultDbs dbs, Stripes stripes) : IStripeSource
{
    private const string Source = "room";
    private SessionState? _state;
    private bool _follows;

    public async Task StartAsync(bool follow)
    {
        _state = await session.GetAsync();
        if (_state.View is null) return;
        if (follow && !_follows) dbs.Room.Changed += Show;
        _follows |= follow;
        Show();
    }

    public void Dispose()
    {
        if (_follows) dbs.Room.Changed -= Show;
    }

    private void Show() => stripes.Set(Source, dbs.Room.FullSince is { } since
        ? new Stripe("Only reading: the database's disk is full", "What is here can be read, drafts stay in this browser. Tell whoever runs the server to make room; first met", since, _state?.Branch?.TimeZone ?? "UTC", null, "", 0)
        : null);
}
