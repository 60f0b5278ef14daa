using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.Tests.Agreements;
using StudioVault.Tests.Support;

namespace StudioVault.Tests.Documents.Agreements;

/// <summary>Real legal texts as an agreement with amendments: a clause for each section, its id made of its words, so that it stays the same when sections are numbered anew.</summary>
internal static partial class LegalFamily
{
    /// <summary>The Cloud Service Agreement: version 1 and three amendments.</summary>
    public static AgreementChain CloudService(int versions = 4) =>
        Chain("CSA-2026-0001", "Cloud Service Agreement", new[] { "1.0", "1.1", "2.0", "2.1" }.Take(versions).Select(v => Sections($"legal/common-paper-csa-{v}.md", CsaSection())));

    /// <summary>Terms of service of 2022 and the amendment that makes them those of 2024.</summary>
    public static AgreementChain TermsOfService(int versions = 2) =>
        Chain("TOS-2026-0001", "Terms of Service", new[] { "2022-02-10", "2024-09-06" }.Take(versions).Select(d => Sections($"legal/github-terms-of-service-{d}.md", TermsSection())));

    /// <summary>The next amendment, not executed yet.</summary>
    public static AmendmentContent Next(AgreementChain chain, IReadOnlyList<Clause> clauses)
    {
        var on = new DateOnly(2027, chain.Head, 1);
        var now = AgreementContent.From(chain.On(on).Content).Value;
        return AgreementSamples.Amend(chain, AmendmentKind.PackageChange, on, Amendments.Clauses(now, clauses)) with { Reason = "The terms follow their published next version." };
    }

    private static AgreementChain Chain(string number, string title, IEnumerable<Clause[]> versions)
    {
        AgreementChain? chain = null;
        foreach (var clauses in versions)
        {
            if (chain is null) chain = new(AgreementSamples.Sousa with { Number = number, Event = AgreementSamples.Sousa.Event with { Title = title }, Clauses = clauses });
            else if (chain.Append(Next(chain, clauses)) is { Refusal: { } refusal }) throw new InvalidOperationException($"{refusal.Kind.Code} {refusal.Path} {refusal.Sentence}");
        }

        return chain!;
    }

    /// <summary>The sections of a file of the test data.</summary>
    public static Clause[] CsaClauses(string version) => Sections($"legal/common-paper-csa-{version}.md", CsaSection());

    private static Clause[] Sections(string file, Regex heading)
    {
        var clauses = new List<Clause>();
        var (title, body) = ("", new StringBuilder());
        foreach (var line in File.ReadLines(DataFile.PathOf(file)))
        {
            // <span class="keyterms_link">Customer</span> is Customer
            var text = Element().Replace(line, "").TrimEnd();
            if (heading.Match(line) is { Success: true } found)
            {
                Close();
                (title, body) = (Element().Replace(found.Groups["number"].Value + ". " + found.Groups["title"].Value, "").Trim(), new());
            }
            else if (title.Length > 0)
            {
                body.AppendLine(text.StartsWith("    ", StringComparison.Ordinal) ? text[4..] : text);
            }
        }

        Close();
        return [.. clauses];

        void Close()
        {
            if (title.Length > 0 && !string.IsNullOrWhiteSpace(body.ToString())) clauses.Add(new(Id(title), title, body.ToString().Trim()));
        }
    }

    private static string Id(string title) =>
        NotAWord().Replace(title[(title.IndexOf(' ', StringComparison.Ordinal) + 1)..].ToLower(CultureInfo.InvariantCulture), "-").Trim('-');

    [GeneratedRegex(@"^(?<number>\d+)\. (## |<span class=""header_2"" id=""\d+"">)(?<title>.+?)(</span>)?\s*$")]
    private static partial Regex CsaSection();

    [GeneratedRegex(@"^## (?<number>[A-Z])\. (?<title>.+)$")]
    private static partial Regex TermsSection();

    [GeneratedRegex("</?span[^>]*>")]
    private static partial Regex Element();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotAWord();
}
