using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>A sum to ask for.</summary>
/// <param name="Replaces">Open invoices it takes the place of; their goodwill goes over to it.</param>
public sealed record InvoiceDue(ScheduledPayment Payment, Money Amount, DateOnly? DueOn, IReadOnlyList<Invoice> Replaces);

/// <summary>
/// What the invoices of an agreement have to become so that they ask for what its papers say now: what is paid counts, an open
/// invoice that still asks for the right sum stays, every other open one is voided and the rest asked for anew.
/// </summary>
/// <param name="Void">Open invoices that ask for the wrong sum.</param>
/// <param name="Moved">Open invoices whose day moved, with the new one.</param>
/// <param name="New">To be made, in the order of the schedule.</param>
/// <param name="Overpaid">Paid and owed no more, zero mostly; what becomes of it people decide.</param>
public sealed record InvoicePlan(IReadOnlyList<Invoice> Void, IReadOnlyList<(Invoice Invoice, DateOnly? DueOn)> Moved, IReadOnlyList<InvoiceDue> New, Money Overpaid)
{
    /// <summary>Compares what is agreed with what is asked for.</summary>
    /// <param name="agreed">The agreement as amended by everything executed.</param>
    /// <param name="signedOn">Day of the first execution, on which a booking is due.</param>
    /// <param name="deliveredOn">Null before the delivery.</param>
    public static InvoicePlan Of(AgreementContent agreed, IReadOnlyList<Invoice> invoices, DateOnly signedOn, DateOnly? deliveredOn)
    {
        var voided = new List<Invoice>();
        var moved = new List<(Invoice, DateOnly?)>();
        var asked = new List<InvoiceDue>();
        var overpaid = 0m;
        foreach (var payment in agreed.Schedule)
        {
            var mine = invoices.Where(i => i.PaymentId == payment.Id).ToList();
            var left = payment.Amount - mine.Where(i => i.State == InvoiceState.Paid).Sum(i => i.Amount);
            // Goodwill settles a sum without money coming in: no more can have been paid too much than came in and was not refunded.
            if (left < 0) overpaid += Math.Max(0, Math.Min(-left, mine.Sum(Kept)));
            var due = DueOn(payment, agreed.Event, signedOn, deliveredOn);
            var stays = left > 0 ? mine.Find(i => i.State == InvoiceState.Open && i.Amount == left && i.Title == payment.Title) : null;
            var gone = mine.FindAll(i => i.State == InvoiceState.Open && i != stays);
            voided.AddRange(gone);
            if (stays is null && left > 0) asked.Add(new(payment, new(left, agreed.Currency), due, gone));
            else if (stays is not null && stays.DueOn != due) moved.Add((stays, due));
        }

        foreach (var gone in invoices.Where(i => agreed.Schedule.All(p => p.Id != i.PaymentId)))
        {
            if (gone.State == InvoiceState.Open) voided.Add(gone);
            overpaid += Kept(gone);
        }

        return new(voided, moved, asked, new(overpaid, agreed.Currency));
    }

    private static decimal Kept(Invoice invoice) => invoice.State == InvoiceState.Paid ? invoice.AmountDue - invoice.Refunded : 0;

    private static DateOnly? DueOn(ScheduledPayment payment, AgreementEvent agreed, DateOnly signedOn, DateOnly? deliveredOn) => payment.DueOn ?? payment.Due switch
    {
        InstalmentDue.Booking => signedOn.AddDays(payment.DueDays),
        InstalmentDue.DaysBeforeEvent => agreed.On?.AddDays(-payment.DueDays),
        _ => deliveredOn?.AddDays(payment.DueDays),
    };
}
