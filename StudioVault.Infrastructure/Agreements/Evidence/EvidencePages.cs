using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StudioVault.Infrastructure.Documents.Sealing;

namespace StudioVault.Infrastructure.Agreements.Evidence;

/// <summary>What a pack holds for people: the verifier, and the way to do without it.</summary>
internal static class EvidencePages
{
    /// <summary>One HTML file that works from a disk: its script reads the pack that is dropped on it, and fetches nothing.</summary>
    public static byte[] Verifier { get; } = Encoding.UTF8.GetBytes(Resource("verifier.html")
        .Replace("/*SHA256*/", Resource("sha256.js"), StringComparison.Ordinal)
        .Replace("/*VERIFIER*/", Resource("verifier.js"), StringComparison.Ordinal));

    /// <summary>How to check this very pack with openssl and sha256sum. Every indented line is a command, and a test runs them all.</summary>
    /// <param name="spki">The public key of checkpoints.</param>
    public static byte[] Readme(string number, IReadOnlyList<EvidencePaper> papers, EvidenceLog log, IReadOnlyList<EvidenceSeal> seals, IReadOnlyDictionary<string, byte[]> files, ReadOnlySpan<byte> spki)
    {
        var text = new StringBuilder();
        void Say(string line = "") => text.Append(line).Append('\n');
        void Run(string command) => text.Append("    ").Append(command).Append('\n');
        string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(files[path]));

        Say($"Evidence pack of agreement {number}");
        Say();
        Say($"It holds {Count(papers.Count, "signed paper")} and all that proves {(papers.Count == 1 ? "it" : "them")}, now and in twenty years, with or without StudioVault.");
        Say("The quick way: open verifier.html in a browser and drop this ZIP on it. It works without a network.");
        Say($"With the program: agreements verify-pack evidence-{number}-v{papers.Count.ToString(CultureInfo.InvariantCulture)}.zip --key KEY.pem");
        Say();
        Say("What is in it");
        Say("  papers/N/document.pdf     version N as it was sealed after the last signature");
        Say("  papers/N/certificate.pdf  its certificate of completion: who signed when, and how");
        Say("  papers/N/shown.pdf        what the signatories had before their eyes");
        Say("  papers/N/content.json     what it says, as canonical JSON (RFC 8785); its SHA-256 is printed on every page");
        Say("  papers/N/signatures/      what was recorded at each signature; missing where a person was erased since, its hash remains");
        Say("  papers/N/*.p7s            the seals as files of their own");
        Say("  audit/                    entries of the studio group's audit log, each with a proof, and the signed head of the log");
        Say("  seals/                    the group's certificates");
        Say();
        Say("Without StudioVault: on any Linux, macOS with coreutils, or WSL, in bash, in the folder the ZIP was unpacked to.");
        Say("Every line below that begins with four spaces is a command. None of them may complain.");
        Say();
        Say("1. Nothing is missing and nothing was changed since the pack was made");
        Run($"sha256sum --check --strict {EvidenceManifest.Sums}");
        Say();
        Say("2. The head of the audit log is signed. Compare the SHA-256 of the key with the one you know from elsewhere:");
        Say($"   {Convert.ToHexStringLower(SHA256.HashData(spki))}");
        Run($"openssl pkey -pubin -in {log.Key} -outform der | openssl dgst -sha256");
        Run("t=$(mktemp -d)");
        Run($"sed '/^$/,$d' {log.Checkpoint} > $t/text");
        Run($"tail -n 1 {log.Checkpoint} | cut -d ' ' -f 3 | base64 -d | tail -c +5 > $t/signature");
        Run($"openssl dgst -sha256 -verify {log.Key} -signature $t/signature $t/text");
        Say();
        Say("3. Each entry is in that log: its hash, led up by its proof, is the root in the signed head (RFC 9162)");
        Run($"root=$(sed -n 3p {log.Checkpoint} | base64 -d | od -An -v -tx1 | tr -d ' \\n')");
        Run("hex() { printf \"$(printf %s \"$1\" | sed 's/../\\\\x&/g')\"; }");
        Run("sum() { sha256sum | cut -c -64; }");
        Run("climb() { h=$( (printf '\\0'; cat audit/$1.json) | sum); while read side other; do if [ $side = left ]; then h=$( (printf '\\1'; hex $other$h) | sum); else h=$( (printf '\\1'; hex $h$other) | sum); fi; done < audit/$1.proof.txt; test $h = $root && echo \"entry $1 is in the log\" || { echo \"entry $1 IS NOT IN THE LOG\"; false; }; }");
        foreach (var entry in log.Entries) Run($"climb {entry.Index.ToString(CultureInfo.InvariantCulture)}");
        Say();
        Say("4. Each entry holds the SHA-256 of what it says");
        foreach (var entry in log.Entries) Run($"grep -q '\"payload_sha256\":\"{Hash(entry.Payload)}\"' {entry.Body} && echo '{Hash(entry.Payload)}  {entry.Payload}' | sha256sum --check --strict");
        Say();
        Say("5. What was executed, sent and signed according to the log are these very files");
        foreach (var paper in papers)
        {
            var executed = log.Entries.Last(e => e.Action == "agreement.execute" && Encoding.UTF8.GetString(files[e.Payload]).Contains(paper.ContentHash, StringComparison.Ordinal));
            foreach (var (name, path) in new[] { ("contentHash", paper.Content), ("documentSha256", paper.Document.Path), ("certificateSha256", paper.Certificate.Path) })
                Run($"grep -q '\"{name}\":\"{Hash(path)}\"' {executed.Payload} && echo '{Hash(path)}  {path}' | sha256sum --check --strict");
            foreach (var signature in paper.Signatures)
            {
                var signed = log.Entries.Last(e => e.Action == "agreement.sign" && Encoding.UTF8.GetString(files[e.Payload]).Contains(signature.EvidenceSha256, StringComparison.Ordinal));
                var check = signature.Evidence is { } path ? $" && echo '{signature.EvidenceSha256}  {path}' | sha256sum --check --strict" : "";
                Run($"grep -q '\"evidenceSha256\":\"{signature.EvidenceSha256}\"' {signed.Payload}{check}");
            }
        }

