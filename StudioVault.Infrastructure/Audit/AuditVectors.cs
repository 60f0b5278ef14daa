using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Identity;
using StudioVault.Domain.Audit;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Audit;

/// <summary>
/// Tries known-answer vectors on the parts of the audit log: JSON Lines in, one line of JSON out for each, in order.
/// <code>
/// {"id":"incl/1/happy-path","kind":"inclusion","index":0,"size":8,"leaf":"6e…","proof":["96…"],"root":"5d…","expect":true}
/// {"id":"incl/1/happy-path","ok":true}
/// </code>
/// <c>ok</c> says whether our answer equals <c>expect</c>: true or false where something is verified, the value where one is
/// computed, null where it has to be refused. Bytes are hexadecimal. Blank lines are passed over.
/// </summary>
public static class AuditVectors
{
    private const int LargestTree = 1 << 16;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads every line and writes an answer for each.</summary>
    /// <returns>0: all ok; 1: some are not; 2: the input cannot be read.</returns>
    public static async Task<int> RunAsync(TextReader lines, TextWriter output)
    {
        var exit = 0;
        while (true)
        {
            string? line;
            try
            {
                line = await lines.ReadLineAsync();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException or ObjectDisposedException)
            {
                return 2;
            }
            if (line is null) return exit;
            if (string.IsNullOrWhiteSpace(line)) continue;
            var (id, ok, error) = Try(line);
            if (!ok) exit = 1;
            var answer = new JsonObject { ["id"] = id, ["ok"] = ok };
            if (error is not null) answer["error"] = error;
            await output.WriteLineAsync(answer.ToJsonString());
        }
    }

