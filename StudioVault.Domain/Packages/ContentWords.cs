using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace StudioVault.Domain.Packages;

/// <summary>Words of enumerations and numbers as package content spells them.</summary>
public static class ContentWords
{
    private static readonly ConcurrentDictionary<Type, Dictionary<string, Enum>> Words = new();

    /// <summary>The word of a value: AddOn is add_on.</summary>
    public static string Of<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static bool TryRead<T>(string word, out T value) where T : struct, Enum
    {
        var known = Words.GetOrAdd(typeof(T), static _ => Enum.GetValues<T>().ToDictionary(Of, v => (Enum)v));
        var found = known.TryGetValue(word, out var boxed);
        value = found ? (T)boxed! : default;
        return found;
    }

    public static IEnumerable<string> All<T>() where T : struct, Enum => Enum.GetValues<T>().Select(Of);

    /// <summary>Money as content spells it: at least two digits after the point, more only where they say something.</summary>
    public static string Money(decimal amount) => amount.ToString("0.00####", CultureInfo.InvariantCulture);

    /// <summary>A percentage or bound without idle zeros.</summary>
    public static string Plain(decimal number) => number.ToString("0.######", CultureInfo.InvariantCulture);
}
