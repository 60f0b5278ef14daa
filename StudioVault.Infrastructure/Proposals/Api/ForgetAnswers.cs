using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Proposals.Api;

/// <summary>Forgets answers nobody asks for again.</summary>
public sealed class ForgetAnswers(VaultDbs dbs) : IVaultJob
{
    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        await using var connection = await dbs.OpenConnectionAsync(TenantScope.None, ct);
        await using var command = new NpgsqlCommand("delete from proposals.kept_answers where at < clock_timestamp() - $1", connection) { Parameters = { new() { Value = KeptAnswer.Lifetime } } };
        var gone = await command.ExecuteNonQueryAsync(ct);
        return gone == 0 ? JobReport.NothingToDo("No old answers") : JobReport.Of($"Forgot {gone} old {(gone == 1 ? "answer" : "answers")}");
    }
}
