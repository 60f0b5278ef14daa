using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Api;

/// <summary>A proposal as it came in.</summary>
/// <param name="Branch">Short name.</param>
/// <param name="Key">Idempotency key.</param>
/// <param name="RequestSha256">Of the canonical form of the request.</param>
public sealed record ApiOrder(string Branch, ProposalInput Input, string Key, string RequestSha256);

/// <summary>The answer to a proposal, byte for byte the same however often it is asked for.</summary>
/// <param name="IsReplay">Whether it was given before.</param>
public sealed record ApiAnswer(byte[] Body, string Location, bool IsReplay);

/// <summary>What agents ask from outside: their own proposals, what they may propose, and how much of it.</summary>
public sealed class AgentApi(WriteDoor door, CapabilityRegistry registry, ProposalCommands proposals, ProposalTexts texts)
{
    /// <summary>How JSON leaves.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Where a proposal is found.</summary>
    public static string LocationOf(Guid id) => $"/v1/proposals/{id}";

    /// <summary>
    /// Makes a proposal once, however often it is sent. Refused with <c>refuse.api.idempotency_mismatch</c>, as
    /// <see cref="BranchAsync"/> and as <see cref="ProposalCommands.SubmitAsync"/>; a refusal is not kept.
    /// </summary>
    public async Task<Result<ApiAnswer>> SubmitAsync(Sender from, AgentId agent, ApiOrder order, CancellationToken ct)
    {
        if (await KeptAsync(from, agent, order, ct) is { } before) return before;
        if (!(await BranchAsync(from, order.Branch, ct)).TryGet(out var branch, out var refusal)) return refusal.Path is null ? refusal : refusal with { Path = "/branch" };
        ApiAnswer? answer = null;
        var submitted = await proposals.SubmitAsync(from, branch, order.Input, ct, (context, made, _) =>
        {
            var location = LocationOf(made.Id.Value);
            answer = new ApiAnswer(JsonSerializer.SerializeToUtf8Bytes(new ApiSubmitted(made.Id.Value, made.State.ToString(), Word(made.Band), made.Digest, made.ApproveBy, location), Json), location, false);
            context.IfTaken(KeptAnswerConfiguration.KeyName, ApiRefusals.IdempotencyMismatch);
            context.Db.KeptAnswers.Add(KeptAnswer.Of(agent, order.Key, order.RequestSha256, location, answer.Body, context.Now));
            return Task.CompletedTask;
        });
        if (!submitted.IsRefused) return answer!;
        // The same request, sent twice at once: the other one was quicker and may even have used up what this one was refused.
        // Where that cannot be asked, what was said first stands: the outcome may be unknown, which is not "nothing was written".
        return await KeptAsync(from, agent, order, ct) is { } kept && (!kept.IsRefused || kept.Refusal.Kind == ApiRefusals.IdempotencyMismatch) ? kept : submitted.Refusal;
    }

    /// <summary>The branch of a short name, when the agent may propose there; else <c>refuse.kernel.not_found</c> or why it may no more.</summary>
    public Task<Result<BranchId>> BranchAsync(Sender from, string slug, CancellationToken ct) =>
        door.ReadAsync<BranchId>(from, TenantScope.None, Access.AnyAgent, async (db, caller, token) =>
        {
            var found = await db.Branches.AsNoTracking().Where(b => b.Slug == slug).Select(b => (BranchId?)b.Id).SingleOrDefaultAsync(token);
            if (found is not { } branch) return KernelRefusals.NotFound.At("branch");
            if (caller.Agent!.Refusal(branch) is { } refusal) return refusal with { Path = "branch" };
            return branch;
        }, ct);

