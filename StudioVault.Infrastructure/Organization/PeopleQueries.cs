using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>A role somebody has in a branch.</summary>
public sealed record PersonRole(BranchId Branch, string BranchName, Role Role);

/// <summary>An account of the same human.</summary>
public sealed record LinkedAccount(PersonId Id, string Name, string Title);

/// <summary>Somebody of the group, for HQ.</summary>
/// <param name="Roles">By branch name; empty for headquarters.</param>
/// <param name="Linked">The other accounts of the same human.</param>
/// <param name="Given">Delegations they gave that hold now or later.</param>
/// <param name="Taken">Delegations they were given that hold now or later.</param>
public sealed record PersonView(PersonId Id, string Name, string Title, string Email, bool IsHqAdmin, bool IsDisabled, IReadOnlyList<PersonRole> Roles, IReadOnlyList<LinkedAccount> Linked, IReadOnlyList<DelegationView> Given, IReadOnlyList<DelegationView> Taken)
{
    /// <summary>Whether they chose a password; without one nobody signs in, but for demo people in the demo.</summary>
    public bool HasPassword { get; init; }

    public bool IsDemo { get; init; }

    /// <summary>Until when it rests after five wrong tries at the sign-in; null when it does not.</summary>
    public DateTimeOffset? RestsUntil { get; init; }

    /// <summary>Until when the link to choose a password is good; null when there is none.</summary>
    public DateTimeOffset? LinkUntil { get; init; }

    /// <summary>Who asked for a link to this account of headquarters, where that still counts.</summary>
    public LinkAskView? LinkAsk { get; init; }
}

/// <summary>The first of two humans who want a link for an account of headquarters.</summary>
/// <param name="ByMe">Whether that is the reader, by this account or another one of theirs: somebody else has to answer.</param>
public sealed record LinkAskView(string ByName, DateTimeOffset At, string Reason, bool ByMe);

/// <summary>How a delegation stands.</summary>
public enum DelegationState
{
    /// <summary>It begins later.</summary>
    Coming,

    InForce,

    /// <summary>One above it, or somebody in its chain, is gone: it gives nothing.</summary>
    Broken,

    Expired,
    Revoked,
}

/// <summary>One end of a delegation.</summary>
public sealed record DelegationEnd(Party Party, string Name)
{
    public bool IsAgent => Party.Agent is not null;
}

/// <summary>A delegation with the chain it hangs on.</summary>
/// <param name="Chain">Whose power it is, the root first, then everybody it came through, the receiver last.</param>
/// <param name="Capabilities">What this link gives; null = all the giver has.</param>
/// <param name="MayEnd">Whether the reader may end it.</param>
public sealed record DelegationView(DelegationId Id, BranchId Branch, string BranchName, string Zone, DelegationEnd From, DelegationEnd To, IReadOnlyList<DelegationEnd> Chain, IReadOnlyList<string>? Capabilities,
    DateTimeOffset StartsAt, DateTimeOffset ExpiresAt, string Reason, DelegationState State, DateTimeOffset? RevokedAt, bool MayEnd)
{
    public bool IsOver => State is DelegationState.Expired or DelegationState.Revoked;
}

/// <summary>A key of an agent as HQ sees it; never its secret.</summary>
/// <param name="Branches">Names; null = all the delegations give.</param>
public sealed record AgentKeyView(AgentKeyId Id, string Name, string Shown, IReadOnlyList<string>? Capabilities, IReadOnlyList<string>? Branches, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, bool IsReplaced, DateTimeOffset? LastUsedAt, bool IsLive);

/// <summary>An agent as HQ sees it.</summary>
/// <param name="Keys">Live ones first.</param>
/// <param name="Delegations">Given to it, and by it; those in force first.</param>
public sealed record AgentView(AgentId Id, string Slug, string Name, string Purpose, PersonId OwnerId, string OwnerName, bool OwnerGone, bool IsDisabled, DateTimeOffset CreatedAt, IReadOnlyList<AgentKeyView> Keys, IReadOnlyList<DelegationView> Delegations);

/// <summary>Everybody of the group.</summary>
/// <param name="Branches">Every branch, by name.</param>
public sealed record PeopleBoard(DateTimeOffset Now, IReadOnlyList<PersonView> People, IReadOnlyList<(BranchId Id, string Name)> Branches);

/// <summary>Every agent of the group.</summary>
/// <param name="Owners">People who may answer for one.</param>
/// <param name="Branches">Every branch, by name.</param>
public sealed record AgentsBoard(DateTimeOffset Now, IReadOnlyList<AgentView> Agents, IReadOnlyList<LinkedAccount> Owners, IReadOnlyList<(BranchId Id, string Name)> Branches);

/// <summary>Who stands in for whom in a branch, and what agents may do there.</summary>
/// <param name="Receivers">Whom the reader may give something to: the branch's people and every agent that is on.</param>
/// <param name="Delegations">Those in force first; ended ones of the last month stay visible.</param>
public sealed record BranchDelegations(DateTimeOffset Now, IReadOnlyList<DelegationView> Delegations, IReadOnlyList<DelegationEnd> Receivers);

