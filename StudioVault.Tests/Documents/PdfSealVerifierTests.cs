using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StudioVault.Domain.Documents;
using StudioVault.Infrastructure.Documents.Sealing;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary>The seal of a real document against everything one can do to it (DOC-4); pdfsig judges beside us where it can.</summary>
public sealed class PdfSealVerifierTests(SealedPaper paper) : IClassFixture<SealedPaper>
{
    private static readonly Encoding Latin = Encoding.Latin1;

    /// <summary>Every tampering by name: what we must find wrong, and whether pdfsig, which does not know the group, must find it too.</summary>
    public static TheoryData<string, SealFault, bool> Tamperings => new()
    {
        { "A byte of the text changed", SealFault.BytesChanged, true },
        { "A letter of the title changed", SealFault.BytesChanged, true },
        { "The time of sealing changed", SealFault.BytesChanged, true },
        { "Bytes appended", SealFault.BytesAfter, true },
        { "A note added as an update", SealFault.BytesAfter, true },
        { "Another's signature added as an update", SealFault.BytesAfter, true },
        { "A second gap in the range", SealFault.RangeMalformed, true },
        { "A range that leaves out the first bytes", SealFault.RangeMalformed, true },
        { "A range that ends early", SealFault.BytesAfter, true },
        { "A range that goes beyond the file", SealFault.RangeMalformed, true },
        { "A gap that is wider than the signature", SealFault.ContentsMalformed, true },
        { "The signature of another document of ours", SealFault.BytesChanged, true },
        { "The signature emptied", SealFault.ContentsMalformed, true },
        { "A foreign certificate under the group's name", SealFault.ForeignCertificate, false },
        { "Our certificate beside another's signature", SealFault.SignatureWrong, true },
        { "A certificate that had expired", SealFault.OutsideValidity, false },
        { "A certificate that was not valid yet", SealFault.OutsideValidity, false },
        { "The signed hash replaced by the right one of a changed file", SealFault.SignatureWrong, true },
        { "A bit of the signature changed", SealFault.SignatureWrong, true },
        { "Something hidden behind the signature", SealFault.ContentsMalformed, false },
        { "The signature in small letters", SealFault.ContentsMalformed, false },
        { "The seal taken out", SealFault.Missing, true },
        { "The end cut off", SealFault.RangeMalformed, true },
        { "A byte put in front", SealFault.ContentsMalformed, true },
    };

    [Theory]
    [MemberData(nameof(Tamperings))]
    public async Task Refuses(string tampering, SealFault fault, bool bySight)
    {
        var file = Tamper(tampering);
        Assert.NotEqual(paper.Sealed, file);
        var check = await SealedPaper.CheckAsync(file);
        Assert.Equal(fault, check.Findings is [var first, ..] ? first.Fault : (SealFault?)null);
        Assert.All(check.Findings, f => Assert.EndsWith(".", f.Reason, StringComparison.Ordinal));
        if (bySight) Assert.False(await Pdf.IsSignedWholeAsync(file), $"{tampering}: pdfsig does not see it");
        Assert.NotEqual(Verdict.Original, (await paper.JudgeAsync(file)).Verdict);
    }

    [Fact]
    public void There_are_at_least_the_fourteen_tamperings_asked_for_and_every_one_is_another_file() =>
        Assert.True(Tamperings.Select(t => Convert.ToHexString(SHA256.HashData(Tamper(t.Data.Item1)))).Distinct().Count() >= 14);

    [Fact]
    public async Task What_a_retired_key_sealed_before_stays_sealed_and_what_it_sealed_later_does_not_count()
    {
        var old = SealedPaper.Seal(paper.Printed, SealedPaper.OtherKey);
        var current = new TrustedSeal(SealedPaper.Key.Certificate, null);
        var check = await SealedPaper.CheckAsync(old, current, new(SealedPaper.OtherKey.Certificate, SealedPaper.At.AddDays(1)));
        Assert.True(check.IsIntact);
        Assert.Equal((SealedPaper.OtherKey.Fingerprint, SealedPaper.At), (check.CertificateSha256, check.SignedAt!.Value));
        Assert.Equal([SealFault.AfterRetirement], (await SealedPaper.CheckAsync(old, current, new(SealedPaper.OtherKey.Certificate, SealedPaper.At.AddDays(-1)))).Findings.Select(f => f.Fault));
        Assert.Equal([SealFault.ForeignCertificate], (await SealedPaper.CheckAsync(old, current)).Findings.Select(f => f.Fault));
    }

