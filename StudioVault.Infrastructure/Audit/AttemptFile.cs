using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace StudioVault.Infrastructure.Audit;

/// <summary>One line of the second sink: what is about to be done, or how it ended.</summary>
/// <param name="At">Database clock, UTC.</param>
/// <param name="Phase"><c>intent</c> or <c>outcome</c>.</param>
/// <param name="Proposal">Id of the proposal.</param>
/// <param name="Digest">What was approved, SHA-256 in hex.</param>
/// <param name="Outcome">Null for an intent, else <c>succeeded</c>, <c>failed</c>, <c>unknown</c> or <c>refused</c>.</param>
/// <param name="ReasonCode">Refusal code where there is one.</param>
public sealed record AttemptLine(DateTimeOffset At, string Phase, Guid Proposal, Guid Branch, string Capability, string Digest, string? Outcome = null, string? ReasonCode = null);

/// <summary>
/// The second sink of the write path (features row 5.8): every attempt's intent and outcome as JSON lines in a file of this node,
/// one file a month, appended and forced to the device. What PostgreSQL recorded counts; a file that cannot be written stops
/// nothing and shows in readiness.
/// </summary>
public sealed class AttemptFile(string folder, ILogger<AttemptFile> log)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lock _one = new();

    /// <summary>Why lines do not reach the file; null when they do. Anybody may read it.</summary>
    public string? Trouble { get; private set; }

    /// <summary>File of a month.</summary>
    public string PathOf(DateTimeOffset at) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"attempts-{at.UtcDateTime:yyyy-MM}.jsonl"));

    /// <summary>Appends a line and waits until the device has it.</summary>
    /// <returns>False when it could not; <see cref="Trouble"/> says so until a line gets through again.</returns>
    public bool Append(AttemptLine line)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(line, Json);
        lock (_one)
        {
            try
            {
                Directory.CreateDirectory(folder);
                using var file = new FileStream(PathOf(line.At), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
                if (file.Length > 0)
                {
                    // A line cut off by a power cut must not swallow this one.
                    file.Seek(-1, SeekOrigin.End);
                    if (file.ReadByte() != '\n') file.Write("\n"u8);
                }

                file.Write([.. bytes, (byte)'\n']);
                file.Flush(flushToDisk: true);
                Trouble = null;
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (Trouble is null) log.LogError(e, "An attempt could not be written to the second sink; the database has it");
                Trouble = "Attempts cannot be written to the file beside the database.";
                return false;
            }
        }
    }

    /// <summary>The lines of a month as they stand there, oldest first; what is none is passed over.</summary>
    public IReadOnlyList<AttemptLine> Read(DateTimeOffset month)
    {
        var path = PathOf(month);
        if (!File.Exists(path)) return [];
        var lines = new List<AttemptLine>();
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.UTF8);
        while (reader.ReadLine() is { } text)
        {
            try
            {
                if (JsonSerializer.Deserialize<AttemptLine>(text, Json) is { } line) lines.Add(line);
            }
            catch (JsonException)
            {
                // Cut off while it was written.
            }
        }

        return lines;
    }
}
