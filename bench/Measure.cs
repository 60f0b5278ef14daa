namespace StudioVault.Bench;

/// <summary>One measured figure, the bar it is held against, and the bare baseline of the same run.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Bar">Limit: at most, or at least when <paramref name="AtLeast"/>.</param>
/// <param name="Baseline">What it is held against, or what a bare way of doing it takes on this machine now.</param>
/// <param name="Detail">The raw numbers behind it.</param>
internal sealed record Measure(string Name, double Value, string Unit, double Bar, bool AtLeast, string Baseline, string Detail)
{
    public bool Met => AtLeast ? Value >= Bar : Value <= Bar;

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static double Percentile(IEnumerable<double> values, double percent)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(sorted.Length * percent / 100) - 1)];
    }
}
