namespace StudioVault.Domain.Kernel;

/// <summary>How much harm a change can do, in the order of harm. Computed from the difference, never only declared.</summary>
public enum ChangeClass
{
    /// <summary>Wording and pictures.</summary>
    Patch = 0,

    /// <summary>Additive: somebody gets more or pays less.</summary>
    Minor = 1,

    /// <summary>Somebody gets less, pays more, or something breaks.</summary>
    Major = 2,
}

/// <summary>Refusals of the change kernel.</summary>
public static class ChangeRefusals
{
    public static readonly RefusalKind UnderstatedClass = new("refuse.change.understated_class",
        "This change was declared {0} but is {1}.",
        "Declare it as {1}, or take back the fields that make it so.", 422);
}
