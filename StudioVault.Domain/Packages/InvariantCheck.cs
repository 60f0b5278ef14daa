using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>Collects everything that keeps content from being used, each finding with its path; the checks that several contents share.</summary>
/// <param name="kind">What a finding is refused as; its sentence is the finding.</param>
internal abstract partial class InvariantCheck(RefusalKind kind)
{
    protected const int TitleLength = 200;
    private const int ProseLength = 40_000;
    private const int IdLength = 64;
    private const int MostElements = 2_000;
    protected const int MostDays = 36_500;
    private const decimal HighestPrice = 9_999_999.99m;

    private static readonly SearchValues<char> ControlCharacters =
        SearchValues.Create([.. Enumerable.Range(0, 0xA0).Where(c => char.IsControl((char)c) && c is not ('\n' or '\t')).Select(c => (char)c)]);

    /// <summary>ISO 4217 codes in circulation.</summary>
    private static readonly HashSet<string> Currencies = [.. (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP "
        + "ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR "
        + "LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD "
        + "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG").Split(' ')];

    private readonly List<Refusal> _found = [];

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex KebabCase { get; }

    public IReadOnlyList<Refusal> Problems => _found;

    protected void Price(string at, decimal price)
    {
        if (price < 0) Found(at, "A price is not negative.");
        else if (price > HighestPrice) Found(at, string.Create(CultureInfo.InvariantCulture, $"A price is at most {HighestPrice:N2}."));
        else if (decimal.Round(price, 4) != price) Found(at, "A price has at most four digits after the point.");
    }

    protected void Currency(string at, string currency)
    {
        if (!Currencies.Contains(currency)) Found(at, $"\"{currency}\" is not a currency code of ISO 4217.");
    }

    protected void Id(string at, string id)
    {
        if (id.Length > IdLength || !KebabCase.IsMatch(id)) Found($"{at}/id", $"An id is lower-case words with hyphens, at most {IdLength} characters.");
    }

    protected void Title(string at, string text, int length = TitleLength)
    {
        if (string.IsNullOrWhiteSpace(text)) Found(at, "This cannot be empty.");
        else if (text.Length > length) Found(at, $"This is longer than {length} characters.");
        Characters(at, text, prose: false);
    }

    protected void Prose(string at, string text, bool mayBeEmpty)
    {
        if (!mayBeEmpty && string.IsNullOrWhiteSpace(text)) Found(at, "This cannot be empty.");
        else if (text.Length > ProseLength) Found(at, $"This is longer than {ProseLength} characters.");
        Characters(at, text, prose: true);
    }

    protected void Characters(string at, string text, bool prose)
    {
        if (text.AsSpan().ContainsAny(ControlCharacters) || (!prose && text.AsSpan().ContainsAny('\n', '\t'))) Found(at, "This holds characters that cannot be seen.");
    }

    protected void Range(string at, decimal value, decimal lowest, decimal highest, string unit)
    {
        if (value >= lowest && value <= highest) return;
        Found(at, string.Create(CultureInfo.InvariantCulture, $"This is from {lowest} to {highest:#,0}{(unit.Length == 0 ? "" : " ")}{unit}."));
    }

    protected void Elements(string at, int count)
    {
        if (count > MostElements) Found(at, string.Create(CultureInfo.InvariantCulture, $"A list has at most {MostElements:#,0} entries."));
    }

    protected void Deliverables(string at, IReadOnlyList<Deliverable> deliverables)
    {
        Elements($"{at}/deliverables", deliverables.Count);
        foreach (var deliverable in deliverables)
        {
            var there = TreePath.Of($"{at}/deliverables", deliverable.Id);
            Id(there, deliverable.Id);
            Title($"{there}/title", deliverable.Title);
            Range($"{there}/quantity", deliverable.Quantity, 1, 1_000_000, "");
            if (deliverable.Format.Length > TitleLength) Found($"{there}/format", $"This is longer than {TitleLength} characters.");
            Characters($"{there}/format", deliverable.Format, prose: false);
        }
    }

    protected void Quantity(string at, decimal quantity)
    {
        if (quantity is <= 0 or > 100_000) Found(at, "A quantity is more than 0 and at most 100,000.");
        if (decimal.Round(quantity, 4) != quantity) Found(at, "A quantity has at most four digits after the point.");
    }

    protected void Found(string at, string sentence) => _found.Add(kind.At(at, sentence));
}
