using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Agreements;

/// <summary>A vault with agreements that were signed, sealed and noted in a numbered and signed audit log.</summary>
public abstract class ExecutedTest(PostgresServer server) : AgreementsTest(server)
{
    private NpgsqlDataSource _sequencer = null!;

    private protected ShortFolder Folder { get; } = new();
    protected GroupKey LogKey { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        LogKey = GroupKey.Load(Folder["key.pem"], GroupKey.LogName, mayCreate: true);
        _sequencer = NpgsqlDataSource.Create(Server.For(Database, VaultRoles.Default.Sequencer));
    }

    public override async ValueTask DisposeAsync()
    {
        await _sequencer.DisposeAsync();
        LogKey.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    /// <summary>Numbers the audit log and signs it up to its end.</summary>
    protected Task NumberAsync() =>
        new Sequencer(new SequencerSource(_sequencer), Wake, LogKey, new LiveOptions(), new SequencerOptions { CheckpointInterval = TimeSpan.Zero }, NullLogger<Sequencer>.Instance).NumberAsync(Ct);

    /// <summary>An agreement that everybody signed and that is sealed.</summary>
    protected async Task<AgreementId> ExecutedAsync(params ClientInput[] clients)
    {
        var id = await SentAsync(clients);
        await SignAndSealAsync(id);
        return id;
    }

    /// <summary>The agreement moved to another day by one more amendment, signed and sealed.</summary>
    protected async Task RescheduledAsync(AgreementId id, DateOnly to)
    {
        var input = new AmendmentInput(AmendmentKind.Reschedule, new DateOnly(2099, 1, 1), "The venue was double booked.", PriceBasis.Original,
            [AmendmentOperation.Set("/event/on", AgreementContent.Day(to))], new Dictionary<int, Precedence>());
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, id, 0, input, Ct)).Refusal);
        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);
        await SignAndSealAsync(id);
    }

    /// <summary>A stored document of the newest paper, opened.</summary>
    protected async Task<byte[]> FileAsync(AgreementId id, FileKind kind, int version = 1) => (await Door.ReadAsync<byte[]>(PortoStaff, TenantScope.Of(Porto), Domain.Organization.Access.MemberOf(Porto), async (db, _, ct) =>
        await Papers.FileAsync(db, new PaperId((Guid)(await SqlAsync("select id from agreements.papers where agreement_id = $1 and version = $2", id.Value, version))!), kind, null, ct), Ct)).Value;

    /// <summary>What is out is signed by everybody and sealed.</summary>
    protected async Task SignAndSealAsync(AgreementId id)
    {
        var parties = (string)(await SqlAsync("select string_agg(s.party_id, ' ') from agreements.signings s join agreements.papers p on p.id = s.paper_id where p.agreement_id = $1 and p.state = 'Sent' and s.issue = p.issue", id.Value))!;
        foreach (var party in parties.Split(' ')) Assert.Null((await SignAsync(await LinkAsync(id, party), "Typed name")).Refusal);
        Assert.Null((await Seal.RunAsync(Sender.System("agreements.seal"), Ct)).Refusal);
    }
}
