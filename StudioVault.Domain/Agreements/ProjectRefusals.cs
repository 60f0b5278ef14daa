using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>Refusals about quotes and projects.</summary>
public static class ProjectRefusals
{
    public static readonly RefusalKind NotOpen = new("refuse.project.not_open",
        "This quote is not open any more.",
        "Make a new quote for the client.");

    public static readonly RefusalKind ClientNameMissing = new("refuse.project.client_name_missing",
        "A quote needs the client's name.",
        "Write the name as it should stand on the agreement.", 400);

    public static readonly RefusalKind DateMissing = new("refuse.project.date_missing",
        "A quote needs the day of the event.",
        "Choose the day; it can be agreed anew by another quote.", 400);

    public static readonly RefusalKind RevisionMoved = new("refuse.project.revision_moved",
        "The package was changed while you were writing: a quote would be made from revision {0} now, not from revision {1}.",
        "Look at the price as it is now and make the quote again; what you typed is kept.");

    public static readonly RefusalKind DateInThePast = new("refuse.project.date_in_the_past",
        "The event day lies in the past.",
        "Choose a day from today on.", 400);

    public static readonly RefusalKind TimeUnclear = new("refuse.project.time_unclear",
        "This is not a time of day.",
        "Write it as 14:00, or leave it empty while it is open.", 400);

    public static readonly RefusalKind Ended = new("refuse.project.ended",
        "This project has ended.",
        "Make a new quote if the client comes back.");

    public static readonly RefusalKind OutOfOrder = new("refuse.project.out_of_order",
        "A project that stands at \"{0}\" cannot be marked as \"{1}\".",
        "Take the steps in their order: booked, shot, delivered, closed.");

    public static readonly RefusalKind NotYet = new("refuse.project.not_yet",
        "The day of the event has not come yet: it is on {0:d MMMM yyyy}.",
        "Mark it as shot on that day or later; if the day moved, amend the agreement.");

    public static readonly RefusalKind AgreementInForce = new("refuse.project.agreement_in_force",
        "An agreement is in force, so the project cannot be cancelled or moved by the studio alone.",
        "Amend the agreement; once everybody has signed the amendment, the project follows.");

    public static readonly RefusalKind InvoicesOpen = new("refuse.project.invoices_open",
        "{0} of the project's invoices are not paid.",
        "Record the payments, or void what is not owed any more, then close the project.");
}

/// <summary>Refusals about invoices.</summary>
public static class InvoiceRefusals
{
    public static readonly RefusalKind NotOpen = new("refuse.invoice.not_open",
        "This invoice is {0}, so nothing can be paid on it.",
        "Look at the project's invoices again: somebody may have recorded it before you.");

    public static readonly RefusalKind NotPaid = new("refuse.invoice.not_paid",
        "No payment is recorded for this invoice.",
        "Look at the project's invoices again.");

    public static readonly RefusalKind Refunded = new("refuse.invoice.refunded",
        "A refund is recorded on this invoice, so the payment cannot be taken back.",
        "Void its credit note first.");

    public static readonly RefusalKind PaidInTheFuture = new("refuse.invoice.paid_in_the_future",
        "A payment cannot have come in on a day that is still to come.",
        "Write the day on which the money arrived.", 400);
}
