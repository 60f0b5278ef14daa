using System.Globalization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Packages;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Packages.BranchPackages;

/// <summary>What the pages of a branch's own packages call things.</summary>
internal static class PackageWords
{
    /// <summary>What happened in a revision: "Accepted version 4".</summary>
    public static string Of(RevisionRow revision) => revision.Origin switch
    {
        RevisionOrigin.Adopted => $"Taken over from HQ, version {revision.OriginNumber}",
        RevisionOrigin.AcceptedUpdate => $"Accepted version {revision.OriginNumber}",
        RevisionOrigin.Reverted => $"Went back to revision {revision.OriginNumber}",
        _ => "Edited",
    };

    /// <summary>Who made it; demo data and people who left have no name.</summary>
    public static string By(RevisionRow revision) => revision.CreatedBy ?? "Somebody no longer here";

    /// <summary>"3 fields of your own", "As HQ's".</summary>
    public static string Own(int fields) => fields == 0 ? "As HQ’s" : TemplateWords.Count(fields, "field of your own", "fields of your own");

    /// <summary>"2 open quotes and 5 bookings"; null when there are none.</summary>
    public static string? Use(int quotes, int booked) => (quotes, booked) switch
    {
        (0, 0) => null,
        (_, 0) => TemplateWords.Count(quotes, "open quote", "open quotes"),
        (0, _) => TemplateWords.Count(booked, "booking", "bookings"),
        _ => $"{TemplateWords.Count(quotes, "open quote", "open quotes")} and {TemplateWords.Count(booked, "booking", "bookings")}",
    };

    /// <summary>What a rule says, without its reason: "Locked until 31 Dec 2027", "from €432.00 to €576.00".</summary>
    /// <param name="standing">The field with its rule.</param>
    /// <param name="currency">ISO 4217.</param>
    public static string? Rule(FieldStanding standing, string currency) => standing.Rule is not { } rule ? null : rule.Mode switch
    {
        FieldMode.Locked => rule.Expires is { } end ? $"Locked until {Day(end)}" : "Locked",
        FieldMode.Bounded => Limits(standing, rule, currency),
        FieldMode.Local => "Yours to set",
        _ => null,
    };

    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.CurrentCulture);

    private static string Limits(FieldStanding standing, FieldRule rule, string currency)
    {
        var limits = FieldWords.Bounds(standing.Field, standing.Bounds, currency) ?? "inside limits";
        var relative = (rule.MinPercent, rule.MaxPercent) switch
        {
            ({ } low, { } high) => $"{Signed(low)} to {Signed(high)} of HQ’s price",
            ({ } low, null) => $"{Signed(low)} of HQ’s price or more",
            (null, { } high) => $"{Signed(high)} of HQ’s price or less",
            _ => null,
        };
        var end = rule.Expires is { } last ? $", until {Day(last)}" : "";
        return relative is null ? limits + end : $"{limits} ({relative}){end}";
    }

    /// <summary>"−10 %", "+20 %".</summary>
    private static string Signed(decimal percent) => $"{(percent < 0 ? "−" : "+")}{ContentWords.Plain(Math.Abs(percent))}\u00A0%";

    public static Tone ToneOf(RevisionOrigin origin) => origin switch
    {
        RevisionOrigin.Edited => Tone.You,
        RevisionOrigin.Reverted => Tone.Conflict,
        _ => Tone.Hq,
    };
}
