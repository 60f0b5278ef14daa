using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Packages;

/// <summary>What HQ publishes and to whom.</summary>
/// <param name="DraftRevision">The draft HQ looked at; another one in the store is refused as stale.</param>
/// <param name="Summary">The one line branches read.</param>
/// <param name="DeclaredClass">HQ's own word for the change; lower than the computed one is refused.</param>
/// <param name="Branches">The first wave; null = every branch.</param>
/// <param name="WaveName">For example "Pilot"; null = "Everyone". A name without letters is refused.</param>
/// <param name="CadenceReason">Needed when the last version is younger than the cadence budget; branches read it.</param>
/// <param name="ConfirmVersion">The number HQ typed; must be the next one.</param>
/// <param name="RadiusDigest">
/// <see cref="BlastRadiusReport.Digest"/> of the blast radius HQ looked at, of this wave or of every branch. Null only in order to compute one.
/// </param>
public sealed record PublishOrder(TemplateId TemplateId, int DraftRevision, string Summary, ChangeClass DeclaredClass,
    IReadOnlyList<BranchId>? Branches, string? WaveName, string? CadenceReason, int ConfirmVersion, string? RadiusDigest = null);

/// <summary>What was published.</summary>
public sealed record Published(TemplateId TemplateId, int Version, string Hash, int Offers);

/// <summary>
/// Publishing: the draft becomes the immutable version n+1 and is offered to branches. It writes no branch's package; what
/// branches do with the offer is theirs.
/// </summary>
public sealed class PublishTemplateVersion(WriteDoor door)
{
    /// <summary>Versions of a template sooner than this after the last one need a reason (features row 1.6).</summary>
    public static readonly TimeSpan CadenceBudget = TimeSpan.FromDays(28);

    private const int LongestSummary = 200;

    /// <summary>
    /// Publishes what was looked at: the order carries the digest of its blast radius, as a branch's acceptance carries that of its
    /// review. Refused without one (<c>refuse.package.radius_missing</c>) and with one of another draft, version or set of branches
    /// (<c>refuse.package.radius_stale</c>).
    /// </summary>
    public Task<Result<Published>> RunAsync(Sender from, PublishOrder order, CancellationToken ct) =>
        door.RunAsync<Published>(CommandOf(from, order), async (context, token) =>
        {
            // A draft that moved and a number mistyped are said first: they are why the digest does not fit.
            if (await FaultAsync(context.Db, order, token) is { } fault) return fault;
            if (order.RadiusDigest is null) return PublishRefusals.RadiusMissing;
            var targets = await TargetsAsync(context.Db, order, token);
            var fits = await RadiusDigestAsync(context.Db, order, targets, token) == order.RadiusDigest
                || (order.Branches is not null && await RadiusDigestAsync(context.Db, order with { Branches = null }, token) == order.RadiusDigest);
            if (!fits) return PublishRefusals.RadiusStale;
            var published = await WorkAsync(context, order, token);
            // Everybody is everybody at the moment of offering: a branch that opened since would be offered what nobody checked for it.
            return published.IsRefused || await TargetsAsync(context.Db, order, token) == targets ? published : PublishRefusals.RadiusStale;
        }, ct);

    /// <summary>
    /// What a blast radius holds for: the draft, the version it would become, of what and compared with what, and everybody who would be
    /// offered it.
    /// </summary>
    internal static async Task<string> RadiusDigestAsync(VaultDb db, PublishOrder order, CancellationToken ct) =>
        await RadiusDigestAsync(db, order, await TargetsAsync(db, order, ct), ct);

