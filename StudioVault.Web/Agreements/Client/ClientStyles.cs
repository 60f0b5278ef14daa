using System.Security.Cryptography;
using System.Text;

namespace StudioVault.Web.Agreements.Client;

/// <summary>The style sheet of the pages behind links, inside each page so that one answer is the whole page.</summary>
internal static class ClientStyles
{
    private static readonly Lazy<string> Sheet = new(Read);

    /// <summary>CSS to put into a style element.</summary>
    public static string Text => Sheet.Value;

    /// <summary>Nothing runs and nothing is fetched on these pages but our own sheet, named by its hash. Style attributes indent paragraphs and can load nothing.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))}'; style-src-attr 'unsafe-inline'; " +
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static string Read()
    {
        using var css = new StreamReader(typeof(ClientStyles).Assembly.GetManifestResourceStream("client/client.css") ?? throw new InvalidOperationException("client.css is not built into the program."), Encoding.UTF8);
        // A browser hashes what it parsed, and parsing makes every line end in LF.
        return css.ReadToEnd().ReplaceLineEndings("\n");
    }
}
