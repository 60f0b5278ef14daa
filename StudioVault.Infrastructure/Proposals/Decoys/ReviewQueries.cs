using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Decoys;

/// <summary>How somebody reviews, over the last <see cref="ReviewQueries.Days"/> days; tests are counted apart from the work.</summary>
/// <param name="Approved">Real proposals they approved; a group counts once.</param>
/// <param name="Refused">Real ones they rejected or sent to human review.</param>
/// <param name="Fast">Approvals faster than anybody reads.</param>
/// <param name="Streak">Longest run of approvals without a no.</param>
/// <param name="Tests">Tests they decided on.</param>
/// <param name="Missed">Tests they approved.</param>
public sealed record ReviewNumbers(PersonId Id, string Name, IReadOnlyList<string> Branches, int Approved, int Refused, int Fast, int Streak, int Tests, int Missed)
{
    /// <summary>Worth a word: most tests missed, a tenth decided too fast to have read it, or a long run without a no.</summary>
    public bool IsWorthAWord => (Tests >= 2 && Missed * 2 >= Tests) || (Approved >= 10 && Fast * 10 >= Approved) || Streak >= ReviewQueries.LongStreak;
}

/// <summary>A test, for headquarters and, once it has ended, for whoever met it.</summary>
/// <param name="Title">What it said, to whoever met it; what it imitated, to headquarters.</param>
/// <param name="By">Who decided on it, or null.</param>
/// <param name="EndCode">Null while it is open.</param>
public sealed record DecoyRecord(ProposalId Id, BranchId Branch, string BranchName, string Title, string Flaw, DateTimeOffset PlantedAt, ProposalState State, string? EndCode, string? By, DateTimeOffset? DecidedAt);

/// <summary>Whether a branch has tests.</summary>
public sealed record DecoyBranch(BranchId Id, string Name, DecoySwitch? Switch, int ThisWeek, bool IsOpen);

/// <summary>What headquarters sees of reviewing.</summary>
/// <param name="Group">The group's switch; null: never touched, off.</param>
public sealed record ReviewBoard(DateTimeOffset Now, DecoySwitch? Group, IReadOnlyList<DecoyBranch> Branches, IReadOnlyList<ReviewNumbers> Reviewers, IReadOnlyList<DecoyRecord> Tests);

/// <summary>What somebody sees of their own reviewing.</summary>
/// <param name="IsOn">Whether tests are among the proposals of the branch.</param>
public sealed record OwnReviews(DateTimeOffset Now, bool IsOn, ReviewNumbers Numbers, IReadOnlyList<DecoyRecord> Tests);

/// <summary>How proposals are reviewed: for training, by headquarters and by everybody about themselves.</summary>
public sealed class ReviewQueries(WriteDoor door, CapabilityRegistry registry, ProposalTexts texts)
{
    public const int Days = 90;

    /// <summary>Approvals in a row at which somebody may no longer be reading.</summary>
    public const int LongStreak = 25;

    private static readonly Verdict[] Verdicts = [Verdict.Approve, Verdict.Reject, Verdict.SendToReview];
    private static readonly ProposalState[] Open = [ProposalState.Pending, ProposalState.Claimed, ProposalState.Approved];

    private sealed record Row(PersonId Person, string Name, BranchId Branch, Verdict Verdict, bool IsFast, Guid? Group, DateTimeOffset At, bool IsTest);

