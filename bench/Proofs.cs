using System.Diagnostics;
using System.Security.Cryptography;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Agreements.Evidence;

namespace StudioVault.Bench;

/// <summary>Checking an evidence pack from its bytes, and folding an agreement with 200 amendments.</summary>
internal static class Proofs
{
    private const int Amendments = 200;

    public static async Task<IReadOnlyList<Measure>> PackAsync(bool quick)
    {
        // The pack the tests keep: an agreement with two amendments, six signatures, six sealed files.
        var zip = await File.ReadAllBytesAsync(Path.Combine(Report.Root, "StudioVault.Tests", "Data", "evidence", "family-1.zip"));
        var (times, hashes) = (new List<double>(), new List<double>());
        EvidenceReport? report = null;
        var rounds = quick ? 60 : 400;
        var cpu = Cpu.Now();
        for (var i = 0; i < rounds; i++)
        {
            if (i == 20) cpu = Cpu.Now();
            var clock = Stopwatch.GetTimestamp();
            using var stream = new MemoryStream(zip, writable: false);
            report = await EvidenceVerifier.VerifyAsync(EvidenceZip.Read(stream).Value, [], CancellationToken.None);
            var took = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            if (!report.IsGood) throw new InvalidOperationException(report.Findings[0].Reason);
            clock = Stopwatch.GetTimestamp();
            SHA256.HashData(zip);
            var hash = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            if (i < 20) continue;
            times.Add(took);
            hashes.Add(hash);
        }

        var spent = (Cpu.Now() - cpu) / (rounds - 20);
        return
        [
            new("evidence pack verified", Measure.Percentile(times, 95), "ms", 50, false, $"SHA-256 of its {zip.Length / 1024} KB: {Measure.Median(hashes):0.00} ms",
                $"p95 of {times.Count}, median {Measure.Median(times):0.0} ms, processor time {spent.Client:0.0} ms; {report!.Papers} papers, {report.Signatures} signatures, {report.Entries} entries of a log, {2 * report.Papers} seals of RSA 3072"),
        ];
    }

    public static Task<IReadOnlyList<Measure>> FoldAsync(bool quick)
    {
        var first = Documents.Agreement(40).ToTree();
        // Half of them on one field, half each on a clause of its own, every tenth taking effect before the one it follows.
        var start = new DateOnly(2027, 1, 1);
        var amendments = Enumerable.Range(0, Amendments).Select(i => new ExecutedAmendment(i + 2, start.AddDays(i % 10 == 9 ? i - 5 : i),
            [i % 2 == 0 ? AmendmentOperation.Set("/event/hours", Domain.Packages.ContentValue.Number((long)(8 + i % 6))) : AmendmentOperation.Set($"/clauses/clause-{i % 40 + 1}/body", $"As agreed in amendment {i + 2}.")],
            Enumerable.Range(2, i).ToDictionary(v => v, _ => Precedence.ThisPrevails))).ToList();
        var (folds, trees) = (new List<double>(), new List<double>());
        var json = Documents.Agreement(40).ToJson();
        for (var i = 0; i < (quick ? 60 : 400); i++)
        {
            var clock = Stopwatch.GetTimestamp();
            var conformed = ConformedAgreement.Fold(first, amendments, DateOnly.MaxValue);
            if (conformed.IsRefused || conformed.Value.InForce.Count != Amendments) throw new InvalidOperationException(conformed.IsRefused ? conformed.Refusal.ToString() : $"{conformed.Value.InForce.Count} papers in force.");
            var took = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            clock = Stopwatch.GetTimestamp();
            _ = AgreementContent.Parse(json).Value;
            var parse = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            if (i < 20) continue;
            folds.Add(took);
            trees.Add(parse);
        }

        return Task.FromResult<IReadOnlyList<Measure>>(
        [
            new($"fold of {Amendments} amendments", Measure.Median(folds), "ms", 5, false, $"reading the agreement once: {Measure.Median(trees):0.00} ms", $"median of {folds.Count}, p95 {Measure.Percentile(folds, 95):0.00} ms"),
        ]);
    }
}
