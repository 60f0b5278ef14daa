using System.Globalization;
using StudioVault.Domain.Kernel;
using StudioVault.Web.Ui;
using Xunit;

namespace StudioVault.Tests.Ui;

public sealed class MoneyFormatTests
{
    // A tilde stands for the no-break space.
    [Theory]
    [InlineData("1480", "EUR", "en-GB", "€1,480.00")]
    [InlineData("1480", "EUR", "de-DE", "1.480,00~€")]
    [InlineData("1480", "EUR", "pt-PT", "1~480,00~€")]
    [InlineData("1480", "EUR", "fr-FR", "1~480,00~€")]
    [InlineData("12.5", "GBP", "en-GB", "£12.50")]
    [InlineData("480", "CHF", "en-GB", "CHF~480.00")]
    [InlineData("480", "SEK", "de-DE", "480,00~SEK")]
    [InlineData("120000", "JPY", "en-GB", "JPY~120,000")]
    [InlineData("1.5", "KWD", "en-GB", "KWD~1.500")]
    [InlineData("-120.5", "EUR", "en-GB", "−€120.50")]
    [InlineData("-120.5", "EUR", "de-DE", "−120,50~€")]
    [InlineData("0", "EUR", "en-GB", "€0.00")]
    public void Is_written_as_readers_of_the_culture_expect(string amount, string currency, string culture, string expected) =>
        Assert.Equal(expected.Replace('~', '\u00A0'), Format(amount, currency, culture));

    [Theory]
    [InlineData("10.005", "EUR", "€10.005")]
    [InlineData("0.55000", "EUR", "€0.55")]
    [InlineData("120000.4", "JPY", "JPY\u00A0120,000.4")]
    [InlineData("79228162514264337593543950335", "EUR", "€79,228,162,514,264,337,593,543,950,335.00")]
    public void Never_rounds(string amount, string currency, string expected) => Assert.Equal(expected, Format(amount, currency, "en-GB"));

    private static string Format(string amount, string currency, string culture) =>
        MoneyFormat.Format(new Money(decimal.Parse(amount, CultureInfo.InvariantCulture), currency), CultureInfo.GetCultureInfo(culture));
}
