namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// The conditions row-level security is made of, as SQL. They are joined by "or" alone, so that <see cref="VaultGuard"/> can
/// compare them with what PostgreSQL prints, however it sets its brackets.
/// </summary>
public static class RowRule
{
    // Sub-selects make PostgreSQL read the settings once per statement, not once per row.

    /// <summary>In every scope.</summary>
    public const string Everyone = "true";

    /// <summary>In HQ's scope.</summary>
    public const string Hq = "(select current_setting('app.scope', true)) = 'hq'";

    /// <summary>While nobody's rows are asked for: sign-in, looking up who sends a command, public pages.</summary>
    public const string Visitor = "(select coalesce(current_setting('app.scope', true), '')) = ''";

    /// <summary>Rows of the branch in scope.</summary>
    public static string Own(string column = "branch_id") => $"{column} = (select nullif(current_setting('app.branch_id', true), '')::uuid)";

    /// <summary>Rows of no branch: the group's.</summary>
    public static string OfGroup(string column = "branch_id") => $"{column} is null";

    /// <summary>Any of these.</summary>
    public static string Any(params string[] rules) => string.Join(" or ", rules);
}

/// <summary>Which rows of a table a statement of the app may touch, per verb, as conditions of <see cref="RowRule"/>.</summary>
/// <param name="Insert">Null: none.</param>
/// <param name="Update">Null: none.</param>
/// <param name="Delete">Null: none.</param>
public sealed record RowAccess(string Read, string? Insert, string? Update, string? Delete)
{
    public RowAccess(string read, string write) : this(read, write, write, write) { }
}