    private static async Task<string> RadiusDigestAsync(VaultDb db, PublishOrder order, string targets, CancellationToken ct)
    {
        var draft = await db.TemplateDrafts.AsNoTracking().SingleOrDefaultAsync(d => d.TemplateId == order.TemplateId, ct);
        var last = await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == order.TemplateId).OrderByDescending(v => v.Number).FirstOrDefaultAsync(ct);
        return CanonicalJson.Sha256(new JsonObject
        {
            ["content"] = draft is null ? null : CanonicalJson.Sha256(JsonNode.Parse(draft.Content)),
            ["draftRevision"] = draft?.Revision,
            ["lastHash"] = last?.Hash,
            ["lastVersion"] = last?.Number ?? 0,
            ["standing"] = await ChangeBases.StandingAsync(db, order.TemplateId, ct),
            ["targets"] = targets,
            ["templateId"] = order.TemplateId.ToString(),
        });
    }

    /// <summary>A hash of who would be offered it, and of what is checked of a branch. Made in the database, for there may be ten thousand of them.</summary>
    private static Task<string> TargetsAsync(VaultDb db, PublishOrder order, CancellationToken ct)
    {
        var (all, wave) = (order.Branches is null, (order.Branches ?? []).Select(b => b.Value).ToArray());
        return db.Database.SqlQuery<string>($"""
            select encode(sha256(convert_to(coalesce(string_agg(id || ' ' || currency || ' ' || ownership, ',' order by id), ''), 'UTF8')), 'hex') as "Value"
            from organization.branches where {all} or id = any({wave})
            """).SingleAsync(ct);
    }

    /// <summary>What is wrong with the order before anything of its content is read; null when nothing is.</summary>
    private static async Task<Refusal?> FaultAsync(VaultDb db, PublishOrder order, CancellationToken ct)
    {
        var template = await db.Templates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == order.TemplateId, ct);
        var draft = await db.TemplateDrafts.AsNoTracking().SingleOrDefaultAsync(d => d.TemplateId == order.TemplateId, ct);
        if (template is null || draft is null) return KernelRefusals.NotFound;
        if (draft.Revision != order.DraftRevision) return PublishRefusals.DraftMoved;
        return order.ConfirmVersion == template.LatestVersion + 1 ? null : PublishRefusals.WrongVersionTyped.At("confirmVersion", template.LatestVersion + 1);
    }

    internal static Command CommandOf(Sender from, PublishOrder order) =>
        new("template.publish", from, TenantScope.Hq, Access.Hq, "template", order.TemplateId.ToString());

    /// <summary>Whether the order may be published as things are now, and what would be: everything short of writing it. Takes no lock.</summary>
    internal static async Task<Result<Judged>> JudgeAsync(VaultDb db, DateTimeOffset now, PublishOrder order, CancellationToken ct)
    {
        if (await FaultAsync(db, order, ct) is { } fault) return fault;
        var draft = await db.TemplateDrafts.AsNoTracking().SingleAsync(d => d.TemplateId == order.TemplateId, ct);
        // Read once more, and a colleague's save may have come between: this is the text that becomes the version.
        if (draft.Revision != order.DraftRevision) return PublishRefusals.DraftMoved;
        if (string.IsNullOrWhiteSpace(order.Summary)) return PublishRefusals.SummaryMissing.At("summary");
        if (order.Summary.Length > LongestSummary) return KernelRefusals.TooLong.At("summary", LongestSummary);
        if (Remarks.Fault("cadenceReason", order.CadenceReason, Remarks.Longest) is { } endless) return endless;
        if (order.WaveName is { } name && Remarks.Fault("waveName", name, Remarks.LongestName, PublishRefusals.WaveNameMissing) is { } nameless) return nameless;

        if (!TemplateContent.Parse(draft.Content).TryGet(out var content, out var refusal)) return refusal;
        if (content.Problems() is { Count: > 0 } faults) return faults[0];
        var last = await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == order.TemplateId)
            .OrderByDescending(v => v.Number).Select(v => new { v.Number, v.PublishedAt }).FirstOrDefaultAsync(ct);
        var basis = await ChangeBases.ReadAsync(db, order.TemplateId, ct);
        var change = basis.ChangeTo(content);
        if (change is { IsEmpty: true }) return PublishRefusals.NothingChanged;
        var computed = basis.ClassOf(content);
        if (order.DeclaredClass < computed) return ChangeRefusals.UnderstatedClass.At("declaredClass", order.DeclaredClass.ToString().ToUpperInvariant(), computed.ToString().ToUpperInvariant());
        if (last is not null && now - last.PublishedAt < CadenceBudget && string.IsNullOrWhiteSpace(order.CadenceReason))
            return PublishRefusals.CadenceReasonMissing.At("cadenceReason", (int)CadenceBudget.TotalDays, (int)(now - last.PublishedAt).TotalDays);
        if (await WaveCheck.RunAsync(db, now, content, order.Branches, db.Branches.AsNoTracking(), ct) is { } denied) return denied;
        return new Judged((last?.Number ?? 0) + 1, content, content.Hash(), computed, change?.Reasons ?? [], last?.PublishedAt);
    }

    /// <summary>The real thing, also run by the blast radius in a transaction that is rolled back.</summary>
    internal static async Task<Result<Published>> WorkAsync(WriteContext context, PublishOrder order, CancellationToken ct)
    {
        // A recall between what it is compared with and the commit would make the class a wrong one.
        await OfferSql.OneAtATimeAsync(context, order.TemplateId, ct);
        if (!(await JudgeAsync(context.Db, context.Now, order, ct)).TryGet(out var judged, out var refusal)) return refusal;
        var template = await context.Db.Templates.SingleAsync(t => t.Id == order.TemplateId, ct);
        if (template.LatestVersion + 1 != judged.Number) return KernelRefusals.StaleWrite;
        var number = judged.Number;
        context.Audit(new JsonObject
        {
            ["version"] = number,
            ["hash"] = judged.Hash,
            // What the version says of itself, which may be more than what was computed.
            ["class"] = order.DeclaredClass.ToString(),
            ["computedClass"] = judged.Class.ToString(),
            ["summary"] = order.Summary.Trim(),
            ["wave"] = order.Branches is null ? "everyone" : $"{order.Branches.Count} branches",
        });
        context.Announce(Topics.TemplateChanged, null, new JsonObject { ["templateId"] = template.Id.ToString(), ["version"] = number });
        await context.WriteAuditAsync(ct);
        template.Published(number, judged.Content.Name);
        context.Db.TemplateVersions.Add(TemplateVersion.Of(template.Id, number, judged.Content.ToJson(), judged.Hash, order.Summary.Trim(),
            order.DeclaredClass, Remarks.Trim(order.CadenceReason), context.Now, context.Caller.PersonId));
        context.Db.PublishWaves.Add(PublishWave.Of(template.Id, number, 1, Remarks.Trim(order.WaveName) ?? (order.Branches is null ? "Everyone" : "Pilot"),
            [.. (order.Branches ?? []).Select(b => b.Value)], context.Now, context.Caller.PersonId));
        await context.Db.SaveChangesAsync(ct);
        var offers = await OfferSql.OfferAsync(context, template.Id, number, order.Branches, ct);
        return new Published(template.Id, number, judged.Hash, offers);
    }
}