    /// <summary>The agent's own proposals in a branch, the newest first.</summary>
    /// <param name="before">Only older ones than this one.</param>
    public Task<Result<IReadOnlyList<ApiProposal>>> ProposalsAsync(Sender from, BranchId branch, ProposalState? state, string? capability, Guid? before, int most, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<ApiProposal>>(from, TenantScope.Of(branch), Access.AgentIn(branch), async (db, caller, token) =>
        {
            // Ids sort by time; typed ids have no "less than", so PostgreSQL is asked in its own words.
            var mine = db.Proposals.FromSql($"select * from proposals.proposals where {before}::uuid is null or id < {before}").AsNoTracking().Where(p => p.AgentId == caller.AgentId);
            if (state is { } s) mine = mine.Where(p => p.State == s);
            if (capability is not null) mine = mine.Where(p => p.Capability == capability);
            var found = await mine.OrderByDescending(p => p.Id).Take(most).ToListAsync(token);
            return await OutAsync(db, branch, found, token);
        }, ct);

    /// <summary>One of the agent's own proposals, in whichever of its branches; else <c>refuse.kernel.not_found</c>.</summary>
    public async Task<Result<ApiProposal>> ProposalAsync(Sender from, Guid id, CancellationToken ct)
    {
        if (!(await WhereAsync(from, id, ct)).TryGet(out var there, out var refusal)) return refusal;
        return await InAsync(from, there.Branch, id, async (db, proposal, token) => (await OutAsync(db, there.Branch, [proposal], token))[0], ct);
    }

    /// <summary>What humans said about one of the agent's own proposals; else <c>refuse.kernel.not_found</c>.</summary>
    public async Task<Result<ApiDecisions>> DecisionsAsync(Sender from, Guid id, CancellationToken ct)
    {
        if (!(await WhereAsync(from, id, ct)).TryGet(out var there, out var refusal)) return refusal;
        return await InAsync(from, there.Branch, id, async (db, proposal, token) =>
        {
            var reader = await texts.ReaderAsync(db, [proposal], token);
            return new ApiDecisions(id, proposal.State.ToString(), (await db.Decisions.AsNoTracking().Where(d => d.ProposalId == proposal.Id).OrderBy(d => d.At).ThenBy(d => d.Id).ToListAsync(token))
                .ConvertAll(d => new ApiDecision(d.Id, d.Verdict.ToString(), d.Round, d.PersonName, d.OnBehalfOf is not null, d.At, reader.Said(proposal, d.SealedReason), d.Digest)));
        }, ct);
    }

    /// <summary>Takes one of the agent's own proposals back. Refused as <see cref="ProposalCommands.WithdrawAsync"/>.</summary>
    public async Task<Result<ApiProposal>> WithdrawAsync(Sender from, Guid id, string? reason, CancellationToken ct)
    {
        if (!(await WhereAsync(from, id, ct)).TryGet(out var there, out var refusal)) return refusal;
        var done = await proposals.WithdrawAsync(from.For(there.Capability), there.Branch, new ProposalId(id), reason, ct);
        return done.IsRefused ? done.Refusal : await ProposalAsync(from, id, ct);
    }

    /// <summary>Every capability with its card, and where this key may propose it.</summary>
    public Task<Result<IReadOnlyList<ApiCapability>>> CapabilitiesAsync(Sender from, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<ApiCapability>>(from, TenantScope.None, Access.AnyAgent, async (db, caller, token) =>
        {
            var cards = await CardsAsync(db, token);
            var slugs = await SlugsAsync(db, caller.Agent!, token);
            return registry.All.Where(d => cards.ContainsKey(d.Name)).Select(d =>
            {
                var (standing, card) = cards[d.Name];
                return new ApiCapability(d.Name, d.Area, d.Title, d.What, standing.IsEnabled, card.Version, Word(card.Band), card.RiskTier, card.Owner, card.FailureMode, card.Rollback,
                    card.ApproveWithinSeconds, card.ValidForSeconds, d.Input.ToJsonSchema(), [.. slugs.Where(b => caller.Agent!.May(b.Key, d.Name)).Select(b => b.Value.Slug).Order(StringComparer.Ordinal)]);
            }).ToList();
        }, ct);

    /// <summary>How much of its quotas the agent has used in a branch.</summary>
    public Task<Result<ApiQuotas>> QuotasAsync(Sender from, BranchId branch, string slug, CancellationToken ct) =>
        door.ReadAsync<ApiQuotas>(from, TenantScope.Of(branch), Access.AgentIn(branch), async (db, caller, token) =>
        {
            var agent = caller.Agent!;
            var now = await ProposalQueries.NowAsync(db, token);
            var cards = (await CardsAsync(db, token)).Where(c => agent.May(branch, c.Key)).OrderBy(c => c.Key, StringComparer.Ordinal)
                .Select(c => (Capability: c.Key, c.Value.Card.WindowSeconds, Window: Quotas.WindowOf(now, c.Value.Card.WindowSeconds), Buckets: Quotas.Of(agent.Id, agent.OwnerHuman, c.Key, c.Value.Card))).ToList();
            var used = await Quotas.UsedAsync(db, cards.SelectMany(c => c.Buckets).Select(b => b.Key), cards.Select(c => c.Window), token);
            List<ApiQuota> items = [.. cards.SelectMany(c => c.Buckets.Select(b => new ApiQuota(c.Capability, b.Name, used.GetValueOrDefault((b.Key, c.Window)), b.Cap, c.WindowSeconds, c.Window.AddSeconds(c.WindowSeconds))))];
            ProposalState[] open = [ProposalState.Pending, ProposalState.Claimed, ProposalState.Approved];
            var all = db.Proposals.AsNoTracking().Where(p => p.AgentId != null);
            var capacity = await ProposalCommands.CapacityAsync(db, branch, token);
            return new ApiQuotas(slug, items, new ApiAttention(await all.CountAsync(p => open.Contains(p.State), token), capacity,
                await all.CountAsync(p => p.AgentId == agent.Id && open.Contains(p.State), token), await ProposalCommands.ShareAsync(db, agent.Id, capacity, token),
                await all.CountAsync(p => p.AgentId == agent.Id && p.State == ProposalState.Drafted, token), ProposalCommands.MostWaiting));
        }, ct);

    /// <summary>Who the key stands for and what it may.</summary>
    public Task<Result<ApiMe>> MeAsync(Sender from, CancellationToken ct) =>
        door.ReadAsync<ApiMe>(from, TenantScope.None, Access.AnyAgent, async (db, caller, token) =>
        {
            var agent = caller.Agent!;
            var row = await db.Agents.AsNoTracking().SingleAsync(a => a.Id == agent.Id, token);
            var key = agent.KeyId is { } id ? await db.AgentKeys.AsNoTracking().Where(k => k.Id == id).Select(k => new ApiKey(k.Shown, k.Name, k.ExpiresAt)).SingleOrDefaultAsync(token) : null;
            var branches = await SlugsAsync(db, agent, token);
            return new ApiMe(new ApiAgent(row.Id.Value, row.Slug, row.Name, row.Purpose, row.IsDisabled), key,
                [.. branches.Values.OrderBy(b => b.Slug, StringComparer.Ordinal).Select(b => new ApiBranch(b.Slug, b.Name, b.Currency, b.TimeZone,
                    [.. agent.Grants.Where(g => g.Branch == b.Id).Select(g => new ApiPower(Reach(g, agent), [.. g.Chain.OnBehalfOf.Select(a => a.Name)], g.ExpiresAt))]))]);
        }, ct);

    /// <summary>Seconds until the window of a capability's quotas ends.</summary>
    public async Task<int> RefillAsync(Sender from, string capability, CancellationToken ct)
    {
        var seconds = await door.ReadAsync<int>(from, TenantScope.None, Access.AnyAgent, async (db, _, token) =>
        {
            if (!(await CardsAsync(db, token)).TryGetValue(capability, out var found)) return 60;
            var now = await ProposalQueries.NowAsync(db, token);
            return (int)Math.Ceiling((Quotas.WindowOf(now, found.Card.WindowSeconds).AddSeconds(found.Card.WindowSeconds) - now).TotalSeconds);
        }, ct);
        return seconds.IsRefused ? 60 : seconds.Value;
    }

    private static IReadOnlyList<string>? Reach(Grant grant, AgentCaller agent)
    {
        if (grant.Capabilities is null && agent.Capabilities is null) return null;
        var names = grant.Capabilities is null ? agent.Capabilities! : agent.Capabilities is null ? grant.Capabilities : grant.Capabilities.Intersect(agent.Capabilities);
        return [.. names.Order(StringComparer.Ordinal)];
    }

    private async Task<Result<ApiAnswer>?> KeptAsync(Sender from, AgentId agent, ApiOrder order, CancellationToken ct)
    {
        var read = await door.ReadAsync<KeptAnswer?[]>(from, TenantScope.None, Access.AnyAgent, async (db, _, token) =>
            new[] { await db.KeptAnswers.AsNoTracking().SingleOrDefaultAsync(a => a.AgentId == agent && a.Key == order.Key, token) }, ct);
        if (read.IsRefused) return (Result<ApiAnswer>)read.Refusal;
        if (read.Value[0] is not { } kept) return null;
        if (kept.RequestSha256 != order.RequestSha256) return (Result<ApiAnswer>)ApiRefusals.IdempotencyMismatch.At("Idempotency-Key");
        return (Result<ApiAnswer>)new ApiAnswer(kept.Body, kept.Location, true);
    }

    /// <summary>Where one of the agent's own proposals is, asked once for all the branches open to it; else <c>refuse.kernel.not_found</c>.</summary>
    private Task<Result<(BranchId Branch, string Capability)>> WhereAsync(Sender from, Guid id, CancellationToken ct) =>
        door.ReadAsync<(BranchId Branch, string Capability)>(from, TenantScope.None, Access.AnyAgent, async (db, caller, token) =>
        {
            var agent = caller.Agent!;
            var command = new NpgsqlBatchCommand("select branch_id, capability from proposals.proposals where branch_id = any($1) and id = $2 and agent_id = $3")
            { Parameters = { new() { Value = agent.OpenBranches.Select(b => b.Value).ToArray() }, new() { Value = id }, new() { Value = agent.Id.Value } } };
            var found = await Delegations.InScopeAsync(db, TenantScope.Hq, command, async rows => await rows.ReadAsync(token) ? (new BranchId(rows.GetGuid(0)), rows.GetString(1)) : ((BranchId, string)?)null, token);
            if (found is not { } there) return KernelRefusals.NotFound;
            return there;
        }, ct);

    private Task<Result<T>> InAsync<T>(Sender from, BranchId branch, Guid id, Func<VaultDb, Proposal, CancellationToken, Task<T>> read, CancellationToken ct) =>
        door.ReadAsync<T>(from, TenantScope.Of(branch), Access.AgentIn(branch), async (db, caller, token) =>
        {
            var proposal = await db.Proposals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == new ProposalId(id) && p.AgentId == caller.AgentId, token);
            if (proposal is null) return KernelRefusals.NotFound;
            return await read(db, proposal, token);
        }, ct);

    private async Task<List<ApiProposal>> OutAsync(VaultDb db, BranchId branch, List<Proposal> found, CancellationToken ct)
    {
        var slug = await db.Branches.AsNoTracking().Where(b => b.Id == branch).Select(b => b.Slug).SingleAsync(ct);
        var ids = found.ConvertAll(p => p.Id);
        var outcomes = await db.Executions.AsNoTracking().Where(x => ids.Contains(x.ProposalId)).ToDictionaryAsync(x => x.ProposalId, ct);
        var reader = await texts.ReaderAsync(db, found, ct);
        return found.ConvertAll(p => Out(p, reader.TextOrGone(p)));

        ApiProposal Out(Proposal p, ProposalText said) => new(p.Id.Value, slug, p.Capability, p.CapabilityVersion, Word(p.Band), p.State.ToString(), p.Version, said.Title, said.Why, said.ArgsObject, new ApiTarget(p.TargetType, p.TargetId, p.TargetEtag),
            [.. ProposalCommands.ChangesOf(said).Select(c => new ApiChange(c.Name, c.Before, c.After))], ProposalCommands.NotesOf(said), [.. ProposalCommands.EvidenceOf(said).Select(e => new ApiEvidence(e.Title, e.Source, e.At, e.Sha256))],
            [.. p.Chain.Select(a => new ApiActor(a.Kind == ActorKind.Agent ? "agent" : "staff", a.Id, a.Name))], p.Routes, p.Digest, p.CreatedAt, p.ChangedAt, p.ApproveBy, p.ExecuteBy, p.EndCode, p.Replaces?.Value, p.ReplacedBy?.Value,
            outcomes.TryGetValue(p.Id, out var x) ? new ApiOutcome(x.EndedAt, reader.Said(p, x.SealedSummary), x.Code) : null, reader.IsGone(p));
    }

    private static async Task<Dictionary<string, (CapabilityStanding Standing, CapabilityCard Card)>> CardsAsync(VaultDb db, CancellationToken ct) =>
        (await (from s in db.Capabilities.AsNoTracking() join c in db.CapabilityCards.AsNoTracking() on new { s.Capability, s.Version } equals new { c.Capability, c.Version } select new { s, c }).ToListAsync(ct))
        .ToDictionary(x => x.s.Capability, x => (x.s, x.c), StringComparer.Ordinal);

    private static async Task<Dictionary<BranchId, Branch>> SlugsAsync(VaultDb db, AgentCaller agent, CancellationToken ct)
    {
        List<BranchId> open = [.. agent.OpenBranches];
        return await db.Branches.AsNoTracking().Where(b => open.Contains(b.Id)).ToDictionaryAsync(b => b.Id, ct);
    }

    private static string Word(Band band) => band.ToString().ToUpperInvariant();
}