/// <summary>People, agents and the powers they gave each other.</summary>
public sealed class PeopleQueries(WriteDoor door)
{
    private static readonly TimeSpan EndedStay = TimeSpan.FromDays(30);

    /// <summary>Everybody, by name; HQ only.</summary>
    public Task<Result<PeopleBoard>> PeopleAsync(Sender from, CancellationToken ct) =>
        door.ReadAsync<PeopleBoard>(from, TenantScope.Hq, Access.Hq, async (db, caller, token) =>
        {
            var now = await NowAsync(db, token);
            var branches = await db.Branches.AsNoTracking().ToDictionaryAsync(b => b.Id, b => b.Name, token);
            var people = await db.Users.AsNoTracking().OrderBy(p => p.Name).ToListAsync(token);
            var memberships = (await db.Memberships.AsNoTracking().ToListAsync(token)).ToLookup(m => m.PersonId);
            var humans = people.ToLookup(p => p.Human);
            var admins = people.Where(p => !p.IsDisabled && memberships[p.PersonId].Any(m => m.Role == Role.HqAdmin)).ToDictionary(p => p.PersonId);
            LinkAskView? Ask(Person p) => p is { LinkAskedBy: { } by, LinkAskedAt: { } at } && now - at <= PeopleCommands.AskLifetime && admins.TryGetValue(by, out var asker)
                ? new(asker.Name, at, p.LinkReason ?? "", caller.PersonId is { } me && caller.Humans.Any(h => TwoHumans.IsSame(by, p.LinkAskedHuman, asker.Human, me, h))) : null;
            var delegations = (await DelegationsAsync(db, null, null, now, token)).Where(d => !d.IsOver).ToList();
            return new PeopleBoard(now, people.ConvertAll(p => new PersonView(p.PersonId, p.Name, p.Title, p.Email ?? "", memberships[p.PersonId].Any(m => m.Role == Role.HqAdmin), p.IsDisabled,
                [.. memberships[p.PersonId].Where(m => m.BranchId is not null).Select(m => new PersonRole(m.BranchId!.Value, branches[m.BranchId!.Value], m.Role)).OrderBy(r => r.BranchName, StringComparer.CurrentCulture)],
                [.. humans[p.Human].Where(o => o.Id != p.Id).Select(o => new LinkedAccount(o.PersonId, o.Name, o.Title))],
                [.. delegations.Where(d => d.From.Party.Person == p.PersonId)], [.. delegations.Where(d => d.To.Party.Person == p.PersonId)])
            {
                HasPassword = p.PasswordHash is not null,
                IsDemo = p.IsDemo,
                LinkUntil = p.PasswordLinkUntil > now ? p.PasswordLinkUntil : null,
                LinkAsk = Ask(p),
                RestsUntil = p.LockoutEnd > now ? p.LockoutEnd : null,
            }), [.. branches.OrderBy(b => b.Value, StringComparer.CurrentCulture).Select(b => (b.Key, b.Value))]);
        }, ct);

