using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Documents;
using StudioVault.Infrastructure.Agreements.Evidence;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Verbs;

/// <summary><c>agreements verify</c>: did this group make these files? <c>agreements verify-pack</c>: does this pack prove what it says?</summary>
public static class AgreementVerbs
{
    private static readonly JsonSerializerOptions Lines = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter<Verdict>(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Opens the register for as long as the work with it takes.</summary>
    /// <returns>What the work returned.</returns>
    public delegate Task<int> WithRegister(Func<DocumentRegister, Task<int>> work, CancellationToken ct);

    /// <summary>
    /// Answers with one line of JSON a file: <c>file</c>, <c>verdict</c> (original, appended, tampered, unknown), <c>reasons</c>,
    /// and where a document of ours is concerned <c>agreement</c>, <c>version</c>, <c>sealedAt</c>.
    /// </summary>
    public static Command Verify(WithRegister register)
    {
        var files = new Argument<string[]>("FILE") { Description = "Files to check, PDFs or others.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("verify", "Check whether files are, byte for byte, what was signed.") { files };
        command.SetAction((parsed, ct) => VaultVerbs.GuardedAsync(() =>
            register(known => VerifyAsync(parsed.GetRequiredValue(files), known, Console.Out, Console.Error, ct), ct)));
        return command;
    }

    /// <summary>The register of the database of the settings.</summary>
    public static async Task<int> RegisterOfDatabaseAsync(Func<DocumentRegister, Task<int>> work, CancellationToken ct)
    {
        await using var database = await VaultReader.OpenAsAppAsync(VaultVerbs.Options(), ct);
        return await work(await new PublicRegister(new VaultDbs(database.Source)).OpenAsync(ct));
    }

    /// <summary>Judges files one after another.</summary>
    /// <returns>0 when all are originals, 1 when one is not, 2 when one could not be read; the others are judged all the same.</returns>
    public static async Task<int> VerifyAsync(IReadOnlyList<string> files, DocumentRegister register, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        var code = VaultVerbs.Fine;
        foreach (var path in files)
        {
            DocumentVerdict verdict;
            try
            {
                await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
                verdict = await register.JudgeAsync(file, ct);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // A name may hold anything, also what moves the cursor of a terminal.
                await errors.WriteLineAsync($"{JsonSerializer.Serialize(path)} cannot be read: {JsonSerializer.Serialize(e.Message)}");
                code = VaultVerbs.BadInput;
                continue;
            }

            if (verdict.Verdict != Verdict.Original && code == VaultVerbs.Fine) code = VaultVerbs.Finding;
            await output.WriteLineAsync(JsonSerializer.Serialize(
                new Line(path, verdict.Verdict, verdict.Known?.Number, verdict.Known?.Version, verdict.Known?.SealedAt, verdict.Reasons), Lines));
        }

        return code;
    }

    /// <summary>
    /// Checks an evidence pack without any database. Answers with one line of JSON: <c>file</c>, <c>ok</c>, <c>agreement</c>, <c>papers</c>, <c>signatures</c>,
    /// <c>entries</c>, <c>logSize</c>, <c>keyFingerprint</c>, <c>keyKnown</c> (false: the pack vouches for itself), <c>reasons</c> (codes) and <c>findings</c>.
    /// </summary>
    public static Command VerifyPack()
    {
        var file = new Argument<string>("ZIP") { Description = "The pack, as it was handed out." };
        var keys = new Option<string[]>("--key") { Description = "PEM file of a public key of the group that you know from elsewhere; once for each there ever was. Without one the pack vouches for itself." };
        var command = new Command("verify-pack", "Check an evidence pack: files, contents, signatures, seals and the proofs of the audit log.") { file, keys };
        command.SetAction((parsed, ct) => VerifyPackAsync(parsed.GetRequiredValue(file), parsed.GetValue(keys) ?? [], Console.Out, Console.Error, ct));
        return command;
    }

    /// <summary>Checks a pack.</summary>
    /// <returns>0 when all is well, 1 when something is wrong, 2 when it is no pack that can be read, or a key is none.</returns>
    public static async Task<int> VerifyPackAsync(string path, IReadOnlyList<string> keys, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        var known = new List<CheckpointKey>();
        try
        {
            foreach (var key in keys)
            {
                if (!CheckpointKey.FromPem(GroupKey.LogName, await File.ReadAllTextAsync(key, ct)).TryGet(out var read, out _))
                {
                    await errors.WriteLineAsync($"{JsonSerializer.Serialize(key)} does not hold an ECDSA P-256 public key in PEM form.");
                    return VaultVerbs.BadInput;
                }

                known.Add(read);
            }

            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (!EvidenceZip.Read(file).TryGet(out var files, out var refusal))
            {
                await output.WriteLineAsync(JsonSerializer.Serialize(new { file = path, ok = false, reasons = new[] { refusal.Code }, findings = new[] { new { code = refusal.Code, reason = refusal.Sentence } } }, Lines));
                return VaultVerbs.BadInput;
            }

            var report = await EvidenceVerifier.VerifyAsync(files, known, ct);
            await output.WriteLineAsync(JsonSerializer.Serialize(new
            {
                file = path,
                ok = report.IsGood,
                agreement = report.Agreement,
                papers = report.Papers,
                signatures = report.Signatures,
                entries = report.Entries,
                logSize = report.LogSize,
                keyFingerprint = report.KeyFingerprint,
                keyKnown = report.IsKeyKnown,
                reasons = report.Findings.Select(f => f.Code).Distinct(),
                findings = report.Findings.Select(f => new { code = f.Code, path = f.Path, reason = f.Reason }),
            }, Lines));
            return report.IsGood ? VaultVerbs.Fine : VaultVerbs.Finding;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            await errors.WriteLineAsync($"{JsonSerializer.Serialize(path)} cannot be read: {JsonSerializer.Serialize(e.Message)}");
            return VaultVerbs.BadInput;
        }
        finally
        {
            known.ForEach(k => k.Dispose());
        }
    }

    private sealed record Line(string File, Verdict Verdict, string? Agreement, int? Version, DateTimeOffset? SealedAt, IReadOnlyList<string> Reasons);
}
