using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>Where something takes two different humans one after the other: whether the second is the first after all.</summary>
public static class TwoHumans
{
    /// <summary>Whether an account is the one that asked, or belongs to the human who asked: as that was when it was asked, or as it is now.</summary>
    /// <param name="asked">The account that asked; null when nobody did.</param>
    /// <param name="askedHuman">Whose account it was then.</param>
    /// <param name="askedNow">Whose account it is now.</param>
    /// <param name="account">The account that comes second.</param>
    /// <param name="human">Whose account that is now.</param>
    public static bool IsSame(PersonId? asked, HumanId? askedHuman, HumanId? askedNow, PersonId account, HumanId human) =>
        asked is { } first && (first == account || first.Value == human.Value || askedNow == human || askedNow?.Value == account.Value || askedHuman == human || askedHuman?.Value == account.Value);
}