/// <summary>What would become of an order.</summary>
/// <param name="Number">The number the version would have.</param>
/// <param name="Class">Computed: the least it may be called.</param>
/// <param name="LastPublishedAt">When the version before came out, called back or not; null before the first.</param>
internal sealed record Judged(int Number, TemplateContent Content, string Hash, ChangeClass Class, IReadOnlyList<PackageChangeReason> Reasons, DateTimeOffset? LastPublishedAt);

/// <summary>Reads what the next version of a template is compared with.</summary>
internal static class ChangeBases
{
    /// <summary>The newest version that is not called back; 0 when there is none.</summary>
    public static async Task<int> StandingAsync(VaultDb db, TemplateId template, CancellationToken ct) =>
        await db.TemplateVersions.Where(v => v.TemplateId == template && !db.TemplateYanks.Any(y => y.TemplateId == template && y.Number == v.Number)).MaxAsync(v => (int?)v.Number, ct) ?? 0;

    public static async Task<ChangeBasis> ReadAsync(VaultDb db, TemplateId template, CancellationToken ct)
    {
        var standing = await StandingAsync(db, template, ct);
        var versions = await db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == template && v.Number >= standing).Select(v => new { v.Number, v.Content }).ToListAsync(ct);
        return ChangeBasis.Of(versions.Select(v => new BasisVersion(v.Number, TemplateContent.Parse(v.Content).Value, v.Number != standing)));
    }
}

