using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// The approval history of a branch to filter and to carry away (features row 5.5). The file is JSON lines, newest first:
/// <code>
/// {"kind":"manifest","format":"studiovault-approvals","version":1,"branch":"porto","show":"done",…}
/// {"kind":"proposal","id":"0199…","title":"Move the session of …","state":"Succeeded","decisions":[{"verdict":"Approve","by":"Ana",…}],…}
/// {"kind":"end","proposals":1}
/// </code>
/// A file without its last line was cut off.
/// </summary>
public sealed class QueueHistories(WriteDoor door, CapabilityRegistry registry, ProposalTexts texts, ProposalQueries queries)
{
    private const string Format = "studiovault-approvals";
    private const int Version = 1;
    private const int PageRows = 200;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the history of a branch may be filtered by.</summary>
    public Task<Result<QueueHistoryChoices>> ChoicesAsync(Sender from, BranchId branch, CancellationToken ct) =>
        door.ReadAsync<QueueHistoryChoices>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            var members = (await db.Memberships.AsNoTracking().Where(m => m.BranchId == branch).Select(m => m.PersonId).ToListAsync(token)).ConvertAll(m => m.Value);
            var people = await db.Users.AsNoTracking().Where(u => members.Contains(u.Id)).Select(u => new { u.Id, u.Name }).ToListAsync(token);
            var deciders = await db.Decisions.AsNoTracking().GroupBy(d => d.PersonId).Select(g => new { Id = g.Key, Name = g.Max(d => d.PersonName) }).ToListAsync(token);
            var proposing = (await db.Proposals.AsNoTracking().Where(p => p.AgentId != null).Select(p => p.AgentId).Distinct().ToListAsync(token)).OfType<AgentId>().ToList();
            var agents = await db.Agents.AsNoTracking().Where(a => proposing.Contains(a.Id)).Select(a => new { a.Id, a.Name }).ToListAsync(token);
            return new QueueHistoryChoices(
                [.. people.Select(p => (p.Id, p.Name)).Concat(deciders.Select(d => (d.Id.Value, d.Name!))).DistinctBy(p => p.Item1).OrderBy(p => p.Item2, StringComparer.CurrentCulture)],
                [.. agents.Select(a => (a.Id.Value, a.Name)).OrderBy(a => a.Name, StringComparer.CurrentCulture)],
                [.. registry.All.Select(d => (d.Name, d.Title)).OrderBy(c => c.Title, StringComparer.CurrentCulture)]);
        }, ct);

    /// <summary>The history is carried away as a file: a branch's managers only, asked for before it begins, so that nothing leaves before the log says who took it.</summary>
    public Task<Result<Done>> ExportingAsync(Sender from, BranchId branch, QueueFilter filter, QueueHistory history, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("proposal.export", from, TenantScope.Of(branch), Access.ManagerOf(branch), "branch", branch.ToString()), (context, _) =>
        {
            var asked = Asked(filter, history);
            asked["filtered"] = history != QueueHistory.Everything;
            context.Audit(asked);
            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);

    /// <summary>Writes the file. Refused as <see cref="ExportingAsync"/>, also in the middle of it: then its last line is missing.</summary>
    /// <param name="slug">The branch's short name, for the first line.</param>
    /// <returns>Number of proposals.</returns>
    public async Task<Result<long>> WriteAsync(Sender from, BranchId branch, string slug, QueueFilter filter, QueueHistory history, Stream output, CancellationToken ct)
    {
        var manifest = new JsonObject { ["kind"] = "manifest", ["format"] = Format, ["version"] = Version, ["branch"] = slug };
        foreach (var (key, value) in Asked(filter, history)) manifest[key] = value?.DeepClone();
        await LineAsync(output, manifest, ct);
        var (count, below, more) = (0L, (QueueCursor?)null, true);
        while (more)
        {
            if (!(await PageAsync(from, branch, filter, history, below, ct)).TryGet(out var page, out var refusal)) return refusal;
            foreach (var line in page.Lines) await LineAsync(output, line, ct);
            (count, below, more) = (count + page.Lines.Count, page.Last, page.HasMore);
        }

        await LineAsync(output, new JsonObject { ["kind"] = "end", ["proposals"] = count }, ct);
        return count;
    }

    private sealed record Page(IReadOnlyList<JsonObject> Lines, QueueCursor? Last, bool HasMore);

    private Task<Result<Page>> PageAsync(Sender from, BranchId branch, QueueFilter filter, QueueHistory history, QueueCursor? below, CancellationToken ct) =>
        door.ReadAsync<Page>(from, TenantScope.Of(branch), Access.ManagerOf(branch), async (db, caller, token) =>
        {
            var there = below is { } last ? db.Proposals.FromSql($"select * from proposals.proposals where (changed_at, id) < ({last.ChangedAt}, {last.Id.Value})").AsNoTracking() : db.Proposals.AsNoTracking();
            var found = await ProposalQueries.Ended(db, there, filter, history).Take(PageRows + 1).ToListAsync(token);
            var page = found.Take(PageRows).ToList();
            var ids = page.ConvertAll(p => p.Id);
            var rows = await queries.RowsAsync(db, caller, page, await ProposalQueries.NowAsync(db, token), token);
            var said = (await db.Decisions.AsNoTracking().Where(d => ids.Contains(d.ProposalId)).OrderBy(d => d.At).ThenBy(d => d.Id).ToListAsync(token)).ToLookup(d => d.ProposalId);
            var ended = await db.Executions.AsNoTracking().Where(x => ids.Contains(x.ProposalId)).ToDictionaryAsync(x => x.ProposalId, token);
            var others = said.SelectMany(d => d).Select(d => d.OnBehalfOf).OfType<PersonId>().Select(p => p.Value).Distinct().ToList();
            var names = await db.Users.AsNoTracking().Where(u => others.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.Name, token);
            var reader = await texts.ReaderAsync(db, page, token);
            return new Page([.. page.Zip(rows, (p, row) => LineOf(row, ended.GetValueOrDefault(p.Id), [.. said[p.Id].Select(d => DecisionOf(p, d, d.OnBehalfOf is { } o ? names.GetValueOrDefault(o.Value) ?? o.ToString() : null, reader.Said(p, d.SealedReason)))]))],
                page.Count == 0 ? null : new QueueCursor(page[^1].ChangedAt, page[^1].Id), found.Count > PageRows);
        }, ct);

    private static JsonObject LineOf(QueueRow row, Execution? execution, JsonArray decisions) => new()
    {
        ["kind"] = "proposal",
        ["id"] = row.Id.ToString(),
        ["title"] = row.Title,
        ["capability"] = row.Capability,
        ["area"] = row.Area,
        ["band"] = row.Band.ToString().ToUpperInvariant(),
        ["state"] = row.State.ToString(),
        ["endCode"] = row.EndCode,
        ["digest"] = row.Digest,
        ["proposedAt"] = row.CreatedAt.ToUniversalTime().ToString("O"),
        ["changedAt"] = row.ChangedAt.ToUniversalTime().ToString("O"),
        ["executedAt"] = execution?.EndedAt?.ToUniversalTime().ToString("O"),
        ["proposer"] = row.Proposer,
        ["proposerKind"] = row.ProposerKind.ToString().ToLowerInvariant(),
        ["onBehalfOf"] = row.OnBehalfOf,
        ["humanReview"] = row.IsRouted,
        ["approvalsNeeded"] = row.Needed,
        ["decisions"] = decisions,
    };

    private static JsonNode DecisionOf(Proposal p, Decision d, string? standingInFor, string? reason) => new JsonObject
    {
        ["verdict"] = d.Verdict.ToString(),
        ["by"] = d.PersonName,
        ["byId"] = d.PersonId.ToString(),
        ["standingInFor"] = standingInFor,
        ["at"] = d.At.ToUniversalTime().ToString("O"),
        ["reason"] = reason,
        ["counts"] = d.Round == p.Round && d.Verdict == Verdict.Approve,
        ["tookMs"] = d.TookMs,
        ["fast"] = d.IsFast,
        ["together"] = d.GroupId is not null,
    };

    /// <summary>What was asked for: ids and days, no words.</summary>
    private static JsonObject Asked(QueueFilter filter, QueueHistory history) => new()
    {
        ["show"] = filter.ToString().ToLowerInvariant(),
        ["capability"] = history.Capability,
        ["who"] = history.Who?.ToString(),
        ["from"] = history.From?.ToUniversalTime().ToString("O"),
        ["until"] = history.Until?.ToUniversalTime().ToString("O"),
    };

    private static async Task LineAsync(Stream output, JsonObject line, CancellationToken ct) =>
        await output.WriteAsync(Encoding.UTF8.GetBytes(line.ToJsonString(Json) + "\n"), ct);
}
