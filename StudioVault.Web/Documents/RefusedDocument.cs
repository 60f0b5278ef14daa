using Microsoft.AspNetCore.Http.HttpResults;
using StudioVault.Domain.Kernel;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Documents;

/// <summary>The answer in place of a file that is not handed out: a page that says why, leads back and can try again.</summary>
internal static class RefusedDocument
{
    /// <param name="back">Address the page leads back to.</param>
    /// <param name="backWords">What the link back says; null = as the page says of itself.</param>
    /// <param name="title">Heading; null likewise.</param>
    /// <param name="instead">Address of what can be had meanwhile; null = nothing.</param>
    public static RazorComponentResult<DocumentRefused> Of(HttpContext http, Refusal refusal, string back, string? backWords = null, string? title = null, string? instead = null)
    {
        var said = new Dictionary<string, object?>
        {
            [nameof(DocumentRefused.Refusal)] = refusal,
            [nameof(DocumentRefused.Back)] = back,
            [nameof(DocumentRefused.Again)] = $"{http.Request.Path}{http.Request.QueryString}",
            [nameof(DocumentRefused.Instead)] = instead,
            [nameof(DocumentRefused.Theme)] = ThemeCookie.Read(http.Request),
        };
        if (backWords is not null) said[nameof(DocumentRefused.BackWords)] = backWords;
        if (title is not null) said[nameof(DocumentRefused.Title)] = title;
        return new RazorComponentResult<DocumentRefused>(said) { StatusCode = refusal.Kind.HttpStatus, PreventStreamingRendering = true };
    }
}
