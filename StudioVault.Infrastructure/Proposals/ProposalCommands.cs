using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals.Decoys;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>What somebody proposes.</summary>
/// <param name="Capability">Name.</param>
/// <param name="Args">As its input schema says.</param>
/// <param name="Why">Required, at most <see cref="Proposal.LongestWhy"/> characters.</param>
/// <param name="Epoch">For agents: when the program started, any unit that grows; ends what an earlier start left open.</param>
public sealed record ProposalInput(string Capability, JsonObject Args, string Why, IReadOnlyList<Evidence> Evidence, long? Epoch = null);

/// <summary>What became of a submission.</summary>
/// <param name="State">Pending, Drafted when it waits for its turn, or Grace under an exemption.</param>
public sealed record Submitted(ProposalId Id, ProposalState State, Band Band, string Digest, DateTimeOffset ApproveBy);

/// <summary>Makes proposals and takes them back. Nothing here writes what they are about.</summary>
public sealed class ProposalCommands(WriteDoor door, CapabilityRegistry registry, ProposalTexts texts)
{
    /// <summary>Seconds in which an approval can be undone before anything happens (features row 5.16).</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(12);

    /// <summary>The longer time for those who approved what they proposed themselves (features row 5.4).</summary>
    public static readonly TimeSpan OwnGrace = TimeSpan.FromSeconds(60);

    /// <summary>Open proposals of agents a branch looks at, for each of its people (features row 5.11).</summary>
    public const int AttentionPerPerson = 8;

    /// <summary>Proposals of one agent that may wait for their turn in a branch.</summary>
    public const int MostWaiting = 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>
    /// Makes a proposal. Refused with <c>refuse.capability.unknown</c>, <c>not_enabled</c>, <c>killed</c>; <c>refuse.proposal.argument_…</c>,
    /// <c>evidence_malformed</c>; <c>refuse.kernel.reason_required</c>; <c>refuse.quota.…</c>; and whatever the capability says.
    /// </summary>
    /// <param name="alongside">Runs in the same transaction once the proposal is sure, for example to keep an answer.</param>
    public Task<Result<Submitted>> SubmitAsync(Sender from, BranchId branch, ProposalInput input, CancellationToken ct, Func<WriteContext, Submitted, CancellationToken, Task>? alongside = null) =>
        door.RunAsync<Submitted>(new Command("proposal.submit", from.For(input.Capability), TenantScope.Of(branch), Access.SubmitterIn(branch), "proposal", input.Capability), async (context, token) =>
        {
            if (!Submitter.Of(context.Caller, branch, input.Capability).TryGet(out var by, out var refusal)) return refusal;
            return await MakeAsync(context, branch, by, input, null, null, alongside, token);
        }, ct);

    /// <summary>
    /// The same with other arguments: a new proposal of whoever edits, with its own digest and review; the old one is superseded and
    /// linked (features row 5.15). Refused as <see cref="SubmitAsync"/> and with <c>refuse.proposal.not_open</c>.
    /// </summary>
    public Task<Result<Submitted>> EditAsync(Sender from, BranchId branch, ProposalId id, JsonObject args, string why, CancellationToken ct) =>
        ReplaceAsync("proposal.edit", from, branch, id, (context, old, text, _) =>
            Task.FromResult<Result<(Submitter, ProposalInput)>>(Submitter.Of(context.Caller, branch, old.Capability).TryGet(out var by, out var refusal)
                // The first proposer's hands stay in it: they cannot approve what somebody made of their own.
                ? (by with { Chain = Cut([.. by.Chain, .. old.Chain]), Humans = [.. by.Humans.Union(old.Humans)] }, new ProposalInput(old.Capability, args, why, EvidenceOf(text)))
                : refusal), ct);

    /// <summary>
    /// The same again against what its target is now; who proposed it stays, and no start of an agent's program ends it: a person asked for
    /// it. Refused as <see cref="SubmitAsync"/> and with <c>refuse.proposal.not_open</c>.
    /// </summary>
    public Task<Result<Submitted>> RecomputeAsync(Sender from, BranchId branch, ProposalId id, CancellationToken ct) =>
        ReplaceAsync("proposal.recompute", from, branch, id, async (context, old, text, token) =>
            (new Submitter(old.Chain, old.Humans, old.Delegations, old.AgentId, old.AgentId is { } agent ? (await Delegations.AgentAsync(context.Db, branch, agent, token))?.Human : null), new ProposalInput(old.Capability, text.ArgsObject, text.Why, EvidenceOf(text))), ct);

