using System.Net;
using Npgsql;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Hosting;

/// <summary>
/// Every setting of StudioVault. Read once at start by <see cref="SettingsReader"/>, which refuses to go on while a key is
/// bad or unknown. The summaries below are the configuration table of the README: a test keeps the two the same.
/// </summary>
/// <remarks>
/// A key such as <c>Demo:Enabled</c> is set by the environment variable <c>Demo__Enabled</c>, by <c>--Demo:Enabled=true</c>
/// on the command line or in <c>appsettings.json</c>. Durations are written <c>hh:mm:ss</c> or with a unit: <c>250ms</c>,
/// <c>5s</c>, <c>10m</c>, <c>12h</c>.
/// </remarks>
public sealed record VaultSettings
{
    /// <summary>Folder for everything kept outside the database: keys, generated secrets, and the private PostgreSQL when no connection string is set.</summary>
    public string DataDir { get; init; } = ".data";

    public ConnectionStringSettings ConnectionStrings { get; init; } = new();
    public DatabaseSettings Database { get; init; } = new();
    public DemoSettings Demo { get; init; } = new();
    public SecuritySettings Security { get; init; } = new();
    public SessionSettings Session { get; init; } = new();
    public AuditSettings Audit { get; init; } = new();
    public LiveSettings Live { get; init; } = new();
    public JobsSettings Jobs { get; init; } = new();
    public DocumentsSettings Documents { get; init; } = new();
    public SiteSettings Site { get; init; } = new();
    public MailSettings Mail { get; init; } = new();
    public LogSettings Log { get; init; } = new();
    public TelemetrySettings Telemetry { get; init; } = new();
    public ShutdownSettings Shutdown { get; init; } = new();

    /// <summary>Where the audit keeps what does not lie in the database.</summary>
    public Infrastructure.Audit.AuditPlaces AuditPlaces
    {
        get
        {
            var folder = Path.GetFullPath(Path.Combine(DataDir, "audit"));
            return new(folder, Path.GetFullPath(Audit.CheckpointFile ?? Path.Combine(folder, "checkpoints.txt")));
        }
    }

    /// <summary>What the database part needs of them.</summary>
    public VaultOptions ToVaultOptions() => new()
    {
        AppConnection = With(ConnectionStrings.Vault, Database.Password),
        OwnerConnection = With(ConnectionStrings.VaultOwner, Database.OwnerPassword),
        SequencerConnection = With(ConnectionStrings.VaultSequencer, Database.SequencerPassword),
        BinFolder = Database.BinFolder,
        DataDir = DataDir,
        KeyFiles = new VaultKeyFiles(MasterKeyFile, Security.MasterKeyFile is not null, SigningKeyFile, Audit.SigningKeyFile is not null),
    };

    /// <summary>The master key: the file the operator named, or the one we keep ourselves.</summary>
    public string MasterKeyFile => Path.GetFullPath(Security.MasterKeyFile ?? Path.Combine(DataDir, "keys", "master.key"));

    /// <summary>The signing key of the ledger: the file the operator named, or the one we keep ourselves.</summary>
    public string SigningKeyFile => Path.GetFullPath(Audit.SigningKeyFile ?? Path.Combine(DataDir, "keys", "audit-signing.pem"));

    private static string? With(string? connectionString, string? password) =>
        connectionString is null || password is null ? connectionString : new NpgsqlConnectionStringBuilder(connectionString) { Password = password }.ConnectionString;
}

public sealed record ConnectionStringSettings
{
    /// <summary>PostgreSQL as the application uses it. Empty: a private server is started in the data folder. A strong role here is used for the set-up only, and weaker ones are made beside it.</summary>
    [Secret, ConnectionString]
    public string? Vault { get; init; }

    /// <summary>PostgreSQL as the owner of the schema, for migrations. Leave it out on nodes that must not migrate.</summary>
    [Secret, ConnectionString]
    public string? VaultOwner { get; init; }

    /// <summary>PostgreSQL as the sequencer of the audit ledger. Leave it out on nodes that must not number entries.</summary>
    [Secret, ConnectionString]
    public string? VaultSequencer { get; init; }

    // A record would write its secrets into every message it is put into.
    public override string ToString() => "(connection strings)";
}

public sealed record DatabaseSettings
{
    /// <summary>Password for <c>ConnectionStrings:Vault</c>, where it is kept apart from the connection string.</summary>
    [Secret]
    public string? Password { get; init; }

    /// <summary>Password for <c>ConnectionStrings:VaultOwner</c>.</summary>
    [Secret]
    public string? OwnerPassword { get; init; }

    /// <summary>Password for <c>ConnectionStrings:VaultSequencer</c>.</summary>
    [Secret]
    public string? SequencerPassword { get; init; }

