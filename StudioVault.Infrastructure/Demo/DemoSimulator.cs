using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Demo;

/// <summary>
/// Keeps believable proposals coming in the demo group, from three agents with owners and delegations, by the way every agent goes.
/// Off until somebody starts it; a branch whose people have enough to look at gets no more.
/// </summary>
/// <param name="time">The clock of the pauses between proposals.</param>
public sealed class DemoSimulator(WriteDoor door, AgentCommands agents, DelegationCommands delegations, ProposalCommands proposals, TimeProvider time, ILogger<DemoSimulator> log) : NodeService
{
    /// <summary>Open ones at which a branch has enough.</summary>
    public const int Enough = 12;

    private const int FirstHandful = 7;
    private const int Branches = 3;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(40);
    private static readonly Sender Self = Sender.System("demo.simulator");

    private static readonly (string Slug, string Name, string Purpose, string[] Capabilities)[] Cast =
    [
        ("gallery-keeper", "Gallery keeper", "Watches when deliveries end and what clients still need of them.", ["delivery.extend", "client.message", DemoForbidden.Name]),
        ("finance-reconciler", "Finance reconciler", "Compares what was agreed, delivered and paid.", ["invoice.discount", "refund.record"]),
        ("studio-planner", "Studio planner", "Keeps days, rooms and people from colliding.", ["session.assign", "session.move", "booking.pause"]),
    ];

    private readonly Lock _gate = new();
    private readonly Random _random = new();
    private TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _turn;

    /// <summary>Whether it proposes now.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Raised on any thread after it was started or stopped.</summary>
    public event Action? Changed;

    /// <summary>Starts or stops it, for everybody.</summary>
    public void Switch(bool on)
    {
        lock (_gate)
        {
            if (IsOn == on) return;
            IsOn = on;
            if (on) _started.TrySetResult();
            else _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Changed?.Invoke();
    }

    /// <summary>A first handful, one of each kind, so that there is something to look at.</summary>
    /// <returns>How many were made.</returns>
    public async Task<int> HandfulAsync(CancellationToken ct)
    {
        var stage = await SetAsync(ct);
        if (stage.Count == 0) return 0;
        var made = 0;
        for (var i = 0; i < FirstHandful * 2 && made < FirstHandful; i++)
            if (await ProposeAsync(stage[0], _turn++, ct)) made++;
        return made;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _started.Task.WaitAsync(stoppingToken);
                var stage = await SetAsync(stoppingToken);
                if (stage.Count == 0)
                {
                    Switch(false);
                    continue;
                }

                if (_turn == 0) await HandfulAsync(stoppingToken);
                while (IsOn)
                {
                    await Task.Delay(Shortest + ((Longest - Shortest) * _random.NextDouble()), time, stoppingToken);
                    if (!IsOn) break;
                    // Half of it where the demo's guide begins.
                    var branch = _random.Next(2) == 0 ? stage[0] : stage[_random.Next(stage.Count)];
                    if (await IsFullAsync(branch, stoppingToken)) continue;
                    for (var i = 0; i < 4; i++)
                        if (await ProposeAsync(branch, _turn++, stoppingToken)) break;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is Npgsql.NpgsqlException or TimeoutException or DbUpdateException)
            {
                log.LogWarning(e, "The demo's simulator stopped");
                Switch(false);
            }
        }
    }

    private sealed record Stage(BranchId Branch, IReadOnlyDictionary<string, AgentId> Agents);

