using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace StudioVault.Bench;

/// <summary>A private PostgreSQL with the product's durability and a migrated database; nodes are composed as the product composes them.</summary>
internal sealed class BenchLab : IAsyncDisposable
{
    private const string Database = "studiovault";
    private readonly string _folder;
    private readonly EmbeddedPostgres _server;
    private readonly List<IAsyncDisposable> _nodes = [];

    private BenchLab(string folder, EmbeddedPostgres server)
    {
        (_folder, _server) = (folder, server);
        // Prepared by itself at its second use, as the product's statements are.
        Superuser = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString(Database, EmbeddedPostgres.Superuser)) { MaxAutoPrepare = 32, AutoPrepareMinUsages = 2 }.ConnectionString);
    }

    public NpgsqlDataSource Superuser { get; }

    /// <summary>Processor time of this process and of the server so far.</summary>
    public Cpu Cpu => Cpu.Now(_server.ProcessId);

    public static async Task<BenchLab> StartAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), "sv-bench-" + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(folder, (UnixFileMode)0b111_101_101);
        var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Folder = Path.Combine(folder, "pg"), MaxConnections = 200 });
        await VaultSetup.CreateDatabaseAsync(server.ConnectionString("postgres", EmbeddedPostgres.Superuser), Database, CancellationToken.None);
        await VaultSetup.RunAsync(server.ConnectionString(Database, EmbeddedPostgres.Superuser), null, CancellationToken.None);
        return new BenchLab(folder, server);
    }

    /// <summary>A node of the product on this database; its hosted services are started by whoever wants them.</summary>
    public async Task<ServiceProvider> NodeAsync()
    {
        var database = await VaultDatabase.OpenAsync(new VaultOptions
        {
            AppConnection = _server.ConnectionString(Database, VaultRoles.Default.App),
            SequencerConnection = _server.ConnectionString(Database, VaultRoles.Default.Sequencer),
            DataDir = _folder,
        }, CancellationToken.None);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddVault(database, MasterKey.Load(Path.Combine(_folder, "master.key"), mayCreate: true), GroupKey.Load(Path.Combine(_folder, "group.pem"), "studiovault/bench", mayCreate: true));
        var node = services.BuildServiceProvider();
        _nodes.Add(node);
        return node;
    }

    /// <summary>A branch with a manager, and an HQ administrator.</summary>
    public static async Task<(BranchId Branch, Sender Manager, Sender Hq)> SeedAsync(WriteDoor door)
    {
        var branch = BranchId.New();
        Sender manager = Sender.Nobody, hq = Sender.Nobody;
        await MustAsync(door.RunAsync<Done>(new Command("bench.setup", Sender.System("bench"), TenantScope.Hq, Access.Hq, "bench", "1"), (context, _) =>
        {
            context.Db.Branches.Add(Branch.Open(branch, "bench", "Bench", "Porto", "PT", "EUR", "Europe/Lisbon", Ownership.Company, "EU", "IVA", 23m, "bench@northlight.example"));
            manager = Add("manager", p => Membership.In(branch, p, Role.BranchManager));
            hq = Add("hq", Membership.Hq);
            return Task.FromResult<Result<Done>>(Done.It);

            Sender Add(string name, Func<PersonId, Membership> membership)
            {
                var mail = $"{name}@northlight.example";
                var person = new Person { Name = name, UserName = mail, NormalizedUserName = mail.ToUpperInvariant(), Email = mail, NormalizedEmail = mail.ToUpperInvariant(), SecurityStamp = Guid.NewGuid().ToString() };
                context.Db.Users.Add(person);
                context.Db.Memberships.Add(membership(person.PersonId));
                return Sender.Person(person.PersonId, person.SecurityStamp);
            }
        }, CancellationToken.None));
        return (branch, manager, hq);
    }

    /// <summary>What a refusal would hide: a benchmark of nothing.</summary>
    public static async Task<T> MustAsync<T>(Task<Result<T>> work)
    {
        var result = await work;
        return result.IsRefused ? throw new InvalidOperationException(result.Refusal.ToString()) : result.Value;
    }

    public async Task SqlAsync(string sql)
    {
        await using var command = Superuser.CreateCommand(sql);
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        await Superuser.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
