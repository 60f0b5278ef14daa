using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>Whether an executed agreement can be withdrawn from now.</summary>
/// <param name="Content">The agreement with everything that is agreed.</param>
/// <param name="First">Version 1.</param>
/// <param name="ConcludedAt">The last signature of version 1.</param>
/// <param name="OpenUntil">Last branch-local day; the day of conclusion where there is no such right.</param>
/// <param name="Refusal">Why not; null when it can.</param>
public sealed record WithdrawalStanding(AgreementContent Content, PaperId First, DateTimeOffset ConcludedAt, DateOnly OpenUntil, Refusal? Refusal)
{
    /// <returns><c>refuse.agreement.not_in_force</c> before the first paper is executed, <c>refuse.client.erased</c>.</returns>
    internal static async Task<Result<WithdrawalStanding>> OfAsync(VaultDb db, Papers papers, Agreement agreement, DateTimeOffset now, CancellationToken ct)
    {
        if (!(await papers.ChainAsync(db, agreement.Id, agreement.Head, ct)).TryGet(out var chain, out var refusal)) return refusal;
        var content = AgreementContent.From(chain.Whole().Content).Value;
        var first = await db.SealedPapers.AsNoTracking().Where(s => s.AgreementId == agreement.Id && s.Version == 1).Select(s => s.PaperId).SingleAsync(ct);
        var concluded = await db.Signatures.AsNoTracking().Where(s => s.PaperId == first).MaxAsync(s => s.SignedAt, ct);
        var on = BranchClock.DayOf(concluded, content.Studio.TimeZone);
        return new WithdrawalStanding(content, first, concluded, WithdrawalPeriod.LastDay(on, content.Withdrawal.Days), WithdrawalPeriod.Refuses(agreement.State, content.Withdrawal, on, BranchClock.DayOf(now, content.Studio.TimeZone)));
    }
}
