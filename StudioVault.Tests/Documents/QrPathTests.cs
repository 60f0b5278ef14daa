using System.Globalization;
using System.Text.RegularExpressions;
using QRCoder;
using StudioVault.Web.Documents;
using Xunit;

namespace StudioVault.Tests.Documents;

public sealed partial class QrPathTests
{
    [Theory]
    [InlineData("https://vault.northlight.example/verify/83c385599503f35fd94ed1c228caf59c7159281bab50e8e3721bae1f5d6d9600", 0)]
    [InlineData("https://vault.northlight.example/verify/83c385599503f35fd94ed1c228caf59c7159281bab50e8e3721bae1f5d6d9600", 4)]
    [InlineData("Zażółć gęślą jaźń", 4)]
    public void Draws_every_dark_module_of_the_code_once_and_no_other(string text, int quiet)
    {
        var (size, path) = QrPath.Of(text, quiet);
        var drawn = new bool[size, size];
        foreach (Match run in Run().Matches(path))
        {
            var (x, y, length) = (Number(run, 1), Number(run, 2), Number(run, 3));
            for (var i = 0; i < length; i++)
            {
                Assert.False(drawn[y, x + i]);
                drawn[y, x + i] = true;
            }
        }

        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M, forceUtf8: text[0] == 'Z');
        Assert.Equal(code.ModuleMatrix.Count - 8 + (2 * quiet), size);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var inside = x >= quiet && y >= quiet && x < size - quiet && y < size - quiet;
                Assert.Equal(inside && code.ModuleMatrix[y - quiet + 4][x - quiet + 4], drawn[y, x]);
            }
        }
    }

    [Fact]
    public void A_longer_address_still_fits() => Assert.True(QrPath.Of($"https://{new string('a', 180)}.example/verify/{new string('f', 64)}").Size <= 77);

    private static int Number(Match run, int group) => int.Parse(run.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"M(\d+) (\d+)h(\d+)v1h-\3z")]
    private static partial Regex Run();
}
