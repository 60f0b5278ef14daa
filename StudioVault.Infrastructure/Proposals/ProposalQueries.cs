using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>Everything pages and the API ask about proposals and capabilities.</summary>
public sealed class ProposalQueries(WriteDoor door, CapabilityRegistry registry, ProposalTexts texts)
{
    /// <summary>Rows of one answer.</summary>
    public const int MostRows = 100;

    /// <summary>Ended ones of one page.</summary>
    public const int EndedRows = 40;

    /// <summary>Entries of the record that are shown; older ones stand in the audit log.</summary>
    public const int MostEntries = 200;

    private static readonly ProposalState[] Open = [ProposalState.Pending, ProposalState.Claimed, ProposalState.Approved];
    private static readonly ProposalState[] Running = [ProposalState.Grace, ProposalState.IntentLogged];
    private static readonly ProposalState[] NotEnded = [.. Open, .. Running, ProposalState.Drafted, ProposalState.UnknownOutcome];
    private static readonly ProposalState[] Decided = [.. Running, ProposalState.Succeeded, ProposalState.Failed, ProposalState.UnknownOutcome, ProposalState.Rejected, ProposalState.Killed, ProposalState.TargetChanged];

    /// <summary>A branch's queue: the open ones by what runs out first (those handed to human review last), ended ones newest first.</summary>
    /// <param name="also">Whatever became of these, beside what the filter says: they stand on somebody's screen.</param>
    /// <param name="history">Conditions on the history; nothing else is narrowed by them.</param>
    public Task<Result<QueueView>> QueueAsync(Sender from, BranchId branch, QueueFilter filter, CancellationToken ct, IReadOnlyCollection<ProposalId>? also = null, QueueHistory? history = null) =>
        door.ReadAsync<QueueView>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, caller, token) =>
        {
            var now = await NowAsync(db, token);
            var all = db.Proposals.AsNoTracking();
            var counts = await all.Where(p => Open.Contains(p.State) || p.State == ProposalState.Drafted || p.State == ProposalState.UnknownOutcome)
                .Select(p => new { p.State, p.Band, Called = p.EscalatedAt != null || p.ReviewAskedAt != null, Review = p.State == ProposalState.UnknownOutcome || p.Routes.Length > 0 || p.Band == Band.Black || p.EscalatedAt != null || p.ReviewAskedAt != null }).ToListAsync(token);
            var unseen = await OwnApprovals.UnseenAsync(db, all, token);
            var first = filter == QueueFilter.Review ? unseen.Take(MostRows).ToList() : [];
            var query = filter switch
            {
                QueueFilter.Open => Urgent(all.Where(p => Open.Contains(p.State) || p.State == ProposalState.UnknownOutcome)),
                QueueFilter.Review => DoneLast(all.Where(p => p.State == ProposalState.UnknownOutcome || (Open.Contains(p.State) && (p.Routes.Length > 0 || p.Band == Band.Black || p.EscalatedAt != null || p.ReviewAskedAt != null)) || first.Contains(p.Id))),
                QueueFilter.Running => all.Where(p => Running.Contains(p.State)).OrderBy(p => p.GraceUntil).ThenBy(p => p.Id),
                _ => Ended(db, all, filter, history),
            };
            var most = filter is QueueFilter.Done or QueueFilter.All ? EndedRows : MostRows;
            var found = await query.Take(most + 1).ToListAsync(token);
            var rows = await RowsAsync(db, caller, found.Take(most).ToList(), now, token);
            var missing = (also ?? []).Except(rows.Select(r => r.Id)).Take(MostRows).ToList();
            var beside = missing.Count == 0 ? [] : await RowsAsync(db, caller, await all.Where(p => missing.Contains(p.Id)).ToListAsync(token), now, token);
            var underWay = await RowsAsync(db, caller, await all.Where(p => Running.Contains(p.State)).OrderBy(p => p.GraceUntil).ThenBy(p => p.Id).Take(MostRows).ToListAsync(token), now, token);
            var stops = await db.Stops.AsNoTracking().Where(s => s.LiftedAt == null && s.Level != StopLevel.Drill && (s.BranchId == null || s.BranchId == branch)).OrderBy(s => s.ThrownAt).ToListAsync(token);
            var zone = await db.Branches.AsNoTracking().Where(b => b.Id == branch).Select(b => b.TimeZone).SingleAsync(token);
            var midnight = BranchClock.StartOf(BranchClock.DayOf(now, zone), zone);
            var today = await all.CountAsync(p => p.ChangedAt >= midnight && Decided.Contains(p.State), token);
            return new QueueView(now, rows, counts.Count(c => c.State != ProposalState.Drafted), counts.Count(c => c.Review && c.State != ProposalState.Drafted) + unseen.Count, counts.Count(c => c.State == ProposalState.Drafted),
                counts.Where(c => c.State != ProposalState.Drafted).CountBy(c => c.Band).ToDictionary(), stops, found.Count > most, today, underWay, beside)
            { Called = counts.Count(c => c.Called && Open.Contains(c.State)) };
        }, ct);

    /// <summary>The page of ended ones (or of all) below a row.</summary>
    public Task<Result<QueueOlder>> OlderAsync(Sender from, BranchId branch, QueueFilter filter, QueueCursor below, CancellationToken ct, QueueHistory? history = null) =>
        door.ReadAsync<QueueOlder>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, caller, token) =>
        {
            var (at, id) = (below.ChangedAt, below.Id.Value);
            // Typed ids have no "less than", so PostgreSQL is asked in its own words.
            var there = db.Proposals.FromSql($"select * from proposals.proposals where (changed_at, id) < ({at}, {id})").AsNoTracking();
            var found = await Ended(db, there, filter, history).Take(EndedRows + 1).ToListAsync(token);
            return new QueueOlder(await RowsAsync(db, caller, found.Take(EndedRows).ToList(), await NowAsync(db, token), token), found.Count > EndedRows);
        }, ct);

    // What somebody sent to human review runs out no more, whatever its time says.
    private static IQueryable<Proposal> Urgent(IQueryable<Proposal> open) => open.OrderBy(p => p.ReviewAskedAt != null).ThenBy(p => p.ApproveBy).ThenBy(p => p.CreatedAt).ThenBy(p => p.Id);

    // What is done already and waits for a second look runs out least of all.
    private static IQueryable<Proposal> DoneLast(IQueryable<Proposal> open) => open.OrderBy(p => p.State == ProposalState.Succeeded).ThenBy(p => p.ReviewAskedAt != null).ThenBy(p => p.ApproveBy).ThenBy(p => p.CreatedAt).ThenBy(p => p.Id);

    // Along ix_proposals_branch_id_changed_at_id, whatever lies below.
    internal static IQueryable<Proposal> Ended(VaultDb db, IQueryable<Proposal> all, QueueFilter filter, QueueHistory? history) =>
        (history ?? QueueHistory.Everything).Narrow(db, filter == QueueFilter.Done ? all.Where(p => !NotEnded.Contains(p.State)) : all).OrderByDescending(p => p.ChangedAt).ThenByDescending(p => p.Id);

    /// <summary>How many are open, for the number beside the menu entry.</summary>
    public Task<Result<int>> CountAsync(Sender from, BranchId branch, CancellationToken ct) =>
        door.ReadAsync<int>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) => await db.Proposals.AsNoTracking().CountAsync(p => Open.Contains(p.State) || p.State == ProposalState.UnknownOutcome, token), ct);

    /// <summary>What managers are called to and nobody has decided yet, the longest called first.</summary>
    public Task<Result<IReadOnlyList<CalledProposal>>> CalledAsync(Sender from, BranchId branch, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<CalledProposal>>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var found = await db.Proposals.AsNoTracking().Where(p => Open.Contains(p.State) && (p.EscalatedAt != null || p.ReviewAskedAt != null))
                .Select(p => new { p.Id, p.EscalatedAt, p.ReviewAskedAt }).ToListAsync(token);
            return Result.Of<IReadOnlyList<CalledProposal>>([.. found.Select(p => new CalledProposal(p.Id, (p.EscalatedAt < p.ReviewAskedAt ? p.EscalatedAt : p.ReviewAskedAt ?? p.EscalatedAt)!.Value, p.ReviewAskedAt is not null)).OrderBy(p => p.Since).ThenBy(p => p.Id.Value)]);
        }, ct);

    /// <summary>Everything about one. <c>refuse.kernel.not_found</c>.</summary>
    public Task<Result<ProposalView>> OneAsync(Sender from, BranchId branch, ProposalId id, CancellationToken ct) =>
        door.ReadAsync<ProposalView>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, caller, token) =>
        {
            if (await db.Proposals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, token) is not { } p) return KernelRefusals.NotFound;
            var now = await NowAsync(db, token);
            var row = (await RowsAsync(db, caller, [p], now, token))[0];
            var decisions = await db.Decisions.AsNoTracking().Where(d => d.ProposalId == id).OrderBy(d => d.At).ThenBy(d => d.Id).ToListAsync(token);
            // A test of reviewers looks in everything like what it imitates until it has ended; headquarters always knows.
            var shown = Decoy.Imitated(p.Capability);
            var decoy = Decoy.Is(p) ? await db.Decoys.AsNoTracking().SingleAsync(d => d.ProposalId == id, token) : null;
            var mask = ProposalMachine.IsOpen(p.State) && !caller.IsHqAdmin ? decoy : null;
            var chain = mask?.ShownChain ?? p.Chain;
            var card = await db.CapabilityCards.AsNoTracking().SingleAsync(c => c.Capability == shown && c.Version == p.CapabilityVersion, token);
            registry.TryFind(shown, out var code);
            var rule = ApprovalRule.From(JsonNode.Parse(p.Rule)).Value;
            var votes = decisions.Where(d => d.Round == p.Round && d.Verdict == Verdict.Approve).Select(d => d.ToVote()).ToList();
            var openSeats = rule.OpenSeats(votes);
            var standIns = caller.PersonId is { } me && ProposalMachine.IsOpen(p.State) ? await Delegations.StandInsAsync(db, branch, me, now, token) : [];
            var execution = await db.Executions.AsNoTracking().SingleOrDefaultAsync(x => x.ProposalId == id, token);
            var last = await db.Proposals.AsNoTracking().Where(x => x.Capability == shown && x.Id != id && (x.State == ProposalState.Succeeded || x.State == ProposalState.Failed || x.State == ProposalState.UnknownOutcome || x.State == ProposalState.TargetChanged || x.State == ProposalState.Rejected))
                .OrderByDescending(x => x.ChangedAt).Take(5).ToListAsync(token);
            var reader = await texts.ReaderAsync(db, [p, .. last], token);
            var said = reader.TextOrGone(p);
            var names = await db.Users.AsNoTracking().Where(u => decisions.Select(d => d.OnBehalfOf).OfType<PersonId>().Select(i => i.Value).Contains(u.Id)).Select(u => new { u.Id, u.Name }).ToDictionaryAsync(u => u.Id, u => u.Name, token);
            var text = id.ToString();
            var entries = await (from e in db.AuditEntries.AsNoTracking()
                                 join l in db.AuditLeaves.AsNoTracking() on e.Id equals l.EntryId into leaves
                                 from l in leaves.DefaultIfEmpty()
                                 where e.ProposalId == text
                                 orderby e.At descending, e.Id descending
                                 select new ProposalEntry(l == null ? null : l.Index, e.Action, e.Outcome, e.ReasonCode, e.At)).Take(MostEntries + 1).ToListAsync(token);
            var hasOlder = entries.Count > MostEntries;
            if (hasOlder) entries.RemoveAt(MostEntries);
            entries.Reverse();
            if (mask is not null && !hasOlder)
            {
                // The first entry stands in headquarters' part of the log; its number is everybody's.
                var leaf = await db.AuditLeaves.AsNoTracking().Where(l => l.EntryId == mask.EntryId).Select(l => (long?)l.Index).SingleOrDefaultAsync(token);
                entries.Insert(0, new ProposalEntry(leaf, "proposal.submit", "done", null, p.CreatedAt));
            }

            var zone = await db.Branches.AsNoTracking().Where(b => b.Id == branch).Select(b => b.TimeZone).SingleAsync(token);
            // A test of reviewers has no card of its own to be outdated.
            var outdated = ProposalMachine.IsOpen(p.State) && decoy is null ? RulesNow.Check(p, await db.Capabilities.AsNoTracking().Where(c => c.Capability == p.Capability && c.IsEnabled).Select(c => (int?)c.Version).SingleOrDefaultAsync(token)) : null;
            var takesReview = p.TakesReview && (p.State == ProposalState.Drafted || ProposalMachine.IsOpen(p.State));
            var mayNot = MayApprove(caller, p, mask, card, decisions, openSeats, standIns.Count > 0, now, BranchClock.TimeOf(now, zone)) ?? outdated;
            IReadOnlyList<string> next = p.Band == Band.Red && ProposalMachine.IsOpen(p.State)
                ? await NextAsync(db, caller, branch, rule, mayNot is null ? [.. votes, new Vote("me", DecisionCommands.SeatsOf(caller.RoleIn(branch)), true)] : votes, [.. mask?.ShownHumans ?? p.Humans, .. decisions.Where(d => d.Round == p.Round && d.Verdict == Verdict.Approve).SelectMany(d => d.Humans)], token) : [];
            var cardView = new CardView(shown, code?.Definition.Title ?? shown, code?.Definition.What ?? "This version of the program no longer knows it.", p.Area, card.Version, card.Owner, card.RiskTier, card.FailureMode, card.Rollback, card.TestCoverage, RuleWords(rule), [.. last.Select(x => new CardUse(x.Id, reader.TextOrGone(x).Title, x.State, x.ChangedAt))], [.. UndoneBy(code?.Definition).Select(u => u.Title)]) { HoldsBack = registry.HoldsBack(shown) };
            return new ProposalView(now, branch, row, said.Why, ProposalCommands.EvidenceOf(said), ProposalCommands.ChangesOf(said), ProposalCommands.NotesOf(said), p.TargetType, p.TargetId, p.TargetHref, said.Args,
                chain, [.. p.Routes.Select(r => RoutingRules.Current.Find(r)).OfType<RoutingRule>()], p.ValidForSeconds, p.ExecuteBy, p.ReviewAskedAt, p.Replaces, p.ReplacedBy, p.Undoes, p.UndoneBy, p.RunsUnder is not null,
                [.. decisions.Select(d => new DecisionView(d.Id, d.Verdict, d.PersonId, d.PersonName, d.OnBehalfOf is { } o ? names.GetValueOrDefault(o.Value) : null, reader.Said(p, d.SealedReason), d.At, d.TookMs, d.IsFast, d.Round, d.Round == p.Round && d.Verdict == Verdict.Approve, d.GroupId is not null))],
                cardView, code?.Definition.RejectReasons ?? [], await QuotasAsync(db, shown, branch, mask?.ShownAgent ?? p.AgentId, card, now, token), ProposalMachine.IsOpen(p.State) ? outdated?.Kind == ApprovalRefusals.RulesChanged ? new TargetNow(false, outdated.Sentence) : await TargetAsync(db, p, reader.Text(p), now, token) : null,
                execution is null ? null : new ExecutionView(execution.IntentAt, execution.EndedAt, reader.Said(p, execution.SealedSummary), execution.Href, execution.Code, execution.Node, execution.Attempts, execution.UndoCapability is not null && !row.IsErased,
                    execution.UndoCapability is { } undo && registry.TryFind(undo, out var undoing) ? undoing.Definition.Title : null),
                mayNot, p.Band == Band.Red, p.Routes.Length > 0,
                [.. standIns.Select(g => (new PersonId(Guid.Parse(g.Chain.Root.Id)), g.Chain.Root.Name))], [.. openSeats.Select(DecisionCommands.SeatWords)], caller.RoleIn(branch) == Role.BranchManager,
                await MedianAsync(db, caller, token), entries, reader.Said(p, p.SealedEndNote))
            {
                Test = decoy is null || mask is not null ? null : new TestView(decoy.Flaw, p.EndCode),
                CouldApprove = next,
                TakesReview = takesReview,
                MayReject = takesReview ? (await DecisionCommands.CloserAsync(db, caller, p, now, token)).Refusal : null,
                HasOlderEntries = hasOlder,
            };
        }, ct);

    /// <summary>Every capability with its card, for HQ and for people who propose.</summary>
    public Task<Result<IReadOnlyList<CapabilityView>>> CapabilitiesAsync(Sender from, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<CapabilityView>>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var standings = await db.Capabilities.AsNoTracking().ToDictionaryAsync(c => c.Capability, token);
            var cards = await (from s in db.Capabilities.AsNoTracking() join c in db.CapabilityCards.AsNoTracking() on new { s.Capability, s.Version } equals new { c.Capability, c.Version } select c).ToDictionaryAsync(c => c.Capability, token);
            var uses = await db.Proposals.AsNoTracking().Where(p => Open.Contains(p.State) || p.ChangedAt > DatabaseNow.Now().AddDays(-30)).GroupBy(p => new { p.Capability, p.State }).Select(g => new { g.Key.Capability, g.Key.State, Count = g.Count() }).ToListAsync(token);
            int Count(string name, params ProposalState[] states) => uses.Where(u => u.Capability == name && states.Contains(u.State)).Sum(u => u.Count);
            return Result.Of<IReadOnlyList<CapabilityView>>([.. registry.All.Where(d => standings.ContainsKey(d.Name)).Select(d => new CapabilityView(d.Name, d.Title, d.What, d.Area, d.LeastBand, d.IsAtomic, d.Input, standings[d.Name].Version, standings[d.Name].IsEnabled,
                cards[d.Name], cards[d.Name].Missing(), Count(d.Name, Open), Count(d.Name, ProposalState.Succeeded), Count(d.Name, ProposalState.Failed, ProposalState.UnknownOutcome, ProposalState.TargetChanged), Count(d.Name, ProposalState.Rejected), UndoneBy(d)))]);
        }, ct);

    /// <summary>What somebody of a branch may propose: the capabilities that are on, by area.</summary>
    public Task<Result<IReadOnlyList<CapabilityDefinition>>> OfferedAsync(Sender from, BranchId branch, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<CapabilityDefinition>>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
        {
            var on = await db.Capabilities.AsNoTracking().Where(c => c.IsEnabled).Select(c => c.Capability).ToListAsync(token);
            return Result.Of<IReadOnlyList<CapabilityDefinition>>([.. registry.All.Where(d => on.Contains(d.Name)).OrderBy(d => d.Area, StringComparer.Ordinal).ThenBy(d => d.Title, StringComparer.Ordinal)]);
        }, ct);

    /// <summary>What a proposal would write, before it is sent; nothing is kept. Refused as <see cref="ProposalCommands.SubmitAsync"/> for the arguments and with whatever the capability says.</summary>
    public Task<Result<IntendedWrite>> TryAsync(Sender from, BranchId branch, string capability, JsonObject args, string why, CancellationToken ct) =>
        door.ReadAsync<IntendedWrite>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
        {
            if (!registry.TryFind(capability, out var code)) return CapabilityRefusals.Unknown.With(capability);
            if (code.Definition.Input.Check(args) is { } misfit) return misfit;
            return (await code.PrepareAsync(db, new CapabilityCall(branch, args, await NowAsync(db, token), null, why), token)).TryGet(out var intended, out var refusal) ? intended : ProposalCommands.AtArgument(refusal, args);
        }, ct);

    /// <summary>All versions of one card, newest first.</summary>
    public Task<Result<IReadOnlyList<CapabilityCard>>> CardsAsync(Sender from, string capability, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<CapabilityCard>>(from, TenantScope.Hq, Access.Hq, async (db, _, token) => await db.CapabilityCards.AsNoTracking().Where(c => c.Capability == capability).OrderByDescending(c => c.Version).ToListAsync(token), ct);

    private IReadOnlyList<(string Name, string Title)> UndoneBy(CapabilityDefinition? definition) =>
        [.. (definition?.UndoneBy ?? []).Select(n => (n, registry.TryFind(n, out var code) ? code.Definition.Title : n))];

    /// <summary>A rule as people say it: "1 branch manager and 1 more of the branch".</summary>
    public static string RuleWords(ApprovalRule rule) => rule switch
    {
        ApprovalRule.AtLeast a => $"{a.Count} {(a.Seat == nameof(Role.BranchManager) ? "branch manager" : "of the branch")}{(a.Count > 1 && a.Seat == nameof(Role.BranchManager) ? "s" : "")}",
        ApprovalRule.All a => string.Join(" and ", a.Parts.Select(p => p is ApprovalRule.Any ? $"({RuleWords(p)})" : RuleWords(p))),
        ApprovalRule.Any a => string.Join(" or ", a.Parts.Select(p => p is ApprovalRule.All ? $"({RuleWords(p)})" : RuleWords(p))),
        ApprovalRule.Veto v => $"{RuleWords(v.Inner)}, unless {DecisionCommands.SeatWords(v.Seat)} says no",
        _ => "nobody here: human review only",
    };

    internal static Task<DateTimeOffset> NowAsync(VaultDb db, CancellationToken ct) => db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(ct);

    internal async Task<List<QueueRow>> RowsAsync(VaultDb db, Caller caller, List<Proposal> found, DateTimeOffset now, CancellationToken ct)
    {
        var ids = found.ConvertAll(p => p.Id);
        var said = (await db.Decisions.AsNoTracking().Where(d => ids.Contains(d.ProposalId)).ToListAsync(ct)).ToLookup(d => d.ProposalId);
        var mine = caller.Humans.Select(h => h.Value).ToHashSet();
        var reader = await texts.ReaderAsync(db, found, ct);
        var open = caller.IsHqAdmin ? [] : found.Where(p => Decoy.Is(p) && ProposalMachine.IsOpen(p.State)).Select(p => p.Id).ToList();
        var masks = open.Count == 0 ? [] : await db.Decoys.AsNoTracking().Where(d => open.Contains(d.ProposalId)).ToDictionaryAsync(d => d.ProposalId, ct);
        return found.ConvertAll(p =>
        {
            var mask = masks.GetValueOrDefault(p.Id);
            var (chain, capability, hands) = (mask?.ShownChain ?? p.Chain, mask?.Imitates ?? p.Capability, mask?.ShownHumans ?? p.Humans);
            var claimed = p.State == ProposalState.Claimed && p.ClaimedUntil > now;
            var rule = ApprovalRule.From(JsonNode.Parse(p.Rule)).Value;
            var last = said[p.Id].OrderBy(d => d.At).ThenBy(d => d.Id).LastOrDefault();
            var text = reader.TextOrGone(p);
            return new QueueRow(p.Id, text.Title, text.Consequence, p.Band, p.Area, capability, registry.TryFind(Decoy.Imitated(capability), out var code) ? code.Definition.Title : capability, p.State, p.Version, p.Digest, p.CreatedAt, p.ChangedAt, p.ApproveBy, p.GraceUntil,
                chain[0].Name, chain[0].Kind, chain.Count > 1 ? chain[^1].Name : null, said[p.Id].Count(d => d.Round == p.Round && d.Verdict == Verdict.Approve), rule.People, p.Routes.Length > 0, p.EscalatedAt is not null || p.ReviewAskedAt is not null,
                hands.Any(mine.Contains), p is { Band: Band.Green, TakesReview: false } && Open.Contains(p.State) && !claimed ? $"{p.Capability}|{chain[0].Id}" : null, claimed ? p.ClaimedByName : null, claimed ? p.ClaimedBy : null, p.EndCode, last is null ? null : ProposalMoves.Said(last, reader.Said(p, ProposalMoves.ReasonOf(last))),
                said[p.Id].Any(d => d.Round == p.Round && d.Verdict == Verdict.Approve && d.Humans.Any(mine.Contains)), reader.IsGone(p), p.ExecuteBy)
            { Notes = ProposalCommands.NotesOf(text), NeedsLook = OwnApprovals.IsUnseen(p, said[p.Id]) };
        });
    }

    private static Refusal? MayApprove(Caller caller, Proposal p, Decoy? mask, CapabilityCard card, List<Decision> decisions, IReadOnlyList<string> openSeats, bool canStandIn, DateTimeOffset now, TimeOnly time)
    {
        if (!ProposalMachine.IsOpen(p.State)) return ProposalRefusals.NotOpen.With(ProposalMoves.StateWords(p.State));
        if (caller.RoleIn(p.BranchId) is not { } role) return KernelRefusals.NotAllowed.With("somebody of that branch");
        if (p.Band == Band.Black) return ApprovalRefusals.HumanReviewOnly;
        // Human review keeps it open for a word about it, not for an approval after its time.
        if (now >= p.ApproveBy) return ApprovalRefusals.Expired.With(new Moment(p.ApproveBy));
        if (card.ClosedAt(time) is { } closed) return closed;
        var mine = caller.Humans.Select(h => h.Value).ToHashSet();
        var own = (mask?.ShownHumans ?? p.Humans).Any(mine.Contains);
        if (own && !(card.MayApproveOwn && p is { Band: Band.Green, AgentId: null, TakesReview: false })) return ApprovalRefusals.SameHuman.With(caller.Chain.Acting.Name);
        if (decisions.Find(d => d.Round == p.Round && d.Verdict == Verdict.Approve && d.Humans.Any(mine.Contains)) is { } earlier) return ApprovalRefusals.SameHuman.With(earlier.PersonName);
        if (!canStandIn && !openSeats.Any(DecisionCommands.SeatsOf(role).Contains)) return ApprovalRefusals.SeatMissing.With(string.Join(" and ", openSeats.Select(DecisionCommands.SeatWords)));
        if (!canStandIn && DecisionCommands.WaitsForManager(p, [.. decisions.Where(d => d.Round == p.Round && d.Verdict == Verdict.Approve).Select(d => d.ToVote())], DecisionCommands.SeatsOf(role))) return ApprovalRefusals.SeatMissing.With(DecisionCommands.SeatWords(nameof(Role.BranchManager)));
        return null;
    }

    /// <summary>Names of others of the branch whose approval would bring it nearer; none when they are too many to name.</summary>
    /// <param name="votes">Those there are, with the reader's own where it would count.</param>
    /// <param name="hands">Humans who stand behind it or have approved it.</param>
    private static async Task<IReadOnlyList<string>> NextAsync(VaultDb db, Caller caller, BranchId branch, ApprovalRule rule, IReadOnlyList<Vote> votes, HashSet<Guid> hands, CancellationToken ct)
    {
        const int MostNames = 4;
        var roles = await db.Memberships.AsNoTracking().Where(m => m.BranchId == branch).ToDictionaryAsync(m => m.PersonId.Value, m => m.Role, ct);
        List<Guid> ids = [.. roles.Keys];
        var people = await db.Users.AsNoTracking().Where(u => ids.Contains(u.Id) && !u.IsDisabled).Select(u => new { u.Id, u.Name, u.HumanId }).ToListAsync(ct);
        hands.UnionWith(caller.Humans.Select(h => h.Value));
        List<string> names = [.. people.Where(u => !hands.Contains(u.Id) && !(u.HumanId is { } human && hands.Contains(human.Value)) && rule.Helps(votes, DecisionCommands.SeatsOf(roles[u.Id]))).Select(u => u.Name).Order(StringComparer.CurrentCulture)];
        return names.Count > MostNames ? [] : names;
    }

    private async Task<TargetNow> TargetAsync(VaultDb db, Proposal p, Result<ProposalText> said, DateTimeOffset now, CancellationToken ct)
    {
        if (!said.TryGet(out var text, out var unreadable)) return new TargetNow(false, unreadable.Sentence);
        if (!registry.TryFind(Decoy.Imitated(p.Capability), out var code)) return new TargetNow(false, CapabilityRefusals.Unknown.With(p.Capability).Sentence);
        var prepared = await code.PrepareAsync(db, new CapabilityCall(p.BranchId, text.ArgsObject, now, null, text.Why), ct);
        if (!prepared.TryGet(out var intended, out var refusal)) return new TargetNow(false, refusal.Sentence);
        return intended.Target.Etag == p.TargetEtag ? new TargetNow(true, null) : new TargetNow(false, ApprovalRefusals.TargetChanged.Sentence);
    }

    private static async Task<IReadOnlyList<QuotaView>> QuotasAsync(VaultDb db, string capability, BranchId branch, AgentId? agent, CapabilityCard card, DateTimeOffset now, CancellationToken ct)
    {
        var window = Quotas.WindowOf(now, card.WindowSeconds);
        var buckets = Quotas.Of(agent, agent is { } a ? (await Delegations.AgentAsync(db, branch, a, ct))?.Human : null, capability, card);
        var used = await Quotas.UsedAsync(db, buckets.Select(b => b.Key), [window], ct);
        return [.. buckets.Select(b => new QuotaView(b.Name, capability, used.GetValueOrDefault((b.Key, window)), b.Cap, window.AddSeconds(card.WindowSeconds)))];
    }

    private static async Task<int?> MedianAsync(VaultDb db, Caller caller, CancellationToken ct)
    {
        if (caller.PersonId is not { } me) return null;
        var took = await db.Decisions.AsNoTracking().Where(d => d.PersonId == me && d.TookMs != null && d.GroupId == null && d.At > DatabaseNow.Now().AddDays(-30) && !db.Decoys.Any(t => t.ProposalId == d.ProposalId)).OrderByDescending(d => d.At).Take(200).Select(d => d.TookMs!.Value).ToListAsync(ct);
        return took.Count < 5 ? null : took.Order().ElementAt(took.Count / 2);
    }
}
