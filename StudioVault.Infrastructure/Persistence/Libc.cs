using System.Runtime.InteropServices;

namespace StudioVault.Infrastructure.Persistence;

/// <summary>The few C library calls .NET has no name for. Linux only.</summary>
internal static partial class Libc
{
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;

    /// <summary>Owner and identity of a file.</summary>
    public readonly record struct FileFacts(uint Uid, uint Gid, ulong Inode, ulong Device);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    /// <summary>0 when the signal was sent (or could be sent, for signal 0).</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwner(string path, uint uid, uint gid);

    /// <summary>Whether this process may write there: the file, or into the folder. Read-only devices count too.</summary>
    public static bool MayWrite(string path) => Access(path, Directory.Exists(path) ? 2 | 1 : 2) == 0;

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    /// <summary>Facts about a file, links followed; null when it is not there or hidden from us.</summary>
    public static FileFacts? Stat(string path)
    {
        // struct statx has the same layout on every architecture: uid at 20, gid at 24, inode at 32, device at 136 and 140.
        Span<byte> buffer = stackalloc byte[256];
        const int currentFolder = -100;
        const uint basicStats = 0x7ff;
        if (StatX(currentFolder, path, 0, basicStats, buffer) != 0)
            return null;
        return new FileFacts(
            MemoryMarshal.Read<uint>(buffer[20..]),
            MemoryMarshal.Read<uint>(buffer[24..]),
            MemoryMarshal.Read<ulong>(buffer[32..]),
            ((ulong)MemoryMarshal.Read<uint>(buffer[136..]) << 32) | MemoryMarshal.Read<uint>(buffer[140..]));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, Span<byte> buffer);
}
