using System.Globalization;
using StudioVault.Infrastructure.Agreements.Deliveries;

namespace StudioVault.Web.Deliveries;

/// <summary>What deliveries are called on their pages.</summary>
public static class DeliveryWords
{
    /// <summary>"12 June 2027".</summary>
    public static string Day(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>"1.2 GB", as browsers count: in thousands.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1000 => $"{bytes.ToString(CultureInfo.InvariantCulture)} bytes",
        < 1_000_000 => $"{(bytes / 1e3).ToString("0", CultureInfo.InvariantCulture)} KB",
        < 1_000_000_000 => $"{(bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture)} MB",
        _ => $"{(bytes / 1e9).ToString("0.00", CultureInfo.InvariantCulture)} GB",
    };

    public static string Count(int n, string what) => $"{n.ToString("#,0", CultureInfo.InvariantCulture)} {what}{(n == 1 ? "" : "s")}";

    /// <summary>Until when, as a whole sentence.</summary>
    public static string Until(DeliveryView view) => view.Delivery.OnlineUntil is { } day
        ? $"Online through {Day(day)}, to the end of that day in {view.City}." : "Online without an end.";

    /// <summary>Why until then: the rule it follows from.</summary>
    public static string Rule(DeliveryView view)
    {
        var delivery = view.Delivery;
        var paper = $"Agreement {view.Number}, version {delivery.TermsVersion.ToString(CultureInfo.InvariantCulture)}";
        if (delivery.PromisedUntil is not { } promised) return $"{paper} names no end.";
        var rule = $"{paper}: {Count(delivery.OnlineDays, "day")} from the day of delivery, {Day(view.OpenedOn)}, the last one whole.";
        return delivery.OnlineUntil > promised ? $"{rule} That was {Day(promised)}; the studio has kept it online longer." : rule;
    }
}
