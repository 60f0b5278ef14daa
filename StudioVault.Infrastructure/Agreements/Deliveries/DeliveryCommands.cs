using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements.Deliveries;

/// <summary>Deliveries: made, filled and ended by people of the branch, fetched by whoever has the link.</summary>
public sealed class DeliveryCommands(WriteDoor door, Papers papers, DeliveryFiles files)
{
    public const int MostFiles = 2_000;

    /// <summary>
    /// Makes a delivery for a project. How long it is online is what the agreement in force today says. Refused with
    /// <c>refuse.kernel.not_found</c>, <c>refuse.agreement.not_in_force</c> before an agreement is executed, <c>refuse.client.erased</c>, and as <see cref="Delivery.Open"/>.
    /// </summary>
    public Task<Result<DeliveryId>> OpenAsync(Sender from, BranchId branch, ProjectId project, string title, CancellationToken ct) =>
        RunAsync<DeliveryId>("delivery.open", from, branch, project, async (context, token) =>
        {
            var db = context.Db;
            if (!await db.Projects.AnyAsync(p => p.Id == project, token)) return KernelRefusals.NotFound;
            if (await db.Agreements.AsNoTracking().SingleOrDefaultAsync(a => a.ProjectId == project && a.State != AgreementState.Void, token) is not { Head: > 0 } agreement) return AgreementRefusals.NotInForce;
            if (!(await papers.ChainAsync(db, agreement.Id, agreement.Head, token)).TryGet(out var chain, out var refusal)) return refusal;
            var zone = chain.First.Studio.TimeZone;
            var conformed = chain.On(BranchClock.DayOf(context.Now, zone));
            if (!AgreementContent.From(conformed.Content).TryGet(out var content, out refusal)) return refusal;
            var days = content.Gallery.OnlineDays;
            DateOnly? until = days > 0 ? DeliveryClock.LastDay(context.Now, days, zone) : null;
            if (!Delivery.Open(branch, DeliveryId.New(), project, agreement.Id, title, context.Now, days, conformed.OriginOf("/gallery/onlineDays") ?? 1, zone, until).TryGet(out var delivery, out refusal)) return refusal;
            db.Deliveries.Add(delivery);
            context.Audit(new JsonObject { ["deliveryId"] = delivery.Id.ToString(), ["onlineDays"] = days, ["termsVersion"] = delivery.TermsVersion, ["until"] = Spelled(until) });
            return delivery.Id;
        }, ct);

