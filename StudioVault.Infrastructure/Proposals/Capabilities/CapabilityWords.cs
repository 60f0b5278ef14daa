using System.Globalization;
using System.Text.Json.Nodes;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>Arguments as values, and values in the words of proposals: stored as they are written, so in one language.</summary>
internal static class CapabilityWords
{
    /// <summary>Why a compensating action does what it does, where the record wants to know.</summary>
    public const string RolledBack = "Rolled back.";

    public static string Text(this CapabilityCall call, string name) => call.Args[name]!.GetValue<string>().Trim();

    public static string? TextOrNull(this CapabilityCall call, string name) => call.Args[name]?.GetValue<string>().Trim();

    public static Guid Id(this CapabilityCall call, string name) => Guid.ParseExact(call.Args[name]!.GetValue<string>(), "D");

    public static int Whole(this CapabilityCall call, string name) => call.Args[name]!.GetValue<int>();

    public static DateOnly Day(this CapabilityCall call, string name) => DateOnly.ParseExact(call.Args[name]!.GetValue<string>(), "yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static decimal Amount(this CapabilityCall call, string name) => decimal.Parse(call.Args[name]!.GetValue<string>(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    /// <summary>"€1,480.00", "SEK 1,480.00".</summary>
    public static string Sum(decimal amount, string currency)
    {
        var text = amount.ToString($"N{CurrencyUnits.Digits(currency)}", CultureInfo.InvariantCulture);
        return currency switch { "EUR" => "€" + text, "GBP" => "£" + text, _ => $"{currency}\u00A0{text}" };
    }

    /// <summary>"12 June 2027".</summary>
    public static string Words(this DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>As arguments spell it.</summary>
    public static string Spelled(this DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>As arguments spell it.</summary>
    public static string Spelled(decimal amount) => amount.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>"1 day", "2 days".</summary>
    public static string Count(int count, string one, string many) => $"{count.ToString(CultureInfo.InvariantCulture)} {(count == 1 ? one : many)}";

    /// <summary>The task's name in arguments.</summary>
    public static string Spelled(this SessionTask task) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(task.ToString());

    public static JsonObject Args(params (string Name, JsonNode? Value)[] values) => new(values.Select(v => KeyValuePair.Create(v.Name, v.Value)));
}