    /// <summary>Everybody's numbers, the switches and the last tests; HQ only.</summary>
    public Task<Result<ReviewBoard>> BoardAsync(Sender from, CancellationToken ct) =>
        door.ReadAsync<ReviewBoard>(from, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var now = await ProposalQueries.NowAsync(db, token);
            var names = await db.Branches.AsNoTracking().OrderBy(b => b.Name).Select(b => new { b.Id, b.Name }).ToListAsync(token);
            var byId = names.ToDictionary(b => b.Id, b => b.Name);
            var switches = await DecoyStanding.NowAsync(db, token);
            var week = now.AddDays(-7);
            var planted = (await db.Decoys.AsNoTracking().Where(d => d.PlantedAt > week).Select(d => d.BranchId).ToListAsync(token)).CountBy(b => b).ToDictionary();
            var tests = await TestsAsync(db, null, byId, token);
            return new ReviewBoard(now, switches.FirstOrDefault(s => s.BranchId is null),
                names.ConvertAll(b => new DecoyBranch(b.Id, b.Name, switches.FirstOrDefault(s => s.BranchId == b.Id), planted.GetValueOrDefault(b.Id), tests.Any(t => t.Branch == b.Id && t.EndCode is null && Open.Contains(t.State)))),
                [.. (await RowsAsync(db, null, now, token)).GroupBy(r => r.Person).Select(g => Numbers(g.Key, [.. g], byId)).OrderByDescending(n => n.IsWorthAWord).ThenBy(n => n.Name, StringComparer.CurrentCulture)], tests);
        }, ct);

    /// <summary>The reader's own numbers in a branch, and the tests they met.</summary>
    public Task<Result<OwnReviews>> OwnAsync(Sender from, BranchId branch, CancellationToken ct) =>
        door.ReadAsync<OwnReviews>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, caller, token) =>
        {
            var (now, me) = (await ProposalQueries.NowAsync(db, token), caller.PersonId ?? default);
            var names = await db.Branches.AsNoTracking().Where(b => b.Id == branch).ToDictionaryAsync(b => b.Id, b => b.Name, token);
            var rows = await RowsAsync(db, me, now, token);
            return new OwnReviews(now, DecoyStanding.IsOn(await DecoyStanding.NowAsync(db, token), branch), Numbers(me, rows, names) with { Name = caller.Chain.Acting.Name }, await TestsAsync(db, me, names, token));
        }, ct);

    /// <summary>Whether tests are among the proposals of a branch: its people are told in the queue.</summary>
    public Task<Result<bool>> IsOnAsync(Sender from, BranchId branch, CancellationToken ct) =>
        door.ReadAsync<bool>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) => DecoyStanding.IsOn(await DecoyStanding.NowAsync(db, token), branch), ct);

    private static async Task<List<Row>> RowsAsync(VaultDb db, PersonId? person, DateTimeOffset now, CancellationToken ct)
    {
        var since = now.AddDays(-Days);
        var found = await (from d in db.Decisions.AsNoTracking()
                           join p in db.Proposals.AsNoTracking() on new { d.BranchId, Id = d.ProposalId } equals new { p.BranchId, p.Id }
                           where Verdicts.Contains(d.Verdict) && d.At > since && (person == null || d.PersonId == person)
                           orderby d.At
                           select new { d.PersonId, d.PersonName, d.BranchId, d.Verdict, d.IsFast, d.GroupId, d.At, p.Capability }).ToListAsync(ct);
        return found.ConvertAll(d => new Row(d.PersonId, d.PersonName, d.BranchId, d.Verdict, d.IsFast, d.GroupId, d.At, Decoy.Is(d.Capability)));
    }

    private static ReviewNumbers Numbers(PersonId person, IReadOnlyList<Row> rows, Dictionary<BranchId, string> branches)
    {
        var work = rows.Where(r => !r.IsTest).DistinctBy(r => r.Group is { } g ? g.ToString() : $"{r.At:O}").ToList();
        var (streak, longest) = (0, 0);
        foreach (var row in work)
        {
            streak = row.Verdict == Verdict.Approve ? streak + 1 : 0;
            longest = Math.Max(longest, streak);
        }

        return new ReviewNumbers(person, rows.Count == 0 ? "" : rows[^1].Name, [.. rows.Select(r => r.Branch).Distinct().Select(b => branches.GetValueOrDefault(b, "a branch")).Order(StringComparer.CurrentCulture)],
            work.Count(r => r.Verdict == Verdict.Approve), work.Count(r => r.Verdict != Verdict.Approve), work.Count(r => r.IsFast), longest,
            rows.Count(r => r.IsTest), rows.Count(r => r is { IsTest: true, Verdict: Verdict.Approve }));
    }

    /// <param name="met">Only those this person decided on; null: all, open ones too.</param>
    private async Task<IReadOnlyList<DecoyRecord>> TestsAsync(VaultDb db, PersonId? met, Dictionary<BranchId, string> branches, CancellationToken ct)
    {
        var found = await (from t in db.Decoys.AsNoTracking()
                           join p in db.Proposals.AsNoTracking() on new { t.BranchId, Id = t.ProposalId } equals new { p.BranchId, p.Id }
                           where met == null || (!Open.Contains(p.State) && db.Decisions.Any(d => d.ProposalId == p.Id && d.PersonId == met && Verdicts.Contains(d.Verdict)))
                           orderby t.PlantedAt descending
                           select new { Test = t, Proposal = p }).Take(50).ToListAsync(ct);
        var ids = found.ConvertAll(f => f.Test.ProposalId);
        var said = (await db.Decisions.AsNoTracking().Where(d => ids.Contains(d.ProposalId) && Verdicts.Contains(d.Verdict)).ToListAsync(ct)).ToLookup(d => d.ProposalId);
        // Clients are the branch's: headquarters reads what it imitated.
        var reader = met is null ? null : await texts.ReaderAsync(db, found.ConvertAll(f => f.Proposal), ct);
        return [.. found.Select(f => new DecoyRecord(f.Test.ProposalId, f.Test.BranchId, branches.GetValueOrDefault(f.Test.BranchId, "a branch"), reader?.TextOrGone(f.Proposal).Title ?? TitleOf(f.Test.Imitates), f.Test.Flaw, f.Test.PlantedAt, f.Proposal.State, f.Proposal.EndCode,
            said[f.Test.ProposalId].LastOrDefault()?.PersonName, said[f.Test.ProposalId].LastOrDefault()?.At))];
    }

    private string TitleOf(string capability) => registry.TryFind(capability, out var found) ? found.Definition.Title : capability;
}