/// <summary>
/// Whether a version may be offered to the branches of a wave, the first one or a later one: every branch is known, has a price in its
/// currency, and no price of an independent branch is fixed or floored.
/// </summary>
internal static class WaveCheck
{
    /// <param name="wave">The branches named; null = all of <paramref name="studios"/>.</param>
    /// <param name="studios">The branches that can be reached by the wave.</param>
    public static async Task<Refusal?> RunAsync(VaultDb db, DateTimeOffset now, TemplateContent content, IReadOnlyList<BranchId>? wave, IQueryable<Branch> studios, CancellationToken ct)
    {
        if (wave is not null)
        {
            var known = await db.Branches.AsNoTracking().CountAsync(b => wave.Contains(b.Id), ct);
            if (wave.Count == 0 || known != wave.Distinct().Count()) return PublishRefusals.WaveUnknown.At("branches");
            studios = studios.Where(b => wave.Contains(b.Id));
        }

        foreach (var currency in await studios.Select(b => b.Currency).Distinct().ToListAsync(ct))
            if (content.ProjectTo(currency).Refusal is { } missing) return missing;
        if (await studios.AnyAsync(b => b.Ownership == Ownership.Independent, ct)
            && new FieldRules(content.Rules, DateOnly.FromDateTime(now.UtcDateTime)).PriceFixing(Ownership.Independent, content.ToTree()) is { Count: > 0 } fixing) return fixing[0];
        return null;
    }
}

/// <summary>A later wave of a published version: more branches are offered it. Nobody is ever taken out of a wave.</summary>
public sealed class OpenWave(WriteDoor door)
{
    /// <summary>
    /// Opens the wave. Refused for a version that was called back (<c>refuse.package.already_yanked</c>) or is not the newest of the
    /// others (<c>refuse.package.not_newest</c>), without a name (<c>refuse.package.wave_name_missing</c>), and as publishing is: <c>refuse.package.wave_unknown</c>,
    /// <c>refuse.package.price_missing</c>, <c>refuse.pricing.rpm</c>.
    /// </summary>
    /// <param name="branches">Null = everybody who has not been offered this version yet.</param>
    /// <returns>How many offers were made.</returns>
    public Task<Result<int>> RunAsync(Sender from, TemplateId id, int version, string name, IReadOnlyList<BranchId>? branches, CancellationToken ct) =>
        door.RunAsync<int>(new Command("template.open_wave", from, TenantScope.Hq, Access.Hq, "template", id.ToString()), async (context, token) =>
        {
            if (Remarks.Fault("name", name, Remarks.LongestName, PublishRefusals.WaveNameMissing) is { } nameless) return nameless;
            await OfferSql.OneAtATimeAsync(context, id, token);
            var template = await context.Db.Templates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, token);
            if (template is null || version < 1 || version > template.LatestVersion) return KernelRefusals.NotFound;
            if (await context.Db.TemplateYanks.AnyAsync(y => y.TemplateId == id && y.Number == version, token)) return PublishRefusals.AlreadyYanked;
            // After a recall the version before it is what branches are offered again, and what others may be offered too.
            var newest = await ChangeBases.StandingAsync(context.Db, id, token);
            if (version != newest) return PublishRefusals.NotNewest.With(newest);
            var stored = await context.Db.TemplateVersions.AsNoTracking().SingleAsync(v => v.TemplateId == id && v.Number == version, token);
            // Who was offered it already is not offered it again, so only the others are looked at.
            var reached = context.Db.Branches.AsNoTracking().Where(b => !context.Db.UpdateOffers.Any(o => o.BranchId == b.Id && o.TemplateId == id && o.Version >= version
                && o.State != OfferState.Superseded && o.State != OfferState.Yanked));
            if (await WaveCheck.RunAsync(context.Db, context.Now, TemplateContent.Parse(stored.Content).Value, branches, reached, token) is { } denied) return denied;
            var wave = 1 + await context.Db.PublishWaves.Where(w => w.TemplateId == id && w.Number == version).MaxAsync(w => w.Wave, token);
            context.Audit(new JsonObject { ["version"] = version, ["wave"] = wave, ["name"] = name.Trim(), ["branches"] = branches?.Count });
            context.Announce(Topics.TemplateChanged, null, new JsonObject { ["templateId"] = id.ToString(), ["version"] = version });
            await context.WriteAuditAsync(token);
            context.Db.PublishWaves.Add(PublishWave.Of(id, version, wave, name.Trim(), [.. (branches ?? []).Select(b => b.Value)], context.Now, context.Caller.PersonId));
            return await OfferSql.OfferAsync(context, id, version, branches, token);
        }, ct);
}

