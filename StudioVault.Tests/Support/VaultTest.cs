using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>A test with a database of its own, the door, two branches (Porto, Berlin) and one person per role.</summary>
public abstract class VaultTest(PostgresServer server) : IAsyncLifetime
{
    private NpgsqlDataSource _app = null!;
    private NpgsqlDataSource _doors = null!;
    private NpgsqlDataSource _owner = null!;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;
    protected PostgresServer Server { get; } = server;
    protected string Database { get; private set; } = "";
    protected VaultDbs Dbs { get; private set; } = null!;
    protected WriteDoor Door { get; private set; } = null!;
    protected FeedWake Wake { get; } = new();

    /// <summary>How the app reaches the database.</summary>
    protected virtual string AppConnection => Server.For(Database, VaultRoles.Default.App);

    /// <summary>The app role's source.</summary>
    protected NpgsqlDataSource App => _app;

    /// <summary>The superuser's source: for set-up, and for playing the database administrator who tampers.</summary>
    protected NpgsqlDataSource Superuser => _owner;

    protected BranchId Porto { get; } = BranchId.New();
    protected BranchId Berlin { get; } = BranchId.New();
    protected Sender Hq { get; private set; } = Sender.Nobody;
    protected Sender Ana { get; private set; } = Sender.Nobody;
    protected Sender Rui { get; private set; } = Sender.Nobody;
    protected Sender PortoStaff { get; private set; } = Sender.Nobody;
    protected Sender BerlinManager { get; private set; } = Sender.Nobody;

    public virtual async ValueTask InitializeAsync()
    {
        Database = await Server.CopyAsync();
        (_app, _doors) = VaultDatabase.AppSources(AppConnection);
        _owner = NpgsqlDataSource.Create(Server.For(Database, EmbeddedPostgres.Superuser));
        Dbs = new VaultDbs(_app, _doors);
        Door = new WriteDoor(Dbs, Wake, new NodeIdentity("test"), NullLogger<WriteDoor>.Instance);
        await SeedOrganizationAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _doors.DisposeAsync();
        await _owner.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs SQL as the superuser.</summary>
    protected async Task<object?> SqlAsync(string sql, params object[] args)
    {
        await using var command = Superuser.CreateCommand(sql);
        foreach (var arg in args) command.Parameters.Add(new() { Value = arg });
        return await command.ExecuteScalarAsync(Ct);
    }

    /// <summary>Runs SQL as the database administrator who writes no audit entry.</summary>
    protected async Task<object?> PastGuardsAsync(string sql, params object[] args)
    {
        await using var connection = await Superuser.OpenConnectionAsync(Ct);
        await using (var past = new NpgsqlCommand("set session_replication_role = replica", connection)) await past.ExecuteNonQueryAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var arg in args) command.Parameters.Add(new() { Value = arg });
        var answer = await command.ExecuteScalarAsync(Ct);
        // The next one who gets this connection has the guards again.
        await using var again = new NpgsqlCommand("reset session_replication_role", connection);
        await again.ExecuteNonQueryAsync(Ct);
        return answer;
    }

    private async Task SeedOrganizationAsync()
    {
        Result<Done> done = await Door.RunAsync<Done>(new Command("setup.organization", Sender.System("test"), TenantScope.Hq, Access.Hq, "group", "test"), (context, _) =>
        {
            context.Db.Branches.Add(Branch.Open(Porto, "porto", "Northlight Porto", "Porto", "PT", "EUR", "Europe/Lisbon", Ownership.Company, "EU", "IVA", 23m, "porto@northlight.example"));
            context.Db.Branches.Add(Branch.Open(Berlin, "berlin", "Northlight Berlin", "Berlin", "DE", "EUR", "Europe/Berlin", Ownership.Independent, "EU", "MwSt", 19m, "berlin@northlight.example"));
            Hq = Add(context.Db, "Helena", Membership.Hq);
            Ana = Add(context.Db, "Ana", p => Membership.In(Porto, p, Role.BranchManager));
            Rui = Add(context.Db, "Rui", p => Membership.In(Porto, p, Role.BranchManager));
            PortoStaff = Add(context.Db, "Inês", p => Membership.In(Porto, p, Role.Staff));
            BerlinManager = Add(context.Db, "Jonas", p => Membership.In(Berlin, p, Role.BranchManager));
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct);
        Assert.Null(done.Refusal);
    }

    protected static Sender Add(VaultDb db, string name, Func<PersonId, Membership> membership)
    {
        var mail = $"{name.ToLowerInvariant()}@northlight.example";
        var person = new Person
        {
            Name = name,
            UserName = mail,
            NormalizedUserName = mail.ToUpperInvariant(),
            Email = mail,
            NormalizedEmail = mail.ToUpperInvariant(),
            SecurityStamp = Guid.NewGuid().ToString(),
        };
        db.Users.Add(person);
        db.Memberships.Add(membership(person.PersonId));
        return Sender.Person(person.PersonId, person.SecurityStamp);
    }
}
