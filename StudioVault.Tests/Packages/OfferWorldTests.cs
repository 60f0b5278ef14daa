using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Packages;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>
/// Features row 1.16 on the real services and PostgreSQL: publishes to waves, later waves, recalls, decisions, snoozes, edits, going
/// back and undoing, at random. Besides that no branch's values change but by its own action, nobody loses an offer on the way.
/// </summary>
public sealed class OfferWorldTests(PostgresServer server) : PackagesTest(server)
{
    private const string Open = "('Offered', 'Viewed', 'Snoozed')";

    /// <param name="meetsLock">In this history a branch accepts a lock on what it had changed.</param>
    [Theory]
    [InlineData(1, false)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    public async Task Whatever_happens_no_value_changes_silently_and_no_offer_is_lost(int seed, bool meetsLock)
    {
        var random = new Random(seed);
        var done = new List<string>();
        var (published, recalled, decided, undone, held) = (0, 0, 0, 0, 0);
        for (var i = 0; i < 60; i++)
        {
            var (branch, manager) = random.Next(2) == 0 ? (Porto, Ana) : (Berlin, BerlinManager);
            var before = await ValuesAsync();
            var act = random.Next(100);
            var step = act switch
            {
                < 25 => await PublishSomethingAsync(random),
                < 32 => await WaveAsync(random),
                < 45 => await RecallAsync(random),
                _ => await ActAsync(random, branch, manager, act),
            };
            done.Add(step);
            if (step.EndsWith(", a lock", StringComparison.Ordinal)) held++;
            if (step.StartsWith("publish", StringComparison.Ordinal)) published++;
            else if (step.StartsWith("recall", StringComparison.Ordinal)) recalled++;
            else if (step.StartsWith("undo", StringComparison.Ordinal)) undone++;
            else if (step.StartsWith("accept", StringComparison.Ordinal) || step.StartsWith("ignore", StringComparison.Ordinal)) decided++;

            var after = await ValuesAsync();
            foreach (var (of, values) in before)
                if (act < 45 || of != branch) Assert.True(after[of] == values, $"{string.Join(", ", done)}: {(of == Porto ? "Porto" : "Berlin")} changed");
            Assert.Equal("", await FaultsAsync() is { Length: > 0 } fault ? $"{string.Join(", ", done)}: {fault}" : "");
        }

        // A history in which nothing happens would show nothing.
        Assert.True(published > 3 && recalled > 0 && decided > 2 && undone > 0 && (held > 0 || !meetsLock), string.Join(", ", done));
    }

    private async Task<string> PublishSomethingAsync(Random random)
    {
        var content = WeddingContent();
        content["turnaroundDays"] = 1 + random.Next(1_000);
        content["travel"]!["radiusKm"] = 40 + (10 * random.Next(3));
        In(content, "items", "album")["unitPrice"]!["EUR"] = $"{480 + random.Next(3)}.00";
        if (random.Next(2) == 0) content["rules"]!.AsArray().Add(JsonNode.Parse("""{"id":"days","path":"/turnaroundDays","mode":"locked","basis":"Brand"}"""));
        BranchId[]? wave = random.Next(3) switch { 0 => [Porto], 1 => [Berlin], _ => null };
        var result = await TryPublishAsync(content, wave: wave);
        Assert.Null(result.Refusal);
        return $"publish {result.Value.Version} to {(wave is null ? "all" : wave[0] == Porto ? "Porto" : "Berlin")}";
    }

    private async Task<string> WaveAsync(Random random)
    {
        var version = (int)(await SqlAsync("select coalesce(max(number), 0) from packages.template_versions where number not in (select number from packages.template_yanks)"))!;
        if (version == 0) return "-";
        Assert.Null((await Waves.RunAsync(Hq, Wedding, version, "More", random.Next(2) == 0 ? null : [Berlin], Ct)).Refusal);
        return $"wave of {version}";
    }

    private async Task<string> RecallAsync(Random random)
    {
        var newest = (int)(await SqlAsync("select coalesce(max(number), 0) from packages.template_versions"))!;
        if (newest == 0) return "-";
        var version = Math.Max(1, newest - random.Next(3));
        return (await Yank.RunAsync(Hq, Wedding, version, "Mistake.", Ct)).IsRefused ? "-" : $"recall {version}";
    }

    private async Task<string> ActAsync(Random random, BranchId branch, Sender manager, int act)
    {
        var name = branch == Porto ? "Porto" : "Berlin";
        var open = await SqlAsync($"select id from packages.update_offers where branch_id = $1 and state in {Open}", branch.Value) is Guid id ? new OfferId(id) : (OfferId?)null;
        if (act >= 80 || open is not { } offer) return await OwnAsync(random, branch, manager, name);
        await Offers.WakeAsync(manager, branch, offer, Ct);
        switch (act)
        {
            case < 62:
                var review = await LookAsync(manager, branch);
                if (random.Next(2) == 0) return await AcceptAsProposedAsync(branch, manager, review, name);
                var rows = review.Review?.Rows.Where(r => !r.IsAlreadyEqual).Select(r => (r.Path, random.Next(2) == 0 ? MergeDecision.Hq : MergeDecision.Branch)) ?? [];
                return (await Decide.AcceptAsync(manager, branch, offer, review.Digest, MergeDecisions.Of(rows), null, Ct)).Refusal is { } no ? $"{name}: {no.Code}" : $"accept {review.Version} in {name}";
            case < 72:
                Assert.Null((await Decide.IgnoreAsync(manager, branch, offer, "No.", Ct)).Refusal);
                return $"ignore in {name}";
            default:
                Assert.Null((await Offers.SnoozeAsync(manager, branch, offer, random.Next(2) == 0 ? new Snooze.NextVersion() : new Snooze.Until(new DateOnly(2099, 1, 1)), "Season", Ct)).Refusal);
                return $"snooze in {name}";
        }
    }

    /// <summary>Everything is left as it stands on the screen: what the branch has otherwise than HQ gave it changes only by a lock that the offer shows.</summary>
    private async Task<string> AcceptAsProposedAsync(BranchId branch, Sender manager, ReviewView review, string name)
    {
        var pointers = (string?)await SqlAsync("select pointers::text from packages.branch_packages where branch_id = $1", branch.Value);
        var decided = await Decide.AcceptAsync(manager, branch, review.Id, review.Digest, MergeDecisions.None, null, Ct);
        if (decided.Refusal is { } no) return $"{name}: {no.Code}";
        if (review.Review is not { } offered) return $"accept {review.Version} in {name}";
        var versions = new Dictionary<int, TemplateContent>();
        foreach (var number in FieldPointers.Parse(pointers!).Versions.Append(review.Version).Distinct())
            versions[number] = TemplateContent.Parse((string)(await SqlAsync("select content::text from packages.template_versions where number = $1", number))!).Value;
        var given = FieldPointers.Parse(pointers!).Base(number => versions[number].ProjectTo(review.Currency).Value.ToTree());
        var rules = new FieldRules(versions[review.Version].Rules, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
        var after = (await Packages.PackageAsync(manager, branch, review.PackageId!.Value, null, Ct)).Value.Content.ToTree();
        var taken = ContentDiff.Between(PackageContent.Parse(review.BranchContent!).Value.ToTree(), after).Where(c => !ContentNode.Same(c.Before, ContentTree.Find(given, c.Path))).ToList();
        Assert.All(taken, c =>
        {
            Assert.NotNull(rules.LockAt(c.Path));
            Assert.Contains(offered.Rows, r => r.Overrides && r.Path == c.Path);
            Assert.False(offered.Counts.IsSafe);
        });
        return $"accept {review.Version} as proposed in {name}{(taken.Count > 0 ? ", a lock" : "")}";
    }

    private async Task<string> OwnAsync(Random random, BranchId branch, Sender manager, string name)
    {
        // Tried often, for it is seldom possible: only until anything else happens to the package.
        var decided = await SqlAsync("select id from packages.update_offers where branch_id = $1 and state in ('Accepted', 'PartlyAccepted', 'Ignored') order by version desc limit 1", branch.Value);
        if (random.Next(3) > 0 && decided is Guid last && !(await Undoing.RunAsync(manager, branch, new OfferId(last), Ct)).IsRefused) return $"undo in {name}";
        if (await SqlAsync("select id from packages.branch_packages where branch_id = $1", branch.Value) is not Guid id) return "-";
        var view = (await Packages.PackageAsync(manager, branch, new BranchPackageId(id), null, Ct)).Value;
        if (random.Next(2) == 0)
            return (await Edits.RevertAsync(manager, branch, view.Id, view.CurrentRevision, 1 + random.Next(view.CurrentRevision), "Back.", null, Ct)).IsRefused ? "-" : $"back in {name}";
        var content = JsonNode.Parse(view.Content.ToJson())!.AsObject();
        content["turnaroundDays"] = 1 + random.Next(1_000);
        return (await Edits.EditAsync(manager, branch, view.Id, view.CurrentRevision, content.ToJsonString(), "Ours.", Ct)).IsRefused ? "-" : $"edit in {name}";
    }

    private async Task<Dictionary<BranchId, string>> ValuesAsync()
    {
        var values = new Dictionary<BranchId, string>();
        foreach (var branch in new[] { Porto, Berlin })
            values[branch] = (string)(await SqlAsync("select coalesce(string_agg(number || ' ' || hash || ' ' || content::text, '|' order by number), '') from packages.package_revisions where branch_id = $1", branch.Value))!;
        return values;
    }

    /// <summary>
    /// What must not be, in words: the newest version a branch was offered and HQ did not call back is either open or ruled on, and
    /// nothing else is open; and nothing that is open is asked to be looked at again, for that is asked of what was taken.
    /// </summary>
    private async Task<string> FaultsAsync() => (string)(await SqlAsync($"""
        with best as (
          select b.id, b.slug,
            coalesce((select max(o.version) from packages.update_offers o where o.branch_id = b.id and o.version not in (select number from packages.template_yanks)), 0) as offered,
            coalesce((select p.decided_version from packages.branch_packages p where p.branch_id = b.id), (select max(o.version) from packages.update_offers o where o.branch_id = b.id and o.state = 'Ignored'), 0) as decided
          from organization.branches b
        )
        select coalesce(string_agg(fault, '; '), '') from (
          select slug || ' was offered ' || offered || ', ruled on ' || decided || ', and has open ' || coalesce(o.version::text, 'nothing') as fault
          from best left join packages.update_offers o on o.branch_id = best.id and o.state in {Open}
          where coalesce(o.version, 0) <> case when offered > decided then offered else 0 end
          union all
          select slug || ' has version ' || o.version || ' open and is asked to look at it again'
          from best join packages.update_offers o on o.branch_id = best.id and o.state in {Open}
          where o.review_revert_asked_at is not null and o.revert_reviewed_at is null
        ) faults
        """))!;
}
