using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Demo;

/// <summary>
/// Puts the demo group into an empty vault, with its two and a half years of history. It writes as the owner, because only the
/// owner may give an audit entry a time in the past; every value comes out of the product's own merge and rules.
/// </summary>
public sealed class DemoLoader(GroupKey key)
{
    private const string Action = "demo.load";

    /// <summary>Loads the group unless the vault has branches already, all of it or nothing.</summary>
    /// <param name="ownerConnection">The role that owns the tables.</param>
    /// <param name="now">The moment the group is told from.</param>
    /// <returns>False when there was something already.</returns>
    public async Task<bool> LoadAsync(string ownerConnection, DateTimeOffset now, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(ownerConnection);
        await connection.OpenAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        // Two web processes may start at once: one loads, the other finds it loaded.
        await RunAsync(connection, "select pg_advisory_xact_lock(7310431)", ct);
        await using (var any = new NpgsqlCommand("select exists (select from organization.branches)", connection, transaction))
            if (await any.ExecuteScalarAsync(ct) is true) return false;

        // Row-level security binds an owner who is no superuser: what is the group's is written as HQ, a branch's as that branch.
        await ScopeAsync(connection, TenantScope.Hq, ct);
        var group = DemoGroup.Load(DateOnly.FromDateTime(now.UtcDateTime));
        await using var db = new VaultDb(VaultDbs.Options(b => b.UseNpgsql(connection, n => n.SetPostgresVersion(15, 0)))) { Scope = TenantScope.Hq };
        await db.Database.UseTransactionAsync(transaction, ct);
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        db.AuditEntries.Add(AuditEntry.Past(null, "system", "demo", null, Action, "group", "northlight", null));
        await db.SaveChangesAsync(ct);

        var story = new DemoStory(group, key, now);
        db.AddRange(story.Shared());
        await db.SaveChangesAsync(ct);
        foreach (var branch in group.Branches)
        {
            await ScopeAsync(connection, TenantScope.Of(story.BranchOf(branch.Id)), ct);
            db.AddRange(story.Of(branch));
            await db.SaveChangesAsync(ct);
            db.ChangeTracker.Clear();
        }

        await ScopeAsync(connection, TenantScope.Hq, ct);
        db.AddRange(story.Entries().Order(Comparer<AuditEntry>.Create((a, b) => a.At.CompareTo(b.At))));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private static async Task ScopeAsync(NpgsqlConnection connection, TenantScope scope, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { VaultDbs.ScopeOfTransaction(scope) } };
        await batch.ExecuteNonQueryAsync(ct);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>The rows of the demo group, in the order its people made them.</summary>
internal sealed class DemoStory
{
    private readonly DemoGroup _group;
    private readonly GroupKey _key;
    private readonly DateTimeOffset _now;
    private readonly Dictionary<string, BranchId> _branches;
    private readonly Dictionary<string, Branch> _studios;
    private readonly Dictionary<string, Person> _people = [];
    private readonly Dictionary<string, TemplateId> _templates;
    private readonly Dictionary<string, List<PublishedVersion>> _versions = [];
    private readonly List<AuditEntry> _entries = [];
    private int _tick;

    public DemoStory(DemoGroup group, GroupKey key, DateTimeOffset now)
    {
        (_group, _key, _now) = (group, key, now);
        _branches = group.Branches.ToDictionary(b => b.Id, _ => BranchId.New());
        _studios = group.Branches.ToDictionary(b => b.Id, b => Branch.Open(_branches[b.Id], b.Id, b.Name, b.City, b.Country, b.Currency, b.TimeZone, b.Ownership, b.Jurisdiction,
            b.Tax.Name, decimal.Parse(b.Tax.RatePercent, CultureInfo.InvariantCulture), b.Email));
        _templates = group.Templates.ToDictionary(t => t.Slug, _ => TemplateId.New());
    }

    public BranchId BranchOf(string slug) => _branches[slug];

    public IEnumerable<AuditEntry> Entries() => _entries;

    /// <summary>What belongs to the group: branches, people, templates with their versions, drafts.</summary>
    public IEnumerable<object> Shared()
    {
        foreach (var studio in _studios.Values) yield return studio;
        foreach (var person in _group.People)
        {
            var row = new Person
            {
                Name = person.Name,
                Title = person.Title,
                UserName = person.Email,
                NormalizedUserName = person.Email.ToUpperInvariant(),
                Email = person.Email,
                NormalizedEmail = person.Email.ToUpperInvariant(),
                EmailConfirmed = true,
                SecurityStamp = Guid.NewGuid().ToString("N"),
                IsDemo = true,
            };
            _people[person.Id] = row;
            yield return row;
            if (person.Role == Role.HqAdmin) yield return Membership.Hq(row.PersonId);
            foreach (var branch in person.Branches) yield return Membership.In(_branches[branch], row.PersonId, person.Role);
        }

        foreach (var template in _group.Templates)
            foreach (var row in Template(template)) yield return row;
    }

    private IEnumerable<object> Template(DemoTemplate template)
    {
        var id = _templates[template.Slug];
        var row = PackageTemplate.Start(id, template.Slug, "");
        var published = _versions[template.Slug] = [];
        var rows = new List<object>();
        TemplateContent? before = null;
        foreach (var version in template.Versions)
        {
            var content = TemplateContent.Parse(version.Content.ToJsonString()).Value;
            var at = At(version.PublishedOn);
            var by = _people[version.Author].PersonId;
            var changeClass = before is null ? ChangeClass.Minor : PackageChange.Between(before, content).Class;
            var soon = published.Count > 0 && at - published[^1].PublishedAt < PublishTemplateVersion.CadenceBudget;
            row.Published(version.Number, content.Name);
            rows.Add(TemplateVersion.Of(id, version.Number, content.ToJson(), content.Hash(), version.Summary, changeClass, soon ? "Correction of the version before." : null, at, by));
            // Branches that do not sell the template are in no wave of it.
            rows.Add(PublishWave.Of(id, version.Number, 1, version.Wave?.Name ?? "Everyone who sells it", [.. (version.Wave?.Branches ?? template.OfferedTo).Select(b => _branches[b].Value)], at, by));
            published.Add(new PublishedVersion(version.Number, at, version.Summary, content.Hash(), content));
            Note(at, by, null, "template.publish", "template", id.ToString(), new JsonObject { ["version"] = version.Number, ["hash"] = content.Hash(), ["class"] = changeClass.ToString(), ["computedClass"] = changeClass.ToString(), ["summary"] = version.Summary });
            if (version.Yanked is { } yank)
            {
                var when = At(yank.On);
                rows.Add(TemplateYank.Of(id, version.Number, yank.Reason, when, _people[yank.By].PersonId));
                Note(when, _people[yank.By].PersonId, null, "template.yank", "template", id.ToString(), new JsonObject { ["version"] = version.Number, ["reason"] = yank.Reason });
            }

            before = content;
        }

        yield return row;
        foreach (var r in rows) yield return r;
        if (template.Draft is { } draft)
        {
            var prepared = TemplateDraft.Begin(id, draft.Content.ToJsonString(), At(draft.PreparedOn), _people[draft.Author].PersonId);
            prepared.Save(draft.Content.ToJsonString(), draft.Summary, At(draft.PreparedOn), _people[draft.Author].PersonId);
            yield return prepared;
        }
    }

    /// <summary>What belongs to one branch: seasons, offers, packages with their revisions, quotes and projects.</summary>
    public IEnumerable<object> Of(DemoBranch branch)
    {
        var id = _branches[branch.Id];
        foreach (var season in branch.Blackouts)
        {
            for (var year = _group.Today.Year; year <= _group.Today.Year + 1; year++)
            {
                var (from, to) = season.In(year);
                yield return Blackout.Of(id, from, to, season.Name);
            }
        }

        var packages = new Dictionary<string, (BranchPackageId Id, IReadOnlyList<PackageRevision> Revisions)>();
        foreach (var template in _group.Templates)
        {
            var told = _group.Packages.SingleOrDefault(p => p.Branch == branch.Id && p.Template == template.Slug);
            if (told is null && !template.OfferedTo.Contains(branch.Id)) continue;
            var life = new DemoLife(this, branch, template, told);
            foreach (var row in life.Rows()) yield return row;
            if (life.PackageId is { } package) packages[template.Slug] = (package, life.Revisions);
        }

        foreach (var project in _group.Projects.Where(p => p.Branch == branch.Id))
        {
            var (package, revisions) = packages[project.Template];
            var row = Project.Quote(id, ProjectId.New(), project.Client, project.EventOn, package, ProjectCommands.RulesOf(project.Template, revisions[project.Revision - 1], project.QuotedOn), At(project.QuotedOn), null);
            Note(row.CreatedAt, null, id, "quote.create", "project", row.Id.ToString(), new JsonObject { ["packageId"] = row.PackageId.ToString(), ["revision"] = row.PackageRevision });
            if (project.Venue is { } venue) row.Plan(row.EventOn, "", venue);
            if (project.State == ProjectState.Booked)
            {
                row.Take(ProjectVerb.Book, At(project.BookedOn!.Value), project.BookedOn.Value);
                Note(row.BookedAt!.Value, null, id, "project.book", "project", row.Id.ToString(), new JsonObject { ["revision"] = row.PackageRevision });
            }
            else if (project.State == ProjectState.Lapsed)
            {
                row.Take(ProjectVerb.Lapse, _now, _group.Today);
            }

            yield return row;
        }
    }

    /// <summary>A moment of a working day: later ones of the same day come later, and none lies in the future.</summary>
    private DateTimeOffset At(DateOnly day)
    {
        _tick = (_tick + 7) % 540;
        var at = new DateTimeOffset(day.ToDateTime(new TimeOnly(8, 0)).AddMinutes(_tick).AddSeconds(_tick * 13 % 60), TimeSpan.Zero);
        return at < _now ? at : _now.AddMinutes(-60 + (_tick % 50));
    }

    private void Note(DateTimeOffset at, PersonId? by, BranchId? branch, string action, string objectType, string objectId, JsonObject payload) =>
        _entries.Add(AuditEntry.Past(at, by is null ? "system" : "staff", by?.ToString() ?? "demo", branch, action, objectType, objectId,
            System.Text.Encoding.UTF8.GetString(CanonicalJson.Canonicalize(payload))));

    /// <summary>One template in one branch: every version on offer, and what its people did.</summary>
    private sealed class DemoLife(DemoStory story, DemoBranch branch, DemoTemplate template, DemoPackage? told)
    {
        private readonly BranchId _branch = story._branches[branch.Id];
        private readonly TemplateId _template = story._templates[template.Slug];
        private readonly List<PublishedVersion> _versions = story._versions[template.Slug];
        private readonly List<object> _rows = [];
        private readonly Dictionary<int, UpdateOffer> _offers = [];
        private readonly List<PackageRevision> _revisions = [];
        private BranchPackage? _package;
        private PackageContent? _content;

        public BranchPackageId? PackageId => _package?.Id;

        public IReadOnlyList<PackageRevision> Revisions => _revisions;

        public IReadOnlyList<object> Rows()
        {
            var moments = new List<(DateOnly On, int Order, System.Action Do)>();
            foreach (var version in template.Versions.Where(IsOffered))
            {
                moments.Add((version.PublishedOn, 0, () => Offer(version)));
                if (version.Yanked is { } yank) moments.Add((yank.On, 1, () => Yank(version.Number, story.At(yank.On))));
            }

            if (told?.Adopted is { } adopted) moments.Add((adopted.On, 2, () => Adopt(adopted)));
            foreach (var step in told?.History ?? []) moments.Add((step.On, 3, () => Take(step)));
            foreach (var moment in moments.OrderBy(m => m.On).ThenBy(m => m.Order).ToList()) moment.Do();
            if (_package is not null) _rows.Insert(0, _package);
            _rows.InsertRange(_package is null ? 0 : 1, _offers.Values);
            return _rows;
        }

        /// <summary>A version from before the branch sold the package was only ever offered as the one it adopted.</summary>
        private bool IsOffered(DemoVersion version) =>
            (version.Wave?.Branches ?? template.OfferedTo).Contains(branch.Id) && version.PublishedOn >= branch.OpenedOn
            && (told?.Adopted is not { } adopted || version.Number >= adopted.Version);

        private void Offer(DemoVersion version)
        {
            var at = _versions[version.Number - 1].PublishedAt;
            DateOnly? asleep = null;
            string? reason = null;
            foreach (var older in _offers.Values.Where(o => o.IsOpen))
            {
                (asleep, reason) = (older.SnoozedUntil, older.Reason);
                older.Close(OfferState.Superseded, null, at, null);
            }

            var offer = UpdateOffer.Of(_branch, OfferId.New(), _template, version.Number, _package is null, at);
            if (asleep is { } day) offer.Snooze(day, reason);
            _offers[version.Number] = offer;
        }

        private void Yank(int version, DateTimeOffset at)
        {
            var offer = _offers[version];
            if (offer.IsOpen) offer.Close(OfferState.Yanked, null, at, null);
            else if (offer.State is OfferState.Accepted or OfferState.PartlyAccepted) offer.AskToReviewRevert(at);
        }

        private void Adopt(DemoAdoption adopted)
        {
            var (at, by) = (story.At(adopted.On), By(adopted.By));
            var content = Hq(adopted.Version);
            var pointers = FieldPointers.At(adopted.Version).ToJson();
            _package = BranchPackage.Adopt(_branch, BranchPackageId.New(), _template, adopted.Version, content.Name, pointers, isCustomised: false);
            _content = content;
            // A branch that joined later took the version that was newest then; its offer is of that day.
            var offer = _offers.GetValueOrDefault(adopted.Version) ?? (_offers[adopted.Version] = UpdateOffer.Of(_branch, OfferId.New(), _template, adopted.Version, true, at.AddHours(-20)));
            if (!offer.IsOpen) throw new InvalidDataException($"{branch.Id} {template.Slug}: version {adopted.Version} was not on offer when it was adopted.");
            offer.Close(OfferState.Accepted, null, at, by);
            Revise(content, pointers, RevisionOrigin.Adopted, adopted.Version, null, at, by);
            Consent(offer, DecisionVerdict.Accepted, null, 1, null, [], MergeDecisions.None.Orders, at, by);
        }

        private void Take(DemoStep step)
        {
            var (at, by) = (story.At(step.On), By(step.By));
            switch (step)
            {
                case DemoView view:
                    _offers[view.Version].View(at);
                    break;
                case DemoSnooze snooze:
                    _offers[snooze.Version].Snooze(snooze.Until, snooze.Reason);
                    story.Note(at, by, _branch, "offer.snooze", "offer", _offers[snooze.Version].Id.ToString(), new JsonObject { ["reason"] = snooze.Reason, ["version"] = snooze.Version });
                    break;
                case DemoIgnore ignore:
                    if (_package is { } ignoring && Review(ignore.Version) is var ignored)
                        ignoring.Decide(ignored.Ignored().ToJson(), ignore.Version, IsOwn(_content!, ignore.Version));
                    _offers[ignore.Version].Close(OfferState.Ignored, ignore.Reason, at, by);
                    Consent(_offers[ignore.Version], DecisionVerdict.Ignored, null, null, ignore.Reason, [], MergeDecisions.None.Orders, at, by);
                    break;
                case DemoAccept accept:
                    Accept(accept, at, by);
                    break;
                case DemoEdit edit:
                    var edited = PackageContent.Parse(edit.Changes.ApplyTo((JsonObject)JsonNode.Parse(_content!.ToJson())!).ToJsonString()).Value;
                    _package!.Revise(edited.Name, _package.Pointers, _package.DecidedVersion, IsOwn(edited, _package.DecidedVersion));
                    Revise(edited, _package.Pointers, RevisionOrigin.Edited, null, edit.Note, at, by);
                    story.Note(at, by, _branch, "package.edit", "package", _package.Id.ToString(), new JsonObject { ["revision"] = _package.CurrentRevision, ["hash"] = edited.Hash() });
                    break;
                case DemoRevert revert:
                    var target = _revisions[revert.ToRevision - 1];
                    var pointers = FieldPointers.Parse(_package!.Pointers).BackTo(FieldPointers.Parse(target.Pointers)).ToJson();
                    var content = PackageContent.Parse(target.Content).Value;
                    _package.Revise(content.Name, pointers, _package.DecidedVersion, IsOwn(content, _package.DecidedVersion));
                    Revise(content, pointers, RevisionOrigin.Reverted, revert.ToRevision, revert.Reason, at, by);
                    foreach (var asked in _offers.Values.Where(o => o.ReviewRevertAskedAt is not null)) asked.RevertReviewed(at);
                    story.Note(at, by, _branch, "package.revert", "package", _package.Id.ToString(), new JsonObject { ["revision"] = _package.CurrentRevision, ["backTo"] = revert.ToRevision, ["reason"] = revert.Reason });
                    break;
            }
        }

        private void Accept(DemoAccept accept, DateTimeOffset at, PersonId by)
        {
            var review = Review(accept.Version);
            var decisions = MergeDecisions.Of((accept.Decisions ?? new Dictionary<string, JsonNode>()).Select(d => (d.Key, Decision(d.Value))));
            var outcome = review.Decide(decisions, review.Digest);
            if (outcome.IsRefused) throw new InvalidDataException($"{branch.Id} {template.Slug} version {accept.Version}: {outcome.Refusal}");
            var pointers = outcome.Value.Pointers.ToJson();
            // The data counts every acceptance as a revision, also one that changed nothing.
            _package!.Revise(outcome.Value.Merged.Name, pointers, accept.Version, IsOwn(outcome.Value.Merged, accept.Version));
            Revise(outcome.Value.Merged, pointers, RevisionOrigin.AcceptedUpdate, accept.Version, accept.Note, at, by);
            var offer = _offers[accept.Version];
            offer.Close(outcome.Value.Verdict, accept.Note, at, by);
            Consent(offer, DecisionVerdict.Of(outcome.Value.Verdict), review.Digest, _package.CurrentRevision, accept.Note, outcome.Value.Taken, outcome.Value.Orders, at, by);
        }

        private UpdateReview Review(int version) => UpdateReview.Of(new ReviewRequest(_template, [.. _versions.Take(version)], version,
            FieldPointers.Parse(_package!.Pointers), _content!, _content!.Hash(), DateOnly.FromDateTime(_versions[version - 1].PublishedAt.UtcDateTime))).Value;

        private void Revise(PackageContent content, string pointers, RevisionOrigin origin, int? originNumber, string? note, DateTimeOffset at, PersonId by)
        {
            _content = content;
            var revision = PackageRevision.Of(_branch, _package!.Id, _package.CurrentRevision, content.ToJson(), content.Hash(), pointers, origin, originNumber, note, at, by);
            _revisions.Add(revision);
            _rows.Add(revision);
        }

        private void Consent(UpdateOffer offer, string verdict, string? digest, int? revision, string? reason, IReadOnlyList<TakenDecision> taken,
            IReadOnlyDictionary<string, MergeChoice> orders, DateTimeOffset at, PersonId by)
        {
            var decision = Consents.Sign(story._key, offer, _versions[offer.Version - 1].Hash, verdict, digest, revision, reason, taken, orders, at, by);
            _rows.Add(decision);
            story.Note(at, by, _branch, verdict == DecisionVerdict.Ignored ? "package.ignore" : "package.accept", "offer", offer.Id.ToString(),
                new JsonObject
                {
                    ["template"] = template.Slug,
                    ["version"] = offer.Version,
                    ["verdict"] = verdict,
                    ["revision"] = revision,
                    ["previewDigest"] = digest,
                    ["consentSha256"] = CanonicalJson.Sha256(Encoding.UTF8.GetBytes(decision.Consent)),
                });
        }

        private PackageContent Hq(int version)
        {
            var content = _versions[version - 1].Content;
            return content.ProjectTo(branch.Currency, PackageCommands.TaxTermsOf(story._studios[branch.Id], content)).Value;
        }

        private bool IsOwn(PackageContent content, int version) => PackageQueries.IsOwn(content, story._studios[branch.Id], _versions[version - 1].Content);

        private PersonId By(string id) => story._people[id].PersonId;

        private static MergeDecision Decision(JsonNode json) =>
            MergeDecision.Read(ContentTree.From(new JsonObject { ["node"] = json.DeepClone() }).Value.Find("node")!) ?? throw new InvalidDataException($"{json} is no decision.");
    }
}
