using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>
/// The batch form of the merge, JSON Lines in and out, so that others can check the product's own merge:
/// <c>{"id","base","branch","hq","decisions"?}</c> gives <c>{"id","merged","offered":[path…],"conflicts":[path…]}</c>, a bad
/// line gives <c>{"id","error":code}</c>. Decided is taken to be base; other members of a line are ignored, empty lines skipped.
/// A decision is <c>"hq"</c>, <c>"branch"</c> or <c>{"value": …}</c> with any value a tree can have there; an element of a list keeps its id.
/// </summary>
public static class MergeLines
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = ContentTree.MaxDepth + 16,
    };

    /// <summary>Merges line by line; nothing of one line reaches another.</summary>
    /// <returns>How many lines there were, and how many of them were answered with an error.</returns>
    public static (int Lines, int Errors) Run(Stream input, Stream output)
    {
        var (lines, errors) = (0, 0);
        var answers = new ArrayBufferWriter<byte>(1 << 16);
        using var writer = new Utf8JsonWriter(answers, WriterOptions);
        var buffer = new byte[1 << 16];
        var (start, end) = (0, 0);
        var atEnd = false;
        while (!atEnd)
        {
            if (start > 0)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }
            if (end == buffer.Length) Array.Resize(ref buffer, checked(buffer.Length * 2));
            var read = input.Read(buffer, end, buffer.Length - end);
            var scanned = end;
            end += read;
            atEnd = read == 0;
            while (start < end)
            {
                var cut = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n');
                if (cut < 0 && !atEnd) break;
                var line = buffer.AsSpan(start, (cut < 0 ? end : scanned + cut) - start);
                start = scanned = cut < 0 ? end : scanned + cut + 1;
                if (lines == 0 && line.StartsWith("\uFEFF"u8)) line = line[3..];
                if (line.Trim(" \t\r"u8).IsEmpty) continue;
                lines++;
                if (!Answer(line, writer)) errors++;
                writer.Flush();
                writer.Reset();
                answers.Write("\n"u8);
                if (answers.WrittenCount < 1 << 16) continue;
                output.Write(answers.WrittenSpan);
                answers.ResetWrittenCount();
            }
        }
        output.Write(answers.WrittenSpan);
        output.Flush();
        return (lines, errors);
    }

    private static bool Answer(ReadOnlySpan<byte> line, Utf8JsonWriter writer)
    {
        ContentValue? id = null;
        Refusal refusal;
        try
        {
            if (Merge(line, ref id).TryGet(out var result, out var refused))
            {
                writer.WriteStartObject();
                Id(writer, id);
                writer.WritePropertyName("merged");
                ContentTree.Write(writer, result.Merged);
                writer.WriteStartArray("offered");
                foreach (var field in result.Fields) writer.WriteStringValue(field.Path);
                writer.WriteEndArray();
                writer.WriteStartArray("conflicts");
                foreach (var field in result.Conflicts) writer.WriteStringValue(field.Path);
                writer.WriteEndArray();
                writer.WriteEndObject();
                return true;
            }
            refusal = refused;
        }
        catch (ContentShapeException e)
        {
            refusal = e.Refusal;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            refusal = ContentTree.NotJson(e);
        }
        writer.WriteStartObject();
        Id(writer, id);
        writer.WriteString("error", refusal.Code);
        writer.WriteEndObject();
        return false;
    }

    private static void Id(Utf8JsonWriter writer, ContentValue? id)
    {
        writer.WritePropertyName("id");
        ContentTree.Write(writer, id);
    }

    private static Result<MergeResult> Merge(ReadOnlySpan<byte> line, ref ContentValue? id)
    {
        var reader = new Utf8JsonReader(line, ContentTree.ReaderOptions);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return PackageRefusals.LineShape.With("it is not an object.");

        ContentNode? @base = null, branch = null, hq = null;
        MergeDecisions? decisions = null;
        // The whole line is read even where it is bad already: an error should still name its id.
        Refusal? bad = null;
        var seen = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString();
            reader.Read();
            var bit = name switch { "id" => 1, "base" => 2, "branch" => 4, "hq" => 8, "decisions" => 16, _ => 0 };
            if ((seen & bit) != 0) bad ??= PackageRefusals.DuplicateKey.With(name);
            seen |= bit;
            switch (bit)
            {
                case 1 when reader.TokenType is JsonTokenType.String or JsonTokenType.Number:
                    id = (ContentValue)ContentTree.Read(ref reader);
                    break;
                case 1:
                    bad ??= PackageRefusals.LineShape.With("the id is not a text.");
                    reader.Skip();
                    break;
                case 2: @base = Tree(ref reader, ref bad); break;
                case 4: branch = Tree(ref reader, ref bad); break;
                case 8: hq = Tree(ref reader, ref bad); break;
                case 16: decisions = Decisions(ref reader, ref bad); break;
                default: reader.Skip(); break;
            }
        }
        if (reader.Read()) bad ??= PackageRefusals.NotJson.With("something follows after the end of the line's object.");
        if (bad is not null) return bad;
        if ((seen & 15) != 15) return PackageRefusals.LineShape.With("one of them is missing.");
        return @base is ContentObject b && branch is ContentObject l && hq is ContentObject h
            ? ThreeWayMerge.Run(new MergeSides(b, l, h), decisions, mayDuplicate: true, anyValue: true)
            : PackageRefusals.RootNotObject;
    }

    private static ContentNode? Tree(ref Utf8JsonReader reader, ref Refusal? bad)
    {
        var before = reader;
        try
        {
            return ContentTree.Read(ref reader);
        }
        catch (ContentShapeException e)
        {
            bad ??= e.Refusal;
            reader = before;
            reader.Skip();
            return null;
        }
    }

    private static MergeDecisions? Decisions(ref Utf8JsonReader reader, ref Refusal? bad)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        var node = Tree(ref reader, ref bad);
        var fields = new Dictionary<string, MergeDecision>(StringComparer.Ordinal);
        if (node is not ContentObject all)
        {
            if (node is not null) bad ??= PackageRefusals.DecisionShape;
            return null;
        }
        foreach (var (path, said) in all.Members)
        {
            if (MergeDecision.Read(said) is not { } decision) bad ??= PackageRefusals.DecisionShape.At(path);
            else fields[path] = decision;
        }
        return new(fields, new Dictionary<string, MergeChoice>());
    }
}
