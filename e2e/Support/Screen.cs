using Microsoft.Playwright;

namespace StudioVault.E2E.Support;

/// <summary>A kind of screen the product is used on.</summary>
/// <param name="Name">Short name for messages and file names.</param>
/// <param name="Width">In CSS pixels.</param>
/// <param name="Height">In CSS pixels.</param>
/// <param name="Touch">Whether fingers use it.</param>
public sealed record Screen(string Name, int Width, int Height, bool Touch)
{
    public static readonly Screen Desktop = new("desktop", 1366, 900, false);
    public static readonly Screen Tablet = new("tablet", 834, 1194, true);
    public static readonly Screen Phone = new("phone", 390, 844, true);

    public static readonly IReadOnlyList<Screen> All = [Desktop, Tablet, Phone];

    public BrowserNewContextOptions Options(Uri address, ColorScheme scheme = ColorScheme.Light) => new()
    {
        BaseURL = address.ToString(),
        ViewportSize = new ViewportSize { Width = Width, Height = Height },
        ColorScheme = scheme,
        HasTouch = Touch,
        IsMobile = Touch,
        Locale = "en-GB",
    };
}
