using System.Security.Cryptography;
using StudioVault.Domain.Documents;
using StudioVault.Infrastructure.Documents.Sealing;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary>One agreement, really printed and sealed, with the register that knows it.</summary>
public sealed class SealedPaper : IAsyncLifetime
{
    public const string Group = "Northlight Studios";
    public static readonly DateTimeOffset At = new(2026, 5, 12, 13, 2, 11, TimeSpan.Zero);

    // Making a key takes a while; what is tested with them does not change them.
    private static readonly Lazy<SealKey> First = new(() => SealKey.Make(Group, At.AddYears(-1)));
    private static readonly Lazy<SealKey> Second = new(() => SealKey.Make(Group, At.AddYears(-1)));

    private readonly Printer _printer = new();

    public static SealKey Key => First.Value;

    public static SealKey OtherKey => Second.Value;

    public static string ContentHash { get; } = Convert.ToHexStringLower(SHA256.HashData("the content"u8));

    public static IReadOnlyList<TrustedSeal> Trusted { get; } = [new(Key.Certificate, null)];

    public byte[] Printed { get; private set; } = [];

    public byte[] Sealed { get; private set; } = [];

    public DocumentFingerprint Known => Fingerprint(Sealed);

    public async ValueTask InitializeAsync()
    {
        Printed = await PrintAsync("An agreement", "<h1>Agreement</h1><p>Full-day coverage, 1.480,00 €</p><p><a href=\"https://northlight.example/verify\">Verify</a></p><h2>Clauses</h2>");
        Sealed = Seal(Printed);
    }

    public async Task<byte[]> PrintAsync(string title, string body)
    {
        var printed = await _printer.Documents.PrintAsync($"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body>{body}</body></html>", At, TestContext.Current.CancellationToken);
        Assert.Null(printed.Refusal);
        return printed.Value;
    }

    public static byte[] Seal(byte[] printed, SealKey? key = null, DateTimeOffset? at = null)
    {
        var made = PdfSeal.Apply(printed, ContentHash, key ?? Key, Group, "Agreement 2026-0042, version 1", at ?? At);
        Assert.Null(made.Refusal);
        return made.Value;
    }

    public static DocumentFingerprint Fingerprint(byte[] file, string number = "2026-0042") =>
        new(Convert.ToHexStringLower(SHA256.HashData(file)), file.Length, "agreement", PdfSeal.PdfId(ContentHash), number, 1, ContentHash, At);

    public static async Task<SealCheck> CheckAsync(byte[] file, params IReadOnlyList<TrustedSeal> trusted)
    {
        using var stream = new MemoryStream(file);
        return await PdfSealVerifier.CheckAsync(stream, trusted.Count == 0 ? Trusted : trusted, TestContext.Current.CancellationToken);
    }

    /// <summary>The verdict where only the sealed paper (or what is given) is known.</summary>
    public Task<DocumentVerdict> JudgeAsync(byte[] file, params DocumentFingerprint[] known) => JudgeAsync(new MemoryStream(file), known.Length == 0 ? [Known] : known);

    public static async Task<DocumentVerdict> JudgeAsync(Stream file, params DocumentFingerprint[] known)
    {
        await using (file)
        {
            return await DocumentVerifier.JudgeAsync(file, Trusted, (hashes, ids, _) =>
                Task.FromResult<IReadOnlyList<DocumentFingerprint>>([.. known.Where(k => hashes.Contains(k.Sha256) || (k.PdfId is { } id && ids.Contains(id)))]), TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _printer.DisposeAsync();
}
