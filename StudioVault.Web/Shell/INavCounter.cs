namespace StudioVault.Web.Shell;

/// <summary>
/// Keeps one number beside a menu entry right, on every page, for as long as its circuit lives. A module registers one as a
/// scoped service; the menu starts it. The shell itself knows none of them.
/// </summary>
public interface INavCounter : IDisposable
{
    /// <summary>Reads the number and follows it from then on. Called when the circuit is there, and again when the session could not be read at first.</summary>
    Task StartAsync();
}
