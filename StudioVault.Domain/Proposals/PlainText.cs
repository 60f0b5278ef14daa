namespace StudioVault.Domain.Proposals;

/// <summary>What a text somebody else wrote may not hold, because it breaks what keeps or shows it.</summary>
public static class PlainText
{
    /// <summary>Null when it is fine, else what is wrong in words that follow "it does not fit:".</summary>
    /// <param name="mayBreak">Line breaks and tabs are allowed.</param>
    public static string? Problem(string text, bool mayBreak)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            // Half a character can be neither hashed nor stored.
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else if (char.IsSurrogate(c)) return "it holds half a character";
            else if (char.IsControl(c) && !(mayBreak && (c is '\n' or '\r' or '\t'))) return "it holds control characters";
            // Marks that turn the direction of writing make a decider read something else than what is written.
            else if (c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069')) return "it holds marks that turn the direction of writing";
            else if (!mayBreak && (c is '\u2028' or '\u2029')) return "it holds line breaks";
        }

        return null;
    }
}
