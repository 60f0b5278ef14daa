using System.Text;

namespace StudioVault.Web.Documents;

/// <summary>The style sheet of printed documents with its fonts inside, read once.</summary>
internal static class PrintStyles
{
    private static readonly Lazy<string> Sheet = new(Read);

    /// <summary>CSS to put into a style element. Nothing in it comes from outside the program.</summary>
    public static string Text => Sheet.Value;

    private static string Read()
    {
        using var css = new StreamReader(Open("documents/print.css"), Encoding.UTF8);
        var text = new StringBuilder(css.ReadToEnd());
        foreach (var name in typeof(PrintStyles).Assembly.GetManifestResourceNames().Where(n => n.StartsWith("documents/fonts/", StringComparison.Ordinal)))
        {
            using var font = new MemoryStream();
            using (var file = Open(name)) file.CopyTo(font);
            text.Replace($"url({name["documents/".Length..]})", $"url(data:font/woff2;base64,{Convert.ToBase64String(font.GetBuffer(), 0, (int)font.Length)})");
        }

        return text.ToString();
    }

    private static Stream Open(string name) => typeof(PrintStyles).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not built into the program.");
}
