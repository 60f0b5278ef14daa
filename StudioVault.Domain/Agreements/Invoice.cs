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
    /// <returns><c>refuse.invoice.not_paid</c>.</returns>
    public Result<Done> Unpay()
    {
        if (State != InvoiceState.Paid) return InvoiceRefusals.NotPaid;
        (State, PaidOn, Method) = (InvoiceState.Open, null, null);
        return Done.It;
    }

    /// <summary>Owed no more. What is paid stays paid.</summary>
    public void Cancel()
    {
        if (State == InvoiceState.Open) State = InvoiceState.Void;
    }

    /// <summary>The day became known, or moved with the event.</summary>
    public void Due(DateOnly? on) => DueOn = on;
}