    /// <summary>
    /// Proposes what takes a carried out proposal back: the compensating action the execution left. Refused with
    /// <c>refuse.proposal.no_rollback</c>, <c>refuse.proposal.rolled_back</c>, <c>refuse.proposal.client_erased</c>, and as <see cref="SubmitAsync"/>.
    /// </summary>
    public Task<Result<Submitted>> RollBackAsync(Sender from, BranchId branch, ProposalId id, string why, CancellationToken ct) =>
        door.RunAsync<Submitted>(new Command("proposal.roll_back", from, TenantScope.Of(branch), Access.MemberOf(branch), "proposal", id.ToString()), async (context, token) =>
        {
            if (await context.Db.Proposals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, token) is not { } done) return KernelRefusals.NotFound;
            if (await context.Db.Executions.AsNoTracking().SingleOrDefaultAsync(x => x.ProposalId == id, token) is not { UndoCapability: { } capability, SealedUndoArgs: { } args } || done.State != ProposalState.Succeeded) return ProposalRefusals.NotUndoable;
            if (done.UndoneBy is { } other && await context.Db.Proposals.AsNoTracking().AnyAsync(p => p.Id == other && !Dead.Contains(p.State), token)) return ProposalRefusals.RolledBack;
            if (!Submitter.Of(context.Caller, branch, capability).TryGet(out var by, out var refusal)) return refusal;
            var reader = await texts.ReaderAsync(context.Db, [done], token);
            if (!reader.Text(done).TryGet(out var text, out refusal)) return refusal;
            if (reader.Said(done, args) is not { } with) return ProposalRefusals.NotUndoable;
            var evidence = new Evidence($"What it takes back: {Cut(text.Title, 90)}", $"/queue/{id}", null, done.Digest);
            return await MakeAsync(context, branch, by, new ProposalInput(capability, JsonNode.Parse(with)!.AsObject(), why, [evidence]), null, done, null, token);
        }, ct);

    /// <summary>
    /// Takes a proposal back: by whoever proposed it, or whom they acted for. What takes human review stays there until a manager closed or
    /// approved it. Refused with <c>refuse.kernel.not_allowed</c>, <c>refuse.proposal.not_open</c>, <c>refuse.proposal.in_review</c>.
    /// </summary>
    public Task<Result<Done>> WithdrawAsync(Sender from, BranchId branch, ProposalId id, string? reason, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("proposal.withdraw", from, TenantScope.Of(branch), Access.SubmitterIn(branch), "proposal", id.ToString()), async (context, token) =>
        {
            if (await context.Db.Proposals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, token) is not { } proposal) return KernelRefusals.NotFound;
            if (!Submitter.Of(context.Caller, branch, proposal.Capability).TryGet(out var by, out var refusal)) return refusal;
            if (!(by.Agent is not null && proposal.AgentId == by.Agent) && !by.Humans.Any(proposal.Humans.Contains)) return KernelRefusals.NotAllowed.With("whoever proposed it");
            if (ProposalMachine.Next(proposal.State, ProposalVerb.Withdraw) is null || proposal.State == ProposalState.IntentLogged) return proposal.EndCode == ProposalRefusals.ClientErased.Code ? ProposalRefusals.ClientErased : ProposalRefusals.NotOpen.With(ProposalMoves.StateWords(proposal.State));
            // Nobody makes what somebody has to look at vanish; once a manager has approved it, somebody has.
            if (proposal.TakesReview && proposal.State != ProposalState.Grace) return ProposalRefusals.InReview;
            if (!(await texts.CloseAsync(context.Db, proposal, Cut(reason?.Trim(), Proposal.LongestReason), token)).TryGet(out var note, out refusal)) return refusal;
            // The words themselves may name a client and would stay in the log for ever.
            context.Move(proposal, ProposalVerb.Withdraw, new JsonObject { ["reasonLength"] = reason?.Trim().Length ?? 0 }, s => s.Set(p => p.EndCode, "withdrawn").Set(p => p.SealedEndNote, note));
            return Done.It;
        }, ct);

    private static readonly ProposalState[] Dead = [ProposalState.Rejected, ProposalState.Expired, ProposalState.Superseded, ProposalState.TargetChanged, ProposalState.Killed, ProposalState.Withdrawn, ProposalState.Failed];

    private Task<Result<Submitted>> ReplaceAsync(string action, Sender from, BranchId branch, ProposalId id, Func<WriteContext, Proposal, ProposalText, CancellationToken, Task<Result<(Submitter By, ProposalInput Input)>>> anew, CancellationToken ct) =>
        door.RunAsync<Submitted>(new Command(action, from, TenantScope.Of(branch), Access.MemberOf(branch), "proposal", id.ToString()), async (context, token) =>
        {
            if (await context.Db.Proposals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, token) is not { } old) return KernelRefusals.NotFound;
            if (!ProposalMachine.IsOpen(old.State) && old.State is not (ProposalState.TargetChanged or ProposalState.Drafted)) return await texts.WhoWasFirstAsync(context, old, token);
            if (old.ReplacedBy is not null) return ProposalRefusals.NotOpen.With("another one took its place");
            if (Decoy.Is(old) && context.Caller.PersonId is not null)
            {
                // Whoever corrects a test has read it: it ends, and they are told.
                if ((await context.CatchAsync(texts, old, Verdict.Reject, "Corrected instead of approved", null, token)).Refusal is { } uncaught) return uncaught;
                return new Submitted(old.Id, ProposalState.Rejected, old.Band, old.Digest, old.ApproveBy);
            }

            if (!(await texts.OpenAsync(context.Db, old, token)).TryGet(out var text, out var refusal)) return refusal;
            if (!(await anew(context, old, text, token)).TryGet(out var made, out refusal)) return refusal;
            return await MakeAsync(context, branch, made.By, made.Input, old, null, null, token);
        }, ct);

    private async Task<Result<Submitted>> MakeAsync(WriteContext context, BranchId branch, Submitter by, ProposalInput input, Proposal? replaces, Proposal? undoes, Func<WriteContext, Submitted, CancellationToken, Task>? alongside, CancellationToken ct)
    {
        var db = context.Db;
        if (string.IsNullOrWhiteSpace(input.Why)) return KernelRefusals.ReasonRequired.At("/why");
        if (input.Why.Trim().Length > Proposal.LongestWhy) return KernelRefusals.TooLong.At("/why", Proposal.LongestWhy);
        if (PlainText.Problem(input.Why, mayBreak: true) is { } odd) return ProposalRefusals.ArgumentWrong.At("/why", "why", odd);
        if (WrongEvidence(input.Evidence) is { } wrong) return wrong;
        if (!registry.TryFind(input.Capability, out var capability)) return CapabilityRefusals.Unknown.With(input.Capability);
        var definition = capability.Definition;
        var card = await (from s in db.Capabilities.AsNoTracking()
                          join c in db.CapabilityCards.AsNoTracking() on new { s.Capability, s.Version } equals new { c.Capability, c.Version }
                          where s.Capability == input.Capability && s.IsEnabled
                          select c).SingleOrDefaultAsync(ct);
        if (card is null) return CapabilityRefusals.NotEnabled.With(input.Capability);
        if (definition.Input.Check(input.Args) is { } misfit) return misfit;
        // An agent that was stopped is not listened to, nor what acts by its power; under any other stop people may look at things, and what they approve is killed.
        var agents = Proposal.AgentsOf(by.Chain).Select(a => a.ToString()).ToList();
        if (agents.Count > 0 && await db.Stops.AsNoTracking().Where(s => s.LiftedAt == null && s.Level == StopLevel.Agent && agents.Contains(s.Key)).FirstOrDefaultAsync(ct) is { } stop) return CapabilityRefusals.Killed.With(StopGuard.Said(stop));

        var call = new CapabilityCall(branch, input.Args, context.Now, null, input.Why.Trim());
        if (!(await capability.PrepareAsync(db, call, ct)).TryGet(out var intended, out var refusal)) return AtArgument(refusal, input.Args);
        // What is taken over from an earlier one may name whom that one was about.
        var about = (replaces ?? undoes) is { } earlier ? intended.About.With(earlier.Clients) : intended.About;
        if (!(await texts.NewAsync(db, about, context.Now, ct)).TryGet(out var key, out refusal)) return refusal;
        if (key.LookAgain && !(await capability.PrepareAsync(db, call, ct)).TryGet(out intended, out refusal)) return AtArgument(refusal, input.Args);
        var band = (Band)Math.Max((int)card.Band, (int)(intended.AtLeast ?? definition.LeastBand));
        // What one was sent to human review for, the one in its place goes there for too, whatever it says now.
        IReadOnlyList<string> routes = [.. (replaces?.Routes ?? []).Union(RoutingRules.Current.Classify([input.Why, .. input.Evidence.Select(e => e.Title), .. Texts(input.Args)]))];
        // Somebody looked at the one it takes the place of, or let people decide on it: an exemption does not take that back.
        var exemption = routes.Count > 0 || band > Band.Amber || undoes is not null || replaces is not null ? null : await ExemptAsync(context, branch, input.Capability, by.Agent, context.Now, ct);
        var state = exemption is not null ? ProposalState.Grace : ProposalState.Pending;
        if (by.Agent is { } agent && exemption is null && replaces is null)
        {
            if (!(await RoomAsync(context, branch, agent, ct)).TryGet(out var room, out refusal)) return refusal;
            if (!room) state = ProposalState.Drafted;
        }

        var text = new ProposalText(ProposalText.Canonical(input.Args), Cut(intended.Title, 300)!, Cut(intended.Consequence, 200)!, input.Why.Trim(),
            JsonSerializer.Serialize(input.Evidence, Json), JsonSerializer.Serialize(intended.Changes, Json), JsonSerializer.Serialize(intended.Notes, Json), Convert.ToHexStringLower(SecretBox.NewKey()));
        var proposal = Proposal.Of(new Proposal.Content
        {
            Branch = branch,
            Capability = definition.Name,
            Area = definition.Area,
            CapabilityVersion = card.Version,
            Band = band,
            Routes = routes,
            Text = text,
            Clients = [.. about.Clients.Select(c => c.Value)],
            Project = about.Project,
            Key = key.Wrapped,
            SealedText = key.Close(text),
            TargetType = intended.Target.Type,
            TargetId = intended.Target.Id,
            TargetEtag = intended.Target.Etag,
            TargetHref = intended.Target.Href,
            Chain = by.Chain,
            Humans = by.Humans,
            Delegations = by.Delegations,
            AgentId = by.Agent,
            Epoch = input.Epoch,
            Policies = PoliciesNow(),
            Rule = RuleFor(card, band, routes),
            Replaces = replaces?.Id,
            Undoes = undoes?.Id,
            Exemption = exemption?.Id,
            At = context.Now,
            ApproveWithin = TimeSpan.FromSeconds(card.ApproveWithinSeconds),
            ValidFor = TimeSpan.FromSeconds(card.ValidForSeconds),
            ReviewAskedAt = replaces?.ReviewAskedAt ?? (replaces?.Band == Band.Black && band != Band.Black ? context.Now : null),
        }, state);
        if (exemption is not null) proposal.StartGrace(context.Now, Grace);

        var left = by.Agent is { } mine && input.Epoch is { } epoch ? await LeftByAsync(db, mine, epoch, ct) : [];
        context.ObjectId = proposal.Id.ToString();
        context.Link = ProposalMoves.LinkOf(proposal, state);
        var entry = new JsonObject
        {
            ["capability"] = proposal.Capability,
            ["capabilityVersion"] = proposal.CapabilityVersion,
            ["band"] = band.ToString().ToUpperInvariant(),
            ["routes"] = new JsonArray([.. routes.Select(r => (JsonNode)r)]),
            ["target"] = new JsonObject { ["type"] = proposal.TargetType, ["id"] = proposal.TargetId, ["etag"] = proposal.TargetEtag },
            ["digest"] = proposal.Digest,
            ["state"] = state.ToString(),
            ["replaces"] = replaces?.Id.ToString(),
            ["undoes"] = undoes?.Id.ToString(),
            ["exemption"] = exemption?.Id.ToString(),
        };
        if (left.Count > 0) entry["superseded"] = new JsonArray([.. left.Select(p => (JsonNode)p.Id.ToString())]);
        context.Audit(entry);
        context.Announce(proposal, state, 0);
        await context.WriteAuditAsync(ct);
        if (await Quotas.TakeAsync(context, branch, by, input.Capability, card, ct) is { } full) return full;
        if (exemption is not null)
        {
            // Somebody used the last one: looked at again, it needs an approval as any other.
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"exemption:" + exemption.Id}, 0))", ct);
            if (await UsesAsync(context, exemption.Id, ct) >= exemption.MostUses) throw new DbUpdateConcurrencyException($"Exemption {exemption.Id} is used up.");
            db.ExemptionUses.Add(ExemptionUse.Of(branch, exemption.Id, proposal.Id, context.Now));
        }

        db.Proposals.Add(proposal);
        if (replaces is not null) await SupersedeAsync(context, replaces, proposal.Id, "edited", ct);
        // Of two who take the same thing back one does.
        if (undoes is not null && await db.Proposals.Where(p => p.Id == undoes.Id && p.UndoneBy == undoes.UndoneBy).ExecuteUpdateAsync(s => s.SetProperty(p => p.UndoneBy, proposal.Id), ct) != 1)
            throw new DbUpdateConcurrencyException($"Somebody else takes proposal {undoes.Id} back.");
        foreach (var old in left) await SupersedeAsync(context, old, null, Proposal.AgentBeganAnew, ct);
        var submitted = new Submitted(proposal.Id, state, band, proposal.Digest, proposal.ApproveBy);
        if (alongside is not null) await alongside(context, submitted, ct);
        return submitted;
    }

    /// <summary>What an earlier start of the agent's program left open in this branch; the sweep finds that of the others. What takes human review stays.</summary>
    private static Task<List<Proposal>> LeftByAsync(VaultDb db, AgentId agent, long epoch, CancellationToken ct) =>
        db.Proposals.AsNoTracking().Where(p => p.AgentId == agent && p.Epoch != null && p.Epoch < epoch && p.ReviewAskedAt == null && p.Band != Band.Black && p.Routes.Length == 0
            && (p.State == ProposalState.Drafted || p.State == ProposalState.Pending || p.State == ProposalState.Claimed || p.State == ProposalState.Approved)).OrderBy(p => p.CreatedAt).ThenBy(p => p.Id).ToListAsync(ct);

    /// <summary>Another one takes its place; the entry of the transaction names it.</summary>
    private static async Task SupersedeAsync(WriteContext context, Proposal old, ProposalId? by, string code, CancellationToken ct)
    {
        if (old.State == ProposalState.TargetChanged)
        {
            var linked = await context.Db.Proposals.Where(p => p.Id == old.Id && p.ReplacedBy == null).ExecuteUpdateAsync(s => s.SetProperty(p => p.ReplacedBy, by), ct);
            if (linked != 1) throw new DbUpdateConcurrencyException($"Somebody else replaced proposal {old.Id} meanwhile.");
            return;
        }

        context.Announce(old, ProposalState.Superseded, old.Version + 1);
        var moved = await context.Db.Proposals.Where(p => p.Id == old.Id && p.State == old.State && p.Version == old.Version).ExecuteUpdateAsync(s => s
            .SetProperty(p => p.State, ProposalState.Superseded).SetProperty(p => p.Version, old.Version + 1).SetProperty(p => p.ChangedAt, context.Now)
            .SetProperty(p => p.ReplacedBy, by).SetProperty(p => p.EndCode, code), ct);
        if (moved != 1) throw new DbUpdateConcurrencyException($"Somebody else changed proposal {old.Id} meanwhile.");
    }

    /// <summary>The policies a proposal is bound to; another set when it is to run means that nobody approved it under these.</summary>
    internal static JsonObject PoliciesNow() => new() { ["routing"] = $"{RoutingRules.Current.Version}+{RoutingRules.Current.Hash[..16]}" };

    /// <summary>The card's rule, or what a higher band demands, and a manager where a compliance rule asks for human review.</summary>
    private static ApprovalRule RuleFor(CapabilityCard card, Band band, IReadOnlyList<string> routes)
    {
        var rule = card.ReadRule();
        if (!CapabilityCard.Suffices(rule, band)) rule = band == Band.Red && rule.People >= 2 ? WithManager(rule) : CapabilityCard.RuleOf(band);
        return routes.Count == 0 || band == Band.Black ? rule : WithManager(rule);
    }

    private static ApprovalRule WithManager(ApprovalRule rule)
    {
        var manager = new ApprovalRule.AtLeast(1, nameof(Role.BranchManager));
        // One of staff becomes one manager; what has a manager in it already stays.
        return rule switch
        {
            ApprovalRule.AtLeast { Count: 1, Seat: nameof(Role.Staff) } => manager,
            _ when rule.Demands(nameof(Role.BranchManager)) => rule,
            _ => new ApprovalRule.All([manager, rule]),
        };
    }

    private static async Task<Exemption?> ExemptAsync(WriteContext context, BranchId branch, string capability, AgentId? agent, DateTimeOffset now, CancellationToken ct)
    {
        var found = await context.Db.Exemptions.AsNoTracking().Where(x => x.Capability == capability && x.EndedAt == null && x.ExpiresAt > now && (x.BranchId == null || x.BranchId == branch)).ToListAsync(ct);
        foreach (var exemption in found.Where(x => x.Covers(capability, branch, agent, now)).OrderByDescending(x => x.AgentId is not null).ThenBy(x => x.ExpiresAt))
            if (await UsesAsync(context, exemption.Id, ct) < exemption.MostUses) return exemption;
        return null;
    }

    /// <summary>How often it was used, in all branches together: one for every branch is not one for each.</summary>
    private static async Task<long> UsesAsync(WriteContext context, ExemptionId id, CancellationToken ct)
    {
        await using var batch = new Npgsql.NpgsqlBatch(context.Connection, context.Transaction)
        {
            BatchCommands = { VaultDbs.ScopeOfTransaction(TenantScope.Hq), new("select count(*) from proposals.exemption_uses where exemption_id = $1") { Parameters = { new() { Value = id.Value } } }, VaultDbs.ScopeOfTransaction(context.Db.Scope) },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        return await reader.ReadAsync(ct) ? reader.GetInt64(0) : 0;
    }

    /// <summary>
    /// Whether the branch's people can look at one more of this agent's: they share so many open ones, an agent gets half of them, and
    /// a tenth once fewer than three in ten of its last thirty were approved.
    /// </summary>
    private static async Task<Result<bool>> RoomAsync(WriteContext context, BranchId branch, AgentId agent, CancellationToken ct)
    {
        // Asked before the lock: everybody who proposes to the branch waits for what is asked behind it.
        var capacity = await CapacityAsync(context.Db, branch, ct);
        var share = await ShareAsync(context.Db, agent, capacity, ct);
        var (open, mine, waiting) = await AttentionAsync(context, branch, agent, ct);
        if (waiting >= MostWaiting) return QuotaRefusals.Attention.With(MostWaiting);
        return open < capacity && mine < share && waiting == 0;
    }

    /// <summary>
    /// Open proposals of all agents of the branch and of this one, and how many of it wait. Until the transaction ends no agent adds
    /// another: what else has to be known is asked before.
    /// </summary>
    internal static async Task<(long Open, long Mine, long Waiting)> AttentionAsync(WriteContext context, BranchId branch, AgentId agent, CancellationToken ct)
    {
        await using var batch = new Npgsql.NpgsqlBatch(context.Connection, context.Transaction)
        {
            BatchCommands =
            {
                new("select pg_advisory_xact_lock(hashtextextended($1, 0))") { Parameters = { new() { Value = $"attention:{branch}" } } },
                new("""
                    select count(*) filter (where state <> 'Drafted'), count(*) filter (where state <> 'Drafted' and agent_id = $2), count(*) filter (where state = 'Drafted' and agent_id = $2)
                    from proposals.proposals where branch_id = $1 and agent_id is not null and state in ('Drafted', 'Pending', 'Claimed', 'Approved')
                    """) { Parameters = { new() { Value = branch.Value }, new() { Value = agent.Value } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>Open proposals of agents the branch's people can look at.</summary>
    internal static async Task<int> CapacityAsync(VaultDb db, BranchId branch, CancellationToken ct) =>
        AttentionPerPerson * Math.Max(1, await db.Memberships.AsNoTracking().CountAsync(m => m.BranchId == branch, ct));

    /// <summary>Part of the capacity one agent may fill.</summary>
    internal static async Task<int> ShareAsync(VaultDb db, AgentId agent, int capacity, CancellationToken ct)
    {
        var last = await db.Proposals.AsNoTracking().Where(p => p.AgentId == agent && (p.State == ProposalState.Rejected || p.State == ProposalState.Succeeded)).OrderByDescending(p => p.ChangedAt).Take(30).Select(p => p.State).ToListAsync(ct);
        var rate = last.Count < 10 ? 1.0 : last.Count(s => s == ProposalState.Succeeded) / (double)last.Count;
        return Math.Max(1, rate < 0.3 ? capacity / 10 : capacity / 2);
    }

    internal static IReadOnlyList<Evidence> EvidenceOf(ProposalText t) => JsonSerializer.Deserialize<List<Evidence>>(t.Evidence, Json) ?? [];

    internal static IReadOnlyList<FactChange> ChangesOf(ProposalText t) => JsonSerializer.Deserialize<List<FactChange>>(t.Changes, Json) ?? [];

    internal static IReadOnlyList<string> NotesOf(ProposalText t) => JsonSerializer.Deserialize<List<string>>(t.Notes, Json) ?? [];

    private static Refusal? WrongEvidence(IReadOnlyList<Evidence> evidence)
    {
        if (evidence.Count > Evidence.Most) return ProposalRefusals.EvidenceMalformed.At("/evidence", "there are too many pieces", Evidence.Most);
        for (var i = 0; i < evidence.Count; i++)
        {
            var piece = evidence[i];
            if (string.IsNullOrWhiteSpace(piece.Title) || piece.Title.Length > Evidence.LongestTitle || PlainText.Problem(piece.Title, mayBreak: false) is not null) return ProposalRefusals.EvidenceMalformed.At($"/evidence/{i}/title", "a title is missing or too long", Evidence.Most);
            // A page of ours, or an address on the web people may choose to open; never a script.
            var ours = piece.Source is ['/', not ('/' or '\\'), ..];
            if (piece.Source.Length > Evidence.LongestSource || PlainText.Problem(piece.Source, mayBreak: false) is not null || !(ours || (Uri.TryCreate(piece.Source, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps)))
                return ProposalRefusals.EvidenceMalformed.At($"/evidence/{i}/source", "a source is neither a page of ours nor an https address", Evidence.Most);
            if (piece.Sha256 is { } hash && (hash.Length != 64 || !hash.All(c => char.IsAsciiHexDigitLower(c) || char.IsAsciiDigit(c)))) return ProposalRefusals.EvidenceMalformed.At($"/evidence/{i}/sha256", "a hash is not 64 lower-case hexadecimal digits", Evidence.Most);
        }

        return null;
    }

    /// <summary>What a capability or the thing it is about says of a field, said of the argument: a JSON pointer into what was sent, or of nothing.</summary>
    internal static Refusal AtArgument(Refusal refusal, JsonObject args) =>
        refusal.Path is not { } path || path.StartsWith('/') ? refusal : refusal with { Path = args.ContainsKey(path) ? $"/args/{path}" : null };

    private static IEnumerable<string> Texts(JsonObject args) => args.Select(a => a.Value).OfType<JsonValue>().Where(v => v.GetValueKind() == JsonValueKind.String).Select(v => v.GetValue<string>());

    private static IReadOnlyList<Actor> Cut(IReadOnlyList<Actor> chain) => [.. chain.DistinctBy(a => (a.Kind, a.Id)).Take(4)];

    private static string? Cut(string? text, int most) => text is null || text.Length <= most ? text : text[..(most - 1)] + "…";
}
