using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Proposals.Api;

/// <summary>Forgets answers nobody asks for again, proofs of who somebody is that are good no more, and sessions no cookie can be of.</summary>
public sealed class ForgetAnswers(VaultDbs dbs) : IVaultJob
{
    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        await using var connection = await dbs.OpenConnectionAsync(TenantScope.None, ct);
        var answers = await DeleteAsync("delete from proposals.kept_answers where at < clock_timestamp() - $1", KeptAnswer.Lifetime);
        var proofs = await DeleteAsync("delete from proposals.fresh_sign_ins where at < clock_timestamp() - $1", 2 * FreshSignIns.Lifetime);
        var sessions = await DeleteAsync("delete from organization.ended_sessions where at < clock_timestamp() - $1", EndedSession.Kept);
        if (answers + proofs + sessions == 0) return JobReport.NothingToDo("No old answers");
        return JobReport.Of($"Forgot {answers} old {(answers == 1 ? "answer" : "answers")}, {proofs} old {(proofs == 1 ? "proof" : "proofs")} of who somebody is and {sessions} old {(sessions == 1 ? "session" : "sessions")}");

        async Task<int> DeleteAsync(string sql, TimeSpan old)
        {
            await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = old } } };
            return await command.ExecuteNonQueryAsync(ct);
        }
    }
}
