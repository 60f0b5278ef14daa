using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Audit;
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

    /// <summary>The agreement moved to another day by one more amendment, signed and sealed.</summary>
    protected async Task RescheduledAsync(AgreementId id, DateOnly to)
    {
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, id, 0, Reschedule(to), Ct)).Refusal);
        await SignEverybodyAsync(id);
        Assert.Null((await Seal.RunAsync(Job, Ct)).Refusal);
    }

    /// <summary>A stored document of the newest paper, opened.</summary>
    protected async Task<byte[]> FileAsync(AgreementId id, FileKind kind, int version = 1) => (await Door.ReadAsync<byte[]>(PortoStaff, TenantScope.Of(Porto), Domain.Organization.Access.MemberOf(Porto), async (db, _, ct) =>
        await Papers.FileAsync(db, new PaperId((Guid)(await SqlAsync("select id from agreements.papers where agreement_id = $1 and version = $2", id.Value, version))!), kind, null, ct), Ct)).Value;
}
