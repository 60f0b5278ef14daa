namespace StudioVault.Domain.Agreements;

/// <summary>
/// What a signatory is told before agreeing to sign electronically (15 U.S.C. 7001(c); Regulation (EU) 910/2014). A version never
/// changes: signatures name the one that was read.
/// </summary>
public static class Disclosures
{
    public const string Current = "2026-11";

    /// <summary>The sentence the signatory agrees to, word for word.</summary>
    public const string Sentence = "I have read this document and sign it electronically with my typed name.";

    private static readonly Dictionary<string, string> Texts = new()
    {
        [Current] = """
            **Signing electronically is your choice.** You may ask the studio for the document on paper and sign it by hand, at no cost, at any time before you sign here.

            **It covers this document only.** You can take your consent to electronic signing back until everybody has signed by telling the studio; the document then counts as not signed. Afterwards the agreement holds as it would on paper.

            **What you need:** a browser and a program that opens PDF files, and access to the mailbox this link was sent to. If your address changes, tell the studio. You may download and print the document before and after signing, and this link goes on showing it.

            **What is recorded:** your typed name, the time, the document you were shown, the address the code was sent to, the language and kind of your device and a shortened network address. It is kept with the agreement as proof that you signed it.
            """,
    };

    /// <summary>Markdown of a version; empty for one nobody knows.</summary>
    public static string Text(string version) => Texts.GetValueOrDefault(version, "");
}
