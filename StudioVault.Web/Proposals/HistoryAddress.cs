using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Web.Proposals;

/// <summary>Conditions on the history as they stand in the address; days are the branch's.</summary>
public sealed record HistoryAddress(string? Capability, Guid? Who, DateOnly? From, DateOnly? To)
{
    private const int LongestName = 60;

    public static readonly HistoryAddress Everything = new(null, null, null, null);

    /// <summary>How many conditions there are.</summary>
    public int Conditions => new object?[] { Capability, Who, From, To }.Count(c => c is not null);

    /// <summary>What can be read; a page leaves the rest out, so that an old or shortened link still opens the history.</summary>
    /// <param name="unreadable">Name of the first parameter that cannot be read; null when all can.</param>
    public static HistoryAddress Read(string? capability, string? who, string? from, string? to, out string? unreadable)
    {
        string? bad = null;
        string? Text(string name, string? value)
        {
            if (string.IsNullOrWhiteSpace(value)) return null;
            if (value.Trim().Length <= LongestName) return value.Trim();
            bad ??= name;
            return null;
        }

        DateOnly? Day(string name, string? value)
        {
            if (Text(name, value) is not { } text) return null;
            if (DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1900 and < 9000) return day;
            bad ??= name;
            return null;
        }

        Guid? Id(string name, string? value)
        {
            if (Text(name, value) is not { } text) return null;
            if (Guid.TryParse(text, out var id)) return id;
            bad ??= name;
            return null;
        }

        var address = new HistoryAddress(Text("capability", capability), Id("who", who), Day("from", from), Day("to", to));
        unreadable = bad;
        return address;
    }

    /// <summary>The query of an address with these conditions, question mark included; empty for none.</summary>
    /// <param name="show">As in the address of the queue; null or empty for what is to decide.</param>
    public string Query(string? show) => QueryHelpers.AddQueryString("", new Dictionary<string, string?>
    {
        ["show"] = show is { Length: > 0 } ? show : null,
        ["capability"] = Capability,
        ["who"] = Who?.ToString(),
        ["from"] = Iso(From),
        ["to"] = Iso(To),
    }.Where(p => p.Value is not null));

    /// <summary>The same for the database.</summary>
    /// <param name="zone">IANA name of the branch's zone.</param>
    public QueueHistory ToHistory(string zone) => this == Everything ? QueueHistory.Everything : new QueueHistory
    {
        Capability = Capability,
        Who = Who,
        From = From is { } from ? BranchClock.StartOf(from, zone) : null,
        Until = To is { } to && to < DateOnly.MaxValue ? BranchClock.StartOf(to.AddDays(1), zone) : null,
    };

    private static string? Iso(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture);
}
