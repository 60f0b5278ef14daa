using System.Text.Json.Nodes;
using StudioVault.Domain.Documents;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Tests.Support;
using StudioVault.Web.Verbs;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary><c>agreements verify FILE…</c>: its lines and its exit codes.</summary>
public sealed class AgreementVerbsTests(SealedPaper paper) : IClassFixture<SealedPaper>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_file_is_one_line_and_only_originals_end_well()
    {
        using var folder = new ShortFolder();
        var files = new (string Name, byte[] Bytes, string Verdict)[]
        {
            ("a.pdf", paper.Sealed, "original"),
            ("b.pdf", [.. paper.Sealed, 10], "appended"),
            ("c.pdf", paper.Sealed[..^1], "tampered"),
            ("d\n\u001b[2J\"ü.pdf", paper.Printed, "unknown"),
            ("e", [], "unknown"),
        };
        foreach (var (name, bytes, _) in files) await File.WriteAllBytesAsync(folder[name], bytes, Ct);

        var (code, lines, _) = await RunAsync([.. files.Select(f => folder[f.Name])]);
        Assert.Equal(1, code);
        Assert.Equal(files.Select(f => (folder[f.Name], f.Verdict)), lines.Select(l => ((string)l["file"]!, (string)l["verdict"]!)));
        Assert.All(lines, l => Assert.NotEmpty(l["reasons"]!.AsArray()));
        Assert.All(lines.Take(3), l => Assert.Equal(("2026-0042", 1, SealedPaper.At), ((string)l["agreement"]!, (int)l["version"]!, (DateTimeOffset)l["sealedAt"]!)));
        Assert.All(lines.Skip(3), l => Assert.Equal(["file", "reasons", "verdict"], l.Select(p => p.Key).Order()));

        Assert.Equal(0, (await RunAsync(folder["a.pdf"], folder["a.pdf"])).Code);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_said_and_the_others_are_judged()
    {
        using var folder = new ShortFolder();
        await File.WriteAllBytesAsync(folder["a.pdf"], paper.Sealed, Ct);
        var (code, lines, errors) = await RunAsync(folder["missing.pdf"], folder.Path, folder["a.pdf"]);
        Assert.Equal((2, 1), (code, lines.Length));
        Assert.Equal(2, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task An_upload_that_can_be_read_only_once_is_judged_as_well()
    {
        await using var upload = new Once(paper.Sealed);
        Assert.Equal(Verdict.Original, (await Register().JudgeAsync(upload, Ct)).Verdict);
    }

    private DocumentRegister Register() => new(SealedPaper.Trusted, (hashes, ids, _) =>
        Task.FromResult<IReadOnlyList<DocumentFingerprint>>(hashes.Contains(paper.Known.Sha256) || ids.Contains(paper.Known.PdfId!) ? [paper.Known] : []));

    private async Task<(int Code, JsonObject[] Lines, string Errors)> RunAsync(params string[] files)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await AgreementVerbs.VerifyAsync(files, Register(), output, errors, Ct);
        return (code, [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject())], errors.ToString());
    }

    private sealed class Once(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
