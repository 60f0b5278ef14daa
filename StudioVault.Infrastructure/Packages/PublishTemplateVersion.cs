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
/// <param name="WaveName">For example "Pilot"; null = "Everyone".</param>
/// <param name="CadenceReason">Needed when the last version is younger than the cadence budget.</param>
/// <param name="ConfirmVersion">The number HQ typed; must be the next one.</param>
public sealed record PublishOrder(TemplateId TemplateId, int DraftRevision, string Summary, ChangeClass DeclaredClass,
    IReadOnlyList<BranchId>? Branches, string? WaveName, string? CadenceReason, int ConfirmVersion);

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

    public Task<Result<Published>> RunAsync(Sender from, PublishOrder order, CancellationToken ct) =>
        door.RunAsync<Published>(CommandOf(from, order), (context, token) => WorkAsync(context, order, token), ct);

    internal static Command CommandOf(Sender from, PublishOrder order) =>
        new("template.publish", from, TenantScope.Hq, Access.Hq, "template", order.TemplateId.ToString());

    /// <summary>The real thing, also run by the blast radius in a transaction that is rolled back.</summary>
    internal static async Task<Result<Published>> WorkAsync(WriteContext context, PublishOrder order, CancellationToken ct)
    {
        var template = await context.Db.Templates.SingleOrDefaultAsync(t => t.Id == order.TemplateId, ct);
        var draft = await context.Db.TemplateDrafts.SingleOrDefaultAsync(d => d.TemplateId == order.TemplateId, ct);
        if (template is null || draft is null) return KernelRefusals.NotFound;
        if (draft.Revision != order.DraftRevision) return PublishRefusals.DraftMoved;
        if (order.ConfirmVersion != template.LatestVersion + 1) return PublishRefusals.WrongVersionTyped.At("confirmVersion", template.LatestVersion + 1);
        if (string.IsNullOrWhiteSpace(order.Summary)) return PublishRefusals.SummaryMissing.At("summary");
        if (order.Summary.Length > LongestSummary) return KernelRefusals.TooLong.At("summary", LongestSummary);

        if (!TemplateContent.Parse(draft.Content).TryGet(out var content, out var refusal)) return refusal;
        if (content.Problems() is { Count: > 0 } faults) return faults[0];
        var last = await context.Db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == order.TemplateId)
            .OrderByDescending(v => v.Number).FirstOrDefaultAsync(ct);
        var change = last is null ? null : PackageChange.Between(TemplateContent.Parse(last.Content).Value, content);
        if (change is { IsEmpty: true }) return PublishRefusals.NothingChanged;
        var computed = change?.Class ?? ChangeClass.Minor;
        if (order.DeclaredClass < computed) return ChangeRefusals.UnderstatedClass.At("declaredClass", order.DeclaredClass.ToString().ToUpperInvariant(), computed.ToString().ToUpperInvariant());
        if (last is not null && context.Now - last.PublishedAt < CadenceBudget && string.IsNullOrWhiteSpace(order.CadenceReason))
            return PublishRefusals.CadenceReasonMissing.At("cadenceReason", (int)CadenceBudget.TotalDays, (int)(context.Now - last.PublishedAt).TotalDays);
        if (await CheckBranchesAsync(context, order, content, ct) is { } denied) return denied;

        var number = template.LatestVersion + 1;
        var hash = content.Hash();
        context.Audit(new JsonObject
        {
            ["version"] = number,
            ["hash"] = hash,
            ["class"] = computed.ToString(),
            ["summary"] = order.Summary.Trim(),
            ["wave"] = order.Branches is null ? "everyone" : $"{order.Branches.Count} branches",
        });
        context.Announce(Topics.TemplateChanged, null, new JsonObject { ["templateId"] = template.Id.ToString(), ["version"] = number });
        await context.WriteAuditAsync(ct);
        template.Published(number, content.Name);
        context.Db.TemplateVersions.Add(TemplateVersion.Of(template.Id, number, content.ToJson(), hash, order.Summary.Trim(),
            order.DeclaredClass, order.CadenceReason?.Trim(), context.Now, context.Caller.PersonId));
        context.Db.PublishWaves.Add(PublishWave.Of(template.Id, number, 1, order.WaveName ?? (order.Branches is null ? "Everyone" : "Pilot"),
            [.. (order.Branches ?? []).Select(b => b.Value)], context.Now, context.Caller.PersonId));
        await context.Db.SaveChangesAsync(ct);
        var offers = await OfferSql.OfferAsync(context, template.Id, number, order.Branches, ct);
        return new Published(template.Id, number, hash, offers);
    }

    /// <summary>Every branch of the wave needs a price in its currency; no price of an independent branch may be fixed or floored.</summary>
    private static async Task<Refusal?> CheckBranchesAsync(WriteContext context, PublishOrder order, TemplateContent content, CancellationToken ct)
    {
        var studios = context.Db.Branches.AsNoTracking();
        if (order.Branches is { } wave)
        {
            var known = await studios.CountAsync(b => wave.Contains(b.Id), ct);
            if (wave.Count == 0 || known != wave.Distinct().Count()) return PublishRefusals.WaveUnknown.At("branches");
            studios = studios.Where(b => wave.Contains(b.Id));
        }

        foreach (var currency in await studios.Select(b => b.Currency).Distinct().ToListAsync(ct))
            if (content.ProjectTo(currency).Refusal is { } missing) return missing;
        if (await studios.AnyAsync(b => b.Ownership == Ownership.Independent, ct)
            && new FieldRules(content.Rules, DateOnly.FromDateTime(context.Now.UtcDateTime)).PriceFixing(Ownership.Independent, content.ToTree()) is { Count: > 0 } fixing) return fixing[0];
        return null;
    }
}

