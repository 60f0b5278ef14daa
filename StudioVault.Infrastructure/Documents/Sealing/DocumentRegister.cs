using StudioVault.Domain.Documents;

namespace StudioVault.Infrastructure.Documents.Sealing;

/// <summary>What files are known by: everything needed to judge one.</summary>
/// <param name="Trusted">Every certificate the group ever sealed with, those of retired keys too.</param>
/// <param name="Find">Finds fingerprints.</param>
public sealed record DocumentRegister(IReadOnlyList<TrustedSeal> Trusted, FindFingerprints Find)
{
    /// <summary>Judges a file.</summary>
    /// <param name="file">From its beginning, any length; one that cannot be read twice (an upload, a pipe) is put on the disk meanwhile.</param>
    public async Task<DocumentVerdict> JudgeAsync(Stream file, CancellationToken ct)
    {
        if (file.CanSeek) return await DocumentVerifier.JudgeAsync(file, Trusted, Find, ct);
        await using var copy = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await file.CopyToAsync(copy, ct);
        return await DocumentVerifier.JudgeAsync(copy, Trusted, Find, ct);
    }
}
