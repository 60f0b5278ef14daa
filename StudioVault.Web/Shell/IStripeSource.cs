namespace StudioVault.Web.Shell;

/// <summary>
/// Says what everybody has to know on every page, for as long as its circuit lives. A module registers one as a scoped service; the
/// frame starts it. The shell itself knows none of them.
/// </summary>
public interface IStripeSource : IDisposable
{
    /// <summary>Reads what holds now. Called before the page is drawn.</summary>
    /// <param name="follow">There is a circuit: follow it from then on. False while a page is prerendered.</param>
    Task StartAsync(bool follow);
}