/// <summary>A later wave of a published version: more branches are offered it. Nobody is ever taken out of a wave.</summary>
public sealed class OpenWave(WriteDoor door)
{
    /// <param name="branches">Null = everybody who has not been offered this version yet.</param>
    /// <returns>How many offers were made.</returns>
    public Task<Result<int>> RunAsync(Sender from, TemplateId id, int version, string name, IReadOnlyList<BranchId>? branches, CancellationToken ct) =>
        door.RunAsync<int>(new Command("template.open_wave", from, TenantScope.Hq, Access.Hq, "template", id.ToString()), async (context, token) =>
        {
            var template = await context.Db.Templates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, token);
            if (template is null || version < 1 || version > template.LatestVersion) return KernelRefusals.NotFound;
            if (version != template.LatestVersion) return PublishRefusals.NotNewest.With(template.LatestVersion);
            if (await context.Db.TemplateYanks.AnyAsync(y => y.TemplateId == id && y.Number == version, token)) return PublishRefusals.AlreadyYanked;
            var stored = await context.Db.TemplateVersions.AsNoTracking().SingleAsync(v => v.TemplateId == id && v.Number == version, token);
            var content = TemplateContent.Parse(stored.Content).Value;
            var studios = context.Db.Branches.AsNoTracking().Where(b => branches == null || branches.Contains(b.Id));
            foreach (var currency in await studios.Select(b => b.Currency).Distinct().ToListAsync(token))
                if (content.ProjectTo(currency).Refusal is { } missing) return missing;
            var wave = 1 + await context.Db.PublishWaves.Where(w => w.TemplateId == id && w.Number == version).MaxAsync(w => w.Wave, token);
            context.Audit(new JsonObject { ["version"] = version, ["wave"] = wave, ["name"] = name.Trim(), ["branches"] = branches?.Count });
            context.Announce(Topics.TemplateChanged, null, new JsonObject { ["templateId"] = id.ToString(), ["version"] = version });
            await context.WriteAuditAsync(token);
            context.Db.PublishWaves.Add(PublishWave.Of(id, version, wave, name.Trim(), [.. (branches ?? []).Select(b => b.Value)], context.Now, context.Caller.PersonId));
            return await OfferSql.OfferAsync(context, id, version, branches, token);
        }, ct);
}

/// <summary>HQ calls a version back: it is offered no more; branches that took it are asked to look. Nothing reverts by itself.</summary>
public sealed class YankTemplateVersion(WriteDoor door)
{
    /// <returns>How many offers changed.</returns>
    public Task<Result<int>> RunAsync(Sender from, TemplateId id, int version, string reason, CancellationToken ct) =>
        door.RunAsync<int>(new Command("template.yank", from, TenantScope.Hq, Access.Hq, "template", id.ToString()), async (context, token) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
            if (!await context.Db.TemplateVersions.AnyAsync(v => v.TemplateId == id && v.Number == version, token)) return KernelRefusals.NotFound;
            if (await context.Db.TemplateYanks.AnyAsync(y => y.TemplateId == id && y.Number == version, token)) return PublishRefusals.AlreadyYanked;
            context.Audit(new JsonObject { ["version"] = version, ["reason"] = reason.Trim() });
            context.Announce(Topics.TemplateChanged, null, new JsonObject { ["templateId"] = id.ToString(), ["version"] = version });
            await context.WriteAuditAsync(token);
            context.Db.TemplateYanks.Add(TemplateYank.Of(id, version, reason.Trim(), context.Now, context.Caller.PersonId));
            return await OfferSql.YankAsync(context, id, version, token);
        }, ct);
}
