using System.Text.Encodings.Web;
using System.Text.Json;
using StudioVault.Infrastructure.Packages;

namespace StudioVault.Web.Documents;

/// <summary>The signed record as a file: the canonical consent, its signature and the public key, nothing else.</summary>
public static class ConsentFile
{
    // Read by people too: only what JSON itself forbids is escaped.
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>consent-wedding-classic-v3-porto.pdf</c>: plain letters, since slugs are.</summary>
    public static string NameOf(ConsentRecord consent, string extension) => $"consent-{consent.TemplateSlug}-v{consent.Version}-{consent.StudioSlug}.{extension}";

    /// <summary>The file. Its member <c>consent</c> is a string whose UTF-8 bytes are what the signature covers.</summary>
    public static byte[] ToJson(ConsentRecord consent) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        algorithm = "ECDSA P-256, SHA-256, DER",
        consent = consent.Consent,
        consentSha256 = consent.ConsentSha256,
        keyName = consent.Key.Name,
        keySha256 = consent.Key.Fingerprint,
        publicKey = consent.Key.Pem + "\n",
        signature = consent.Signature,
    }, Options);

    /// <summary>Two lines for a shell with jq and openssl.</summary>
    /// <param name="file">Name of the downloaded record.</param>
    public static IReadOnlyList<string> Check(string file) =>
    [
        $"f={file}; jq -j .consent $f >c; jq -r .publicKey $f >k; jq -r .signature $f | openssl base64 -d -A >s",
        "openssl dgst -sha256 -verify k -signature s c",
    ];
}