    private static (JsonNode? Id, bool Ok, string? Error) Try(string line)
    {
        JsonNode? id = null;
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            var record = document.RootElement;
            if (record.ValueKind == JsonValueKind.Object && record.TryGetProperty("id", out var value)
                && value.ValueKind is JsonValueKind.String or JsonValueKind.Number) id = JsonNode.Parse(value.GetRawText());
            return Answer(record) is { } ok ? (id, ok, null) : (id, false, AuditRefusals.KeyUnsupported.Code);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or OverflowException)
        {
            return (id, false, KernelRefusals.Malformed.Code);
        }
    }

    /// <summary>Whether our answer is the expected one; null when the key is of a kind that .NET cannot check.</summary>
    private static bool? Answer(JsonElement record)
    {
        // A line without an expectation cannot be judged.
        var expect = record.GetProperty("expect");
        return record.GetProperty("kind").GetString() switch
        {
            "inclusion" => Is(expect, Size(record, "index") is { } index && Size(record, "size") is { } size
                && MerkleProofs.VerifyInclusion(index, size, Bytes(record, "leaf"), Proof(record), Bytes(record, "root")) == ProofFault.None),
            "log-inclusion" => Is(expect, Size(record, "index") is { } index && Size(record, "size") is { } size
                && MerkleProofs.VerifyInclusion(index, size, MerkleHash.Leaf(Bytes(record, "leafData")).ToArray(), Proof(record), Bytes(record, "root")) == ProofFault.None),
            "consistency" => Is(expect, Size(record, "size1") is { } size1 && Size(record, "size2") is { } size2
                && MerkleProofs.VerifyConsistency(size1, size2, Proof(record), Bytes(record, "root1"), Bytes(record, "root2")) == ProofFault.None),
            "hash" => Is(expect, Hash(record)),
            "root" => Is(expect, new MerkleTree(List(record, "leaves").Select(l => MerkleHash.Leaf(l))).Root.ToString()),
            "tree-root" => Is(expect, TreeOf(record, "size") is { } tree ? tree.Root.ToString() : null),
            "tree-inclusion" => Is(expect, TreeInclusion(record)),
            "tree-consistency" => Is(expect, TreeConsistency(record)),
            "accumulated" => Is(expect, Accumulated(record)),
            "checkpoint" => CheckpointAnswer(record, expect),
            "jcs" => Is(expect, Canonical(record)),
            "jcs-number" => Is(expect, Number(record)),
            "identity-password" => Is(expect, Password(record)),
            "ECDSA" => EcdsaAnswer(record, expect),
            "RSASSA-PSS" => RsaPssAnswer(record, expect),
            "HMACSHA256" => Is(expect, Hmac(record)),
            "PBKDF2-HMACSHA512" => Is(expect, Pbkdf2(record)),
            var kind => throw new FormatException($"Unknown kind {kind}."),
        };
    }

    private static string Hash(JsonElement record) => record.GetProperty("op").GetString() switch
    {
        "empty-root" => MerkleHash.Empty.ToString(),
        "empty-leaf" => MerkleHash.Leaf([]).ToString(),
        "leaf" => MerkleHash.Leaf(Bytes(record, "leafData")).ToString(),
        "node" => MerkleHash.Node(Bytes(record, "left"), Bytes(record, "right")).ToString(),
        var op => throw new FormatException($"Unknown operation {op}."),
    };

    private static string[]? TreeInclusion(JsonElement record)
    {
        if (Size(record, "index") is not { } index || TreeOf(record, "size") is not { } tree || index >= (ulong)tree.Size) return null;
        return [.. tree.InclusionProof((long)index, tree.Size).Select(h => h.ToString())];
    }

    private static string[]? TreeConsistency(JsonElement record)
    {
        if (Size(record, "size1") is not { } size1 || TreeOf(record, "size2") is not { } tree || size1 == 0 || size1 > (ulong)tree.Size) return null;
        return [.. tree.ConsistencyProof((long)size1, tree.Size).Select(h => h.ToString())];
    }

    /// <summary>
    /// The rolling digests of the draft of Merkle tree certificates, appendix "Subtree Test Vectors": a line for every valid
    /// subtree [start, end) up to the size, all lines hashed as one text.
    /// </summary>
    private static string Accumulated(JsonElement record)
    {
        var tree = TreeOf(record, "max") ?? throw new FormatException("The tree is too large.");
        var max = tree.Size;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        switch (record.GetProperty("id").GetString()!.Split('/')[^1])
        {
            case "SubtreeHash":
                foreach (var (start, end) in Subtrees(max)) Line($"[{start}, {end}) {tree.RootOf(new(start, end))}", []);
                break;
            case "SubtreeInclusionProof":
                foreach (var (start, end) in Subtrees(max))
                    for (var i = start; i < end; i++) Line($"{i} [{start}, {end})", MerklePaths.Inclusion(i, start, end));
                break;
            case "SubtreeConsistencyProof":
                for (var n = 0L; n <= max; n++)
                    foreach (var (start, end) in Subtrees(n)) Line($"[{start}, {end}) {n}", MerklePaths.Consistency(start, end, n));
                break;
            case var name: throw new FormatException($"Unknown digest {name}.");
        }
        return Convert.ToHexStringLower(digest.GetHashAndReset());

        void Line(string prefix, IReadOnlyList<LeafRange> proof)
        {
            var line = new StringBuilder(prefix);
            foreach (var node in tree.Roots(proof)) line.Append(' ').Append(node);
            digest.AppendData(Encoding.ASCII.GetBytes(line.Append('\n').ToString()));
        }

        static IEnumerable<(long Start, long End)> Subtrees(long size)
        {
            for (var end = 0L; end <= size; end++)
                for (var start = 0L; start <= end; start++)
                    if (MerklePaths.IsSubtree(start, end)) yield return (start, end);
        }
    }

    private static bool? CheckpointAnswer(JsonElement record, JsonElement expect)
    {
        if (expect.ValueKind != JsonValueKind.Object) throw new FormatException("A checkpoint is judged in three parts.");
        var note = Text(record, "note");
        var size = Size(record, "bundleSize");
        var root = Bytes(record, "bundleRoot");
        var hint = record.TryGetProperty("keyHint", out _) ? Bytes(record, "keyHint") : null;
        if (!CheckpointKey.FromSpki(null, Bytes(record, "spki")).TryGet(out var key, out _)) return null;
        using (key)
        {
            var wellFormed = Checkpoint.Parse(note).TryGet(out var checkpoint, out _);
            var signed = wellFormed && (hint is null || key.Hint.SequenceEqual(hint)) && checkpoint!.Verify(key) == CheckpointVerdict.Signed;
            var matches = wellFormed && checkpoint!.Size == size && checkpoint.Root.Equals(root);
            return Is(expect.GetProperty("wellFormed"), wellFormed) & Is(expect.GetProperty("signedByLog"), signed) & Is(expect.GetProperty("rootMatches"), matches);
        }
    }

    private static string? Canonical(JsonElement record)
    {
        var input = Bytes(record, "input");
        try
        {
            var canonical = CanonicalJson.Canonicalize(input);
            if (record.TryGetProperty("sha256", out var digest) && digest.ValueKind == JsonValueKind.String && digest.GetString() != CanonicalJson.Sha256(canonical))
                return "the digest differs";
            return Convert.ToHexStringLower(canonical);
        }
        catch (CanonicalJsonException)
        {
            return null;
        }
    }

    private static string? Number(JsonElement record)
    {
        var bits = Text(record, "ieee754");
        if (bits.Length != 16) throw new FormatException("A double has 16 hexadecimal digits.");
        var number = BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        return double.IsFinite(number) ? CanonicalJson.FormatNumber(number) : null;
    }

    private static bool Password(JsonElement record)
    {
        var (hash, password) = (Text(record, "hash"), Text(record, "password"));
        try
        {
            return new PasswordHasher<object>().VerifyHashedPassword(new object(), hash, password) != PasswordVerificationResult.Failed;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool? EcdsaAnswer(JsonElement record, JsonElement expect)
    {
        // Wycheproof keeps the two encodings in two files; a record names its file in its id.
        var plain = Text(record, "id").Contains("p1363", StringComparison.Ordinal);
        var (message, signature, spki) = (Bytes(record, "msg"), Bytes(record, "sig"), Bytes(record, "publicKeyDer"));
        using var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(spki, out var read);
            if (read != spki.Length) return null;
        }
        catch (CryptographicException)
        {
            return null;
        }
        return Is(expect, (plain || DerSignature.IsStrict(signature)) && Verifies(() => key.VerifyData(message, signature, HashAlgorithmName.SHA256,
            plain ? DSASignatureFormat.IeeeP1363FixedFieldConcatenation : DSASignatureFormat.Rfc3279DerSequence)));
    }

    private static bool? RsaPssAnswer(JsonElement record, JsonElement expect)
    {
        var (message, signature, spki) = (Bytes(record, "msg"), Bytes(record, "sig"), Bytes(record, "publicKeyDer"));
        // .NET knows one salt length only: that of the hash.
        if (record.TryGetProperty("sLen", out var length) && length.GetInt32() != SHA256.HashSizeInBytes) return null;
        using var key = RSA.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(spki, out var read);
            if (read != spki.Length) return null;
        }
        catch (CryptographicException)
        {
            return null;
        }
        return Is(expect, Verifies(() => key.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
    }

    private static bool Hmac(JsonElement record)
    {
        var mac = HMACSHA256.HashData(Bytes(record, "key"), Bytes(record, "msg"));
        var bits = record.TryGetProperty("tagSize", out var size) ? size.GetInt32() : 8 * mac.Length;
        var tag = Bytes(record, "tag");
        return bits is > 0 and <= 256 && bits % 8 == 0 && tag.Length == bits / 8 && CryptographicOperations.FixedTimeEquals(tag, mac.AsSpan(0, tag.Length));
    }

    private static bool Pbkdf2(JsonElement record)
    {
        var (password, salt, key) = (Bytes(record, "password"), Bytes(record, "salt"), Bytes(record, "dk"));
        var iterations = record.GetProperty("iterationCount").GetInt32();
        var length = record.GetProperty("dkLen").GetInt32();
        return iterations > 0 && length > 0 && length == key.Length
            && CryptographicOperations.FixedTimeEquals(key, Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, length));
    }

    private static bool Verifies(Func<bool> verify)
    {
        try
        {
            return verify();
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool Is(JsonElement expect, bool answer) => expect.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? expect.GetBoolean() == answer : throw new FormatException("A verifier answers true or false.");

    private static bool Is(JsonElement expect, string? answer) => expect.ValueKind switch
    {
        JsonValueKind.Null => answer is null,
        JsonValueKind.String => expect.GetString() == answer,
        _ => throw new FormatException("A value is expected as text."),
    };

    private static bool Is(JsonElement expect, string[]? answer) => expect.ValueKind switch
    {
        JsonValueKind.Null => answer is null,
        JsonValueKind.Array => answer is not null && expect.EnumerateArray().Select(e => e.GetString()).SequenceEqual(answer),
        _ => throw new FormatException("A proof is expected as a list."),
    };

    /// <summary>The tree of the one-byte leaves 00, 01, 02 …; null when it would be too large to build.</summary>
    private static MerkleTree? TreeOf(JsonElement record, string name) => Size(record, name) is { } size and <= LargestTree
        ? new MerkleTree(Enumerable.Range(0, (int)size).Select(i => MerkleHash.Leaf([(byte)i]))) : null;

    /// <summary>
    /// A size or an index: a whole number, or the same as text for readers that cannot hold 64 bits. Null when it is a whole
    /// number but none a log can have (negative, or over 64 bits): the proof is refused then, the line is not.
    /// </summary>
    private static ulong? Size(JsonElement record, string name)
    {
        var value = record.GetProperty(name);
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!,
            _ => throw new FormatException($"{name} is not a number."),
        };
        var number = BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return number >= 0 && number <= ulong.MaxValue ? (ulong)number : null;
    }

    private static string Text(JsonElement record, string name) =>
        record.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null.");

    private static byte[] Bytes(JsonElement record, string name) => Convert.FromHexString(Text(record, name));

    private static byte[][] Proof(JsonElement record) => List(record, "proof");

    private static byte[][] List(JsonElement record, string name) =>
        [.. record.GetProperty(name).EnumerateArray().Select(e => Convert.FromHexString(e.GetString() ?? throw new FormatException($"{name} holds null.")))];
}
