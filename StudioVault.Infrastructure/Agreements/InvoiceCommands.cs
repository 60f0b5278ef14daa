using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>Records what came in. StudioVault takes no money.</summary>
public sealed class InvoiceCommands(WriteDoor door)
{
    /// <summary>The money came in. Refused as <see cref="Invoice.Pay"/>.</summary>
    /// <param name="on">Branch-local day it arrived.</param>
    public Task<Result<Done>> PayAsync(Sender from, BranchId branch, InvoiceId id, DateOnly on, PaymentMethod method, CancellationToken ct) =>
        ChangeAsync("invoice.pay", from, branch, id, Access.MemberOf(branch), (context, invoice, today) =>
        {
            var paid = invoice.Pay(on, method, today);
            if (!paid.IsRefused) context.Audit(new JsonObject { ["number"] = invoice.Number, ["amount"] = invoice.AmountDue.ToString(System.Globalization.CultureInfo.InvariantCulture), ["currency"] = invoice.Currency, ["paidOn"] = AgreementContent.Day(on), ["method"] = method.ToString() });
            return paid;
        }, ct);

    /// <summary>The payment was recorded by mistake. Managers only, with a reason.</summary>
    public Task<Result<Done>> UnpayAsync(Sender from, BranchId branch, InvoiceId id, string reason, CancellationToken ct) =>
        ChangeAsync("invoice.unpay", from, branch, id, Access.ManagerOf(branch), (context, invoice, _) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
            var taken = invoice.Unpay();
            if (!taken.IsRefused) context.Audit(new JsonObject { ["number"] = invoice.Number, ["reason"] = reason.Trim() });
            return taken;
        }, ct);

    /// <summary>It is owed no more, for example after a withdrawal. Managers only, with a reason.</summary>
    public Task<Result<Done>> VoidAsync(Sender from, BranchId branch, InvoiceId id, string reason, CancellationToken ct) =>
        ChangeAsync("invoice.void", from, branch, id, Access.ManagerOf(branch), (context, invoice, _) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
            if (invoice.State != InvoiceState.Open) return InvoiceRefusals.NotOpen.With(invoice.State == InvoiceState.Paid ? "paid" : "void");
            invoice.Cancel();
            context.Audit(new JsonObject { ["number"] = invoice.Number, ["reason"] = reason.Trim() });
            return Done.It;
        }, ct);

    private Task<Result<Done>> ChangeAsync(string action, Sender from, BranchId branch, InvoiceId id, Access access, Func<WriteContext, Invoice, DateOnly, Result<Done>> change, CancellationToken ct) =>
        door.RunAsync<Done>(new Command(action, from, TenantScope.Of(branch), access, "project", id.ToString()), async (context, token) =>
        {
            if (await context.Db.Invoices.SingleOrDefaultAsync(i => i.Id == id, token) is not { } invoice) return KernelRefusals.NotFound;
            var studio = await context.Db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var result = change(context, invoice, BranchClock.DayOf(context.Now, studio.TimeZone));
            if (result.IsRefused) return result;
            context.ObjectId = invoice.ProjectId.ToString();
            ProjectCommands.Announce(context, await context.Db.Projects.AsNoTracking().SingleAsync(p => p.Id == invoice.ProjectId, token));
            return Done.It;
        }, ct);
}
