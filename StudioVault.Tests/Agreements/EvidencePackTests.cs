using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Audit;
using StudioVault.Infrastructure.Agreements.Evidence;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Tests.Support;
using StudioVault.Web.Verbs;
using Xunit;

namespace StudioVault.Tests.Agreements;

/// <summary>The evidence pack of a family with two amendments: it proves itself, and nothing in it can be changed unnoticed.</summary>
public sealed class EvidencePackTests(PostgresServer server) : ExecutedTest(server)
{
    private readonly AuditTree _tree = new();

    public override async ValueTask DisposeAsync()
    {
        _tree.Dispose();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_family_with_two_amendments_verifies_with_the_group_s_key_and_without_any()
    {
        var (_, zip) = await FamilyAsync();
        var files = Read(zip);
        foreach (var keys in new[] { [], new[] { LogKey.Signer.Key } })
        {
            var report = await EvidenceVerifier.VerifyAsync(files, keys, Ct);
            Assert.Empty(report.Findings);
            Assert.Equal((3, 6, keys.Length > 0), (report.Papers, report.Signatures, report.IsKeyKnown));
            Assert.True(report.Entries >= 3 + 6 + 3);
        }

        using var stranger = new CheckpointSigner(GroupKey.LogName, System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256));
        Assert.Contains("key_foreign", (await EvidenceVerifier.VerifyAsync(files, [stranger.Key], Ct)).Findings.Select(f => f.Code));
    }

    /// <summary>A pack made on 21 November 2026 and never again: what was handed out has to verify for ever. <c>UPDATE_PACK=1</c> makes another, beside it, for the next generation.</summary>
    [Fact]
    public async Task A_pack_of_an_earlier_day_still_verifies()
    {
        var path = Path.Combine(Checkout.Root, "StudioVault.Tests", "Data", "evidence", "family-1.zip");
        if (Environment.GetEnvironmentVariable("UPDATE_PACK") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, (await FamilyAsync()).Zip, Ct);
        }

