using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace StudioVault.Domain.Audit;

/// <summary>
/// Text inside an audit leaf (AUD-8, ASVS 16.4.1). Whoever reads a log in a terminal, a spreadsheet or a ticket must not be
/// fooled by it, and whoever writes one must not be able to stop the log by sending odd text. So such text is escaped, never
/// refused and never dropped: control characters (line breaks, ANSI escapes), everything that reorders or hides text
/// (bidirectional controls, zero-width characters, tags), line separators and lone surrogates become <c>\u{1B}</c>, a
/// backslash becomes <c>\\</c>. The escape can be undone, so two different texts never make the same leaf.
/// </summary>
public static class AuditText
{
    private static readonly SearchValues<char> Suspects = SearchValues.Create([.. Enumerable.Range(0, 0x10000).Select(i => (char)i).Where(IsSuspect)]);

    /// <summary>Whether the text stands in a leaf as it is.</summary>
    public static bool IsPlain(string text) => !text.AsSpan().ContainsAny(Suspects) || Escape(text) == text;

    /// <summary>The text as a leaf carries it and as it may be shown anywhere.</summary>
    public static string Escape(string text)
    {
        var first = text.AsSpan().IndexOfAny(Suspects);
        if (first < 0) return text;
        var escaped = new StringBuilder(text.Length + 16).Append(text.AsSpan(0, first));
        for (var i = first; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                escaped.Append("\\\\");
            }
            else if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                if (Hides(rune.Value)) escaped.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
                else escaped.Append(rune.ToString());
                i += rune.Utf16SequenceLength - 1;
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)text[i]:X}}}");
            }
        }
        return escaped.ToString();
    }

    /// <summary>The text <see cref="Escape"/> was given; false when it cannot have made this.</summary>
    public static bool TryUnescape(string escaped, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!escaped.Contains('\\', StringComparison.Ordinal))
        {
            text = escaped;
        }
        else
        {
            var plain = new StringBuilder(escaped.Length);
            for (var i = 0; i < escaped.Length; i++)
            {
                if (escaped[i] != '\\')
                {
                    plain.Append(escaped[i]);
                    continue;
                }
                if (++i == escaped.Length) return false;
                if (escaped[i] == '\\')
                {
                    plain.Append('\\');
                    continue;
                }
                var end = escaped.IndexOf('}', i);
                if (escaped[i] != 'u' || end < i + 3 || escaped[i + 1] != '{'
                    || !int.TryParse(escaped.AsSpan(i + 2, end - i - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                    || code is < 0 or > 0x10FFFF) return false;
                if (code <= char.MaxValue) plain.Append((char)code);
                else plain.Append(char.ConvertFromUtf32(code));
                i = end;
            }
            text = plain.ToString();
        }
        return Escape(text) == escaped;
    }

    private static bool IsSuspect(char c) => c == '\\' || char.IsSurrogate(c) || Hides(c);

    // Unicode's Bidi_Control, the invisible format characters, and everything of the classes Cc, Zl and Zp.
    private static bool Hides(int code) => code
        is < 0x20 or (>= 0x7F and <= 0x9F) or 0xAD or 0x061C or 0x180E
        or (>= 0x200B and <= 0x200F) or (>= 0x2028 and <= 0x202E) or (>= 0x2060 and <= 0x206F)
        or 0xFEFF or (>= 0xFFF9 and <= 0xFFFB) or (>= 0xE0000 and <= 0xE0FFF);
}
