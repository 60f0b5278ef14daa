namespace StudioVault.Web.Shell;

/// <summary>How a person wants the surface: as the device says, light, or dim for a dark studio.</summary>
public enum ThemeChoice
{
    System,
    Light,
    Dim,
}

/// <summary>Reads and writes the theme cookie. It is read on the server, so the first paint already has the right colours.</summary>
internal static class ThemeCookie
{
    internal const string Name = "sv-theme";

    internal static ThemeChoice Read(HttpRequest? request) => Parse(request?.Cookies[Name]);

    /// <summary>The word used in the cookie, the form and the <c>data-theme</c> attribute.</summary>
    internal static string Word(this ThemeChoice choice) => choice switch
    {
        ThemeChoice.Light => "light",
        ThemeChoice.Dim => "dim",
        _ => "system",
    };

    internal static ThemeChoice Parse(string? word) => word switch
    {
        "light" => ThemeChoice.Light,
        "dim" => ThemeChoice.Dim,
        _ => ThemeChoice.System,
    };

    /// <summary>
    /// <c>POST /theme</c> with <c>theme</c> and <c>returnUrl</c>: a plain form, so it works without script. It needs no
    /// antiforgery token: the worst a forged post can do is to darken a page.
    /// </summary>
    internal static void MapTheme(this WebApplication app) => app.MapPost("/theme", async (HttpContext context) =>
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        context.Response.Cookies.Append(Name, Parse(form["theme"]).Word(), new CookieOptions
        {
            MaxAge = TimeSpan.FromDays(400),
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            IsEssential = true,
        });
        return Results.LocalRedirect(LocalUrl(form["returnUrl"]));
    }).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();

    /// <summary>Only a path of our own; anything else (another host, a script) becomes the start page.</summary>
    internal static string LocalUrl(string? url) =>
        url is ['/', ..] && !url.StartsWith("//", StringComparison.Ordinal) && !url.StartsWith("/\\", StringComparison.Ordinal) ? url : "/";
}
