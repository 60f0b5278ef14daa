using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>A stop as pages show it.</summary>
/// <param name="What">What it stops, with the names of branches and agents: "everything of Finance".</param>
/// <param name="MayLift">Whether the reader may ask for it to be lifted at all.</param>
/// <param name="AskedByMe">The reader, or somebody who is the same human, was the first of the two: the second must be somebody else.</param>
/// <param name="ByHq">Headquarters threw it, or it covers more than one branch: a branch's managers do not lift it.</param>
/// <param name="Lifters">For a reader who may not lift it: whom to ask, by name.</param>
public sealed record StopView(Stop Stop, string What, bool MayLift, bool AskedByMe, bool ByHq, IReadOnlyList<string> Lifters);

/// <summary>Something that can be stopped.</summary>
public sealed record StopChoice(StopLevel Level, string Key, string Name, string? Detail);

/// <summary>What a stop would do, as things stand now.</summary>
/// <param name="What">As <see cref="StopView.What"/>.</param>
/// <param name="Killed">Approved and not carried out: they end.</param>
/// <param name="Running">Being carried out at this moment: they finish first.</param>
/// <param name="Open">Wait for a decision: they stay, and none of them can be carried out.</param>
/// <param name="Branches">In so many branches.</param>
/// <param name="Titles">The first few that end.</param>
/// <param name="Lifters">Everybody who may lift it; it takes two of them who are different people.</param>
/// <param name="LiftingHumans">How many different people they are.</param>
/// <param name="InForce">The same stop when it is in force already.</param>
public sealed record StopRadius(string What, int Killed, int Running, int Open, int Branches, IReadOnlyList<string> Titles, IReadOnlyList<string> Lifters, int LiftingHumans, Stop? InForce);

/// <summary>A node's leave to execute.</summary>
public sealed record LeaseView(string Node, DateTimeOffset Until, long Fence);

/// <summary>Everything the page of the stop shows.</summary>
/// <param name="InForce">Oldest first.</param>
/// <param name="Lifted">Newest first.</param>
/// <param name="Choices">What the reader may stop.</param>
/// <param name="Drills">Newest first; empty for a branch's managers.</param>
/// <param name="Leases">Of every node there ever was in the last day; empty for a branch's managers.</param>
public sealed record StopBoard(DateTimeOffset Now, IReadOnlyList<StopView> InForce, IReadOnlyList<StopView> Lifted, IReadOnlyList<StopChoice> Choices, IReadOnlyList<StopDrill> Drills, IReadOnlyList<LeaseView> Leases);

/// <summary>What people ask about the stop before and after they throw it.</summary>
public sealed class StopQueries(WriteDoor door, CapabilityRegistry registry, ProposalTexts texts)
{
    /// <summary>Lifted stops and drills of one answer.</summary>
    public const int Depth = 50;

    /// <summary>Without a drill for so long, nobody knows whether the stop still holds.</summary>
    public static readonly TimeSpan DrillGood = TimeSpan.FromDays(8);

    private const int FirstFew = 5;
    private static readonly ProposalState[] Dies = [ProposalState.Approved, ProposalState.Grace];
    private static readonly ProposalState[] Waits = [ProposalState.Pending, ProposalState.Claimed, ProposalState.Drafted];

    /// <summary>The board. HQ sees all; a branch's managers what covers their branch.</summary>
    /// <param name="own">The branch of a manager; null for HQ.</param>
    public Task<Result<StopBoard>> BoardAsync(Sender from, BranchId? own, CancellationToken ct) =>
        door.ReadAsync<StopBoard>(from, ScopeOf(own), AccessOf(own), async (db, caller, token) =>
        {
            var now = await ProposalQueries.NowAsync(db, token);
            var names = await NamesAsync(db, token);
            var stops = await db.Stops.AsNoTracking().Where(s => s.Level != StopLevel.Drill && (own == null || s.BranchId == null || s.BranchId == own))
                .OrderBy(s => s.LiftedAt != null).ThenByDescending(s => s.ThrownAt).Take(Depth).ToListAsync(token);
            var views = await ViewsAsync(db, stops, names, caller, token);
            var drills = own is null ? await db.StopDrills.AsNoTracking().OrderByDescending(d => d.At).Take(20).ToListAsync(token) : [];
            var leases = own is null ? await db.ExecutorLeases.AsNoTracking().Where(l => l.Until > DatabaseNow.Now().AddDays(-1)).OrderBy(l => l.Node).Select(l => new LeaseView(l.Node, l.Until, l.Fence)).ToListAsync(token) : [];
            return new StopBoard(now, [.. views.Where(v => v.Stop.LiftedAt is null).OrderBy(v => v.Stop.ThrownAt)], [.. views.Where(v => v.Stop.LiftedAt is not null)], Choices(names, own), drills, leases);
        }, ct);

