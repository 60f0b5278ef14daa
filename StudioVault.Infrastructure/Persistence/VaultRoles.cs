namespace StudioVault.Infrastructure.Persistence;

/// <summary>
/// Names of the database roles. The owner migrates and never runs the app; the app owns nothing and has no DDL; the
/// sequencer numbers the audit log; the backup role reads past row-level security and writes nothing.
/// </summary>
/// <param name="Owner">Owns every table where a superuser does the set-up; nobody logs in as it.</param>
/// <param name="App">What the web processes log in as.</param>
/// <param name="Sequencer">What the sequencer logs in as.</param>
/// <param name="Backup">What pg_dump logs in as.</param>
public sealed record VaultRoles(string Owner, string App, string Sequencer, string Backup)
{
    public static readonly VaultRoles Default = new("studiovault_owner", "studiovault_app", "studiovault_sequencer", "studiovault_backup");
}