    /// <summary>Folder with <c>initdb</c> and <c>postgres</c> for the private server. Empty: the newest installed.</summary>
    [Existing(Folder = true)]
    public string? BinFolder { get; init; }

    public override string ToString() => "(database)";
}

public sealed record DemoSettings
{
    /// <summary>Demo mode: a ribbon on every page and sign-in as each demo person with one click. Never with real data.</summary>
    public bool Enabled { get; init; }

    /// <summary>Load the demo group into an empty database at start. Needs demo mode.</summary>
    public bool LoadOnStart { get; init; }

    /// <summary>How many of the demo group's bookings get an agreement, signed, printed and sealed in the background after the start (about a second each).</summary>
    public int Agreements { get; init; } = 120;
}

public sealed record SecuritySettings
{
    /// <summary>Cookies for HTTPS only. May be off in demo mode and in development, where browsers speak plain HTTP.</summary>
    public bool RequireHttps { get; init; } = true;

    /// <summary>Proxies whose word on the visitor's address and scheme is taken: addresses or networks (<c>10.0.0.0/8</c>), separated by commas.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>The master key, which encrypts the keys in the database; every node needs the same. Empty: made in the data folder.</summary>
    [Existing]
    public string? MasterKeyFile { get; init; }
}

public sealed record SessionSettings
{
    /// <summary>How long a sign-in lasts without use.</summary>
    [Between("5m", "7.00:00:00")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(12);
}

public sealed record AuditSettings
{
    /// <summary>Private key (ECDSA P-256, PEM) that signs the checkpoints of the ledger; every node needs the same. Empty: made in the data folder.</summary>
    [Existing]
    public string? SigningKeyFile { get; init; }

    /// <summary>Longest time until new audit entries are covered by a signed checkpoint.</summary>
    [Between("100ms", "1h")]
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>File that this node appends checkpoints to, best on another device, where those who run the database cannot write. Empty: in the data folder.</summary>
    public string? CheckpointFile { get; init; }
}

public sealed record LiveSettings
{
    /// <summary>How often a node looks for new events when nothing wakes it.</summary>
    [Between("50ms", "1m")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);
}

public sealed record JobsSettings
{
    /// <summary>Run scheduled jobs on this node. At least one node needs it.</summary>
    public bool Enabled { get; init; } = true;
}

public sealed record DocumentsSettings
{
    /// <summary>Chromium's program, which makes the PDFs. Empty: the one installed in a usual place.</summary>
    [Existing]
    public string? BrowserPath { get; init; }
}

/// <summary>Shape of the log lines.</summary>
public enum LogFormat
{
    /// <summary>Text in development, JSON elsewhere.</summary>
    Auto,

    /// <summary>One line for people.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}

public sealed record SiteSettings
{
    /// <summary>Address under which clients reach StudioVault, for example <c>https://vault.example.org</c>: it stands in mails and on documents.</summary>
    public Uri Address { get; init; } = new("http://localhost:5080");

    /// <summary>Name of the group as it stands in the seal of documents.</summary>
    public string Group { get; init; } = "StudioVault";
}

public sealed record MailSettings
{
    /// <summary>The group's mail server (SMTP). Empty: mails to clients wait; the demo shows them.</summary>
    public string? Host { get; init; }

    /// <summary>Port of the mail server.</summary>
    [Between("1", "65535")]
    public int Port { get; init; } = 587;

    /// <summary>Encrypt the way to the mail server (STARTTLS).</summary>
    public bool UseTls { get; init; } = true;

    /// <summary>Name to sign in to the mail server with. Empty: none.</summary>
    public string? User { get; init; }

    /// <summary>Password to sign in to the mail server with.</summary>
    [Secret]
    public string? Password { get; init; }

    /// <summary>Sender of mails to clients.</summary>
    [Sender]
    public string From { get; init; } = "StudioVault <no-reply@localhost>";

    public override string ToString() => "(mail)";
}

public sealed record LogSettings
{
    /// <summary>Shape of the log on standard output: JSON for machines, text for people; <c>Auto</c> is text in development.</summary>
    public LogFormat Format { get; init; } = LogFormat.Auto;

    /// <summary>Least severe message of StudioVault's own that is written.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;
}

public sealed record TelemetrySettings
{
    /// <summary>OTLP collector (HTTP, protobuf) for metrics and traces, for example <c>http://collector:4318</c>. Empty: none are sent.</summary>
    public Uri? OtlpEndpoint { get; init; }
}

public sealed record ShutdownSettings
{
    /// <summary>How long the node answers "not ready" before it stops, so that the balancer can turn away from it.</summary>
    [Between("0s", "2m")]
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(5);
}