/// <summary>
/// HQ calls a version back: it is offered no more; branches that took it, by itself or folded into a later one, are asked to look;
/// branches that had not decided are offered again what was on offer before it. Nothing reverts by itself.
/// </summary>
public sealed class YankTemplateVersion(WriteDoor door)
{
    /// <returns>How many offers changed.</returns>
    public Task<Result<int>> RunAsync(Sender from, TemplateId id, int version, string reason, CancellationToken ct) =>
        door.RunAsync<int>(new Command("template.yank", from, TenantScope.Hq, Access.Hq, "template", id.ToString()), async (context, token) =>
        {
            if (Remarks.Fault("reason", reason, Remarks.Longest, KernelRefusals.ReasonRequired) is { } unsaid) return unsaid;
            await OfferSql.OneAtATimeAsync(context, id, token);
            var versions = await context.Db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == id && v.Number >= version - 1).OrderBy(v => v.Number).ToListAsync(token);
            if (!versions.Exists(v => v.Number == version)) return KernelRefusals.NotFound;
            if (await context.Db.TemplateYanks.AnyAsync(y => y.TemplateId == id && y.Number == version, token)) return PublishRefusals.AlreadyYanked;
            context.Audit(new JsonObject { ["version"] = version, ["reason"] = reason.Trim() });
            context.Announce(Topics.TemplateChanged, null, new JsonObject { ["templateId"] = id.ToString(), ["version"] = version });
            await context.WriteAuditAsync(token);
            context.Db.TemplateYanks.Add(TemplateYank.Of(id, version, reason.Trim(), context.Now, context.Caller.PersonId));
            await context.Db.SaveChangesAsync(token);
            var changed = await OfferSql.YankAsync(context, id, version, FoldedInto(versions, version), token);
            await OfferSql.OfferAgainAsync(context, id, version, token);
            return changed;
        }, ct);

    /// <summary>Later versions that still say something the given one changed: taking them took it.</summary>
    internal static List<int> FoldedInto(List<TemplateVersion> versions, int version)
    {
        var trees = versions.ToDictionary(v => v.Number, v => TemplateContent.Parse(v.Content).Value.ToTree());
        var (before, yanked) = (trees.GetValueOrDefault(version - 1, ContentObject.Empty), trees[version]);
        var (changes, orders) = (ContentDiff.Between(before, yanked), ContentDiff.Reordered(before, yanked));
        return [.. trees.Where(t => t.Key > version
            && (changes.Any(c => ContentDiff.SameButOrder(ContentTree.Find(t.Value, c.Path), c.After)) || orders.Except(ContentDiff.Reordered(yanked, t.Value)).Any())).Select(t => t.Key)];
    }
}