    [Fact]
    public async Task What_the_seal_covers_is_said_to_be_unchanged_when_bytes_were_only_appended()
    {
        Assert.Equal([SealFault.BytesAfter], (await SealedPaper.CheckAsync(Tamper("Bytes appended"))).Findings.Select(f => f.Fault));
        var both = Tamper("Bytes appended");
        both[5000] ^= 1;
        Assert.Equal([SealFault.BytesAfter, SealFault.BytesChanged], (await SealedPaper.CheckAsync(both)).Findings.Select(f => f.Fault));
    }

    [Fact]
    public async Task Words_of_a_title_that_look_like_signatures_do_not_break_the_seal()
    {
        var printed = await paper.PrintAsync(string.Concat(Enumerable.Repeat("/ByteRange[0 10 20 30]/Contents&lt;3000&gt; %%EOF ", 20)), "<p>Text</p>");
        var file = SealedPaper.Seal(printed);
        Assert.Contains("/ByteRange[0 10 20 30]", Latin.GetString(file), StringComparison.Ordinal);
        var check = await SealedPaper.CheckAsync(file);
        Assert.True(check.IsIntact);
        Assert.Equal(21, check.Signatures);
    }

    [Fact]
    public async Task Only_the_very_same_bytes_are_sealed_whatever_is_changed_in_them()
    {
        var random = new Random(20260512);
        for (var round = 0; round < 1500; round++)
        {
            var file = Mutate(random, paper.Sealed);
            var same = file.AsSpan().SequenceEqual(paper.Sealed);
            Assert.Equal(same, (await SealedPaper.CheckAsync(file)).IsIntact);
            var verdict = await paper.JudgeAsync(file);
            Assert.Equal(same, verdict.Verdict == Verdict.Original);
            Assert.Equal(!same && file.AsSpan().StartsWith(paper.Sealed), verdict.Verdict == Verdict.Appended);
            Assert.NotEmpty(verdict.Reasons);
        }
    }

    [Fact]
    public async Task Every_byte_of_the_signature_counts()
    {
        var start = Latin.GetString(paper.Sealed).LastIndexOf("/Contents<", StringComparison.Ordinal) + "/Contents<".Length;
        // One of our signatures takes about 4,400 digits; the rest of the room is the same everywhere.
        for (var at = start; at < start + 4600; at++)
        {
            var file = paper.Sealed.ToArray();
            file[at] = (byte)(file[at] == '0' ? '1' : '0');
            Assert.False((await SealedPaper.CheckAsync(file)).IsIntact, $"digit {at - start} does not count");
        }
    }

    private byte[] Tamper(string tampering)
    {
        var file = paper.Sealed.ToArray();
        var text = Latin.GetString(file);
        var range = text.LastIndexOf("/ByteRange", StringComparison.Ordinal);
        var gap = text.LastIndexOf("/Contents<", StringComparison.Ordinal) + "/Contents".Length;
        var rest = gap + 2 * PdfSeal.Room + 2;
        var length = file.Length - rest;
        switch (tampering)
        {
            case "A byte of the text changed":
                file[text.IndexOf("stream\n", StringComparison.Ordinal) + 40] ^= 1;
                return file;
            case "A letter of the title changed":
                return Latin.GetBytes(text.Replace("(An agreement)", "(An Agreement)", StringComparison.Ordinal));
            case "The time of sealing changed":
                return Latin.GetBytes(text.Replace("/M(D:20260512", "/M(D:20260511", StringComparison.Ordinal));
            case "Bytes appended":
                return [.. file, .. "more\n"u8];
            case "A note added as an update":
                return WithNote(file);
            case "Another's signature added as an update":
                return [.. file, .. SealedPaper.Seal(paper.Printed, SealedPaper.OtherKey).AsSpan(paper.Printed.Length)];
            case "A second gap in the range":
                return Ranged($"0 {gap - 900} {gap - 800} {800} {rest} {length}");
            case "A range that leaves out the first bytes":
                return Ranged($"9 {gap - 9} {rest} {length}");
            case "A range that ends early":
                return Ranged($"0 {gap} {rest} {length - 7}");
            case "A range that goes beyond the file":
                return Ranged($"0 {gap} {rest} {length + 7}");
            case "A gap that is wider than the signature":
                return Ranged($"0 {gap - 20} {rest + 20} {length - 20}");
            case "The signature of another document of ours":
                SealedPaper.Seal(paper.Printed, at: SealedPaper.At.AddDays(1)).AsSpan(gap..rest).CopyTo(file.AsSpan(gap));
                return file;
            case "The signature emptied":
                file.AsSpan((gap + 1)..(rest - 1)).Fill((byte)'0');
                return file;
            case "A foreign certificate under the group's name":
                return SealedPaper.Seal(paper.Printed, SealedPaper.OtherKey);
            case "Our certificate beside another's signature":
                var foreign = Latin.GetString(SealedPaper.Seal(paper.Printed, SealedPaper.OtherKey));
                var (theirs, ours) = (SealedPaper.OtherKey, SealedPaper.Key);
                foreign = foreign.Replace(Convert.ToHexString(theirs.Certificate.Span), Convert.ToHexString(ours.Certificate.Span), StringComparison.Ordinal);
                return Latin.GetBytes(foreign.Replace(Serial(theirs), Serial(ours), StringComparison.Ordinal));
            case "A certificate that had expired":
                return Signed(SealedPaper.Key.Sign(Covered(file), SealedPaper.At.AddYears(SealKey.Years)));
            case "A certificate that was not valid yet":
                return Signed(SealedPaper.Key.Sign(Covered(file), SealedPaper.At.AddYears(-2)));
            case "The signed hash replaced by the right one of a changed file":
                var before = Convert.ToHexString(SHA256.HashData(Covered(file)));
                file[5000] ^= 1;
                return Latin.GetBytes(Latin.GetString(file).Replace(before, Convert.ToHexString(SHA256.HashData(Covered(file))), StringComparison.Ordinal));
            case "A bit of the signature changed":
                var last = rest - 2;
                while (file[last] == '0') last--;
                file[last - 100] = (byte)(file[last - 100] == '0' ? '1' : '0');
                return file;
            case "Something hidden behind the signature":
                file[rest - 10] = (byte)'7';
                return file;
            case "The signature in small letters":
                for (var i = gap; i < rest; i++) file[i] = (byte)char.ToLowerInvariant((char)file[i]);
                return file;
            case "The seal taken out":
                return file[..(text.IndexOf("%%EOF\n", StringComparison.Ordinal) + 6)];
            case "The end cut off":
                return file[..^100];
            case "A byte put in front":
                return [(byte)'\n', .. file];
            default:
                throw new ArgumentOutOfRangeException(nameof(tampering), tampering, null);
        }

        byte[] Ranged(string numbers)
        {
            Latin.GetBytes($"/ByteRange[{numbers}]".PadRight(gap - "/Contents".Length - range), file.AsSpan(range));
            return file;
        }

        byte[] Covered(byte[] bytes) => [.. bytes.AsSpan(0, gap), .. bytes.AsSpan(rest)];

        byte[] Signed(byte[] cms)
        {
            Latin.GetBytes(Convert.ToHexString(cms).PadRight(2 * PdfSeal.Room, '0'), file.AsSpan(gap + 1));
            return file;
        }
    }