    /// <summary>Agents, with whoever let them propose in the branches that have most to propose about.</summary>
    private async Task<List<Stage>> SetAsync(CancellationToken ct)
    {
        var read = await door.ReadAsync<Set>(Self, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var people = await db.Users.AsNoTracking().Where(u => u.IsDemo && !u.IsDisabled).OrderBy(u => u.Name).Select(u => new { u.Id, u.SecurityStamp }).ToListAsync(token);
            var members = (await db.Memberships.AsNoTracking().Select(m => new { m.PersonId, m.BranchId, m.Role }).ToListAsync(token)).ToLookup(m => m.PersonId.Value);
            var hq = people.LastOrDefault(u => members[u.Id].Any(m => m.Role == Role.HqAdmin));
            if (hq is null) return new Set(Sender.Nobody, [], [], []);
            var known = await db.Agents.AsNoTracking().Select(a => new { a.Slug, a.Id }).ToDictionaryAsync(a => a.Slug, a => a.Id, token);
            var busiest = await db.Invoices.AsNoTracking().GroupBy(i => i.BranchId).Select(g => new { g.Key, Count = g.Count() }).OrderByDescending(g => g.Count).Take(Branches).ToListAsync(token);
            if (busiest.Count == 0) busiest = await db.Projects.AsNoTracking().GroupBy(p => p.BranchId).Select(g => new { g.Key, Count = g.Count() }).OrderByDescending(g => g.Count).Take(Branches).ToListAsync(token);
            var branches = busiest.ConvertAll(b => b.Key);
            // Somebody who is not the only one of their kind: whoever lets an agent propose does not approve what it proposes.
            var givers = branches.Select(b => (Branch: b, Giver: people.LastOrDefault(u => members[u.Id].Any(m => m.BranchId == b && m.Role == Role.Staff)))).Where(g => g.Giver is not null)
                .ToDictionary(g => g.Branch, g => Sender.Person(new PersonId(g.Giver!.Id), g.Giver.SecurityStamp));
            return new Set(Sender.Person(new PersonId(hq.Id), hq.SecurityStamp), known, branches, givers);
        }, ct);
        if (!read.TryGet(out var set, out _) || set.Hq == Sender.Nobody) return [];
        foreach (var (slug, name, purpose, _) in Cast)
            if (!set.Agents.ContainsKey(slug) && (await agents.CreateAsync(set.Hq, slug, name, purpose, set.Hq.PersonId!.Value, ct)).TryGet(out var id, out _)) set.Agents[slug] = id;

        var stage = new List<Stage>();
        foreach (var branch in set.Branches)
        {
            if (!set.Givers.TryGetValue(branch, out var giver)) continue;
            var given = await door.ReadAsync<List<AgentId?>>(Self, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
                await db.Delegations.AsNoTracking().Where(d => d.RevokedAt == null && d.ExpiresAt > DatabaseNow.Now().AddDays(1)).Select(d => d.ToAgentId).ToListAsync(token), ct);
            foreach (var (slug, _, purpose, capabilities) in Cast)
            {
                if (!set.Agents.TryGetValue(slug, out var agent) || !given.TryGet(out var have, out _) || have.Contains(agent)) continue;
                var gave = await delegations.GiveAsync(giver, branch, new NewDelegation(null, Party.Of(agent), capabilities, null, TimeProvider.System.GetUtcNow().AddDays(60), purpose), ct);
                if (gave.Refusal is { } no) log.LogWarning("The demo's agent {Agent} was not let: {Refusal}", slug, no);
            }

            stage.Add(new Stage(branch, set.Agents));
        }

