using StudioVault.Domain.Agreements;

namespace StudioVault.Infrastructure.Demo;

/// <summary>A quote or a booked project.</summary>
/// <param name="Key">Stable in the group: <c>porto-017</c>.</param>
/// <param name="Occasion">What it is, for example "Wedding".</param>
/// <param name="Venue">Place of the day; null where the work comes to the client.</param>
/// <param name="Revision">The package revision it was quoted from: the one in force on <paramref name="QuotedOn"/>.</param>
/// <param name="BookedOn">Set exactly for booked ones.</param>
public sealed record DemoProject(string Key, string Branch, string Template, string Client, string Occasion, string? Venue,
    DateOnly EventOn, ProjectState State, int Revision, DateOnly QuotedOn, DateOnly? BookedOn);
