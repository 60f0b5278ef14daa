using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>
/// What follows from an executed paper for the working data of its project, in the same transaction: day and place, invoices, and
/// the end of a cancelled one. The papers say what is owed; this only carries it out.
/// </summary>
public sealed class AgreementEffects(Papers papers)
{
    /// <summary>A paper was executed.</summary>
    /// <param name="agreed">The agreement with everything that is agreed now.</param>
    internal async Task ExecutedAsync(WriteContext context, Agreement agreement, AgreementContent agreed, CancellationToken ct)
    {
        var project = await context.Db.Projects.SingleAsync(p => p.Id == agreement.ProjectId, ct);
        var today = BranchClock.DayOf(context.Now, agreed.Studio.TimeZone);
        if (agreement.State == AgreementState.Cancelled) _ = project.Take(ProjectVerb.Cancel, context.Now, today);
        else if (!ProjectMachine.IsEnded(project.State)) project.Follow(agreed.Event);
        await InvoiceAsync(context, agreement, project, agreed, ct);
        ProjectCommands.Announce(context, project);
    }

    /// <summary>The client withdrew: the project does not take place, and what is not paid is owed no more. What becomes of what was paid people decide.</summary>
    internal static async Task WithdrawnAsync(WriteContext context, Agreement agreement, string timeZone, CancellationToken ct)
    {
        var project = await context.Db.Projects.SingleAsync(p => p.Id == agreement.ProjectId, ct);
        _ = project.Take(ProjectVerb.Cancel, context.Now, BranchClock.DayOf(context.Now, timeZone));
        foreach (var invoice in await context.Db.Invoices.Where(i => i.AgreementId == agreement.Id).ToListAsync(ct)) invoice.Cancel();
        ProjectCommands.Announce(context, project);
    }

    /// <summary>The project was delivered: what is due on delivery has a day now.</summary>
    internal async Task<Result<Done>> DeliveredAsync(WriteContext context, Project project, CancellationToken ct)
    {
        if (await context.Db.Agreements.SingleOrDefaultAsync(a => a.ProjectId == project.Id && a.State == AgreementState.InForce, ct) is not { } agreement) return Done.It;
        if (!(await papers.ChainAsync(context.Db, agreement.Id, agreement.Head, ct)).TryGet(out var chain, out var refusal)) return refusal;
        await InvoiceAsync(context, agreement, project, AgreementContent.From(chain.Whole().Content).Value, ct);
        return Done.It;
    }

    private static async Task InvoiceAsync(WriteContext context, Agreement agreement, Project project, AgreementContent agreed, CancellationToken ct)
    {
        var db = context.Db;
        var invoices = await db.Invoices.Where(i => i.AgreementId == agreement.Id).ToListAsync(ct);
        // "On booking" counts from the day on which the last party signed the first version.
        var first = await db.Signatures.Where(s => db.Papers.Any(p => p.Id == s.PaperId && p.AgreementId == agreement.Id && p.Version == 1 && p.Issue == s.Issue && p.State != PaperState.Void)).MaxAsync(s => s.SignedAt, ct);
        DateOnly? delivered = project.DeliveredAt is { } at ? BranchClock.DayOf(at, agreed.Studio.TimeZone) : null;
        var plan = InvoicePlan.Of(agreed, invoices, BranchClock.DayOf(first, agreed.Studio.TimeZone), delivered);
        foreach (var invoice in plan.Void) invoice.Cancel();
        foreach (var (invoice, due) in plan.Moved) invoice.Due(due);
        var count = invoices.Count;
        foreach (var due in plan.New)
        {
            var invoice = Invoice.Of(agreement, ++count, agreement.Head, due.Payment, due.Amount, due.DueOn, context.Now);
            db.Invoices.Add(invoice);
            var notes = 0;
            foreach (var old in due.Replaces.Where(i => i.Goodwill > 0))
            {
                var carried = invoice.CarryOver(old, await db.CreditNotes.Where(n => n.InvoiceId == old.Id).ToListAsync(ct), notes + 1, context.Now);
                notes += carried.Count(n => n.InvoiceId == invoice.Id);
                db.CreditNotes.AddRange(carried);
            }
        }
    }
}
