using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Agreements;

public sealed class InvoicePlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Signed = new(2026, 11, 21);
    private static readonly Agreement Family = Agreement.Of(new(Guid.NewGuid()), AgreementId.New(), ProjectId.New(), "PRT-2026-0042", Now);

    [Fact]
    public void Asks_for_every_scheduled_payment_on_its_day()
    {
        var plan = Plan([Payment("booking", 591, InstalmentDue.Booking, 7), Payment("balance", 1379, InstalmentDue.DaysBeforeEvent, 30), Payment("prints", 100, InstalmentDue.Delivery, 14)], []);
        Assert.Equal([(591m, new DateOnly(2026, 11, 28)), (1379m, new DateOnly(2027, 5, 13)), (100m, (DateOnly?)null)], plan.New.Select(n => (n.Amount.Amount, n.DueOn)));
        Assert.Equal(Signed.AddDays(24), Plan([Payment("prints", 100, InstalmentDue.Delivery, 14)], [], delivered: Signed.AddDays(10)).New.Single().DueOn);
        Assert.Equal(new DateOnly(2027, 1, 1), Plan([Payment("fixed", 1, InstalmentDue.Delivery, 14) with { DueOn = new DateOnly(2027, 1, 1) }], []).New.Single().DueOn);
    }

    [Fact]
    public void Leaves_an_invoice_alone_that_still_asks_for_the_right_sum()
    {
        var balance = Invoiced(Payment("balance", 1379, InstalmentDue.DaysBeforeEvent, 30), new DateOnly(2027, 5, 13));
        var plan = Plan([Payment("balance", 1379, InstalmentDue.DaysBeforeEvent, 30)], [balance]);
        Assert.Empty(plan.New);
        Assert.Empty(plan.Void);
        Assert.Empty(plan.Moved);
    }

    [Fact]
    public void Moves_the_day_with_the_event_and_takes_it_away_while_that_is_open()
    {
        var payment = Payment("balance", 1379, InstalmentDue.DaysBeforeEvent, 30);
        var balance = Invoiced(payment, new DateOnly(2027, 5, 13));
        Assert.Equal(new DateOnly(2027, 6, 3), Plan([payment], [balance], on: new DateOnly(2027, 7, 3)).Moved.Single().DueOn);
        Assert.Null(InvoicePlan.Of(AgreementSamples.Sousa with { Schedule = [payment], Event = AgreementSamples.Sousa.Event with { On = null } }, [balance], Signed, null).Moved.Single().DueOn);
    }

    [Fact]
    public void Voids_an_open_invoice_that_asks_for_another_sum_and_asks_anew()
    {
        var old = Invoiced(Payment("balance", 1379), null);
        var plan = Plan([Payment("balance", 1629)], [old]);
        Assert.Same(old, plan.Void.Single());
        Assert.Equal(1629, plan.New.Single().Amount.Amount);
    }

    [Fact]
    public void Asks_only_for_the_rest_of_what_is_paid_already_and_names_what_was_paid_too_much()
    {
        var paid = Invoiced(Payment("balance", 1379), null);
        paid.Pay(Signed, PaymentMethod.Card, Signed);
        Assert.Equal(250, Plan([Payment("balance", 1629)], [paid]).New.Single().Amount.Amount);
        var less = Plan([Payment("balance", 1000)], [paid]);
        Assert.Empty(less.New);
        Assert.Equal(new Money(379, "EUR"), less.Overpaid);
        Assert.Equal(new Money(1379, "EUR"), Plan([Payment("other", 5)], [paid]).Overpaid);
    }

    [Fact]
    public void What_is_open_and_paid_together_is_what_is_agreed_unless_more_was_paid() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Cases, c =>
    {
        var schedule = c.Agreed.Select((a, i) => Payment($"p{i}", a)).ToList();
        var invoices = c.Before.Select(b => Invoiced(Payment($"p{b.Line}", b.Amount), null)).ToList();
        foreach (var (invoice, _) in invoices.Zip(c.Before).Where(i => i.Second.Paid)) invoice.Pay(Signed, PaymentMethod.Cash, Signed);
        var plan = Plan(schedule, invoices);
        foreach (var gone in plan.Void) gone.Cancel();
        var paid = invoices.Where(i => i.State == InvoiceState.Paid).Sum(i => i.Amount);
        var open = invoices.Where(i => i.State == InvoiceState.Open).Sum(i => i.Amount) + plan.New.Sum(n => n.Amount.Amount);
        return paid + open == schedule.Sum(s => s.Amount) + plan.Overpaid.Amount;
    }));

    [Fact]
    public void Goodwill_settles_without_money_so_no_more_was_paid_too_much_than_came_in()
    {
        var paid = Invoiced(Payment("balance", 1000), null);
        Assert.Null(paid.Discount(400, "The album was late.", 1, Now, null).Refusal);
        paid.Pay(Signed, PaymentMethod.Card, Signed);
        Assert.Equal(0m, Plan([Payment("balance", 1000)], [paid]).Overpaid.Amount);
        Assert.Equal(250m, Plan([Payment("balance", 1250)], [paid]).New.Single().Amount.Amount);
        Assert.Equal(600m, Plan([Payment("other", 5)], [paid]).Overpaid.Amount);
        Assert.Null(paid.Refund(150, "Fewer hours.", 2, Now, null).Refusal);
        Assert.Equal(450m, Plan([Payment("other", 5)], [paid]).Overpaid.Amount);
    }

    [Fact]
    public void No_goodwill_is_lost_when_an_invoice_takes_the_place_of_others() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Carries, c =>
    {
        var old = Invoiced(Payment("balance", 100), null);
        var notes = c.Given.Select((g, i) => (old.Discount(g, "Kindness.", i + 1, Now, null).TryGet(out var note, out _), note)).Where(n => n.Item1).Select(n => n.note!).ToList();
        var before = old.Goodwill;
        old.Cancel();
        var anew = Invoiced(Payment("balance", c.Asks), null);
        var carried = anew.CarryOver(old, notes, 1, Now);
        var all = notes.Concat(carried).ToList();
        decimal InForce(Invoice on) => all.Where(n => n.InvoiceId == on.Id && n.State == CreditNoteState.Draft).Sum(n => n.Amount);
        return InForce(old) == old.Goodwill && InForce(anew) == anew.Goodwill && old.Goodwill + anew.Goodwill == before && anew.AmountDue >= 0 && (old.Goodwill == 0 || anew.AmountDue == 0);
    }));

    private static Arbitrary<(int[] Given, int Asks)> Carries { get; } = Arb.From(from given in Gen.ArrayOf(Gen.Choose(1, 60)) from asks in Gen.Choose(1, 150) select (given, asks));

    private static Arbitrary<(int[] Agreed, (int Line, int Amount, bool Paid)[] Before)> Cases { get; } = Arb.From(
        from agreed in Gen.ArrayOf(Gen.Choose(1, 5))
        from before in Gen.ArrayOf(from line in Gen.Choose(0, 4) from amount in Gen.Choose(1, 5) from paid in Gen.Elements(true, false) select (line, amount, paid))
        select (agreed, before));

    [Fact]
    public void Is_paid_once_on_a_day_that_has_come_and_a_mistake_can_be_taken_back()
    {
        var invoice = Invoiced(Payment("balance", 1379), null);
        Assert.Equal("refuse.invoice.paid_in_the_future", invoice.Pay(Signed.AddDays(1), PaymentMethod.Card, Signed).Refusal!.Code);
        Assert.Equal("refuse.invoice.not_paid", invoice.Unpay().Refusal!.Code);
        Assert.Null(invoice.Pay(Signed, PaymentMethod.Card, Signed).Refusal);
        Assert.Equal("This invoice is paid, so nothing can be paid on it.", invoice.Pay(Signed, PaymentMethod.Card, Signed).Refusal!.Sentence);
        Assert.Null(invoice.Unpay().Refusal);
        Assert.Equal((InvoiceState.Open, null, null), (invoice.State, invoice.PaidOn, invoice.Method));
        invoice.Cancel();
        Assert.Equal("refuse.invoice.not_open", invoice.Pay(Signed, PaymentMethod.Card, Signed).Refusal!.Code);
    }

    private static InvoicePlan Plan(IReadOnlyList<ScheduledPayment> schedule, IReadOnlyList<Invoice> invoices, DateOnly? on = null, DateOnly? delivered = null) =>
        InvoicePlan.Of(AgreementSamples.Sousa with { Schedule = schedule, Event = AgreementSamples.Sousa.Event with { On = on ?? AgreementSamples.Wedding } }, invoices, Signed, delivered);

    private static ScheduledPayment Payment(string id, decimal amount, InstalmentDue due = InstalmentDue.Booking, int days = 0) => new(id, $"Payment {id}", amount, due, days, null);

    private static Invoice Invoiced(ScheduledPayment payment, DateOnly? due) => Invoice.Of(Family, 1, 1, payment, new(payment.Amount, "EUR"), due, Now);
}
