using System.Security.Cryptography;
using System.Text;
using StudioVault.Domain.Documents;
using Xunit;

namespace StudioVault.Tests.Documents;

/// <summary>The four verdicts (row 2.5) on real files and on what other programs, and people, make of them.</summary>
public sealed class DocumentVerdictTests(SealedPaper paper) : IClassFixture<SealedPaper>
{
    [Fact]
    public async Task Our_own_bytes_are_the_original()
    {
        var verdict = await paper.JudgeAsync(paper.Sealed);
        Assert.Equal((Verdict.Original, paper.Known, 0L, true), (verdict.Verdict, verdict.Known, verdict.AppendedBytes, verdict.Seal.IsIntact));
        Assert.Equal(["Byte for byte the agreement 2026-0042, version 1, sealed on 12 May 2026."], verdict.Reasons);
    }

    [Fact]
    public async Task A_note_added_in_a_viewer_is_named_and_counted_and_the_original_is_found_under_it()
    {
        var file = PdfSealVerifierTests.WithNote(paper.Sealed);
        var verdict = await paper.JudgeAsync(file);
        Assert.Equal((Verdict.Appended, paper.Known, (long)file.Length - paper.Sealed.Length), (verdict.Verdict, verdict.Known, verdict.AppendedBytes));
        Assert.Equal([Addition.Update, Addition.Annotation], verdict.Additions);
        Assert.Contains("It holds notes, marks or form fields.", verdict.Reasons);
    }

    [Fact]
    public async Task Another_signature_on_top_is_named_and_plain_bytes_are_said_to_be_no_PDF()
    {
        byte[] signed = [.. paper.Sealed, .. SealedPaper.Seal(paper.Printed, SealedPaper.OtherKey).AsSpan(paper.Printed.Length)];
        Assert.Equal([Addition.Update, Addition.Annotation, Addition.Signature, Addition.Page], (await paper.JudgeAsync(signed)).Additions);
        var one = await paper.JudgeAsync([.. paper.Sealed, 10]);
        Assert.Equal((Verdict.Appended, 1L), (one.Verdict, one.AppendedBytes));
        Assert.Equal([Addition.Other], one.Additions);
        Assert.Contains("1 byte was added after it was made, and is not part of it.", one.Reasons);
    }

    [Fact]
    public async Task Of_two_known_beginnings_the_longer_one_is_the_original()
    {
        var first = SealedPaper.Fingerprint(paper.Printed, "2026-0001");
        var noted = PdfSealVerifierTests.WithNote(paper.Sealed);
        var both = SealedPaper.Fingerprint(noted, "2026-0002");
        Assert.Equal(both, (await paper.JudgeAsync(PdfSealVerifierTests.WithNote(noted), first, paper.Known, both)).Known);
    }

