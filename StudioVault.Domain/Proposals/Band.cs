namespace StudioVault.Domain.Proposals;

/// <summary>How much harm a wrong approval can do, and so what an approval demands. Text inside a proposal never changes it.</summary>
public enum Band
{
    /// <summary>Small and easily undone: one person, and equal ones may be approved together.</summary>
    Green = 0,

    /// <summary>One person, one at a time.</summary>
    Amber = 1,

    /// <summary>Two different people, one of them a manager, each signed in anew within five minutes (APP-12).</summary>
    Red = 2,

    /// <summary>Nobody can approve it here; it can only be sent to human review.</summary>
    Black = 3,
}
