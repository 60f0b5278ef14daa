using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StudioVault.Domain.Audit;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// The log as a file that proves itself: JSON lines, in this order.
/// <code>
/// {"kind":"manifest","format":"studiovault-audit","version":1,"origin":"studiovault/audit","entries":2,"checkpoints":1,"root":"5a…"}
/// {"kind":"checkpoint","note":"studiovault/audit\n2\n…"}
/// {"kind":"entry","index":0,"hash":"9c…","body":{"action":…},"payload":"{…}"}
/// </code>
/// The bytes of <c>body</c> are those of the leaf (SHA-256 of a zero byte and them is <c>hash</c>); <c>payload</c> is the text
/// whose SHA-256 the body holds, or null. It ends with the last entry that a checkpoint covers. The manifest is not signed
/// and vouches for nothing; it only tells a whole file from a cut one.
/// </summary>
public static class AuditExport
{
    private const string Format = "studiovault-audit";
    private const int Version = 1;
    private const int FlushAt = 1 << 16;

    /// <summary>Writes it.</summary>
    /// <returns>Number of entries.</returns>
    public static async Task<long> WriteAsync(AuditArchive archive, Stream output, CancellationToken ct)
    {
        var head = await archive.HeadAsync(ct);
        var buffer = new ArrayBufferWriter<byte>(2 * FlushAt);
        await using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

        Begin("manifest");
        json.WriteString("format", Format);
        json.WriteNumber("version", Version);
        json.WriteString("origin", GroupKey.LogName);
        json.WriteNumber("entries", head.Size);
        json.WriteNumber("checkpoints", head.Count);
        json.WriteString("root", head.Root.ToString());
        await EndAsync();
        foreach (var note in archive.Notes())
        {
            Begin("checkpoint");
            json.WriteString("note", note);
            await EndAsync();
        }
        await foreach (var entry in archive.EntriesAsync(head.Size, ct))
        {
            Begin("entry");
            json.WriteNumber("index", entry.Index);
            json.WriteString("hash", Convert.ToHexStringLower(entry.StoredHash.Span));
            json.WritePropertyName("body");
            if (entry.Body is { } body) json.WriteRawValue(body.ToCanonical(), skipInputValidation: true);
            else json.WriteNullValue();
            if (entry.Payload is { } payload) json.WriteString("payload", payload);
            else json.WriteNull("payload");
            await EndAsync();
        }
        await output.WriteAsync(buffer.WrittenMemory, ct);
        return head.Size;

        void Begin(string kind)
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
        }

        async Task EndAsync()
        {
            json.WriteEndObject();
            await json.FlushAsync(ct);
            json.Reset();
            buffer.Write("\n"u8);
            if (buffer.WrittenCount < FlushAt) return;
            await output.WriteAsync(buffer.WrittenMemory, ct);
            buffer.ResetWrittenCount();
        }
    }

    /// <summary>Checks an export without any database.</summary>
    /// <param name="input">The file; read once, line by line.</param>
    /// <param name="keys">All keys that ever signed.</param>
    /// <param name="anchors">Notes of checkpoints kept elsewhere.</param>
    /// <returns>What was found, and the newest signed checkpoint.</returns>
    public static (AuditReport Report, string? Newest) Verify(Stream input, IReadOnlyCollection<CheckpointKey> keys, IEnumerable<string> anchors)
    {
        var lines = new LineReader(input);
        var line = Read(lines);
        var manifest = line as ManifestLine;
        if (manifest is not null) line = Read(lines);
        var notes = 0L;
        var verifier = new AuditVerifier(GroupKey.LogName, keys, Notes(), anchors, AuditTail.Signed);
        if (manifest is null) verifier.Add(new AuditFinding(AuditFault.ExportMalformed, 0, 0, "The export does not begin with its manifest."));
        for (; line is not null; line = Read(lines))
        {
            if (line is EntryLine { Entry: var entry }) verifier.Add(entry);
            else verifier.AddMalformed($"Line {lines.Number.ToString(CultureInfo.InvariantCulture)} of the export {(line is BadLine ? "is not one" : "does not belong there")}.");
        }

        var report = verifier.Finish();
        if (manifest is not null && Trouble(manifest, notes, report) is { } trouble)
            report = report with { Findings = [.. report.Findings.Append(trouble).OrderBy(f => f.FirstBadIndex)] };
        return (report, verifier.Newest);

        IEnumerable<string> Notes()
        {
            for (; line is CheckpointLine { Note: var note }; line = Read(lines), notes++) yield return note;
        }
    }

    private static AuditFinding? Trouble(ManifestLine manifest, long notes, AuditReport report)
    {
        if (report.Entries < manifest.Entries)
            return new AuditFinding(AuditFault.Truncated, report.Entries, manifest.Entries - 1, $"The export says it holds {manifest.Entries} entries, but there are {report.Entries}.");
        if (report.Entries > manifest.Entries || notes != manifest.Checkpoints)
            return new AuditFinding(AuditFault.ExportMalformed, manifest.Entries, report.Entries, "The export holds more or fewer lines than its manifest says.");
        return report.IsClean && report.Root.ToString() != manifest.Root
            ? new AuditFinding(AuditFault.ExportMalformed, 0, report.Entries, "The manifest names another root.") : null;
    }

    private static ExportLine? Read(LineReader lines)
    {
        if (lines.Next() is not { } bytes) return null;
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var line = document.RootElement;
            return (line.GetProperty("kind").GetString(), line.GetPropertyCount()) switch
            {
                ("manifest", 7) when line.GetProperty("format").ValueEquals(Format) && line.GetProperty("version").GetInt32() == Version && line.GetProperty("origin").ValueEquals(GroupKey.LogName) =>
                    new ManifestLine(line.GetProperty("entries").GetInt64(), line.GetProperty("checkpoints").GetInt64(), line.GetProperty("root").GetString()!),
                ("checkpoint", 2) => new CheckpointLine(line.GetProperty("note").GetString() ?? ""),
                ("entry", 5) => new EntryLine(Entry(line)),
                _ => BadLine.It,
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return BadLine.It;
        }
    }

    private static LoggedEntry Entry(JsonElement line)
    {
        var index = line.GetProperty("index").GetInt64();
        var hash = Convert.FromHexString(line.GetProperty("hash").GetString() ?? "");
        var body = line.GetProperty("body");
        if (body.ValueKind == JsonValueKind.Null) return LoggedEntry.Lost(index, hash);
        var payload = line.GetProperty("payload").GetString() is { } text ? Encoding.UTF8.GetBytes(text) : null;
        return new LoggedEntry(index, hash, JsonMarshal.GetRawUtf8Value(body).ToArray(), payload);
    }

    private abstract record ExportLine;

    private sealed record ManifestLine(long Entries, long Checkpoints, string Root) : ExportLine;

    private sealed record CheckpointLine(string Note) : ExportLine;

    private sealed record EntryLine(LoggedEntry Entry) : ExportLine;

    private sealed record BadLine : ExportLine
    {
        public static readonly BadLine It = new();
    }
}
