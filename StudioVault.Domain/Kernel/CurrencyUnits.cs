namespace StudioVault.Domain.Kernel;

/// <summary>How many digits after the point a currency has (ISO 4217), for sums that people pay.</summary>
public static class CurrencyUnits
{
    private static readonly HashSet<string> None = [.. "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".Split(' ')];
    private static readonly HashSet<string> Three = [.. "BHD IQD JOD KWD LYD OMR TND".Split(' ')];

    public static int Digits(string currency) => None.Contains(currency) ? 0 : Three.Contains(currency) ? 3 : 2;

    /// <summary>The amount to the currency's smallest unit, halves away from zero as invoices do.</summary>
    public static decimal Round(decimal amount, string currency) => decimal.Round(amount, Digits(currency), MidpointRounding.AwayFromZero);
}