    /// <summary>What a stop would do. Refused with <c>refuse.stop.key_unknown</c>.</summary>
    public Task<Result<StopRadius>> RadiusAsync(Sender from, BranchId? own, StopLevel level, string key, CancellationToken ct) =>
        door.ReadAsync<StopRadius>(from, ScopeOf(own), AccessOf(own), async (db, _, token) =>
        {
            var names = await NamesAsync(db, token);
            if (!Choices(names, own).Any(c => c.Level == level && c.Key == key)) return StopRefusals.KeyUnknown.At("key", key);
            var covered = Covered(db.Proposals.AsNoTracking().Where(p => !p.Capability.StartsWith(Decoy.Prefix)), level, key);
            var approved = covered.Where(ProposalSweep.Approved(db));
            // Approved by one of two and claimed, or given back, since: it ends with the rest.
            var half = await approved.CountAsync(p => Waits.Contains(p.State), token);
            var counts = await covered.Where(p => Dies.Contains(p.State) || Waits.Contains(p.State) || p.State == ProposalState.IntentLogged).GroupBy(p => new { p.State, p.BranchId }).Select(g => new { g.Key.State, g.Key.BranchId, Count = g.Count() }).ToListAsync(token);
            var first = await approved.OrderBy(p => p.CreatedAt).Take(FirstFew).ToListAsync(token);
            var reader = await texts.ReaderAsync(db, first, token);
            var titles = first.ConvertAll(p => reader.TextOrGone(p).Title);
            var branch = level == StopLevel.Branch ? new BranchId(Guid.Parse(key)) : (BranchId?)null;
            // What HQ stops in a branch its managers do not lift.
            var memberships = await db.Memberships.AsNoTracking().Where(m => m.Role == Role.HqAdmin || (own != null && m.BranchId == branch && m.Role == Role.BranchManager)).Select(m => m.PersonId).ToListAsync(token);
            var ids = memberships.ConvertAll(p => p.Value);
            var lifters = await db.Users.AsNoTracking().Where(p => ids.Contains(p.Id) && !p.IsDisabled).OrderBy(p => p.Name).ToListAsync(token);
            var same = await db.Stops.AsNoTracking().FirstOrDefaultAsync(s => s.LiftedAt == null && s.Level == level && s.Key == key, token);
            int Count(params ProposalState[] states) => counts.Where(c => states.Contains(c.State)).Sum(c => c.Count);
            return new StopRadius(names.Of(level, key), Count(Dies) + half, Count(ProposalState.IntentLogged), Count(Waits) - half, counts.Select(c => c.BranchId).Distinct().Count(), titles,
                lifters.ConvertAll(p => p.Name), lifters.Select(p => p.Human).Distinct().Count(), same);
        }, ct);

