using System.Collections.Concurrent;
using System.Security.Cryptography;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Agreements.Deliveries;

/// <summary>
/// Delivered files on the disk, each under the SHA-256 of its bytes in a folder of its branch. A file appears under its name only
/// when it is whole and on the disk; a crash before leaves a remainder in the folder "incoming" and nothing else.
/// </summary>
/// <param name="root">Folder of all of them; on several nodes one that all share.</param>
public sealed class DeliveryFiles(string root)
{
    /// <summary>Most bytes of one file.</summary>
    public const long LargestFile = 20L << 30;

    private const int Chunk = 1 << 17;

    // What was found whole since the program started, with its time of change: read through once, not at every request.
    private readonly ConcurrentDictionary<(string Path, DateTime ChangedAt), bool> _whole = new();

    /// <summary>Takes a file in, as it arrives.</summary>
    /// <returns>Its hash and length; or <c>refuse.delivery.no_file</c>, <c>refuse.delivery.file_too_large</c>, <c>refuse.kernel.storage_full</c>.</returns>
    public async Task<Result<(string Sha256, long Length)>> SaveAsync(BranchId branch, Stream content, CancellationToken ct)
    {
        var incoming = Path.Combine(root, "incoming");
        Directory.CreateDirectory(incoming);
        var unfinished = Path.Combine(incoming, Guid.NewGuid().ToString("n"));
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var length = 0L;
            await using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
            {
                var buffer = new byte[Chunk];
                for (int read; (read = await content.ReadAsync(buffer, ct)) > 0;)
                {
                    if ((length += read) > LargestFile) return DeliveryRefusals.FileTooLarge.With(LargestFile >> 30);
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), ct);
                }

                file.Flush(flushToDisk: true);
            }

            if (length == 0) return DeliveryRefusals.NoFile;
            var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
            var path = PathOf(branch, sha256);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // The same bytes again replace themselves, which also mends a damaged copy.
            File.Move(unfinished, path, overwrite: true);
            return (sha256, length);
        }
        catch (IOException e) when (e.HResult is 28 or unchecked((int)0x80070070))
        {
            return KernelRefusals.StorageFull;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Opens a file for reading from any place, having made sure once that it is what was delivered.</summary>
    /// <returns><c>refuse.delivery.file_damaged</c> when it is not there or not the same.</returns>
    public async Task<Result<FileStream>> OpenAsync(BranchId branch, string sha256, long length, CancellationToken ct)
    {
        var path = PathOf(branch, sha256);
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, Chunk, FileOptions.Asynchronous | FileOptions.SequentialScan);
            if (file.Length == length)
            {
                var key = (path, File.GetLastWriteTimeUtc(path));
                if (_whole.ContainsKey(key)) return file;
                if (Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct)) == sha256)
                {
                    _whole[key] = true;
                    file.Position = 0;
                    return file;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not there: the same to whoever asks for it.
        }
        catch
        {
            if (file is not null) await file.DisposeAsync();
            throw;
        }

        if (file is not null) await file.DisposeAsync();
        return DeliveryRefusals.FileDamaged;
    }

    private string PathOf(BranchId branch, string sha256) => Path.Combine(root, branch.Value.ToString("n"), sha256[..2], sha256);
}
