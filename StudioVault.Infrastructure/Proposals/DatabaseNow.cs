namespace StudioVault.Infrastructure.Proposals;

/// <summary>The database clock inside a query: <c>clock_timestamp()</c>. What decides anything is never the clock of a web process (APP-5).</summary>
public static class DatabaseNow
{
    /// <summary>Only in queries.</summary>
    public static DateTimeOffset Now() => throw new NotSupportedException("Only inside a query.");
}
