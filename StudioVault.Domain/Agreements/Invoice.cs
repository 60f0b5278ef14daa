using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

public readonly record struct InvoiceId(Guid Value) : IId<InvoiceId>
{
    public static InvoiceId From(Guid value) => new(value);
    public static InvoiceId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

public enum InvoiceState
{
    Open,

    /// <summary>Its payment is recorded.</summary>
    Paid,

    /// <summary>Owed no more: an amendment replaced it, or the agreement ended.</summary>
    Void,
}

public enum PaymentMethod
{
    BankTransfer,
    Card,
    Cash,
    Other,
}

/// <summary>
/// A sum a client owes under an executed paper. StudioVault records that it was paid and processes no payment. What it asks for
/// never changes: an amendment voids it and puts another in its place.
/// </summary>
public sealed class Invoice : ITenantOwned
{
    private Invoice() { }

    public BranchId BranchId { get; private init; }
    public InvoiceId Id { get; private init; }
    public ProjectId ProjectId { get; private init; }
    public AgreementId AgreementId { get; private init; }

    /// <summary>Number of the agreement and a count: PORTO-2026-0042/1; unique in the branch.</summary>
    public string Number { get; private init; } = "";

    /// <summary>Version of the paper it follows from.</summary>
    public int Version { get; private init; }

    /// <summary>Id of the scheduled payment it asks for.</summary>
    public string PaymentId { get; private init; } = "";

    public string Title { get; private init; } = "";
    public decimal Amount { get; private init; }

    /// <summary>What its goodwill notes in force come to.</summary>
    public decimal Goodwill { get; private set; }

    /// <summary>What its refunds in force come to.</summary>
    public decimal Refunded { get; private set; }

    /// <summary>What is owed on it, and what came in once it is paid: the amount less the goodwill.</summary>
    public decimal AmountDue => Amount - Goodwill;

    public string Currency { get; private init; } = "";

    /// <summary>Branch-local day; null until what it depends on has a day (a delivery, a day still to be found).</summary>
    public DateOnly? DueOn { get; private set; }

    public InvoiceState State { get; private set; }
    public DateOnly? PaidOn { get; private set; }
    public PaymentMethod? Method { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }

    public static Invoice Of(Agreement agreement, int count, int version, ScheduledPayment payment, Money amount, DateOnly? dueOn, DateTimeOffset at) => new()
    {
        BranchId = agreement.BranchId,
        Id = InvoiceId.New(),
        ProjectId = agreement.ProjectId,
        AgreementId = agreement.Id,
        Number = $"{agreement.Number}/{count}",
        Version = version,
        PaymentId = payment.Id,
        Title = payment.Title,
        Amount = amount.Amount,
        Currency = amount.Currency,
        DueOn = dueOn,
        CreatedAt = at,
    };

    /// <summary>Records that the money came in.</summary>
    /// <returns><c>refuse.invoice.not_open</c>, <c>refuse.invoice.paid_in_the_future</c>.</returns>
    public Result<Done> Pay(DateOnly on, PaymentMethod method, DateOnly today)
    {
        if (State != InvoiceState.Open) return InvoiceRefusals.NotOpen.With(State == InvoiceState.Paid ? "paid" : "void");
        if (on > today) return InvoiceRefusals.PaidInTheFuture.At("paidOn");
        (State, PaidOn, Method) = (InvoiceState.Paid, on, method);
        return Done.It;
    }

    /// <summary>A payment was recorded by mistake; the audit keeps both.</summary>
    /// <returns><c>refuse.invoice.not_paid</c>, <c>refuse.invoice.refunded</c>.</returns>
    public Result<Done> Unpay()
    {
        if (State != InvoiceState.Paid) return InvoiceRefusals.NotPaid;
        if (Refunded > 0) return InvoiceRefusals.Refunded;
        (State, PaidOn, Method) = (InvoiceState.Open, null, null);
        return Done.It;
    }

    /// <summary>Owed no more. What is paid stays paid.</summary>
    public void Cancel()
    {
        if (State == InvoiceState.Open) State = InvoiceState.Void;
    }

    /// <summary>Gives a goodwill discount: what it asks for stays, what is due falls.</summary>
    /// <param name="count">How many notes there were, and one.</param>
    /// <returns><c>refuse.invoice.not_open</c>, <c>refuse.credit_note.more_than_due</c>, <c>too_fine</c>, <c>refuse.kernel.reason_required</c>, <c>refuse.kernel.too_long</c>.</returns>
    public Result<CreditNote> Discount(decimal amount, string reason, int count, DateTimeOffset at, PersonId? by)
    {
        if (State != InvoiceState.Open) return InvoiceRefusals.NotOpen.With(State == InvoiceState.Paid ? "paid" : "void");
        if (Unclear(amount, reason) is { } unclear) return unclear;
        if (amount >= AmountDue) return CreditNoteRefusals.MoreThanDue.At("amount", Said(AmountDue));
        Goodwill += amount;
        return CreditNote.Of(this, count, CreditNoteKind.Goodwill, amount, reason.Trim(), at, by);
    }

    /// <summary>Records that money goes back. StudioVault pays nothing out.</summary>
    /// <param name="count">How many notes there were, and one.</param>
    /// <returns><c>refuse.invoice.not_paid</c>, <c>refuse.credit_note.more_than_paid</c>, <c>too_fine</c>, <c>refuse.kernel.reason_required</c>, <c>refuse.kernel.too_long</c>.</returns>
    public Result<CreditNote> Refund(decimal amount, string reason, int count, DateTimeOffset at, PersonId? by)
    {
        if (State != InvoiceState.Paid) return InvoiceRefusals.NotPaid;
        if (Unclear(amount, reason) is { } unclear) return unclear;
        if (amount > AmountDue - Refunded) return CreditNoteRefusals.MoreThanPaid.At("amount", Said(AmountDue - Refunded));
        Refunded += amount;
        return CreditNote.Of(this, count, CreditNoteKind.Refund, amount, reason.Trim(), at, by);
    }

    /// <summary>A note of this invoice counts no more. A discount stays with an invoice that was paid or voided under it.</summary>
    /// <returns><c>refuse.credit_note.already_void</c>, <c>refuse.credit_note.settled</c>, <c>refuse.kernel.reason_required</c>, <c>refuse.kernel.too_long</c>.</returns>
    public Result<Done> TakeBack(CreditNote note, string reason, DateTimeOffset at)
    {
        if (note.State == CreditNoteState.Void) return CreditNoteRefusals.AlreadyVoid;
        if (note.Kind == CreditNoteKind.Goodwill && State != InvoiceState.Open) return CreditNoteRefusals.Settled.With(State == InvoiceState.Paid ? "paid" : "void");
        if (Unclear(note.Amount, reason) is { } unclear) return unclear;
        if (note.Kind == CreditNoteKind.Goodwill) Goodwill -= note.Amount;
        else Refunded -= note.Amount;
        note.Void(reason.Trim(), at);
        return Done.It;
    }

    /// <summary>
    /// The goodwill of an invoice that this one takes the place of goes over to it. What is more than this one asks for stays on
    /// the old one, to be seen: what becomes of it people decide.
    /// </summary>
    /// <param name="from">Voided by the amendment that made this one.</param>
    /// <param name="notes">Its notes.</param>
    /// <param name="count">How many notes this one has, and one.</param>
    /// <returns>The new notes; none when there was no goodwill.</returns>
    public IReadOnlyList<CreditNote> CarryOver(Invoice from, IReadOnlyList<CreditNote> notes, int count, DateTimeOffset at)
    {
        var given = notes.Where(n => n is { Kind: CreditNoteKind.Goodwill, State: CreditNoteState.Draft }).ToList();
        var sum = given.Sum(n => n.Amount);
        var fits = Math.Min(sum, AmountDue);
        if (fits <= 0) return [];
        var why = string.Join("; ", given.Select(n => n.Reason).Distinct());
        foreach (var note in given) note.Void($"Carried over to {Number}.", at);
        Goodwill += fits;
        from.Goodwill = sum - fits;
        var carried = CreditNote.Of(this, count, CreditNoteKind.Goodwill, fits, why, at, given[0].CreatedBy, from.Id);
        return fits == sum ? [carried] : [carried, CreditNote.Of(from, notes.Count + 1, CreditNoteKind.Goodwill, sum - fits, $"Not carried over, {Number} asks for less: {why}", at, given[0].CreatedBy)];
    }

    private Refusal? Unclear(decimal amount, string reason)
    {
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        if (reason.Trim().Length > CreditNote.LongestReason) return KernelRefusals.TooLong.At("reason", CreditNote.LongestReason);
        if (CurrencyUnits.Round(amount, Currency) != amount) return CreditNoteRefusals.TooFine.At("amount", Currency, CurrencyUnits.Digits(Currency));
        return null;
    }

    private string Said(decimal amount) => new Money(amount, Currency).ToString();

    /// <summary>The day became known, or moved with the event.</summary>
    public void Due(DateOnly? on) => DueOn = on;
}