        Say();
        Say("6. Each PDF is sealed by the group: the seal is taken out of the PDF, and what it covers is all the rest of the file");
        foreach (var paper in papers)
        {
            var seal = seals.Single(s => s.Fingerprint == paper.SealKey);
            Run($"openssl x509 -in {seal.Path} -outform der | openssl dgst -sha256 | grep -q {seal.Fingerprint}");
            foreach (var document in new[] { paper.Document, paper.Certificate })
            {
                var (signature, gap, after, _) = PdfSealVerifier.SignatureOf(files[document.Path])!.Value;
                var (from, digits) = ((gap + 2).ToString(CultureInfo.InvariantCulture), (2 * signature.Length).ToString(CultureInfo.InvariantCulture));
                Run($"test $(tail -c +{from} {document.Path} | head -c {digits} | tr A-F a-f) = $(od -An -v -tx1 {document.Signature} | tr -d ' \\n')");
                Run($"(head -c {gap.ToString(CultureInfo.InvariantCulture)} {document.Path}; tail -c +{(after + 1).ToString(CultureInfo.InvariantCulture)} {document.Path}) > $t/covered");
                Run($"openssl cms -verify -binary -inform DER -in {document.Signature} -content $t/covered -CAfile {seal.Path} -purpose any -no_check_time -out /dev/null");
            }
        }

        Run("rm -r $t");
        Say();
        Say("The seals alone can be seen in a reader of PDF, or with pdfsig, too. The papers stand on each other: an amendment's");
        Say("content.json names the SHA-256 of the content before it as baseHash, and the newest is the agreement's head.");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Count(int n, string what) => $"{n.ToString(CultureInfo.InvariantCulture)} {what}{(n == 1 ? "" : "s")}";

    private static string Resource(string name)
    {
        using var stream = typeof(EvidencePages).Assembly.GetManifestResourceStream($"evidence/{name}") ?? throw new InvalidOperationException($"The resource {name} is missing.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
