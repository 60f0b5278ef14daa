using Microsoft.Playwright;

namespace StudioVault.E2E.Support;

/// <summary>What tests say about any page.</summary>
public static class PageWords
{
    /// <summary>Goes there and waits until the circuit answers: a press before that is lost.</summary>
    public static async Task OpenAsync(this IPage page, string path)
    {
        await page.GotoAsync(path);
        await page.WaitForSelectorAsync("[data-live=true]");
    }

    /// <summary>Collects everything the browser complains about: errors, refused content, failed requests.</summary>
    public static List<string> Complaints(this IPage page)
    {
        var complaints = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        page.Response += (_, response) =>
        {
            if (response.Status >= 400) complaints.Add($"{response.Status} {response.Url}");
        };
        return complaints;
    }
}
