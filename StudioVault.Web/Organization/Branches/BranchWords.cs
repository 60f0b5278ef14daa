using System.Globalization;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Organization.Branches;

/// <summary>What the pages about branches call things.</summary>
internal static class BranchWords
{
    public static string Of(Ownership ownership) => ownership == Ownership.Independent ? "Independent owner" : "Company-owned";

    public static string Of(Role role) => role switch
    {
        Role.BranchManager => "Manager",
        Role.HqAdmin => "HQ",
        _ => "Staff",
    };

    /// <summary>Whose consumer law, in words.</summary>
    public static string OfLaw(string law) => law switch
    {
        "EU" => "European Union",
        "UK" => "United Kingdom",
        "CH" => "Switzerland",
        "US" => "United States",
        "CA" => "Canada",
        _ => "Another, without a general right of withdrawal",
    };

    /// <summary>What was decided, one of <see cref="DecisionVerdict"/>.</summary>
    public static (string Words, Tone Tone) OfVerdict(string verdict) => verdict switch
    {
        DecisionVerdict.Accepted => ("Accepted", Tone.Added),
        DecisionVerdict.PartlyAccepted => ("Accepted in part", Tone.Added),
        DecisionVerdict.Ignored => ("Ignored", Tone.Neutral),
        DecisionVerdict.Undone => ("Decision taken back", Tone.Neutral),
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, null),
    };

    /// <summary>"Portugal" for <c>PT</c>; the code itself where no name is known.</summary>
    public static string Country(string code)
    {
        try
        {
            return new RegionInfo(code).EnglishName;
        }
        catch (ArgumentException)
        {
            return code;
        }
    }

    /// <summary>The last day of a running pause of online booking, or null while bookings are taken.</summary>
    public static DateOnly? BookingPausedUntil(BranchView branch, DateOnly today) => branch.BookingPausedUntil >= today ? branch.BookingPausedUntil : null;

    /// <summary>"12 May 2026".</summary>
    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.CurrentCulture);

    /// <summary>"1 Jun to 30 Sep 2026", with the first year only where it is another one.</summary>
    public static string Days(DateOnly from, DateOnly to) =>
        from == to ? Day(to) : $"{from.ToString(from.Year == to.Year ? "d MMM" : "d MMM yyyy", CultureInfo.CurrentCulture)} to {Day(to)}";

    /// <summary>"running, 12 days left", "in 3 days", "over".</summary>
    public static string Standing(BlackoutView blackout, DateOnly today)
    {
        if (blackout.EndsOn < today) return "over";
        if (blackout.StartsOn > today) return blackout.StartsOn == today.AddDays(1) ? "from tomorrow" : $"in {blackout.StartsOn.DayNumber - today.DayNumber} days";
        var left = blackout.EndsOn.DayNumber - today.DayNumber;
        return left switch { 0 => "running, its last day", 1 => "running, 1 day left", _ => $"running, {left} days left" };
    }
}
