using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Documents;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

/// <summary>What the database knows of its documents, asked by everybody.</summary>
public sealed class VerifyOnTheDatabaseTests(PostgresServer server) : ExecutedTest(server)
{
    [Fact]
    public async Task The_verb_judges_files_by_the_database_as_the_app_role_and_ends_well_for_originals_only()
    {
        var id = await ExecutedAsync();
        var (paper, certificate) = (await FileAsync(id, FileKind.Paper), await FileAsync(id, FileKind.Certificate));
        var number = (string)(await SqlAsync("select number from agreements.agreements"))!;
        await File.WriteAllBytesAsync(Folder["paper.pdf"], paper, Ct);
        await File.WriteAllBytesAsync(Folder["certificate.pdf"], certificate, Ct);
        await File.WriteAllBytesAsync(Folder["more.pdf"], [.. paper, .. "\n% a note"u8], Ct);
        await File.WriteAllBytesAsync(Folder["changed.pdf"], [.. paper[..200], (byte)(paper[200] ^ 1), .. paper[201..]], Ct);

        var fine = await RunAsync(Folder["paper.pdf"], Folder["certificate.pdf"]);
        Assert.Equal(0, fine.Code);
        Assert.Equal(["agreement", "file", "reasons", "sealedAt", "verdict", "version"], fine.Lines[0].Select(p => p.Key).Order());
        Assert.All(fine.Lines, l => Assert.Equal(("original", number, 1), ((string)l["verdict"]!, (string)l["agreement"]!, (int)l["version"]!)));

        var bad = await RunAsync(Folder["more.pdf"], Folder["changed.pdf"], Folder["paper.pdf"]);
        Assert.Equal(1, bad.Code);
        Assert.Equal(["appended", "tampered", "original"], bad.Lines.Select(l => (string)l["verdict"]!));
        Assert.Equal(2, (await RunAsync(Folder["none.pdf"])).Code);
    }

    [Fact]
    public async Task What_a_retired_key_sealed_is_still_known()
    {
        var id = await ExecutedAsync();
        using var seals = new SealKeys(Door, Master, "Northlight");
        Assert.Null((await seals.RotateAsync(Hq, "Every year.", Ct)).Refusal);
        var verdict = (await new PublicRegister(Dbs).JudgeAsync(new MemoryStream(await FileAsync(id, FileKind.Paper)), Ct)).Value;
        Assert.Equal((Verdict.Original, true), (verdict.Verdict, verdict.Seal.IsIntact));
    }

    [Fact]
    public async Task A_hash_finds_the_document_printed_from_it_and_its_certificate_whichever_was_asked_for()
    {
        var id = await ExecutedAsync();
        var register = new PublicRegister(Dbs);
        var content = (string)(await SqlAsync("select content_hash from agreements.sealed_papers"))!;
        foreach (var hash in new[] { content, Sha(await FileAsync(id, FileKind.Paper)), Sha(await FileAsync(id, FileKind.Certificate)) })
            Assert.Equal(["agreement", "certificate"], (await register.OfHashAsync(hash, Ct)).Value.Select(f => f.Kind).Order());
        Assert.Empty((await register.OfHashAsync(new string('0', 64), Ct)).Value);
    }

    private static string Sha(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private async Task<(int Code, JsonObject[] Lines)> RunAsync(params string[] files)
    {
        await using var program = WebProcess.Launch(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "StudioVault.Web"), ["agreements", "verify", .. files]),
            ("ConnectionStrings__Vault", Server.For(Database, VaultRoles.Default.App)), ("DataDir", Folder["d"]));
        var code = await program.ExitAsync();
        return (code, [.. program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject())]);
    }
}
