using StudioVault.Domain.Organization;

namespace StudioVault.Infrastructure.Demo;

/// <summary>Somebody of the demo group who can sign in with one click.</summary>
/// <param name="Id">First name in plain letters, unique in the group: <c>ana</c>.</param>
/// <param name="Title">What they do, as colleagues say it.</param>
/// <param name="Branches">Slugs; empty for HQ.</param>
/// <param name="Spotlight">For the sign-in page: what there is to see as this person; null for the rest of the cast.</param>
public sealed record DemoPerson(string Id, string Name, string Email, string Title, Role Role, IReadOnlyList<string> Branches, string? Spotlight = null);
