using System.Globalization;
using System.Text;
using QRCoder;

namespace StudioVault.Web.Documents;

/// <summary>A QR code as one SVG path: dark modules only, in units of a module.</summary>
public static class QrPath
{
    /// <summary>Draws a text. A seventh of the code may be soiled or torn off (level M) and it is still read.</summary>
    /// <param name="text">Taken as UTF-8.</param>
    /// <param name="quiet">White modules around it; four where nothing else keeps the paper around it white.</param>
    /// <returns>Modules along a side, margin included, and the path.</returns>
    public static (int Size, string Path) Of(string text, int quiet = 4)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M, forceUtf8: !Ascii.IsValid(text));
        // QRCoder's matrix has its own margin of four.
        const int Margin = 4;
        var rows = code.ModuleMatrix.Count - (2 * Margin);
        var path = new StringBuilder();
        for (var y = 0; y < rows; y++)
        {
            for (var x = 0; x < rows; x++)
            {
                var start = x;
                while (x < rows && code.ModuleMatrix[y + Margin][x + Margin]) x++;
                if (x > start) path.Append(CultureInfo.InvariantCulture, $"M{start + quiet} {y + quiet}h{x - start}v1h-{x - start}z");
            }
        }

        return (rows + (2 * quiet), path.ToString());
    }

    /// <summary>A code as a picture of its own, for where a style sheet names it: data:image/svg+xml …</summary>
    /// <param name="millimetres">Length of a side.</param>
    public static string DataUri(string text, decimal millimetres)
    {
        var (size, path) = Of(text, quiet: 0);
        var svg = string.Create(CultureInfo.InvariantCulture, $"<svg xmlns='http://www.w3.org/2000/svg' width='{millimetres}mm' height='{millimetres}mm' viewBox='0 0 {size} {size}' shape-rendering='crispEdges'><path d='{path}'/></svg>");
        return $"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.ASCII.GetBytes(svg))}";
    }
}
