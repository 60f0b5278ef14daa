using System.Globalization;
using System.Numerics;

namespace StudioVault.Domain.Packages;

/// <summary>Compares JSON numbers by value without ever turning them into a double or a decimal, which would round.</summary>
internal static class JsonNumber
{
    /// <summary>True when both texts write the same number: 1, 1.0, 10e-1; 0 and -0 too.</summary>
    public static bool Same(string a, string b)
    {
        var (x, y) = (Read(a), Read(b));
        return x.Negative == y.Negative && x.Exponent == y.Exponent && x.Digits == y.Digits;
    }

    // The number is ±0.Digits × 10^Exponent, Digits without zeros at either end; zero has no digits.
    private static (bool Negative, string Digits, BigInteger Exponent) Read(string text)
    {
        var negative = text[0] == '-';
        var mantissa = text.AsSpan(negative ? 1 : 0);
        var exponent = BigInteger.Zero;
        var e = mantissa.IndexOfAny('e', 'E');
        if (e >= 0)
        {
            exponent = BigInteger.Parse(mantissa[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            mantissa = mantissa[..e];
        }
        var point = mantissa.IndexOf('.');
        exponent += point < 0 ? mantissa.Length : point;
        var all = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        var digits = all.TrimStart('0');
        exponent -= all.Length - digits.Length;
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? (false, "", BigInteger.Zero) : (negative, digits, exponent);
    }
}
