using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using StudioVault.Domain.Documents;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Verbs;

/// <summary><c>agreements verify</c>: did this group make these files?</summary>
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

    private sealed record Line(string File, Verdict Verdict, string? Agreement, int? Version, DateTimeOffset? SealedAt, IReadOnlyList<string> Reasons);
}
