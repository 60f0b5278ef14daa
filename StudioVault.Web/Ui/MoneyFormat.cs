using System.Globalization;
using StudioVault.Domain.Kernel;

namespace StudioVault.Web.Ui;

/// <summary>Writes an amount the way a reader of a culture expects it, without ever rounding it.</summary>
public static class MoneyFormat
{
    private const char NoBreakSpace = '\u00A0';

    /// <summary>
    /// "€1,480.00" for English, "1.480,00 €" for German. A sign is used only where one currency owns it; the rest show
    /// their ISO code, since "$" and "kr" each belong to several. Spaces inside the amount never break a line.
    /// </summary>
    /// <param name="money">Amount and ISO 4217 code.</param>
    /// <param name="culture">The reader's culture.</param>
    public static string Format(Money money, CultureInfo culture)
    {
        var format = (NumberFormatInfo)culture.NumberFormat.Clone();
        var symbol = Symbol(money.Currency);
        // "CHF480.00" reads badly: a code keeps a space between itself and the number.
        if (symbol.Length > 1)
            format.CurrencyPositivePattern |= 2;
        format.CurrencySymbol = symbol;
        format.CurrencyDecimalDigits = Math.Max(MinorDigits(money.Currency), money.Amount.Scale(trimZeros: true));
        var text = Math.Abs(money.Amount).ToString("C", format)
            .Replace(' ', NoBreakSpace).Replace('\u202F', NoBreakSpace);
        return money.Amount < 0 ? "\u2212" + text : text;
    }

    private static string Symbol(string currency) => currency switch
    {
        "EUR" => "€",
        "GBP" => "£",
        _ => currency,
    };

    /// <summary>Digits after the point by ISO 4217, for the currencies that do not have two.</summary>
    private static int MinorDigits(string currency) => currency switch
    {
        "JPY" or "KRW" or "ISK" or "CLP" or "VND" => 0,
        "BHD" or "KWD" or "OMR" or "TND" or "JOD" => 3,
        _ => 2,
    };

    private static int Scale(this decimal value, bool trimZeros)
    {
        int scale = value.Scale;
        if (!trimZeros)
            return scale;
        while (scale > 0 && decimal.Round(value, scale - 1) == value)
            scale--;
        return scale;
    }
}
