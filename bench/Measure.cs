namespace StudioVault.Bench;

/// <summary>One measured figure and the bar it is held against.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Bar">Limit: at most, or at least when <paramref name="AtLeast"/>.</param>
/// <param name="Detail">The raw numbers behind it.</param>
internal sealed record Measure(string Name, double Value, string Unit, double Bar, bool AtLeast, string Detail)
{
    public bool Met => AtLeast ? Value >= Bar : Value <= Bar;

    public override string ToString() =>
        $"{(Met ? "ok  " : "MISS")} {Name}: {Value:0.##} {Unit} (bar: {(AtLeast ? "at least" : "at most")} {Bar:0.##}); {Detail}";

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