    /// <summary>Every agent, by name; HQ only.</summary>
    public Task<Result<AgentsBoard>> AgentsAsync(Sender from, CancellationToken ct) =>
        door.ReadAsync<AgentsBoard>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var now = await NowAsync(db, token);
            var branches = await db.Branches.AsNoTracking().OrderBy(b => b.Name).Select(b => new { b.Id, b.Name }).ToListAsync(token);
            var names = branches.ToDictionary(b => b.Id.Value, b => b.Name);
            var people = await db.Users.AsNoTracking().OrderBy(p => p.Name).ToListAsync(token);
            var byId = people.ToDictionary(p => p.Id);
            var keys = (await db.AgentKeys.AsNoTracking().OrderByDescending(k => k.CreatedAt).ToListAsync(token)).ToLookup(k => k.AgentId);
            var uses = await db.AgentKeyUses.AsNoTracking().ToDictionaryAsync(u => u.KeyId, u => u.LastUsedAt, token);
            var delegations = await DelegationsAsync(db, null, null, now, token);
            var agents = await db.Agents.AsNoTracking().OrderBy(a => a.Name).ToListAsync(token);
            return new AgentsBoard(now, agents.ConvertAll(a =>
            {
                var owner = byId.GetValueOrDefault(a.OwnerId.Value);
                return new AgentView(a.Id, a.Slug, a.Name, a.Purpose, a.OwnerId, owner?.Name ?? "Somebody no longer here", owner is null or { IsDisabled: true }, a.IsDisabled, a.CreatedAt,
                    [.. keys[a.Id].Select(k => new AgentKeyView(k.Id, k.Name, k.Shown, k.Capabilities, k.Branches?.Select(b => names.GetValueOrDefault(b, "a branch")).ToList(), k.CreatedAt, byId.GetValueOrDefault(k.CreatedBy.Value)?.Name ?? "", k.ExpiresAt, k.RevokedAt, k.ReplacedBy is not null,
                        uses.TryGetValue(k.Id, out var used) ? used : null, k.IsLive(now))).OrderByDescending(k => k.IsLive)],
                    [.. delegations.Where(d => d.To.Party.Agent == a.Id || d.From.Party.Agent == a.Id)]);
            }), [.. people.Where(p => !p.IsDisabled).Select(p => new LinkedAccount(p.PersonId, p.Name, p.Title))], branches.ConvertAll(b => (b.Id, b.Name)));
        }, ct);

    /// <summary>A branch's delegations, for its people.</summary>
    public Task<Result<BranchDelegations>> OfBranchAsync(Sender from, BranchId branch, CancellationToken ct) =>
        door.ReadAsync<BranchDelegations>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, caller, token) =>
        {
            var now = await NowAsync(db, token);
            var members = (await db.Memberships.AsNoTracking().Where(m => m.BranchId == branch).Select(m => m.PersonId).ToListAsync(token)).ConvertAll(p => p.Value);
            var people = await db.Users.AsNoTracking().Where(p => members.Contains(p.Id) && !p.IsDisabled).OrderBy(p => p.Name).ToListAsync(token);
            var agents = await db.Agents.AsNoTracking().Where(a => !a.IsDisabled).OrderBy(a => a.Name).ToListAsync(token);
            return new BranchDelegations(now, await DelegationsAsync(db, branch, caller, now, token),
                [.. people.Where(p => p.PersonId != caller.PersonId).Select(p => new DelegationEnd(Party.Of(p.PersonId), p.Name)), .. agents.Select(a => new DelegationEnd(Party.Of(a.Id), a.Name))]);
        }, ct);

    /// <param name="reader">Null: HQ, which may end all of them.</param>
    private static async Task<IReadOnlyList<DelegationView>> DelegationsAsync(VaultDb db, BranchId? branch, Caller? reader, DateTimeOffset now, CancellationToken ct)
    {
        var since = now - EndedStay;
        var rows = await db.Delegations.AsNoTracking().Where(d => branch == null || d.BranchId == branch).OrderByDescending(d => d.CreatedAt).ToListAsync(ct);
        var people = await db.Users.AsNoTracking().Select(p => new { p.Id, p.Name, p.IsDisabled }).ToDictionaryAsync(p => p.Id, ct);
        var agents = await db.Agents.AsNoTracking().Select(a => new { a.Id, a.Name, a.IsDisabled }).ToDictionaryAsync(a => a.Id, ct);
        var branches = await db.Branches.AsNoTracking().Select(b => new { b.Id, b.Name, b.TimeZone }).ToDictionaryAsync(b => b.Id, ct);
        var byId = rows.ToDictionary(d => (d.BranchId, d.Id));
        DelegationEnd End(PersonId? person, AgentId? agent) => agent is { } a ? new(Party.Of(a), agents.TryGetValue(a, out var found) ? found.Name : "an agent") : new(Party.Of(person!.Value), people.TryGetValue(person.Value.Value, out var p) ? p.Name : "somebody of another branch");
        bool Off(PersonId? person, AgentId? agent) => agent is { } a ? !agents.TryGetValue(a, out var found) || found.IsDisabled : people.TryGetValue(person!.Value.Value, out var p) && p.IsDisabled;
        return [.. rows.Select(d =>
        {
            var links = new List<Delegation> { d };
            while (links[^1].ParentId is { } parent && links.Count <= DelegationChain.MostBehind + 1 && byId.TryGetValue((d.BranchId, parent), out var above)) links.Add(above);
            List<DelegationEnd> chain = [.. links.AsEnumerable().Reverse().Select(l => End(l.FromPersonId, l.FromAgentId)), End(d.ToPersonId, d.ToAgentId)];
            var mayEnd = reader is null || reader.RoleIn(d.BranchId) == Role.BranchManager || chain.Any(c => c.Party.Person is { } p && p == reader.PersonId);
            return new DelegationView(d.Id, d.BranchId, branches[d.BranchId].Name, branches[d.BranchId].TimeZone, End(d.FromPersonId, d.FromAgentId), End(d.ToPersonId, d.ToAgentId), chain, d.Capabilities, d.StartsAt, d.ExpiresAt, d.Reason,
                StateOf(d, links, now, links.Exists(l => Off(l.FromPersonId, l.FromAgentId)) || Off(d.ToPersonId, d.ToAgentId)), d.RevokedAt, mayEnd);
        }).Where(v => !v.IsOver || (v.RevokedAt ?? v.ExpiresAt) > since).OrderBy(v => v.State switch { DelegationState.InForce => 0, DelegationState.Coming => 1, DelegationState.Broken => 2, _ => 3 })];
    }

    private static DelegationState StateOf(Delegation d, List<Delegation> links, DateTimeOffset now, bool somebodyGone)
    {
        if (d.RevokedAt is not null) return DelegationState.Revoked;
        if (now >= d.ExpiresAt) return DelegationState.Expired;
        if (somebodyGone || links.Exists(l => l.RevokedAt is not null || now >= l.ExpiresAt)) return DelegationState.Broken;
        return links.Exists(l => now < l.StartsAt) ? DelegationState.Coming : DelegationState.InForce;
    }

    private static Task<DateTimeOffset> NowAsync(VaultDb db, CancellationToken ct) => db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(ct);
}
