using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

public readonly record struct CreditNoteId(Guid Value) : IId<CreditNoteId>
{
    public static CreditNoteId From(Guid value) => new(value);
    public static CreditNoteId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

public enum CreditNoteKind
{
    /// <summary>Money of a paid invoice goes back.</summary>
    Refund,

    /// <summary>Less is due on an open invoice.</summary>
    Goodwill,
}

public enum CreditNoteState
{
    /// <summary>Counts. StudioVault pays nothing out and keeps no books: the bookkeeper takes it from here.</summary>
    Draft,

    /// <summary>Counts no more.</summary>
    Void,
}

/// <summary>
/// Something the studio gives back on an invoice. Its sum and reason never change: it is voided and another is written. What the
/// notes of an invoice come to stands on the invoice too, where PostgreSQL holds it within bounds.
/// </summary>
public sealed class CreditNote : ITenantOwned
{
    public const int LongestReason = 500;

    private CreditNote() { }

    public BranchId BranchId { get; private init; }
    public CreditNoteId Id { get; private init; }
    public InvoiceId InvoiceId { get; private init; }
    public ProjectId ProjectId { get; private init; }

    /// <summary>Number of the invoice and a count: PORTO-2026-0042/1/C1; unique in the branch.</summary>
    public string Number { get; private init; } = "";

    public CreditNoteKind Kind { get; private init; }

    /// <summary>Above zero, in the invoice's currency.</summary>
    public decimal Amount { get; private init; }

    public string Currency { get; private init; } = "";
    public string Reason { get; private init; } = "";
    public CreditNoteState State { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Who approved or wrote it; null when a rule did.</summary>
    public PersonId? CreatedBy { get; private init; }

    /// <summary>The invoice it was given on at first, which an amendment replaced; null when it was given on this one.</summary>
    public InvoiceId? CarriedFrom { get; private init; }

    public DateTimeOffset? VoidedAt { get; private set; }
    public string? VoidedReason { get; private set; }

    internal static CreditNote Of(Invoice invoice, int count, CreditNoteKind kind, decimal amount, string reason, DateTimeOffset at, PersonId? by, InvoiceId? carriedFrom = null) => new()
    {
        BranchId = invoice.BranchId,
        Id = CreditNoteId.New(),
        InvoiceId = invoice.Id,
        ProjectId = invoice.ProjectId,
        Number = $"{invoice.Number}/C{count}",
        Kind = kind,
        Amount = amount,
        Currency = invoice.Currency,
        Reason = reason.Length <= LongestReason ? reason : reason[..LongestReason],
        CreatedAt = at,
        CreatedBy = by,
        CarriedFrom = carriedFrom,
    };

    internal void Void(string reason, DateTimeOffset at) => (State, VoidedAt, VoidedReason) = (CreditNoteState.Void, at, reason);
}

/// <summary>Refusals about what is given back on invoices.</summary>
public static class CreditNoteRefusals
{
    public static readonly RefusalKind MoreThanDue = new("refuse.credit_note.more_than_due",
        "A discount has to leave something due, and {0} is due on this invoice.",
        "Choose less; if nothing is owed any more, a manager voids the invoice instead.");

    public static readonly RefusalKind MoreThanPaid = new("refuse.credit_note.more_than_paid",
        "No more than was paid can go back: {0} of this invoice is left.",
        "Choose at most that.");

    public static readonly RefusalKind TooFine = new("refuse.credit_note.too_fine",
        "Nobody can pay that exactly: {0} has {1} digits after the point.",
        "Round the amount.", 400);

    public static readonly RefusalKind AlreadyVoid = new("refuse.credit_note.already_void",
        "This credit note was voided already.",
        "Nothing is left to do; its record stays on the project.");

    public static readonly RefusalKind Settled = new("refuse.credit_note.settled",
        "The invoice of this discount is {0}, so the discount stays with it.",
        "If the payment was recorded by mistake, a manager takes it back first.");
}
