namespace StudioVault.Domain.Kernel;

/// <summary>E-mail addresses as people type them.</summary>
public static class EmailAddress
{
    /// <summary>Good enough to send to; whether somebody reads there, the mail will show.</summary>
    public static bool LooksRight(string text) =>
        text.Length <= 254 && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1 && !text.Any(char.IsWhiteSpace) && !text.Any(char.IsControl);
}
