using System.Buffers.Text;
using System.Globalization;
using System.Text;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Audit;

/// <summary>
/// A tree head as it leaves the house: a C2SP checkpoint inside a C2SP signed note.
/// <code>
/// studiovault.example/audit
/// 20852163
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// — studiovault.example/audit Az3grjBFAiEA…
/// </code>
/// The signature covers the text up to and including the newline of its last line; the blank line and the signature lines are outside.
/// </summary>
public sealed class Checkpoint
{
    /// <summary>Longest note that is read, in UTF-16 units.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Most signature lines that are read; the note format asks for at least 16.</summary>
    public const int MaxSignatures = 64;

    private const string Dash = "\u2014 ";

    private Checkpoint(string origin, ulong size, MerkleHash root, IReadOnlyList<string> extensions, IReadOnlyList<CheckpointSignature> signatures) =>
        (Origin, Size, Root, Extensions, Signatures) = (origin, size, root, extensions, signatures);

    /// <summary>Which log this is: the first line.</summary>
    public string Origin { get; }

    /// <summary>Number of leaves.</summary>
    public ulong Size { get; }

    public MerkleHash Root { get; }

    /// <summary>Further lines of the text, not empty; they are signed but mean nothing to us.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <summary>Signature lines in the order they stand; none on a checkpoint that was not signed yet.</summary>
    public IReadOnlyList<CheckpointSignature> Signatures { get; }

    /// <summary>The signed part of the note.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder(Origin).Append('\n')
                .Append(CultureInfo.InvariantCulture, $"{Size}\n")
                .Append(Convert.ToBase64String(Root.ToArray())).Append('\n');
            foreach (var line in Extensions) text.Append(line).Append('\n');
            return text.ToString();
        }
    }

    /// <summary>The whole note.</summary>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var s in Signatures) note.Append(Dash).Append(s.Name).Append(' ').Append(s.Encoded()).Append('\n');
        return note.ToString();
    }

    /// <summary>A checkpoint nobody signed yet.</summary>
    /// <exception cref="ArgumentException">The origin or an extension line is empty or holds a control character.</exception>
    public static Checkpoint Of(string origin, long size, MerkleHash root, params IReadOnlyList<string> extensions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (!IsLine(origin) || !extensions.All(IsLine)) throw new ArgumentException("A line of a checkpoint is not empty and holds no control characters.", nameof(origin));
        return new(origin, (ulong)size, root, [.. extensions], []);
    }

    /// <summary>The same checkpoint with one more signature line.</summary>
    public Checkpoint With(CheckpointSignature signature) =>
        new(Origin, Size, Root, Extensions, [.. Signatures, signature]);

    /// <summary>
    /// Reads a note strictly: exactly one text for every checkpoint, so that nobody can hide a second reading in it. A note
    /// without signature lines is read too, and verifies with no key.
    /// </summary>
    /// <returns>The checkpoint, or <c>refuse.audit.checkpoint_malformed</c>.</returns>
    public static Result<Checkpoint> Parse(string note)
    {
        if (note.Length > MaxLength) return Malformed("it is too long");
        for (var i = 0; i < note.Length; i++)
        {
            if (note[i] < ' ' && note[i] != '\n') return Malformed("it holds a control character");
            if (!char.IsSurrogate(note[i])) continue;
            if (!char.IsHighSurrogate(note[i]) || i + 1 == note.Length || !char.IsLowSurrogate(note[i + 1])) return Malformed("it is not Unicode text");
            i++;
        }

        // The text may hold empty lines as far as a note is concerned, so the last one parts it from the signatures.
        var blank = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (blank < 0) return Malformed("there is no blank line between text and signatures");
        if (note[^1] != '\n') return Malformed("its last line does not end");
        var lines = note[..blank].Split('\n');
        if (lines.Length < 3) return Malformed("it takes an origin, a size and a root line");
        if (lines.Any(l => l.Length == 0)) return Malformed("a line of the text is empty");
        if (!TryReadSize(lines[1], out var size)) return Malformed("the second line is not a tree size");
        if (!TryReadBase64(lines[2], out var root) || !MerkleHash.TryRead(root, out var hash)) return Malformed("the third line is not a root hash");

        var signatures = new List<CheckpointSignature>();
        var rest = note[(blank + 2)..];
        foreach (var line in rest.Length == 0 ? [] : rest[..^1].Split('\n'))
        {
            if (signatures.Count == MaxSignatures) return Malformed("it has too many signature lines");
            if (!line.StartsWith(Dash, StringComparison.Ordinal)) return Malformed("a signature line does not start with a dash");
            var parts = line[Dash.Length..].Split(' ');
            if (parts.Length != 2 || !CheckpointKey.IsName(parts[0])) return Malformed("a signature line has no proper key name");
            if (!TryReadBase64(parts[1], out var bytes) || bytes.Length <= CheckpointSignature.HintLength) return Malformed("a signature line has no proper signature");
            signatures.Add(new(parts[0], bytes));
        }
        return new Checkpoint(lines[0], size, hash, lines[3..], signatures);
    }

    /// <summary>
    /// Whether this key signed it. Lines of other keys are passed over; of the lines that carry this key's hint (and name, if
    /// the key has one) there must be at least one, and every one must verify.
    /// </summary>
    public CheckpointVerdict Verify(CheckpointKey key)
    {
        byte[]? text = null;
        var verdict = CheckpointVerdict.NotSigned;
        foreach (var signature in Signatures)
        {
            if (!key.Claims(signature)) continue;
            text ??= Encoding.UTF8.GetBytes(Text);
            if (!key.Verify(text, signature.Bytes)) return CheckpointVerdict.BadSignature;
            verdict = CheckpointVerdict.Signed;
        }
        return verdict;
    }

    private static bool IsLine(string line) => line.Length > 0 && !line.Any(c => c < ' ');

    private static bool TryReadSize(string line, out ulong size)
    {
        size = 0;
        return line.All(char.IsAsciiDigit) && (line == "0" || line[0] != '0')
            && ulong.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out size);
    }

    /// <summary>Standard base64 with padding, no white space, no stray bits: what decodes must encode to the same text.</summary>
    internal static bool TryReadBase64(string text, out byte[] bytes)
    {
        bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length + 3)];
        if (!Convert.TryFromBase64String(text, bytes, out var length)) return false;
        Array.Resize(ref bytes, length);
        return Convert.ToBase64String(bytes) == text;
    }

    private static Refusal Malformed(string reason) => AuditRefusals.CheckpointMalformed.With(reason);
}

/// <summary>What a key says about a checkpoint.</summary>
public enum CheckpointVerdict
{
    /// <summary>Signed by that key, and nothing was changed since.</summary>
    Signed,

    /// <summary>No signature line claims to be by that key.</summary>
    NotSigned,

    /// <summary>A line claims to be by that key and does not verify.</summary>
    BadSignature,
}