    [Theory]
    [InlineData]
    [InlineData("--linearize")]
    [InlineData("--object-streams=generate")]
    [InlineData("--stream-data=uncompress")]
    public async Task A_file_saved_anew_by_another_program_is_tampered_and_the_original_is_shown_beside_it(params string[] options)
    {
        var verdict = await paper.JudgeAsync(await Pdf.RewriteAsync(paper.Sealed, options));
        Assert.Equal((Verdict.Tampered, paper.Known), (verdict.Verdict, verdict.Known));
        Assert.Contains("identifier of the agreement 2026-0042", verdict.Reasons[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_original_is_recognised_although_the_embedded_signature_was_stripped()
    {
        var text = Encoding.Latin1.GetString(paper.Sealed);
        var stripped = paper.Sealed[..(text.IndexOf("%%EOF\n", StringComparison.Ordinal) + 6)];
        var verdict = await paper.JudgeAsync(stripped);
        Assert.Equal((Verdict.Tampered, paper.Known), (verdict.Verdict, verdict.Known));
        Assert.Contains("The file holds no seal.", verdict.Reasons);
    }

    [Fact]
    public async Task An_identifier_written_in_another_way_is_still_ours()
    {
        var escaped = string.Concat(Convert.FromHexString(SealedPaper.ContentHash).Select(b => $"\\{Convert.ToString(b, 8).PadLeft(3, '0')}"));
        foreach (var id in new[] { $"/ID [ ({escaped}) (other) ]", $"/ID\n[<{SealedPaper.ContentHash.ToUpperInvariant().Insert(20, "\r\n ")}>\r\n<00>]", $"/ID[<00><{SealedPaper.ContentHash}>]" })
            Assert.Equal(Verdict.Tampered, (await paper.JudgeAsync(Encoding.Latin1.GetBytes($"%PDF-1.7\ntrailer <<{id}>>"))).Verdict);
    }

    [Fact]
    public async Task Words_of_a_title_that_look_like_identifiers_do_not_hide_ours()
    {
        var many = string.Concat(Enumerable.Range(0, 100).Select(i => $"/ID[<{i:x8}><ff>] %%EOF\n"));
        var file = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(paper.Sealed).Replace("(An agreement)", $"({many})", StringComparison.Ordinal));
        Assert.Equal((Verdict.Tampered, paper.Known), (await paper.JudgeAsync(file) is var v ? (v.Verdict, v.Known!) : default));
    }

    [Fact]
    public async Task A_seal_of_ours_that_broke_is_tampered_even_without_the_identifier()
    {
        var file = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(paper.Sealed).Replace("/ID[", "/XX[", StringComparison.Ordinal));
        var verdict = await paper.JudgeAsync(file);
        Assert.Equal((Verdict.Tampered, (DocumentFingerprint?)null), (verdict.Verdict, verdict.Known));
        Assert.Contains("Bytes that the seal covers were changed after sealing.", verdict.Reasons);
        var rewritten = Encoding.Latin1.GetString(await Pdf.RewriteAsync(paper.Sealed)).Replace("/ID [", "/XX [", StringComparison.Ordinal);
        Assert.Equal(Verdict.Tampered, (await paper.JudgeAsync(Encoding.Latin1.GetBytes(rewritten))).Verdict);
    }

    [Fact]
    public async Task An_intact_seal_on_a_file_that_is_not_registered_is_no_original()
    {
        var verdict = await SealedPaper.JudgeAsync(new MemoryStream(paper.Sealed));
        Assert.Equal((Verdict.Unknown, true), (verdict.Verdict, verdict.Seal.IsIntact));
        Assert.StartsWith("The group's seal on this file is intact", verdict.Reasons[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_others_and_files_of_nothing_are_unknown()
    {
        foreach (var file in new[] { paper.Printed, [], "%PDF-1.7"u8.ToArray(), "plain words"u8.ToArray(), RandomNumberGenerator.GetBytes(300_000), SealedPaper.Key.Certificate.ToArray() })
            Assert.Equal(Verdict.Unknown, (await paper.JudgeAsync(file)).Verdict);
    }

    [Fact]
    public async Task A_file_that_is_no_PDF_is_the_original_by_its_bytes()
    {
        var record = "{\"signed\":true}"u8.ToArray();
        var known = SealedPaper.Fingerprint(record) with { Kind = "consent record", PdfId = null, Number = null, Version = null };
        Assert.Equal(["Byte for byte the consent record sealed on 12 May 2026."], (await paper.JudgeAsync(record, known)).Reasons);
    }

    [Theory]
    [InlineData("words of a text that goes on and on ")]
    [InlineData("%%EOF\n")]
    [InlineData("/ByteRange[0 1 2 3]")]
    [InlineData("/ID[<00><11>]")]
    [InlineData("/ID[((((((((")]
    public async Task Two_hundred_megabytes_are_judged_while_little_of_them_is_held(string filling)
    {
        var stream = new LongStream(paper.Sealed, Encoding.ASCII.GetBytes(filling), 200L << 20);
        // The stream answers at once, so that everything runs on this thread.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var judging = SealedPaper.JudgeAsync(stream, paper.Known);
        Assert.True(judging.IsCompleted);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
        var verdict = await judging;
        Assert.Equal((Verdict.Appended, paper.Known, (200L << 20) - paper.Sealed.Length), (verdict.Verdict, verdict.Known, verdict.AppendedBytes));
    }

    /// <summary>A long file that is not there: a beginning, then the same words over and over.</summary>
    private sealed class LongStream(byte[] start, byte[] filling, long length) : Stream
    {
        private readonly byte[] _filling = [.. Enumerable.Repeat(filling, (1 << 16) / filling.Length + 1).SelectMany(b => b)];

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            ReadOnlySpan<byte> from = Position < start.Length ? start.AsSpan((int)Position) : _filling.AsSpan((int)((Position - start.Length) % filling.Length));
            var count = (int)Math.Min(Math.Min(from.Length, buffer.Length), length - Position);
            from[..count].CopyTo(buffer);
            Position += count;
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
