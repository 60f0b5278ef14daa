using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Organization.People;

/// <summary>What the pages about people and agents call things.</summary>
internal static class PeopleWords
{
    public static string Of(Role role) => role switch
    {
        Role.BranchManager => "manager",
        Role.HqAdmin => "headquarters",
        _ => "staff",
    };

    /// <summary>An account as a change of it begins.</summary>
    public static PersonFacts FactsOf(PersonView person) => new(person.Name, person.Title, person.Email, person.IsHqAdmin, person.Roles.ToDictionary(r => r.Branch, r => r.Role));

    public static (Tone Tone, string Words) Of(DelegationState state) => state switch
    {
        DelegationState.InForce => (Tone.Added, "In force"),
        DelegationState.Coming => (Tone.Neutral, "Begins later"),
        DelegationState.Broken => (Tone.Conflict, "Gives nothing: somebody in its chain is gone"),
        DelegationState.Expired => (Tone.Neutral, "Ran out"),
        _ => (Tone.Neutral, "Ended"),
    };

    public static (Tone Tone, string Words) Of(AgentView agent)
    {
        if (agent.IsDisabled) return (Tone.Removed, "Switched off");
        if (agent.OwnerGone) return (Tone.Removed, "Nobody answers for it");
        if (!agent.Keys.Any(k => k.IsLive)) return (Tone.Conflict, "No key");
        return agent.Delegations.Any(d => d.To.Party.Agent == agent.Id && d.State == DelegationState.InForce) ? (Tone.Added, "On") : (Tone.Conflict, "May propose nowhere yet");
    }

    public static (Tone Tone, string Words) Of(AgentKeyView key, DateTimeOffset now)
    {
        if (key.RevokedAt is not null) return (Tone.Neutral, "Revoked");
        if (!key.IsLive) return (Tone.Neutral, "Ran out");
        if (key.IsReplaced) return (Tone.Conflict, "Replaced, ends soon");
        return key.ExpiresAt - now < TimeSpan.FromDays(14) ? (Tone.Conflict, "Ends soon") : (Tone.Added, "Live");
    }

    /// <summary>"everything the giver may", or the titles of the capabilities.</summary>
    public static string Scope(IReadOnlyList<string>? capabilities, Func<string, string> titleOf) => capabilities is null ? "everything the giver may" : string.Join(", ", capabilities.Select(titleOf));

    public static string Count(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";
}
