namespace StudioVault.Tests.Faults;

/// <summary>The categories of the fault suite, which <c>./faults.sh</c> runs whole.</summary>
internal static class Fault
{
    public const string Category = "Category";

    /// <summary>Part of <c>./test.sh</c> too.</summary>
    public const string Suite = "Faults";

    /// <summary>Takes its time: <c>./faults.sh</c> only.</summary>
    public const string Long = "FaultsLong";

    /// <summary>No test asserts a time; this only ends a test that would hang.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);
}
