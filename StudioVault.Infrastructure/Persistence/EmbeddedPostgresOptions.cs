namespace StudioVault.Infrastructure.Persistence;

/// <summary>How a private PostgreSQL is started.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>
    /// Folder of this server alone: cluster, socket and log live in it. Made when missing. Its path may have at most
    /// <see cref="EmbeddedPostgres.LongestFolder"/> bytes, because the socket inside it must fit the system's limit.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>Folder with <c>initdb</c> and <c>postgres</c>; null looks where Debian puts them, then along PATH.</summary>
    public string? BinFolder { get; init; }

    /// <summary>Connections PostgreSQL accepts at once.</summary>
    public int MaxConnections { get; init; } = 120;

    /// <summary>
    /// True keeps fsync, full_page_writes and synchronous_commit on. StudioVault itself refuses to run without them, so
    /// only tests that prove nothing about durability may turn it off.
    /// </summary>
    public bool Durable { get; init; } = true;

    /// <summary>Start the server again when it ends without having been asked to, for example killed for want of memory.</summary>
    public bool Restart { get; init; }

    /// <summary>Further server settings by name; they win over everything set here.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The user PostgreSQL runs as when we are root, which PostgreSQL refuses to be. A cluster made by another user keeps its user.</summary>
    public string UnprivilegedUser { get; init; } = "nobody";

    /// <summary>How long the server may take until it answers, crash recovery included.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
