using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Decoys;

/// <summary>Headquarters switches tests of reviewers on and off. They are off until it does.</summary>
public sealed class DecoyCommands(WriteDoor door, ProposalSweep sweep)
{
    /// <summary>Switches them for the group or a branch; open ones end when they are switched off. Refused as <see cref="DecoySwitch.Of"/> and with <c>refuse.kernel.not_found</c>.</summary>
    /// <param name="branch">Null: the group.</param>
    public async Task<Result<Done>> SwitchAsync(Sender from, BranchId? branch, bool on, string reason, CancellationToken ct)
    {
        var result = await door.RunAsync<Done>(new Command("decoy.switch", from, TenantScope.Hq, Access.Hq, "decoys", branch?.ToString() ?? "group"), async (context, token) =>
        {
            await context.Db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('decoys:switch', 0))", token);
            if (branch is { } of && !await context.Db.Branches.AnyAsync(b => b.Id == of, token)) return KernelRefusals.NotFound;
            var before = await context.Db.DecoySwitches.AsNoTracking().Where(s => s.BranchId == branch).OrderByDescending(s => s.At).FirstOrDefaultAsync(token);
            if (!DecoySwitch.Of(before, branch, on, reason, context.Now, context.Caller.PersonId, context.Caller.Chain.Acting.Name).TryGet(out var made, out var refusal)) return refusal;
            context.Db.DecoySwitches.Add(made);
            context.Audit(new JsonObject { ["branchId"] = branch?.ToString(), ["on"] = on, ["reason"] = made.Reason });
            context.Announce(Topics.DecoysChanged, branch, new JsonObject { ["on"] = on });
            return Done.It;
        }, ct);
        if (!result.IsRefused && !on) await sweep.EndDecoysAsync(ct);
        return result;
    }
}

/// <summary>Where tests are on.</summary>
internal static class DecoyStanding
{
    /// <summary>The switch that holds for the group and each branch; null stands for the group.</summary>
    public static async Task<IReadOnlyList<DecoySwitch>> NowAsync(VaultDb db, CancellationToken ct) =>
        [.. (await db.DecoySwitches.AsNoTracking().OrderByDescending(s => s.At).ToListAsync(ct)).DistinctBy(s => s.BranchId)];

    public static bool IsOn(IReadOnlyList<DecoySwitch> now, BranchId branch) => now.Any(s => s.BranchId is null && s.IsOn) && now.Any(s => s.BranchId == branch && s.IsOn);
}
