using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using Xunit;

namespace StudioVault.E2E.Support;

/// <summary>
/// What a studio does before its client gets a mail, done beside the running program on its database: for journeys that are about
/// the client. The program prints, seals and mails.
/// </summary>
public sealed class StudioHands : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly Sender _manager;
    private readonly ClientCommands _clients;

    private StudioHands(NpgsqlDataSource source, WriteDoor door, MasterKey master, Sender manager, BranchId branch)
    {
        (_source, _manager, Branch) = (source, manager, branch);
        var keys = new ClientKeys(master);
        var letters = new ClientLetters(new MailOut(keys), new ClientLinks(master), new Uri("http://localhost:5080"));
        _clients = new ClientCommands(door, keys);
        Agreements = new AgreementCommands(door, new Papers(keys), keys, new OnePage(), letters);
    }

    public BranchId Branch { get; }
    public AgreementCommands Agreements { get; }
    public Sender Manager => _manager;

    /// <param name="data">The program's data folder.</param>
    /// <param name="manager">Name of a person of the demo group.</param>
    public static async Task<StudioHands> OfAsync(string data, string manager)
    {
        var source = NpgsqlDataSource.Create($"Host={data}/postgres;Database=studiovault;Username=studiovault_app;No Reset On Close=true");
        await using var people = NpgsqlDataSource.Create($"Host={data}/postgres;Database=studiovault;Username=postgres;Pooling=false");
        await using var who = people.CreateCommand("select p.id, p.security_stamp, m.branch_id from organization.people p join organization.memberships m on m.person_id = p.id where p.name = $1");
        who.Parameters.Add(new() { Value = manager });
        await using var reader = await who.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        var door = new WriteDoor(new VaultDbs(source, source), new FeedWake(), new NodeIdentity("e2e"), NullLogger<WriteDoor>.Instance);
        return new(source, door, MasterKey.Load(Path.Combine(data, "keys", "master.key"), mayCreate: false), Sender.Person(new PersonId(reader.GetGuid(0)), reader.GetString(1)), new BranchId(reader.GetGuid(2)));
    }

    /// <summary>The agreement of a booked project of the branch, out for signing by these clients.</summary>
    public async Task<AgreementId> SendAsync(string data, params ClientInput[] clients)
    {
        await using var db = NpgsqlDataSource.Create($"Host={data}/postgres;Database=studiovault;Username=postgres;Pooling=false");
        await using var booked = db.CreateCommand("select p.id from agreements.projects p where p.branch_id = $1 and p.state = 'Booked' and not exists (select 1 from agreements.agreements a where a.project_id = p.id) order by p.event_on desc limit 1");
        booked.Parameters.Add(new() { Value = Branch.Value });
        var project = new ProjectId(Assert.IsType<Guid>(await booked.ExecuteScalarAsync()));
        Assert.Null((await _clients.SetAsync(_manager, Branch, project, clients, CancellationToken.None)).Refusal);
        var begun = await Agreements.BeginAsync(_manager, Branch, project, new HashSet<string>(), CancellationToken.None);
        Assert.Null(begun.Refusal);
        Assert.Null((await Agreements.SendAsync(_manager, Branch, begun.Value, CancellationToken.None)).Refusal);
        return begun.Value;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>The copy for review is not what these journeys are about.</summary>
    private sealed class OnePage : IPaperPrinter
    {
        public Task<Result<byte[]>> PaperAsync(PaperText paper, IReadOnlyList<SignatureFact> signatures, DateTimeOffset at, CancellationToken ct) =>
            Task.FromResult<Result<byte[]>>("%PDF-1.4\n%%EOF\n"u8.ToArray());

        public Task<Result<byte[]>> CertificateAsync(CertificateFacts facts, CancellationToken ct) => throw new NotSupportedException();

        public Task<Result<byte[]>> ReleaseAsync(ReleaseFacts facts, CancellationToken ct) => throw new NotSupportedException();

        public Task<Result<byte[]>> WithdrawalAsync(WithdrawalFacts facts, CancellationToken ct) => throw new NotSupportedException();
    }
}