    private static string Serial(SealKey key)
    {
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(key.Certificate.Span);
        var serial = certificate.SerialNumberBytes.Span;
        return $"02{serial.Length:X2}{Convert.ToHexString(serial)}";
    }

    /// <summary>What a viewer does that adds a note: the page is written anew behind the file.</summary>
    internal static byte[] WithNote(byte[] file)
    {
        var text = Latin.GetString(file);
        var previous = text[(text.LastIndexOf("startxref\n", StringComparison.Ordinal) + 10)..].Split('\n')[0];
        var note = $"99 0 obj\n<</Type/Annot/Subtype/FreeText/Rect[90 600 300 650]/Contents(Price is 1 euro)>>\nendobj\n";
        return [.. file, .. Latin.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{note}xref\n99 1\n{file.Length:D10} 00000 n \ntrailer\n<</Size 100/Root 22 0 R/Prev {previous}>>\nstartxref\n{file.Length + note.Length}\n%%EOF\n"))];
    }

    private static byte[] Mutate(Random random, byte[] original)
    {
        var file = original.ToList();
        var structure = Latin.GetString(original).IndexOf("%%EOF", StringComparison.Ordinal);
        for (var times = random.Next(1, 4); times > 0 && file.Count > 0; times--)
        {
            // Half of the time where the seal stands.
            var at = Math.Min(file.Count - 1, random.Next(2) == 0 ? random.Next(file.Count) : structure + random.Next(Math.Max(1, file.Count - structure)));
            var count = Math.Min(random.Next(1, 60), file.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    file[at] = (byte)random.Next(256);
                    break;
                case 1:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    file.RemoveRange(at, count);
                    break;
                case 3:
                    file.InsertRange(at, file.GetRange(random.Next(file.Count - count + 1), count));
                    break;
                case 4:
                    file.RemoveRange(at, file.Count - at);
                    break;
                case 5:
                    string[] words = ["/ByteRange[0 1 2 3]", "/ByteRange[", "/ID[<", "/ID[(\\7)(", "%%EOF\n", "<<", "]", "\0", "/ByteRange[0 99999999999999999999 1 1]", "/ByteRange[0 9223372036854775807 9223372036854775807 9223372036854775807]"];
                    file.InsertRange(at, Latin.GetBytes(words[random.Next(words.Length)]));
                    break;
                default:
                    file.AddRange(file.GetRange(at, count));
                    break;
            }
        }

        return [.. file];
    }
}
