using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StudioVault.Bench;

/// <summary>The table on the screen and <c>artifacts/bench.json</c>: figures together with the machine they came from.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The checkout this program was built in.</summary>
    public static string Root { get; } = FindRoot();

    public static void Print(IReadOnlyList<Measure> measures)
    {
        var rows = measures.Select(m => new[] { m.Met ? "ok" : "MISS", m.Name, Text(m.Value, m.Unit), (m.AtLeast ? "≥ " : "≤ ") + Text(m.Bar, m.Unit), m.Baseline }).Prepend(["", "measured", "value", "bar", "beside"]).ToList();
        var widths = Enumerable.Range(0, 4).Select(c => rows.Max(r => r[c].Length)).ToArray();
        Console.WriteLine();
        foreach (var row in rows) Console.WriteLine(string.Join("  ", row.Select((cell, c) => c < 4 ? cell.PadRight(widths[c]) : cell)));
        Console.WriteLine();
        foreach (var measure in measures) Console.WriteLine($"{measure.Name}: {measure.Detail}");
    }

    public static string Save(IReadOnlyList<Measure> measures, double loadBefore, bool quick)
    {
        var file = Path.Combine(Root, "artifacts", "bench.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, new JsonObject
        {
            ["machine"] = new JsonObject
            {
                ["cores"] = Environment.ProcessorCount,
                ["cpu"] = Field("/proc/cpuinfo", "model name"),
                ["memory"] = Field("/proc/meminfo", "MemTotal"),
                ["os"] = RuntimeInformation.OSDescription,
                ["dotnet"] = RuntimeInformation.FrameworkDescription,
                ["load_before"] = loadBefore,
                ["load_after"] = Load(),
            },
            ["quick"] = quick,
            ["measures"] = new JsonArray([.. measures.Select(m => new JsonObject
            {
                ["name"] = m.Name, ["value"] = Math.Round(m.Value, 4), ["unit"] = m.Unit, ["bar"] = m.Bar, ["bar_is"] = m.AtLeast ? "at least" : "at most",
                ["met"] = m.Met, ["baseline"] = m.Baseline, ["detail"] = m.Detail,
            })]),
        }.ToJsonString(Indented));
        return file;
    }

    /// <summary>Processes that wanted a core in the last minute: above the number of cores the figures are somebody else's too.</summary>
    public static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "StudioVault.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("Run the benchmarks from inside a checkout.");
    }

    private static string Text(double value, string unit) => value.ToString("0.##", CultureInfo.InvariantCulture) + " " + unit;

    private static string Field(string file, string name) =>
        File.ReadLines(file).Where(l => l.StartsWith(name, StringComparison.Ordinal)).Select(l => l[(l.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()).FirstOrDefault("");
}