    /// <summary>
    /// Adds a file, read from a stream as it arrives. Refused as <see cref="DeliveryFiles.SaveAsync"/>, with <c>refuse.kernel.not_found</c>,
    /// <c>refuse.delivery.revoked</c>, <c>refuse.delivery.too_many_files</c>. The same file under the same name is there once.
    /// </summary>
    public async Task<Result<Guid>> AddFileAsync(Sender from, BranchId branch, DeliveryId id, string name, Stream content, CancellationToken ct)
    {
        // Rights first: nobody else's gigabytes come onto the disk.
        var project = await door.ReadAsync<ProjectId>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
            await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, token) is { } found ? found.ProjectId : KernelRefusals.NotFound, ct);
        if (!project.TryGet(out var of, out var refusal)) return refusal;
        if (!(await files.SaveAsync(branch, content, ct)).TryGet(out var saved, out refusal)) return refusal;
        return await OnDeliveryAsync("delivery.add_file", from, branch, of, id, async (context, delivery, token) =>
        {
            var db = context.Db;
            if (delivery.RevokedAt is not null) return DeliveryRefusals.Revoked.With(delivery.RevokedReason);
            var file = DeliveryFile.Of(branch, id, name, saved.Length, saved.Sha256, context.Now);
            var same = await db.DeliveryFiles.AsNoTracking().FirstOrDefaultAsync(f => f.DeliveryId == id && f.Sha256 == file.Sha256 && f.Name == file.Name, token);
            if (same is null && await db.DeliveryFiles.CountAsync(f => f.DeliveryId == id, token) >= MostFiles) return DeliveryRefusals.TooManyFiles.With(MostFiles);
            if (same is null) db.DeliveryFiles.Add(file);
            context.Audit(new JsonObject { ["deliveryId"] = id.ToString(), ["sha256"] = saved.Sha256, ["length"] = saved.Length });
            return (Result<Guid>)(same?.Id ?? file.Id);
        }, ct);
    }

    /// <summary>Keeps a delivery online longer. Refused as <see cref="Delivery.Extend"/>.</summary>
    public Task<Result<Done>> ExtendAsync(Sender from, BranchId branch, ProjectId project, DeliveryId id, DateOnly until, string reason, CancellationToken ct) =>
        OnDeliveryAsync("delivery.extend", from, branch, project, id, (context, delivery, _) =>
        {
            var result = delivery.Extend(until, reason, context.Now);
            if (!result.IsRefused) context.Audit(new JsonObject { ["deliveryId"] = id.ToString(), ["until"] = Spelled(until), ["reason"] = reason.Trim() });
            return Task.FromResult(result);
        }, ct);

    /// <summary>Takes a delivery offline for good. Refused as <see cref="Delivery.Revoke"/>.</summary>
    public Task<Result<Done>> RevokeAsync(Sender from, BranchId branch, ProjectId project, DeliveryId id, string reason, CancellationToken ct) =>
        OnDeliveryAsync("delivery.revoke", from, branch, project, id, (context, delivery, _) =>
        {
            var result = delivery.Revoke(reason, context.Now);
            if (!result.IsRefused) context.Audit(new JsonObject { ["deliveryId"] = id.ToString(), ["reason"] = reason.Trim() });
            return Task.FromResult(result);
        }, ct);

    /// <summary>The deliveries of a project, newest first, and who it is for.</summary>
    public Task<Result<(string Client, IReadOnlyList<DeliveryView> Deliveries)>> OfProjectAsync(Sender from, BranchId branch, ProjectId project, CancellationToken ct) =>
        door.ReadAsync<(string, IReadOnlyList<DeliveryView>)>(from, TenantScope.Of(branch), Access.ReaderOf(branch), async (db, _, token) =>
        {
            if (await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == project, token) is not { } found) return KernelRefusals.NotFound;
            var views = new List<DeliveryView>();
            foreach (var delivery in await db.Deliveries.AsNoTracking().Where(d => d.ProjectId == project).OrderByDescending(d => d.OpenedAt).ToListAsync(token)) views.Add(await ViewAsync(db, delivery, token));
            return (found.ClientName, views);
        }, ct);

    /// <summary>What a link leads to, online or not. Whoever calls has checked the link's proof. <c>refuse.kernel.not_found</c> when nothing is there.</summary>
    public Task<Result<DeliveryView>> OfLinkAsync(LinkTarget link, CancellationToken ct) =>
        door.ReadAsync<DeliveryView>(Sender.System("link"), TenantScope.Of(link.Branch), Access.MemberOf(link.Branch), async (db, _, token) =>
            await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(d => d.Id == new DeliveryId(link.Id), token) is { } delivery ? await ViewAsync(db, delivery, token) : KernelRefusals.NotFound, ct);

    private static async Task<DeliveryView> ViewAsync(VaultDb db, Delivery delivery, CancellationToken ct)
    {
        var branch = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == delivery.BranchId, ct);
        var number = await db.Agreements.AsNoTracking().Where(a => a.Id == delivery.AgreementId).Select(a => a.Number).SingleAsync(ct);
        var files = await db.DeliveryFiles.AsNoTracking().Where(f => f.DeliveryId == delivery.Id).ToListAsync(ct);
        var now = await db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(ct);
        return new DeliveryView(delivery, branch.Name, branch.City, branch.ContactEmail, number, delivery.OnlineUntil is { } day ? DeliveryClock.EndOf(day, delivery.TimeZone) : null,
            BranchClock.DayOf(delivery.OpenedAt, delivery.TimeZone), [.. files.OrderBy(f => f.Name, StringComparer.OrdinalIgnoreCase).ThenBy(f => f.Id)], now);
    }

    private static string? Spelled(DateOnly? day) => day?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private Task<Result<T>> RunAsync<T>(string action, Sender from, BranchId branch, ProjectId project, Func<WriteContext, CancellationToken, Task<Result<T>>> work, CancellationToken ct) =>
        door.RunAsync(new Command(action, from, TenantScope.Of(branch), Access.MemberOf(branch), "project", project.ToString()), work, ct);

    private Task<Result<T>> OnDeliveryAsync<T>(string action, Sender from, BranchId branch, ProjectId project, DeliveryId id, Func<WriteContext, Delivery, CancellationToken, Task<Result<T>>> work, CancellationToken ct) =>
        RunAsync<T>(action, from, branch, project, async (context, token) =>
            await context.Db.Deliveries.SingleOrDefaultAsync(d => d.Id == id && d.ProjectId == project, token) is { } delivery ? await work(context, delivery, token) : KernelRefusals.NotFound, ct);
}
