using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary>What other programs make of a PDF of ours (poppler-utils and qpdf, which test.sh installs).</summary>
internal static partial class Pdf
{
    /// <summary>The text a reader or a search finds, each run of white space one space.</summary>
    public static async Task<string> TextAsync(byte[] pdf) => White().Replace(await RunAsync("pdftotext", pdf, "-nopgbrk", "{}", "-"), " ");

    /// <summary>Facts about the file as pdfinfo lists them: Title, Tagged, Pages, JavaScript …</summary>
    public static async Task<Dictionary<string, string>> InfoAsync(byte[] pdf) =>
        (await RunAsync("pdfinfo", pdf, "{}")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(':', 2)).ToDictionary(p => p[0], p => p[1].Trim());

    /// <summary>The fonts in it, a line each: name, type, encoding, embedded …</summary>
    public static async Task<string[]> FontsAsync(byte[] pdf) => (await RunAsync("pdffonts", pdf, "{}")).Split('\n', StringSplitOptions.RemoveEmptyEntries)[2..];

    /// <summary>True when pdfsig finds the signatures valid, and one that covers the whole file.</summary>
    public static async Task<bool> IsSignedWholeAsync(byte[] pdf)
    {
        var (_, text, _) = await TryAsync("pdfsig", pdf, "-nocert", "{}");
        return text.Contains("Signature is Valid", StringComparison.Ordinal) && text.Contains("Total document signed", StringComparison.Ordinal)
            && !text.Contains("Not total document signed", StringComparison.Ordinal) && !text.Contains("Signature is Invalid", StringComparison.Ordinal);
    }

    /// <summary>What qpdf --check finds wrong; "" when the file is sound.</summary>
    public static async Task<string> FlawsAsync(byte[] pdf) => await TryAsync("qpdf", pdf, "--check", "{}") is var (code, text, errors) && code == 0 ? "" : text + errors;

    /// <summary>The file as qpdf writes it anew with these options.</summary>
    public static async Task<byte[]> RewriteAsync(byte[] pdf, params string[] options)
    {
        var output = Path.GetTempFileName();
        try
        {
            await RunAsync("qpdf", pdf, [.. options, "{}", output]);
            return await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken);
        }
        finally
        {
            File.Delete(output);
        }
    }

    /// <summary>The text of each page, white space as above.</summary>
    public static async Task<string[]> PagesAsync(byte[] pdf) =>
        [.. (await RunAsync("pdftotext", pdf, "{}", "-")).TrimEnd('\f').Split('\f').Select(p => White().Replace(p, " "))];

    /// <summary>What people who hear the page are given: its tags and their texts, a line each.</summary>
    public static Task<string> StructureAsync(byte[] pdf) => RunAsync("pdfinfo", pdf, "-struct-text", "{}");

    /// <summary>Fails unless qpdf finds the file sound.</summary>
    public static async Task CheckAsync(byte[] pdf) => Assert.Equal("", await FlawsAsync(pdf));

    private static async Task<string> RunAsync(string program, byte[] pdf, params string[] arguments)
    {
        var (code, text, errors) = await TryAsync(program, pdf, arguments);
        Assert.True(code == 0, errors);
        return text;
    }

    private static async Task<(int Code, string Text, string Errors)> TryAsync(string program, byte[] pdf, params string[] arguments)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, pdf, TestContext.Current.CancellationToken);
            using var process = Process.Start(new ProcessStartInfo(program, arguments.Select(a => a.Replace("{}", file, StringComparison.Ordinal))) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, text, await errors);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex White();
}