    /// <summary>What is in force and covers a branch, for the line across every page; oldest first.</summary>
    /// <param name="branch">Null: all of it, for HQ.</param>
    public Task<Result<IReadOnlyList<StopView>>> InForceAsync(Sender from, BranchId? branch, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<StopView>>(from, TenantScope.None, Access.AnySignedIn, async (db, caller, token) =>
        {
            var stops = await db.Stops.AsNoTracking().Where(s => s.LiftedAt == null && s.Level != StopLevel.Drill && (s.BranchId == null || branch == null || s.BranchId == branch)).OrderBy(s => s.ThrownAt).ToListAsync(token);
            if (stops.Count == 0) return Array.Empty<StopView>();
            return await ViewsAsync(db, stops, await NamesAsync(db, token), caller, token);
        }, ct);

    /// <summary>Who may lift which, by the rules of <see cref="StopCommands"/>, and humans as accounts are linked now.</summary>
    private static async Task<List<StopView>> ViewsAsync(VaultDb db, List<Stop> stops, Names names, Caller caller, CancellationToken ct)
    {
        var branches = stops.Select(s => s.BranchId).OfType<BranchId>().Distinct().ToList();
        var members = await db.Memberships.AsNoTracking().Where(m => m.Role == Role.HqAdmin || (m.BranchId != null && branches.Contains(m.BranchId.Value))).Select(m => new { m.BranchId, m.PersonId, m.Role }).ToListAsync(ct);
        var hqIds = members.Where(m => m.Role == Role.HqAdmin).Select(m => m.PersonId.Value).ToList();
        List<string> hq = caller.IsHqAdmin ? [] : await db.Users.AsNoTracking().Where(p => hqIds.Contains(p.Id) && !p.IsDisabled).OrderBy(p => p.Name).Select(p => p.Name).ToListAsync(ct);
        var askers = stops.Select(s => s.LiftAskedBy).OfType<PersonId>().Select(p => p.Value).Distinct().ToArray();
        var humans = await FourEyes.HumansAsync(db, askers, ct);
        return stops.ConvertAll(s =>
        {
            var byHq = s.BranchId is not { } b || !members.Exists(m => m.BranchId == b && m.PersonId == s.ThrownBy);
            var mayLift = caller.IsHqAdmin || (!byHq && caller.RoleIn(s.BranchId!.Value) == Role.BranchManager);
            var askedNow = s.LiftAskedBy is { } asked ? new HumanId(humans.GetValueOrDefault(asked.Value, asked.Value)) : (HumanId?)null;
            return new StopView(s, names.Of(s.Level, s.Key), mayLift, caller.PersonId is { } me && caller.Humans.Any(h => s.IsAskedBy(me, h, askedNow)), byHq, mayLift ? [] : hq);
        });
    }

    private static TenantScope ScopeOf(BranchId? own) => own is { } branch ? TenantScope.Of(branch) : TenantScope.Hq;

    private static Access AccessOf(BranchId? own) => own is { } branch ? Access.ManagerOf(branch) : Access.Hq;

    /// <summary>As <see cref="Stop.Covers"/> says.</summary>
    private IQueryable<Proposal> Covered(IQueryable<Proposal> all, StopLevel level, string key)
    {
        if (level is StopLevel.Global or StopLevel.Area or StopLevel.Branch)
        {
            var spared = registry.All.Where(d => d.HoldsBack).Select(d => d.Name).ToList();
            all = all.Where(p => !spared.Contains(p.Capability));
        }

        switch (level)
        {
            case StopLevel.Global: return all;
            case StopLevel.Area: return all.Where(p => p.Area == key);
            case StopLevel.Capability: return all.Where(p => p.Capability == key);
            case StopLevel.Branch:
                var branch = new BranchId(Guid.Parse(key));
                return all.Where(p => p.BranchId == branch);
            default:
                // Anywhere in its chain; no person has an agent's id.
                var id = new JsonObject { ["id"] = Guid.Parse(key).ToString() }.ToJsonString()[1..^1];
                return all.Where(p => p.ChainJson.Contains(id));
        }
    }

    private List<StopChoice> Choices(Names names, BranchId? own)
    {
        if (own is { } branch) return [new StopChoice(StopLevel.Branch, branch.ToString(), names.Branches.GetValueOrDefault(branch.ToString(), "this branch"), null)];
        return
        [
            new StopChoice(StopLevel.Global, "", "Everything", null),
            .. registry.All.GroupBy(c => c.Area).Select(g => new StopChoice(StopLevel.Area, g.Key, g.Key, g.Count() == 1 ? "1 capability" : $"{g.Count()} capabilities")),
            .. registry.All.Select(c => new StopChoice(StopLevel.Capability, c.Name, c.Title, c.Name)),
            .. names.Branches.OrderBy(b => b.Value, StringComparer.CurrentCulture).Select(b => new StopChoice(StopLevel.Branch, b.Key, b.Value, null)),
            .. names.Agents.OrderBy(a => a.Value, StringComparer.CurrentCulture).Select(a => new StopChoice(StopLevel.Agent, a.Key, a.Value, null)),
        ];
    }

    private async Task<Names> NamesAsync(VaultDb db, CancellationToken ct) => new(registry,
        (await db.Branches.AsNoTracking().Select(b => new { b.Id, b.Name }).ToListAsync(ct)).ToDictionary(b => b.Id.ToString(), b => b.Name),
        (await db.Agents.AsNoTracking().Select(a => new { a.Id, a.Name }).ToListAsync(ct)).ToDictionary(a => a.Id.ToString(), a => a.Name));

    /// <param name="Branches">By id as text.</param>
    /// <param name="Agents">By id as text.</param>
    private sealed record Names(CapabilityRegistry Registry, IReadOnlyDictionary<string, string> Branches, IReadOnlyDictionary<string, string> Agents)
    {
        public string Of(StopLevel level, string key) => level switch
        {
            StopLevel.Global => "everything",
            StopLevel.Area => $"everything of {key}",
            StopLevel.Capability => $"“{(Registry.TryFind(key, out var code) ? code.Definition.Title : key)}”",
            StopLevel.Branch => $"everything in {Branches.GetValueOrDefault(key, "a branch")}",
            StopLevel.Agent => $"everything of the agent {Agents.GetValueOrDefault(key, key)}",
            _ => "the drill",
        };
    }
}
