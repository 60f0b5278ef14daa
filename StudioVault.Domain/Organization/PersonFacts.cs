using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>What headquarters says about an account.</summary>
/// <param name="Name">Name as colleagues read it.</param>
/// <param name="Title">What they do; may be empty. Shown, never decided on.</param>
/// <param name="Email">What they sign in with.</param>
/// <param name="IsHqAdmin">Whether they act for the group; then they belong to no branch.</param>
/// <param name="Roles">Their role in each branch they belong to.</param>
public sealed record PersonFacts(string Name, string Title, string Email, bool IsHqAdmin, IReadOnlyDictionary<BranchId, Role> Roles)
{
    /// <summary>Longest name and longest title, in characters.</summary>
    public const int LongestName = 120;

    /// <summary>The same, without blanks around.</summary>
    public PersonFacts Trimmed() => this with { Name = Name.Trim(), Title = Title.Trim(), Email = Email.Trim() };

    /// <summary>What is wrong with it by itself, at its field; null when nothing is.</summary>
    public Refusal? Problem()
    {
        if (Name.Length == 0) return PeopleRefusals.NameMissing.At("name");
        if (Name.Length > LongestName) return KernelRefusals.TooLong.At("name", LongestName);
        if (Title.Length > LongestName) return KernelRefusals.TooLong.At("title", LongestName);
        if (!EmailAddress.LooksRight(Email)) return PeopleRefusals.MailMalformed.At("email");
        if (IsHqAdmin && Roles.Count > 0) return PeopleRefusals.RolesMixed.At("roles");
        return !IsHqAdmin && Roles.Count == 0 ? PeopleRefusals.RoleMissing.At("roles") : null;
    }

    /// <summary>Whether somebody with these rights and then with the others may do less somewhere.</summary>
    public bool LosesBy(PersonFacts then) =>
        (IsHqAdmin && !then.IsHqAdmin) || Roles.Any(r => !then.Roles.TryGetValue(r.Key, out var role) || role < r.Value);

    public bool Equals(PersonFacts? other) => other is not null && (Name, Title, Email, IsHqAdmin) == (other.Name, other.Title, other.Email, other.IsHqAdmin)
        && Roles.Count == other.Roles.Count && Roles.All(r => other.Roles.TryGetValue(r.Key, out var role) && role == r.Value);

    public override int GetHashCode() => HashCode.Combine(Name, Title, Email, IsHqAdmin, Roles.Count);
}
