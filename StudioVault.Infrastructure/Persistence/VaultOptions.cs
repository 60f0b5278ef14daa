namespace StudioVault.Infrastructure.Persistence;

/// <summary>Where the database is. Without any connection string a private PostgreSQL is started in the data folder.</summary>
public sealed class VaultOptions
{
    /// <summary>What the app logs in as. A role that is too strong is used for the set-up only, and weaker ones are made.</summary>
    public string? AppConnection { get; set; }

    /// <summary>A role that owns the schema; needed for migrations only.</summary>
    public string? OwnerConnection { get; set; }

    /// <summary>What the sequencer logs in as; derived from the app's when empty and the set-up makes the roles.</summary>
    public string? SequencerConnection { get; set; }

    /// <summary>Folder with the programs of the private PostgreSQL; the newest installed when empty.</summary>
    public string? BinFolder { get; set; }

    /// <summary>Apply the protection of the tables even where it was applied before: mends what somebody changed since.</summary>
    public bool ProtectAgain { get; set; }

    /// <summary>
    /// Give the roles this node's passwords, given or kept or new, though they exist: nodes that log in with the old ones are locked out.
    /// Without it only a role that is made gets a password.
    /// </summary>
    public bool SetPasswords { get; set; }

    /// <summary>Where the keys outside the database lie; null for a verb that works without them.</summary>
    public VaultKeyFiles? KeyFiles { get; set; }

    /// <summary>Folder for the private PostgreSQL, keys and generated secrets.</summary>
    public string DataDir { get; set; } = ".data";
}