        return stage;
    }

    private sealed record Set(Sender Hq, Dictionary<string, AgentId> Agents, List<BranchId> Branches, Dictionary<BranchId, Sender> Givers);

    private async Task<bool> IsFullAsync(Stage stage, CancellationToken ct)
    {
        ProposalState[] open = [ProposalState.Drafted, ProposalState.Pending, ProposalState.Claimed, ProposalState.Approved];
        var read = await door.ReadAsync<int>(Self, TenantScope.Of(stage.Branch), Access.MemberOf(stage.Branch), async (db, _, token) => await db.Proposals.AsNoTracking().CountAsync(p => open.Contains(p.State), token), ct);
        return !read.TryGet(out var count, out _) || count >= Enough;
    }

    private sealed record Idea(string Agent, string Capability, JsonObject Args, string Why, Evidence[] Evidence);

    /// <returns>Whether there was something to propose and it was taken.</returns>
    private async Task<bool> ProposeAsync(Stage stage, int turn, CancellationToken ct)
    {
        var read = await door.ReadAsync<Idea?>(Self, TenantScope.Of(stage.Branch), Access.MemberOf(stage.Branch), async (db, _, token) => await IdeaAsync(db, stage.Branch, turn % 11, token), ct);
        if (!read.TryGet(out var idea, out _) || idea is null) return false;
        if (!stage.Agents.TryGetValue(idea.Agent, out var agent)) return false;
        var result = await proposals.SubmitAsync(Sender.AgentInside(agent), stage.Branch, new ProposalInput(idea.Capability, idea.Args, idea.Why, idea.Evidence), ct);
        if (result.Refusal is { } no) log.LogDebug("The demo's {Capability} was refused: {Refusal}", idea.Capability, no);
        return !result.IsRefused;
    }

    private async Task<Idea?> IdeaAsync(VaultDb db, BranchId branch, int turn, CancellationToken ct)
    {
        var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, ct);
        var today = BranchClock.DayOf(TimeProvider.System.GetUtcNow(), studio.TimeZone);
        switch (turn)
        {
            case 1 or 2 or 7:
                {
                    var online = await db.Deliveries.AsNoTracking().Where(d => d.OnlineUntil != null && d.OnlineUntil > today && d.RevokedAt == null).Join(db.Projects, d => d.ProjectId, p => p.Id, (d, p) => new { Delivery = d, p.ClientName }).ToListAsync(ct);
                    if (Any(online) is not { } one) return null;
                    var until = one.Delivery.OnlineUntil!.Value.AddDays(30 * _random.Next(1, 4));
                    return new("gallery-keeper", "delivery.extend", Args(("deliveryId", one.Delivery.Id.ToString()), ("until", Spelled(until)), ("reason", Any(["The family orders an album and still chooses.", "Half of the files were not downloaded yet.", "They asked for more time by mail."])!)),
                        $"The delivery for {one.ClientName} ends on {Words(one.Delivery.OnlineUntil.Value)} and is still in use.", [Read($"Delivery “{Short(one.Delivery.Title)}”", $"/projects/{one.Delivery.ProjectId}/delivery", one.Delivery.Id.ToString())]);
                }

            case 0 or 8:
                {
                    var open = await db.Invoices.AsNoTracking().Where(i => i.State == InvoiceState.Open && i.Amount - i.Goodwill > 200).ToListAsync(ct);
                    if (Any(open) is not { } invoice) return null;
                    var amount = Math.Min(180m, Math.Round(invoice.AmountDue * 0.05m / 5) * 5);
                    return new("finance-reconciler", "invoice.discount", Args(("invoiceId", invoice.Id.ToString()), ("amount", Spelled(Math.Max(amount, 25m))), ("reason", Any(["The album came nine days after the agreed date.", "They brought friends who booked.", "Second booking within a year."])!)),
                        "Goodwill within what the refunds policy allows; the client stays warm and nothing is argued about.", [Read($"Invoice {invoice.Number}", $"/projects/{invoice.ProjectId}", invoice.Id.ToString()), Read("Delivery log", $"/projects/{invoice.ProjectId}/delivery", invoice.ProjectId.ToString())]);
                }

            case 3 or 9:
                {
                    var paid = await db.Invoices.AsNoTracking().Where(i => i.State == InvoiceState.Paid && i.Amount - i.Goodwill - i.Refunded > 400).ToListAsync(ct);
                    if (Any(paid) is not { } invoice) return null;
                    var amount = turn == 3 ? 320m : 120m;
                    return new("finance-reconciler", "refund.record", Args(("invoiceId", invoice.Id.ToString()), ("amount", Spelled(amount)), ("reason", "One of two photographers could not come.")),
                        turn == 3 ? "The second photographer was ill and nobody took the place; the agreement names the price of the second person." : "An hour less than agreed was photographed.", [Read($"Invoice {invoice.Number}", $"/projects/{invoice.ProjectId}", invoice.Id.ToString())]);
                }

            case 4 or 6:
                {
                    var found = await (from p in db.Projects.AsNoTracking()
                                       join l in db.ProjectClients.AsNoTracking() on p.Id equals l.ProjectId
                                       join c in db.Clients.AsNoTracking() on l.ClientId equals c.Id
                                       where c.ErasedAt == null && c.Email != "" && !l.IsMinor && (p.State == ProjectState.Booked || p.State == ProjectState.Shot || p.State == ProjectState.Delivered)
                                       select new { Project = p.Id, Client = c.Id, c.Name, p.EventOn }).ToListAsync(ct);
                    if (Any(found) is not { } one) return null;
                    var first = one.Name.Split(' ')[0];
                    // Now and then one meets a compliance rule, and says so by itself.
                    return turn == 6
                        ? new("gallery-keeper", "client.message", Args(("projectId", one.Project.ToString()), ("clientId", one.Client.ToString()), ("subject", "The rest of the payment"), ("text", $"Dear {first},\n\nif you pay the rest in cash, we can do it without an invoice.\n\n{studio.Name}")), "The rest is due and the client asked how to pay.", [Read("What the client wrote", $"/projects/{one.Project}", one.Client.ToString())])
                        : new("gallery-keeper", "client.message", Args(("projectId", one.Project.ToString()), ("clientId", one.Client.ToString()), ("subject", one.EventOn > today ? "Two weeks to go" : "Your pictures"), ("text", one.EventOn > today ? $"Dear {first},\n\nyour day comes closer. Is the plan you sent us still the one we should bring?\n\n{studio.Name}" : $"Dear {first},\n\nthe pictures stay online for a while yet. Choose in peace; we keep the originals as agreed.\n\n{studio.Name}")),
                            one.EventOn > today ? "Nothing was heard of the client in three weeks and the plan of the day is open." : "The client opened the gallery often and ordered nothing yet.", [Read("Project", $"/projects/{one.Project}", one.Project.ToString())]);
                }

            case 5:
                {
                    var coming = await ComingAsync(db, today, ct);
                    var people = await db.Memberships.AsNoTracking().Where(m => m.BranchId == branch).Select(m => m.PersonId).ToListAsync(ct);
                    if (Any(coming) is not { } project || people.Count == 0) return null;
                    return new("studio-planner", "session.assign", Args(("projectId", project.Id.ToString()), ("personId", people[_random.Next(people.Count)].ToString()), ("task", Any(["photographer", "second_photographer", "assistant"])!)),
                        $"Nobody stands on the plan of {Words(project.EventOn)} yet and the calendar is free.", [Read("Plan of the day", $"/projects/{project.Id}", project.Id.ToString())]);
                }

            case 10 when await db.Deliveries.AsNoTracking().Where(d => d.RevokedAt == null).OrderBy(d => d.OpenedAt).FirstOrDefaultAsync(ct) is { } oldest:
                return new("gallery-keeper", DemoForbidden.Name, Args(("deliveryId", oldest.Id.ToString())), "The disk is four fifths full and these files were not asked for in a year.", [Read("Space on the disk", $"/projects/{oldest.ProjectId}/delivery", oldest.Id.ToString())]);

            default:
                {
                    if (_random.Next(3) == 0)
                        return new("studio-planner", "booking.pause", Args(("until", Spelled(today.AddDays(_random.Next(3, 9)))), ("reason", "Every photographer is booked on the next two weekends.")), "Three enquiries this week could not be given a day.", [Read("Bookings", "/projects", branch.ToString())]);
                    var open = await db.Projects.AsNoTracking().Where(p => (p.State == ProjectState.Quote || p.State == ProjectState.Booked) && p.EventOn > today.AddDays(10)).ToListAsync(ct);
                    if (Any(open) is not { } project) return null;
                    return new("studio-planner", "session.move", Args(("projectId", project.Id.ToString()), ("to", Spelled(project.EventOn.AddDays(_random.Next(1, 3))))), "Rain is forecast and the client said by telephone that a day later is as good.", [Read("Forecast", "https://www.met.example/forecast", project.Id.ToString())]);
                }
        }
    }

    private static async Task<List<Project>> ComingAsync(VaultDb db, DateOnly today, CancellationToken ct) =>
        await db.Projects.AsNoTracking().Where(p => p.State == ProjectState.Booked && p.EventOn > today).OrderBy(p => p.EventOn).Take(20).ToListAsync(ct);

    private T? Any<T>(IReadOnlyList<T> of) => of.Count == 0 ? default : of[_random.Next(of.Count)];

    private static JsonObject Args(params (string Name, string Value)[] values) => new(values.Select(v => KeyValuePair.Create(v.Name, (JsonNode?)v.Value)));

    private static Evidence Read(string title, string source, string what) => new(title, source, TimeProvider.System.GetUtcNow(), CanonicalJson.Sha256(JsonValue.Create(what)));

    private static string Short(string text) => text.Length <= 80 ? text : text[..79] + "…";

    private static string Spelled(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Spelled(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Words(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
