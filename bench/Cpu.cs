using System.Globalization;

namespace StudioVault.Bench;

/// <summary>
/// Processor time used by this process and by PostgreSQL: unlike time on the clock, hardly moved by what else the machine does.
/// </summary>
/// <param name="Client">Milliseconds of this process.</param>
/// <param name="Server">Milliseconds of the server and its backends.</param>
internal readonly record struct Cpu(double Client, double Server)
{
    // USER_HZ, which Linux fixes for everything under /proc.
    private const double TicksPerMillisecond = 0.1;

    public static Cpu Now(int? server = null) => new(Of(Stat(Environment.ProcessId)), server is { } id ? Tree(id) : 0);

    public static Cpu operator -(Cpu a, Cpu b) => new(a.Client - b.Client, a.Server - b.Server);
    public static Cpu operator +(Cpu a, Cpu b) => new(a.Client + b.Client, a.Server + b.Server);
    public static Cpu operator /(Cpu a, double n) => new(a.Client / n, a.Server / n);

    private static double Tree(int root) => Directory.EnumerateDirectories("/proc")
        .Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Stat(id) : [])
        .Where(s => s.Length > 0 && (s[0] == root.ToString(CultureInfo.InvariantCulture) || s[1] == root.ToString(CultureInfo.InvariantCulture)))
        // Of the children that ended, only the server itself keeps the sum.
        .Sum(s => Of(s) + (s[0] == root.ToString(CultureInfo.InvariantCulture) ? Ticks(s[5]) + Ticks(s[6]) : 0));

    private static double Of(string[] stat) => stat.Length == 0 ? 0 : Ticks(stat[3]) + Ticks(stat[4]);

    private static double Ticks(string value) => double.Parse(value, CultureInfo.InvariantCulture) / TicksPerMillisecond;

    /// <summary>Id, parent, state, own user and system ticks, those of ended children; empty when the process is gone.</summary>
    private static string[] Stat(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return [id.ToString(CultureInfo.InvariantCulture), fields[1], fields[0], fields[11], fields[12], fields[13], fields[14]];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