        await using var file = File.OpenRead(path);
        var report = await EvidenceVerifier.VerifyAsync(EvidenceZip.Read(file).Value, [], Ct);
        Assert.Empty(report.Findings);
        Assert.Equal((3, 6), (report.Papers, report.Signatures));
    }

    [Fact]
    public async Task The_same_state_gives_the_same_bytes_however_the_log_goes_on()
    {
        var (id, zip) = await FamilyAsync();
        Assert.Equal(zip, (await Packs().MakeAsync(PortoStaff, Porto, id, Ct)).Value.Zip);
        // An amendment that nobody has signed yet.
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, id, 0, new(AmendmentKind.Reschedule, new DateOnly(2099, 1, 1), "Again.", PriceBasis.Original,
            [AmendmentOperation.Set("/event/on", "2099-12-12")], new Dictionary<int, Precedence>()), Ct)).Refusal);
        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);
        await NumberAsync();
        Assert.Equal(zip, (await Packs().MakeAsync(PortoStaff, Porto, id, Ct)).Value.Zip);
    }

    [Fact]
    public async Task A_party_gets_the_same_pack_by_their_link_and_nobody_else_s_branch_gets_any()
    {
        var (id, zip) = await FamilyAsync();
        Assert.Equal(zip, (await Packs().MakeAsync(await LinkAsync(id, "p1"), Ct)).Value.Zip);
        Assert.Equal("refuse.kernel.not_found", (await Packs().MakeAsync(BerlinManager, Porto, id, Ct)).Refusal!.Code);
        Assert.Equal("refuse.kernel.not_found", (await Packs().MakeAsync(PortoStaff, Porto, AgreementId.New(), Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task Before_anything_is_executed_and_before_the_log_is_signed_there_is_no_pack()
    {
        var id = await SentAsync();
        Assert.Equal("refuse.agreement.not_in_force", (await Packs().MakeAsync(PortoStaff, Porto, id, Ct)).Refusal!.Code);
        await SignAsync(id);
        Assert.Null((await Seal.RunAsync(Job, Ct)).Refusal);
        Assert.Equal("refuse.evidence.not_anchored", (await Packs().MakeAsync(PortoStaff, Porto, id, Ct)).Refusal!.Code);
        await NumberAsync();
        Assert.Null((await Packs().MakeAsync(PortoStaff, Porto, id, Ct)).Refusal);
    }

    [Fact]
    public async Task A_log_that_does_not_add_up_gives_no_pack()
    {
        var id = await ExecutedAsync();
        await NumberAsync();
        await SqlAsync("set session_replication_role = replica; update audit.leaves set hash = sha256('x') where idx = 2");
        Assert.Equal("refuse.evidence.log_broken", (await Packs().MakeAsync(PortoStaff, Porto, id, Ct)).Refusal!.Code);
    }

    [Fact]
    public async Task Who_was_erased_takes_their_evidence_along_and_the_rest_still_proves_that_they_signed()
    {
        var id = await ExecutedAsync();
        await NumberAsync();
        await SqlAsync("set session_replication_role = replica; update agreements.clients set key = null, erased_at = now() where email = 'joao@reis.example'");
        var files = Read((await Packs().MakeAsync(PortoStaff, Porto, id, Ct)).Value.Zip);
        Assert.Single(files.Keys, k => k.Contains("/signatures/", StringComparison.Ordinal));
        var report = await EvidenceVerifier.VerifyAsync(files, [LogKey.Signer.Key], Ct);
        Assert.Empty(report.Findings);
        Assert.Equal(2, report.Signatures);
    }

    [Fact]
    public async Task Every_command_of_its_README_runs_with_openssl_and_agrees_and_complains_of_a_changed_file()
    {
        var (_, zip) = await FamilyAsync();
        var files = Read(zip);
        var readme = Encoding.UTF8.GetString(files["README.txt"]);
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(LogKey.Signer.Key.Spki.Span)), readme, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Folder["all.sh"], "set -eu -o pipefail\n" + string.Join('\n', readme.Split('\n').Where(l => l.StartsWith("    ", StringComparison.Ordinal))) + "\n", Ct);
        var (code, said) = await BashAsync(files);
        Assert.True(code == 0, said);
        Assert.Equal(6, Regex.Count(said, "CMS Verification successful"));
        Assert.Contains("Verified OK", said, StringComparison.Ordinal);
        Assert.Equal(Regex.Count(readme, "climb [0-9]+"), Regex.Count(said, "is in the log"));

        foreach (var path in new[] { "papers/2/document.pdf", "audit/checkpoint.txt", "papers/1/signatures/p1.json" })
        {
            var changed = new Dictionary<string, byte[]>(files) { [path] = Flip(files[path], files[path].Length / 2) };
            // As a forger does: the sums are made to fit.
            changed["SHA256SUMS"] = EvidenceVerifier.SumsOf(changed);
            Assert.NotEqual(0, (await BashAsync(changed)).Code);
        }
    }

    /// <summary>What a forger might do to a pack, fitting manifest and sums to it, and what has to be found.</summary>
    public static TheoryData<string, string> Forgeries => new()
    {
        { "A byte of the sealed paper changed", "seal_bytes_changed" },
        { "Bytes added behind the certificate", "seal_bytes_after" },
        { "The certificate of another version", "document_not_logged" },
        { "The content changed", "content_changed" },
        { "The content written in another way", "content_not_canonical" },
        { "The content changed and its hash fitted", "execution_not_logged" },
        { "An amendment left out", "chain_broken" },
        { "The last amendment left out", "entry_count" },
        { "A signature left out", "signature_missing" },
        { "The evidence changed", "evidence_changed" },
        { "The evidence changed and its hash fitted", "signature_not_logged" },
        { "Another document shown", "shown_wrong" },
        { "An entry of the log changed", "proof_wrong" },
        { "The payload of an entry changed", "payload_changed" },
        { "A proof changed", "proof_wrong" },
        { "A proof with sides swapped", "proof_wrong" },
        { "The place of an entry changed", "proof_wrong" },
        { "The checkpoint changed", "checkpoint_signature_wrong" },
        { "The checkpoint signed by another key", "checkpoint_unsigned" },
        { "Checkpoint and key replaced", "key_foreign" },
        { "The seal certificate replaced", "seal_certificate_wrong" },
        { "A file of the seal replaced", "signature_file_wrong" },
        { "A file taken out", "file_missing" },
        { "A file put in", "file_unlisted" },
        { "A file changed and nothing else", "file_changed" },
        { "A sum changed", "sums_wrong" },
        { "The manifest taken out", "manifest_missing" },
        { "The manifest with a hole", "manifest_missing" },
    };

    [Fact]
    public async Task Finds_every_forgery()
    {
        var (_, zip) = await FamilyAsync();
        var missed = new List<string>();
        foreach (var (forgery, code) in Forgeries.Select(f => (f.Data.Item1, f.Data.Item2)))
        {
            var files = new Dictionary<string, byte[]>(Read(zip), StringComparer.Ordinal);
            Forge(files, forgery);
            var report = await EvidenceVerifier.VerifyAsync(files, [LogKey.Signer.Key], Ct);
            // A shorter family is a true one: only that it says so itself can be held against it.
            if (code == "entry_count" ? report.Papers != 2 : report.IsGood || !report.Findings.Select(f => f.Code).Contains(code))
                missed.Add($"{forgery}: {string.Join(", ", report.Findings.Select(f => f.Code))}");
        }

        Assert.Empty(missed);
    }

    [Fact]
    public async Task Whatever_happens_to_a_manifest_or_a_file_is_found_and_never_breaks_the_verifier()
    {
        var (_, zip) = await FamilyAsync();
        var random = new Random(20261121);
        var missed = new List<string>();
        for (var i = 0; i < 300; i++)
        {
            var files = new Dictionary<string, byte[]>(Read(zip), StringComparer.Ordinal);
            var path = i % 2 == 0 ? "manifest.json" : files.Keys.Order().ElementAt(random.Next(files.Count));
            var at = random.Next(files[path].Length);
            files[path] = i % 3 == 0 ? files[path][..at] : Flip(files[path], at, (byte)(1 << random.Next(7)));
            if ((await EvidenceVerifier.VerifyAsync(files, [], Ct)).IsGood) missed.Add($"{path} at {at}");
        }

        Assert.Empty(missed);
    }

    [Fact]
    public async Task Hostile_ZIPs_are_refused_before_anything_is_unpacked()
    {
        var cases = new (string Code, Action<ZipArchive> Make)[]
        {
            ("refuse.evidence.unsafe_name", z => Put(z, "../evil.txt", "x")),
            ("refuse.evidence.unsafe_name", z => Put(z, "/etc/passwd", "x")),
            ("refuse.evidence.unsafe_name", z => Put(z, "papers\\..\\evil", "x")),
            ("refuse.evidence.unsafe_name", z => Put(z, "C:evil", "x")),
            ("refuse.evidence.unsafe_name", z => Put(z, "a/./b", "x")),
            ("refuse.evidence.unsafe_name", z => Put(z, "a\u001b[2Jb", "x")),
            ("refuse.evidence.name_twice", z => { Put(z, "a.txt", "x"); Put(z, "a.txt", "y"); }),
            ("refuse.evidence.name_twice", z => { Put(z, "a.txt", "x"); Put(z, "A.TXT", "y"); }),
            ("refuse.evidence.too_large", z => { for (var i = 0; i <= EvidenceZip.MostFiles; i++) z.CreateEntry($"{i}"); }),
            ("refuse.evidence.too_large", z => Bomb(z, "bomb", EvidenceZip.LargestFile + 1)),
        };
        foreach (var (code, make) in cases)
        {
            using var stream = new MemoryStream();
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true)) make(zip);
            await File.WriteAllBytesAsync(Folder["hostile.zip"], stream.ToArray(), Ct);
            var (exit, line) = await RunAsync(Folder["hostile.zip"]);
            Assert.Equal((2, code), (exit, (string?)line!["reasons"]![0]));
        }

        // A ZIP that says of a file it were small, and unpacks to more.
        using var liar = new MemoryStream();
        using (var zip = new ZipArchive(liar, ZipArchiveMode.Create, leaveOpen: true)) Bomb(zip, "liar", 1 << 20);
        var bytes = liar.ToArray();
        foreach (var at in Enumerable.Range(0, bytes.Length - 4).Where(i => BitConverter.ToInt32(bytes, i) == 1 << 20)) BitConverter.TryWriteBytes(bytes.AsSpan(at), 10);
        foreach (var torn in new[] { bytes, bytes[..^30], [], "PK"u8.ToArray(), new byte[1000] })
        {
            await File.WriteAllBytesAsync(Folder["hostile.zip"], torn, Ct);
            var (exit, line) = await RunAsync(Folder["hostile.zip"]);
            Assert.Equal((2, "refuse.evidence.not_a_pack"), (exit, (string?)line!["reasons"]![0]));
        }
    }

    [Fact]
    public async Task The_verb_needs_no_database_and_says_by_exit_code_and_JSON_what_it_found()
    {
        var (_, zip) = await FamilyAsync();
        await File.WriteAllBytesAsync(Folder["pack.zip"], zip, Ct);
        await File.WriteAllTextAsync(Folder["pub.pem"], LogKey.Signer.Key.ToPem(), Ct);
        await File.WriteAllTextAsync(Folder["no.pem"], "no key", Ct);
        await using (var program = WebProcess.Launch(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "StudioVault.Web"), ["agreements", "verify-pack", Folder["pack.zip"], "--key", Folder["pub.pem"]])))
        {
            Assert.Equal(0, await program.ExitAsync());
            var line = JsonNode.Parse(program.Output)!;
            Assert.Equal((true, true, 3), ((bool)line["ok"]!, (bool)line["keyKnown"]!, (int)line["papers"]!));
        }

        var files = new Dictionary<string, byte[]>(Read(zip)) { ["papers/1/content.json"] = "{}"u8.ToArray() };
        await File.WriteAllBytesAsync(Folder["bad.zip"], EvidenceZip.Write(files), Ct);
        var (exit, found) = await RunAsync(Folder["bad.zip"]);
        Assert.Equal(1, exit);
        Assert.Contains("file_changed", found!["reasons"]!.AsArray().Select(r => (string)r!));
        Assert.Equal(2, (await RunAsync(Folder["none.zip"])).Exit);
        Assert.Equal(2, (await RunAsync(Folder["pack.zip"], Folder["no.pem"])).Exit);
    }

    private EvidencePack Packs() => new(Door, Papers, Keys, LogKey, _tree);

    private async Task<(AgreementId Id, byte[] Zip)> FamilyAsync()
    {
        var id = await ExecutedAsync();
        await RescheduledAsync(id, new DateOnly(2099, 7, 3));
        await RescheduledAsync(id, new DateOnly(2099, 7, 10));
        await NumberAsync();
        var made = await Packs().MakeAsync(PortoStaff, Porto, id, Ct);
        Assert.Null(made.Refusal);
        Assert.EndsWith("-v3.zip", made.Value.Name, StringComparison.Ordinal);
        return (id, made.Value.Zip);
    }

    private static IReadOnlyDictionary<string, byte[]> Read(byte[] zip) => EvidenceZip.Read(new MemoryStream(zip)).Value;

    private static byte[] Flip(byte[] bytes, int at, byte bit = 1) => [.. bytes[..at], (byte)(bytes[at] ^ bit), .. bytes[(at + 1)..]];

    private void Forge(Dictionary<string, byte[]> files, string forgery)
    {
        var manifest = EvidenceManifest.Read(files["manifest.json"])!;
        var entry = manifest.Audit.Entries[^1];
        switch (forgery)
        {
            case "A byte of the sealed paper changed":
                files["papers/1/document.pdf"] = Flip(files["papers/1/document.pdf"], 300);
                break;
            case "Bytes added behind the certificate":
                files["papers/2/certificate.pdf"] = [.. files["papers/2/certificate.pdf"], .. "%%EOF\n"u8];
                break;
            case "The certificate of another version":
                (files["papers/1/certificate.pdf"], files["papers/1/certificate.p7s"]) = (files["papers/2/certificate.pdf"], files["papers/2/certificate.p7s"]);
                break;
            case "The content changed":
                files["papers/1/content.json"] = Replace(files["papers/1/content.json"], "Marta", "Maria");
                break;
            case "The content written in another way":
                files["papers/1/content.json"] = [.. files["papers/1/content.json"], (byte)'\n'];
                break;
            case "The content changed and its hash fitted":
                files["papers/3/content.json"] = Replace(files["papers/3/content.json"], "2099-07-10", "2099-07-11");
                manifest = manifest with { Papers = [.. manifest.Papers.SkipLast(1), manifest.Papers[2] with { ContentHash = Domain.Kernel.CanonicalJson.Sha256(files["papers/3/content.json"].AsSpan()) }] };
                break;
            case "An amendment left out":
                manifest = manifest with { Papers = [manifest.Papers[0], manifest.Papers[2]] };
                break;
            case "The last amendment left out":
                manifest = manifest with { Papers = [.. manifest.Papers.SkipLast(1)] };
                break;
            case "A signature left out":
                manifest = manifest with { Papers = [manifest.Papers[0] with { Signatures = [manifest.Papers[0].Signatures[0]] }, .. manifest.Papers.Skip(1)] };
                break;
            case "The evidence changed":
                files["papers/1/signatures/p1.json"] = Replace(files["papers/1/signatures/p1.json"], "Typed name", "Other name");
                break;
            case "The evidence changed and its hash fitted":
                files["papers/1/signatures/p1.json"] = Replace(files["papers/1/signatures/p1.json"], "Typed name", "Other name");
                var first = manifest.Papers[0];
                manifest = manifest with { Papers = [first with { Signatures = [first.Signatures[0] with { EvidenceSha256 = Domain.Kernel.CanonicalJson.Sha256(files["papers/1/signatures/p1.json"].AsSpan()) }, first.Signatures[1]] }, .. manifest.Papers.Skip(1)] };
                break;
            case "Another document shown":
                files["papers/1/shown.pdf"] = files["papers/2/shown.pdf"];
                break;
            case "An entry of the log changed":
                files[entry.Body] = Replace(files[entry.Body], "\"outcome\":\"done\"", "\"outcome\":\"dona\"");
                break;
            case "The payload of an entry changed":
                files[entry.Payload] = Replace(files[entry.Payload], "\"version\":3", "\"version\":4");
                break;
            case "A proof changed":
                files[entry.Proof] = Flip(files[entry.Proof], files[entry.Proof].Length - 3);
                break;
            case "A proof with sides swapped":
                files[entry.Proof] = Encoding.ASCII.GetBytes(Regex.Replace(Encoding.ASCII.GetString(files[entry.Proof]), "left|right", m => m.Value == "left" ? "right" : "left"));
                break;
            case "The place of an entry changed":
                manifest = manifest with { Audit = manifest.Audit with { Entries = [.. manifest.Audit.Entries.SkipLast(1), entry with { Index = entry.Index - 1 }] } };
                break;
            case "The checkpoint changed":
                files["audit/checkpoint.txt"] = Encoding.UTF8.GetBytes(Regex.Replace(Encoding.UTF8.GetString(files["audit/checkpoint.txt"]), "\n[0-9]+\n", m => $"\n{manifest.Audit.Size + 1}\n"));
                manifest = manifest with { Audit = manifest.Audit with { Size = manifest.Audit.Size + 1 } };
                break;
            case "The checkpoint signed by another key":
            case "Checkpoint and key replaced":
                using (var other = new CheckpointSigner(GroupKey.LogName, System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256)))
                {
                    var root = Checkpoint.Parse(Encoding.UTF8.GetString(files["audit/checkpoint.txt"])).Value.Root;
                    files["audit/checkpoint.txt"] = Encoding.UTF8.GetBytes(other.Sign(manifest.Audit.Size, root).ToString());
                    if (forgery == "Checkpoint and key replaced") files["audit/key.pem"] = Encoding.ASCII.GetBytes(other.Key.ToPem());
                }

                break;
            case "The seal certificate replaced":
                using (var other = SealKey.Make("Northlight", DateTimeOffset.UnixEpoch))
                using (var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(other.Certificate.Span))
                    files[manifest.Seals[0].Path] = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
                break;
            case "A file of the seal replaced":
                files["papers/1/document.p7s"] = files["papers/1/certificate.p7s"];
                break;
            case "A file taken out":
                files.Remove("papers/2/document.pdf");
                return;
            case "A file put in":
                files["papers/4/document.pdf"] = files["papers/3/document.pdf"];
                return;
            case "A file changed and nothing else":
                files["README.txt"] = Flip(files["README.txt"], 10);
                return;
            case "A sum changed":
                files["SHA256SUMS"] = Flip(files["SHA256SUMS"], 3);
                return;
            case "The manifest taken out":
                files.Remove("manifest.json");
                return;
            case "The manifest with a hole":
                files["manifest.json"] = Encoding.UTF8.GetBytes(Regex.Replace(Encoding.UTF8.GetString(files["manifest.json"]), "\"papers\": \\[", "\"papers\": [null,"));
                return;
            default:
                throw new InvalidOperationException(forgery);
        }

        manifest = manifest with { Files = [.. files.Where(f => f.Key is not ("manifest.json" or "SHA256SUMS")).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new EvidenceFile(f.Key, f.Value.Length, Domain.Kernel.CanonicalJson.Sha256(f.Value.AsSpan())))] };
        files["manifest.json"] = manifest.ToJson();
        files["SHA256SUMS"] = EvidenceVerifier.SumsOf(files);
    }

    private static byte[] Replace(byte[] bytes, string from, string to)
    {
        var text = Encoding.UTF8.GetString(bytes);
        Assert.Contains(from, text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    }

    private static void Put(ZipArchive zip, string name, string text)
    {
        using var writer = new StreamWriter(zip.CreateEntry(name).Open());
        writer.Write(text);
    }

    private static void Bomb(ZipArchive zip, string name, long length)
    {
        using var stream = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
        var zeros = new byte[1 << 20];
        for (var left = length; left > 0; left -= zeros.Length) stream.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
    }

    private static async Task<(int Exit, JsonNode? Line)> RunAsync(string zip, params string[] keys)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var code = await AgreementVerbs.VerifyPackAsync(zip, keys, output, errors, Ct);
        return (code, output.ToString() is { Length: > 0 } line ? JsonNode.Parse(line) : null);
    }

    private async Task<(int Code, string Said)> BashAsync(IReadOnlyDictionary<string, byte[]> files)
    {
        var folder = Directory.CreateDirectory(Folder[$"u{Guid.NewGuid():n}"]).FullName;
        foreach (var (path, bytes) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            await File.WriteAllBytesAsync(Path.Combine(folder, path), bytes, Ct);
        }

        using var process = Process.Start(new ProcessStartInfo("bash", [Folder["all.sh"]]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(Ct);
        var said = await process.StandardOutput.ReadToEndAsync(Ct) + await errors;
        await process.WaitForExitAsync(Ct);
        return (process.ExitCode, said);
    }
}
