using System.Globalization;
using StudioVault.Domain.Agreements;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Agreements;

/// <summary>What the pages call quotes and projects.</summary>
internal static class ProjectWords
{
    public static (string Words, Tone Tone) Of(ProjectState state) => state switch
    {
        ProjectState.Quote => ("Open quote", Tone.Hq),
        ProjectState.Booked => ("Booked", Tone.Added),
        _ => ("Lapsed", Tone.Neutral),
    };

    /// <summary>The state's word in an address.</summary>
    public static string KeyOf(ProjectState state) => state.ToString().ToLowerInvariant();

    /// <summary>The state an address names; null for all.</summary>
    public static ProjectState? StateOf(string? key) => Enum.GetValues<ProjectState>().Cast<ProjectState?>().FirstOrDefault(s => KeyOf(s!.Value) == key);

    /// <summary>"Sat 12 Jun 2027".</summary>
    public static string Day(DateOnly day) => day.ToString("ddd d MMM yyyy", CultureInfo.CurrentCulture);
}
