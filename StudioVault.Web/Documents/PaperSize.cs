namespace StudioVault.Web.Documents;

/// <summary>What a document is printed on.</summary>
public enum PaperSize
{
    A4,
    Letter,
}

/// <summary>Which paper people have in their drawer.</summary>
public static class PaperSizes
{
    /// <summary>Letter in the United States and Canada, A4 elsewhere.</summary>
    /// <param name="country">ISO 3166-1, two letters.</param>
    public static PaperSize Of(string country) => country.ToUpperInvariant() is "US" or "CA" ? PaperSize.Letter : PaperSize.A4;
}
