using Microsoft.Playwright;
using StudioVault.E2E.Support;
using StudioVault.Infrastructure.Agreements.Evidence;
using Xunit;

namespace StudioVault.E2E.Proof;

/// <summary>The verifier of an evidence pack, opened from a disk in a browser without a network.</summary>
public sealed class OfflineVerifierTests(Chromium chromium) : IDisposable
{
    private static readonly string Pack = Path.Combine(RunningVault.Checkout(), "StudioVault.Tests", "Data", "evidence", "family-1.zip");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("evidence");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Ticks_everything_of_an_untouched_pack_as_a_ZIP_and_as_a_folder_and_asks_the_network_nothing()
    {
        var (page, asked) = await OpenAsync();
        await page.Locator("#zip").SetInputFilesAsync(Pack);
        await SeesAsync(page, "good");
        await Assertions.Expect(page.Locator("#result li.good")).ToHaveCountAsync(7);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "everything fits" })).ToBeVisibleAsync();

        await page.Locator("#folder").SetInputFilesAsync(Unpacked("whole", Files()));
        await SeesAsync(page, "good");
        Assert.All(asked, url => Assert.StartsWith("file:", url, StringComparison.Ordinal));
        await page.Context.DisposeAsync();
    }

    public static TheoryData<string, string> Manipulations => new()
    {
        { "papers/2/document.pdf", "Every document is sealed by the group, whole" },
        { "papers/1/content.json", "Every paper says what its SHA-256 stands for" },
        { "papers/1/signatures/p1.json", "Every signature’s evidence is as it was recorded" },
        { "audit/checkpoint.txt", "The head of the audit log is signed by the group’s key" },
        { "proof", "Every step is in that log, with these very files" },
        { "README.txt", "Every file is there and unchanged" },
    };

    [Theory]
    [MemberData(nameof(Manipulations))]
    public async Task Marks_what_was_manipulated(string path, string rule)
    {
        var files = Files();
        if (path == "proof") path = files.Keys.First(k => k.EndsWith(".proof.txt", StringComparison.Ordinal));
        var bytes = files[path] = [.. files[path]];
        // A place that stays readable: a digit or letter in the middle.
        var at = path == "audit/checkpoint.txt" ? bytes.AsSpan().LastIndexOf((byte)'=') - 20 : bytes.Length / 2;
        bytes[at] = bytes[at] == (byte)'7' ? (byte)'6' : (byte)'7';
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "changed.zip"), EvidenceZip.Write(files), TestContext.Current.CancellationToken);

        var (page, _) = await OpenAsync();
        await page.Locator("#zip").SetInputFilesAsync(Path.Combine(_folder.FullName, "changed.zip"));
        await SeesAsync(page, "bad");
        await Assertions.Expect(page.Locator("#result li.bad", new() { HasText = rule })).ToHaveCountAsync(1);
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Says_what_it_cannot_check_where_the_browser_has_no_cryptography_and_what_is_no_pack()
    {
        var (page, _) = await OpenAsync("Object.defineProperty(crypto, 'subtle', { value: undefined })");
        await page.Locator("#zip").SetInputFilesAsync(Pack);
        await SeesAsync(page, "open");
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("This browser cannot check ECDSA here");
        await Assertions.Expect(page.Locator("#result li.good")).ToHaveCountAsync(5);

        await page.Locator("#zip").SetInputFilesAsync(new FilePayload { Name = "x.zip", MimeType = "application/zip", Buffer = "no zip"u8.ToArray() });
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("This is no ZIP file.");
        await page.Locator("#zip").SetInputFilesAsync(new FilePayload { Name = "x.zip", MimeType = "application/zip", Buffer = EvidenceZip.Write(new Dictionary<string, byte[]> { ["../evil"] = [1] }) });
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync("leads out of it");
        await page.Context.DisposeAsync();
    }

    private static Dictionary<string, byte[]> Files()
    {
        using var file = File.OpenRead(Pack);
        return new(EvidenceZip.Read(file).Value);
    }

    private string Unpacked(string name, Dictionary<string, byte[]> files)
    {
        var root = Path.Combine(_folder.FullName, name);
        foreach (var (path, bytes) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            File.WriteAllBytes(Path.Combine(root, path), bytes);
        }

        return root;
    }

    private static Task SeesAsync(IPage page, string outcome) => Assertions.Expect(page.Locator($"#result[data-outcome={outcome}]")).ToBeVisibleAsync();

    private async Task<(IPage Page, List<string> Asked)> OpenAsync(string? before = null)
    {
        var path = Path.Combine(_folder.FullName, "verifier.html");
        await File.WriteAllBytesAsync(path, EvidencePack.Verifier.ToArray(), TestContext.Current.CancellationToken);
        var context = await chromium.Browser.NewContextAsync(new() { Offline = true });
        var page = await context.NewPageAsync();
        var asked = new List<string>();
        page.Request += (_, request) => asked.Add(request.Url);
        if (before is not null) await page.AddInitScriptAsync(before);
        await page.GotoAsync(new Uri(path).AbsoluteUri);
        return (page, asked);
    }
}
