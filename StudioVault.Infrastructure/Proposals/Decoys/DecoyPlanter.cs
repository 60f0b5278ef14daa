using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Proposals.Decoys;

/// <summary>
/// Plants tests where headquarters switched them on: now and then, in opening hours, at most <see cref="Decoy.PerWeek"/> a week and one at a
/// time in a branch, made from the branch's own data, with the intended write the imitated capability itself says it would do.
/// </summary>
public sealed class DecoyPlanter(WriteDoor door, CapabilityRegistry registry, ProposalTexts texts) : IVaultJob
{
    /// <summary>Name it acts under in the audit.</summary>
    public const string Name = "decoys";

    /// <summary>Out of how many looks one plants: nobody can tell when.</summary>
    private const int OneIn = 12;

    private static readonly TimeOnly Opens = new(9, 0);
    private static readonly TimeOnly Closes = new(18, 0);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly ProposalState[] Open = [ProposalState.Pending, ProposalState.Claimed, ProposalState.Approved];

    /// <summary>True when this look plants; tests decide it themselves.</summary>
    internal Func<bool> Throw { get; set; } = static () => Random.Shared.Next(OneIn) == 0;

    private sealed record Plan(DecoyText Text, CapabilityCard Card, string Area, JsonObject Args, IntendedWrite Intended, string Why, IReadOnlyList<Evidence> Evidence, string Flaw,
        (AgentId Id, string Name) Agent, (PersonId Id, string Name) Behalf, IReadOnlyList<Guid> Humans, ProposalTexts.NewKey Key);

    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        var on = await door.ReadAsync<List<BranchId>>(Sender.System(Name), TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var switches = await DecoyStanding.NowAsync(db, token);
            return switches.Select(s => s.BranchId).OfType<BranchId>().Where(b => DecoyStanding.IsOn(switches, b)).ToList();
        }, ct);
        if (!on.TryGet(out var branches, out var refusal)) return refusal;
        var planted = 0;
        foreach (var branch in branches)
            if (Throw() && !(await PlantAsync(branch, ct)).IsRefused) planted++;
        return planted == 0 ? JobReport.NothingToDo(branches.Count == 0 ? "Tests are off everywhere" : "None was planted") : JobReport.Of(planted == 1 ? "1 test planted" : $"{planted} tests planted");
    }

    /// <summary>Plants one now if it may: <c>refuse.decoy.not_now</c> says why not.</summary>
    public async Task<Result<ProposalId>> PlantAsync(BranchId branch, CancellationToken ct)
    {
        var self = Sender.System(Name);
        var made = await door.ReadAsync<Plan>(self, TenantScope.Of(branch), Access.MemberOf(branch), (db, _, token) => PlanAsync(db, branch, token), ct);
        if (!made.TryGet(out var plan, out var none)) return none;
        return await door.RunAsync<ProposalId>(new Command("decoy.plant", self, TenantScope.Hq, Access.Hq, "proposal", "new"), async (context, token) =>
        {
            var db = context.Db;
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"decoys:" + branch}, 0))", token);
            if (!DecoyStanding.IsOn(await DecoyStanding.NowAsync(db, token), branch)) return DecoyRefusals.NotNow.With("they are off there");
            var week = context.Now.AddDays(-7);
            if (await db.Decoys.CountAsync(d => d.BranchId == branch && d.PlantedAt > week, token) >= Decoy.PerWeek) return DecoyRefusals.NotNow.With("the branch had its tests of this week");
            if (await db.Proposals.AnyAsync(p => p.BranchId == branch && p.Capability.StartsWith(Decoy.Prefix) && Open.Contains(p.State), token)) return DecoyRefusals.NotNow.With("one is open there");
            if ((await db.Stops.AsNoTracking().Where(s => s.LiftedAt == null).ToListAsync(token)).Exists(s => s.Covers(plan.Area, plan.Text.Imitates, branch, [plan.Agent.Id]))) return DecoyRefusals.NotNow.With("a stop is in force");
            var zone = await db.Branches.Where(b => b.Id == branch).Select(b => b.TimeZone).SingleAsync(token);
            if (!IsOpen(plan.Card, context.Now, zone)) return DecoyRefusals.NotNow.With("nobody decides at this hour");

            var words = new ProposalText(ProposalText.Canonical(plan.Args), plan.Intended.Title, plan.Intended.Consequence, plan.Why, JsonSerializer.Serialize(plan.Evidence, Json),
                JsonSerializer.Serialize(plan.Intended.Changes, Json), JsonSerializer.Serialize(plan.Intended.Notes, Json), Convert.ToHexStringLower(SecretBox.NewKey()));
            var proposal = Proposal.Of(new Proposal.Content
            {
                Branch = branch,
                Capability = Decoy.Prefix + plan.Text.Imitates,
                Area = plan.Area,
                CapabilityVersion = plan.Card.Version,
                Band = plan.Card.Band,
                Routes = [],
                Text = words,
                Clients = [.. plan.Key.About.Clients.Select(c => c.Value)],
                Project = plan.Key.About.Project,
                Key = plan.Key.Wrapped,
                SealedText = plan.Key.Close(words),
                TargetType = plan.Intended.Target.Type,
                TargetId = plan.Intended.Target.Id,
                TargetEtag = plan.Intended.Target.Etag,
                TargetHref = plan.Intended.Target.Href,
                // Honest in the row; the queue shows the name it borrows until the test has ended.
                Chain = [new Actor(ActorKind.System, Name, Name)],
                Humans = [],
                Delegations = [],
                AgentId = null,
                Epoch = null,
                Policies = ProposalCommands.PoliciesNow(),
                Rule = plan.Card.ReadRule(),
                Replaces = null,
                Undoes = null,
                Exemption = null,
                At = context.Now,
                ApproveWithin = TimeSpan.FromSeconds(plan.Card.ApproveWithinSeconds),
                ValidFor = TimeSpan.FromSeconds(plan.Card.ValidForSeconds),
            }, ProposalState.Pending);
            context.ObjectId = proposal.Id.ToString();
            context.Link = ProposalMoves.LinkOf(proposal, proposal.State) with { Capability = proposal.Capability };
            context.Audit(new JsonObject { ["branchId"] = branch.ToString(), ["imitates"] = plan.Text.Imitates, ["text"] = plan.Text.Id, ["flaw"] = plan.Flaw, ["digest"] = proposal.Digest, ["shownAs"] = plan.Agent.Id.ToString() });
            context.Announce(proposal, ProposalState.Pending, 0);
            await context.WriteAuditAsync(token);
            db.Proposals.Add(proposal);
            await db.SaveChangesAsync(token);
            db.Decoys.Add(Decoy.Of(proposal, plan.Text.Id, plan.Flaw, plan.Agent, plan.Behalf, plan.Humans, context.EntryId, context.Now));
            return proposal.Id;
        }, ct);
    }

    /// <summary>In the hours of the card, or of a working day where it has none.</summary>
    private static bool IsOpen(CapabilityCard card, DateTimeOffset now, string zone)
    {
        var time = BranchClock.TimeOf(now, zone);
        return time >= (card.DecideFrom ?? Opens) && time < (card.DecideTo ?? Closes);
    }

    /// <summary>A test made of what the branch has; refused when it has nothing one could be made of.</summary>
    private async Task<Result<Plan>> PlanAsync(VaultDb db, BranchId branch, CancellationToken ct)
    {
        var now = await ProposalQueries.NowAsync(db, ct);
        var on = await db.Capabilities.AsNoTracking().Where(c => c.IsEnabled).ToDictionaryAsync(c => c.Capability, c => c.Version, ct);
        var patterns = DecoyTexts.All.Where(t => on.ContainsKey(t.Imitates)).ToArray();
        Random.Shared.Shuffle(patterns);
        foreach (var text in patterns)
        {
            if (!registry.TryFind(text.Imitates, out var capability)) continue;
            var version = on[text.Imitates];
            var card = await db.CapabilityCards.AsNoTracking().SingleAsync(c => c.Capability == text.Imitates && c.Version == version, ct);
            // One person decides on it, alone: never in a group, and never two people's time.
            if (card.Band != Band.Amber || card.ReadRule().People != 1) continue;
            if (await BorrowAsync(db, branch, text.Imitates, now, ct) is not { } name) continue;
            foreach (var invoice in await InvoicesAsync(db, text, ct))
                if (await FitAsync(db, branch, capability, card, text, invoice, name, now, ct) is { } plan) return plan;
        }

        return DecoyRefusals.NotNow.With("the branch has nothing one could be made of");
    }

    /// <summary>The agent in whose name it stands in the queue: one that could really propose it there.</summary>
    private static async Task<((AgentId Id, string Name) Agent, (PersonId Id, string Name) Behalf, IReadOnlyList<Guid> Humans)?> BorrowAsync(VaultDb db, BranchId branch, string capability, DateTimeOffset now, CancellationToken ct)
    {
        var given = await db.Delegations.AsNoTracking().Where(d => d.BranchId == branch && d.ToAgentId != null && d.FromPersonId != null && d.ParentId == null && d.RevokedAt == null && d.StartsAt <= now && d.ExpiresAt > now).OrderBy(d => d.CreatedAt).ToListAsync(ct);
        foreach (var delegation in given.Where(d => d.Capabilities is null || d.Capabilities.Contains(capability)))
        {
            var (agentId, giver) = (delegation.ToAgentId!.Value, delegation.FromPersonId!.Value);
            if (await db.Agents.AsNoTracking().SingleOrDefaultAsync(a => a.Id == agentId && !a.IsDisabled, ct) is not { } agent) continue;
            if (await Organization.Delegations.PersonAsync(db, branch, giver, ct) is not { IsActive: true, Role: not null } behalf) continue;
            var humans = await FourEyes.HumansAsync(db, [giver.Value, agent.OwnerId.Value], ct);
            return ((agent.Id, agent.Name), (giver, behalf.Name), [.. humans.SelectMany(h => (Guid[])[h.Key, h.Value]).Distinct()]);
        }

        return null;
    }

    private static async Task<List<Invoice>> InvoicesAsync(VaultDb db, DecoyText text, CancellationToken ct)
    {
        var state = text.Invoice == "paid" ? InvoiceState.Paid : InvoiceState.Open;
        var found = await db.Invoices.AsNoTracking().Where(i => i.State == state).OrderByDescending(i => i.CreatedAt).Take(40).ToArrayAsync(ct);
        Random.Shared.Shuffle(found);
        return [.. found.Take(8)];
    }

    private async Task<Plan?> FitAsync(VaultDb db, BranchId branch, ICapability capability, CapabilityCard card, DecoyText text, Invoice invoice,
        ((AgentId Id, string Name) Agent, (PersonId Id, string Name) Behalf, IReadOnlyList<Guid> Humans) name, DateTimeOffset now, CancellationToken ct)
    {
        var right = Random.Shared.Next(11, 25);
        var wrong = right * 10m;
        if (invoice.AmountDue - invoice.Refunded <= wrong || wrong > CreditCase.TwoPeopleAbove) return null;
        var project = await db.Projects.AsNoTracking().SingleAsync(p => p.Id == invoice.ProjectId, ct);
        var other = text.Other ? await db.Projects.AsNoTracking().Where(p => p.Id != project.Id && p.ClientName != project.ClientName).OrderByDescending(p => p.Id).FirstOrDefaultAsync(ct) : project;
        if (other is null) return null;
        var values = new Dictionary<string, string>
        {
            ["right"] = CapabilityWords.Sum(right, invoice.Currency),
            ["wrong"] = CapabilityWords.Sum(wrong, invoice.Currency),
            ["client"] = Short(project.ClientName),
            ["other"] = Short(other.ClientName),
            ["invoice"] = Short(invoice.Title),
            ["paidOn"] = invoice.PaidOn?.Words() ?? "",
        };
        var args = CapabilityWords.Args(("invoiceId", invoice.Id.ToString()), ("amount", CapabilityWords.Spelled(wrong)), ("reason", text.Reason));
        var why = DecoyTexts.Fill(text.Why, values);
        List<Evidence> evidence = [.. text.Evidence.Select(e => new Evidence(DecoyTexts.Fill(e.Title, values), $"/projects/{(e.Of == "other" ? other : project).Id}", now.AddMinutes(-3), null))];
        if (capability.Definition.Input.Check(args) is not null || evidence.Exists(e => e.Title.Length > Evidence.LongestTitle)) return null;
        if (RoutingRules.Current.Classify([why, text.Reason, .. evidence.Select(e => e.Title)]).Count > 0) return null;
        if (!(await capability.PrepareAsync(db, new CapabilityCall(branch, args, now, null, why), ct)).TryGet(out var intended, out _)) return null;
        if (intended.AtLeast > card.Band || intended.Title.Length > 300 || intended.Consequence.Length > 200) return null;
        // Its evidence may name the other client too.
        var about = other.Id == project.Id ? intended.About : intended.About.With((await Concern.OfProjectAsync(db, other.Id, ct)).Clients.Select(c => c.Value));
        if (!(await texts.WrapAsync(db, about, ct)).TryGet(out var key, out _)) return null;
        return new Plan(text, card, capability.Definition.Area, args, intended, why, evidence, DecoyTexts.Fill(text.Flaw, values), name.Agent, name.Behalf, name.Humans, key);
    }

    private static string Short(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 39), "…");
}
