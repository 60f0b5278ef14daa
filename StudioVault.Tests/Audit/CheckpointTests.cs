using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Audit;
using Xunit;

namespace StudioVault.Tests.Audit;

public sealed class CheckpointTests : IDisposable
{
    private const string Origin = "studiovault.example/audit";
    private const string Root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    private readonly CheckpointSigner _signer = new(Origin, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public void Dispose() => _signer.Dispose();

    [Fact]
    public void What_was_signed_can_be_read_back_and_verified()
    {
        var note = _signer.Sign(20852163, MerkleHash.Leaf([1])).ToString();
        var checkpoint = Checkpoint.Parse(note).Value;
        Assert.Equal((Origin, 20852163UL, MerkleHash.Leaf([1])), (checkpoint.Origin, checkpoint.Size, checkpoint.Root));
        Assert.Equal(CheckpointVerdict.Signed, checkpoint.Verify(_signer.Key));
        Assert.Equal(note, checkpoint.ToString());
        Assert.StartsWith($"{Origin}\n20852163\n", note, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_hint_begins_the_digest_of_the_public_key() =>
        Assert.Equal(SHA256.HashData(_signer.Key.Spki.Span)[..4], _signer.Sign(1, MerkleHash.Empty).Signatures.Single().Hint.ToArray());

    [Fact]
    public void Any_single_changed_character_is_noticed()
    {
        var note = _signer.Sign(107, MerkleHash.Leaf([7])).ToString();
        for (var i = 0; i < note.Length; i++)
        {
            foreach (var c in "A1+ \n—")
            {
                if (note[i] == c) continue;
                var changed = string.Concat(note.AsSpan(0, i), [c], note.AsSpan(i + 1));
                var result = Checkpoint.Parse(changed);
                Assert.False(!result.IsRefused && result.Value.Verify(_signer.Key) == CheckpointVerdict.Signed, changed);
            }
        }
    }

    [Fact]
    public void Extension_lines_are_signed_too()
    {
        var note = _signer.Cosign(Checkpoint.Of(Origin, 3, MerkleHash.Leaf([3]), "drill: 2026-11-21")).ToString();
        Assert.Equal(CheckpointVerdict.Signed, Checkpoint.Parse(note).Value.Verify(_signer.Key));
        Assert.Equal(CheckpointVerdict.BadSignature, Checkpoint.Parse(note.Replace("drill: 2026", "drill: 2025", StringComparison.Ordinal)).Value.Verify(_signer.Key));
    }

    [Fact]
    public void Lines_of_other_keys_are_passed_over()
    {
        using var witness = new CheckpointSigner("witness.example/w1", ECDsa.Create(ECCurve.NamedCurves.nistP256));
        using var namesake = new CheckpointSigner(Origin, ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var signed = namesake.Cosign(_signer.Cosign(witness.Cosign(Checkpoint.Of(Origin, 3, MerkleHash.Leaf([3])))));
        var read = Checkpoint.Parse(signed.ToString()).Value;
        Assert.Equal(3, read.Signatures.Count);
        Assert.Equal(CheckpointVerdict.Signed, read.Verify(_signer.Key));
        Assert.Equal(CheckpointVerdict.Signed, read.Verify(witness.Key));
        Assert.Equal(CheckpointVerdict.NotSigned, Checkpoint.Parse(witness.Cosign(Checkpoint.Of(Origin, 3, MerkleHash.Leaf([3]))).ToString()).Value.Verify(_signer.Key));
    }

    [Fact]
    public void A_line_under_another_name_does_not_count()
    {
        var note = _signer.Sign(3, MerkleHash.Empty).ToString().Replace($"— {Origin} ", "— somebody.else ", StringComparison.Ordinal);
        Assert.Equal(CheckpointVerdict.NotSigned, Checkpoint.Parse(note).Value.Verify(_signer.Key));
        using var anyName = CheckpointKey.FromSpki(null, _signer.Key.Spki.Span).Value;
        Assert.Equal(CheckpointVerdict.Signed, Checkpoint.Parse(note).Value.Verify(anyName));
    }

    [Fact]
    public void One_bad_line_of_a_known_key_spoils_the_good_one()
    {
        var good = _signer.Sign(3, MerkleHash.Leaf([3]));
        var other = _signer.Sign(4, MerkleHash.Leaf([4]));
        Assert.Equal(CheckpointVerdict.BadSignature, good.With(other.Signatures[0]).Verify(_signer.Key));
    }

    [Fact]
    public void A_checkpoint_nobody_signed_is_read_and_verifies_with_no_key()
    {
        var read = Checkpoint.Parse($"{Origin}\n3\n{Root}\n\n").Value;
        Assert.Empty(read.Signatures);
        Assert.Equal(CheckpointVerdict.NotSigned, read.Verify(_signer.Key));
    }

    public static TheoryData<string, string> Malformed => new()
    {
        { "", "blank line" },
        { $"{Origin}\n3\n{Root}\n", "blank line" },
        { $"3\n{Root}\n\n", "origin" },
        { $"{Origin}\n{Root}\n\n", "origin" },
        { $"{Origin}\n3\n\n", "origin" },
        { $"\n3\n{Root}\n\n", "empty" },
        { $"{Origin}\n\n3\n{Root}\n\n", "empty" },
        { $"{Origin}\n3\n{Root}\n\nextension\n\n", "empty" },
        { $"{Origin}\n03\n{Root}\n\n", "size" },
        { $"{Origin}\n+3\n{Root}\n\n", "size" },
        { $"{Origin}\n-1\n{Root}\n\n", "size" },
        { $"{Origin}\n3 \n{Root}\n\n", "size" },
        { $"{Origin}\n3.0\n{Root}\n\n", "size" },
        { $"{Origin}\n٣\n{Root}\n\n", "size" },
        { $"{Origin}\n18446744073709551616\n{Root}\n\n", "size" },
        { $"{Origin}\n3\n{Root[..^1]}\n\n", "root" },
        { $"{Origin}\n3\n{Root} \n\n", "root" },
        { $"{Origin}\n3\n{Root[..^2]}J=\n\n", "root" },
        { $"{Origin}\n3\n{Root.Replace('+', '-').Replace('/', '_')}x\n\n", "root" },
        { $"{Origin}\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n\n", "root" },
        { $"{Origin}\r\n3\r\n{Root}\r\n\r\n", "control" },
        { $"{Origin}\t\n3\n{Root}\n\n", "control" },
        { $"{Origin}\n3\n{Root}\n\n— name AAAAAAA=", "does not end" },
        { $"{Origin}\n3\n{Root}\n\n- name AAAAAAA=\n", "dash" },
        { $"{Origin}\n3\n{Root}\n\n—name AAAAAAA=\n", "dash" },
        { $"{Origin}\n3\n{Root}\n\n— AAAAAAA=\n", "name" },
        { $"{Origin}\n3\n{Root}\n\n—  AAAAAAA=\n", "name" },
        { $"{Origin}\n3\n{Root}\n\n— na+me AAAAAAA=\n", "name" },
        { $"{Origin}\n3\n{Root}\n\n— na\u2003me AAAAAAA=\n", "name" },
        { $"{Origin}\n3\n{Root}\n\n— name AAAAAAA= more\n", "name" },
        { $"{Origin}\n3\n{Root}\n\n— name AAAA\n", "signature" },
        { $"{Origin}\n3\n{Root}\n\n— name AAAAAA==\n", "signature" },
        { $"{Origin}\n3\n{Root}\n\n— name AAAAAAA\n", "signature" },
        { $"{Origin}\n3\n{Root}\n\n— name AAAAAAB=\n", "signature" },
        { $"{Origin}\n3\n{Root}\n\n— name AAAA!AA=\n", "signature" },
        { $"{Origin}\n3\n{Root}\n\n{string.Concat(Enumerable.Repeat("— name AAAAAAA=\n", 65))}", "many" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_note_that_is_not_exactly_a_checkpoint_is_refused(string note, string reason)
    {
        var refusal = Checkpoint.Parse(note).Refusal;
        Assert.Equal(AuditRefusals.CheckpointMalformed, refusal?.Kind);
        Assert.Contains(reason, refusal!.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_note_with_half_a_character_is_refused() =>
        Assert.Contains("Unicode", Checkpoint.Parse($"{Origin}\ud800\n3\n{Root}\n\n").Refusal!.Sentence, StringComparison.Ordinal);

    [Fact]
    public void The_largest_size_and_sixty_four_signatures_are_read()
    {
        var note = $"{Origin}\n18446744073709551615\n{Root}\n\n{string.Concat(Enumerable.Repeat("— name AAAAAAA=\n", 64))}";
        Assert.Equal(ulong.MaxValue, Checkpoint.Parse(note).Value.Size);
    }

    [Fact]
    public void Any_text_is_read_or_refused() => Prop.ForAll<string?, int>((noise, at) =>
    {
        var note = _signer.Sign(5, MerkleHash.Empty).ToString();
        _ = Checkpoint.Parse(note.Insert((int)((uint)at % (uint)note.Length), noise ?? ""));
        _ = Checkpoint.Parse(noise ?? "");
        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Keys_that_cannot_be_checked_are_refused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        byte[][] keys =
        [
            p384.ExportSubjectPublicKeyInfo(), rsa.ExportSubjectPublicKeyInfo(), [], [.. _signer.Key.Spki.Span, 0],
            Convert.FromHexString("302a300506032b65700321003e7f804441e805a67bc204b5cc1aa9c662d21a7ca1c578f8945c52756541f28f"),
        ];
        Assert.All(keys, k => Assert.Equal(AuditRefusals.KeyUnsupported, CheckpointKey.FromSpki("log", k).Refusal?.Kind));
        Assert.Equal(AuditRefusals.KeyUnsupported, CheckpointKey.FromPem("log", "no key here").Refusal?.Kind);
        Assert.Throws<ArgumentException>(() => new CheckpointSigner("log", p384));
        Assert.Throws<ArgumentException>(() => new CheckpointSigner("a log", ECDsa.Create(ECCurve.NamedCurves.nistP256)));
    }

    [Fact]
    public void A_key_travels_as_pem()
    {
        using var read = CheckpointKey.FromPem(Origin, _signer.Key.ToPem()).Value;
        Assert.Equal(CheckpointVerdict.Signed, _signer.Sign(9, MerkleHash.Empty).Verify(read));
    }

    // An integer without its leading zero is negative in DER; .NET alone would take it.
    [Fact]
    public void A_signature_has_one_encoding_only()
    {
        for (var tries = 0; tries < 200; tries++)
        {
            var signature = _signer.Sign(tries, MerkleHash.Empty).Signatures[0].Bytes.ToArray();
            Assert.True(DerSignature.IsStrict(signature));
            if (signature[4] != 0) continue;
            byte[] shorter = [signature[0], (byte)(signature[1] - 1), signature[2], (byte)(signature[3] - 1), .. signature[5..]];
            Assert.False(DerSignature.IsStrict(shorter));
            var checkpoint = Checkpoint.Of(Origin, tries, MerkleHash.Empty).With(new(Origin, _signer.Key.Hint, shorter));
            Assert.Equal(CheckpointVerdict.BadSignature, checkpoint.Verify(_signer.Key));
            return;
        }
        Assert.Fail("No signature with a leading zero in 200.");
    }
}
