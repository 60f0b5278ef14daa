using System.Text.Json.Nodes;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

/// <summary>Discounts and refunds: the wedding costs €1,450.00, of which 30 % (€435.00) are asked for on booking and 70 % (€1,015.00) before the day.</summary>
public sealed class CreditNoteTests(PostgresServer server) : CapabilityTest(server)
{
    [Fact]
    public async Task A_discount_lowers_what_is_due_and_leaves_what_was_asked_for()
    {
        await ExecutedAsync();
        var args = await ArgsAsync("50");
        var write = await PreparedAsync(InvoiceDiscount.Name, args);
        Assert.Equal("Discount €50.00 on “On booking” of Marta & João", write.Title);
        Assert.Equal("discount of €50.00", write.Consequence);
        Assert.Equal("€435.00 > €385.00", Change(write, "Due"));
        Assert.Null(write.AtLeast);
        var effect = await ExecutedAsync(InvoiceDiscount.Name, args);
        Assert.EndsWith("€385.00 is due on " + await SqlAsync("select number from agreements.invoices where number like '%/1'") + ".", effect.Summary, StringComparison.Ordinal);
        Assert.Equal("435|50|Open", await SumsAsync());
        Assert.Equal("Goodwill|Draft|The album was late.|" + Approver, await SqlAsync("select kind || '|' || state || '|' || reason || '|' || created_by from agreements.credit_notes"));
        var row = await RowAsync("1");
        Assert.Equal((435m, 385m, "Discount"), (row.Amount.Amount, row.Due.Amount, row.Notes.Single().Kind == CreditNoteKind.Goodwill ? "Discount" : ""));
    }

    [Fact]
    public async Task Paying_records_what_was_really_due()
    {
        await ExecutedAsync();
        await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("50"));
        await PayAsync("1");
        Assert.Equal("385.00", await SqlAsync("select payload::jsonb->>'amount' from audit.entries where action = 'invoice.pay'"));
        Assert.Equal(385m, (await RowAsync("1")).Due.Amount);
    }

    [Fact]
    public async Task Several_discounts_never_come_to_the_whole_invoice()
    {
        await ExecutedAsync();
        await RefusedAsync("refuse.credit_note.more_than_due", InvoiceDiscount.Name, await ArgsAsync("435"));
        await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("200"));
        await RefusedAsync("refuse.credit_note.more_than_due", InvoiceDiscount.Name, await ArgsAsync("235"));
        await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("234.99"));
        Assert.Equal("435|434.99|Open", await SumsAsync());
        Assert.Equal("refuse.kernel.not_found", (await PrepareAsync(InvoiceDiscount.Name, await ArgsAsync("1", Guid.NewGuid()))).Refusal!.Code);
    }

    [Fact]
    public async Task Much_money_takes_two_people()
    {
        await ExecutedAsync();
        Assert.Null((await PreparedAsync(InvoiceDiscount.Name, await ArgsAsync("250"))).AtLeast);
        Assert.Equal(Band.Red, (await PreparedAsync(InvoiceDiscount.Name, await ArgsAsync("250.01"))).AtLeast);
        await PayAsync("1");
        Assert.Equal(Band.Red, (await PreparedAsync(RefundRecord.Name, await ArgsAsync("300"))).AtLeast);
    }

    [Fact]
    public async Task Much_money_in_small_sums_takes_two_people_too()
    {
        await ExecutedAsync();
        await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("100"));
        Assert.Null((await PreparedAsync(InvoiceDiscount.Name, await ArgsAsync("150"))).AtLeast);
        Assert.Equal(Band.Red, (await PreparedAsync(InvoiceDiscount.Name, await ArgsAsync("150.01"))).AtLeast);
        await PayAsync("1");
        Assert.Null((await PreparedAsync(RefundRecord.Name, await ArgsAsync("150"))).AtLeast);
        var refund = await ExecutedAsync(RefundRecord.Name, await ArgsAsync("149"));
        Assert.Null((await PreparedAsync(CreditNoteVoid.Name, refund.Undo!.Args)).AtLeast);
        var more = await ExecutedAsync(RefundRecord.Name, await ArgsAsync("2"));
        Assert.Equal(Band.Red, (await PreparedAsync(RefundRecord.Name, await ArgsAsync("1"))).AtLeast);
        // And so does taking a part of it back.
        Assert.Equal(Band.Red, (await PreparedAsync(CreditNoteVoid.Name, more.Undo!.Args)).AtLeast);
    }

    [Fact]
    public async Task A_discount_is_taken_back_while_the_invoice_is_open_and_given_again()
    {
        await ExecutedAsync();
        var given = await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("50"));
        Assert.Equal("€385.00 > €435.00", Change(await PreparedAsync(CreditNoteVoid.Name, given.Undo!.Args), "Due"));
        var back = await UndoAsync(given);
        Assert.Equal("435|0|Open", await SumsAsync());
        await RefusedAsync("refuse.credit_note.already_void", CreditNoteVoid.Name, given.Undo.Args);
        var again = await UndoAsync(back);
        Assert.Equal("435|50|Open", await SumsAsync());
        await PayAsync("1");
        await RefusedAsync("refuse.credit_note.settled", CreditNoteVoid.Name, again.Undo!.Args);
    }

    [Fact]
    public async Task A_refund_needs_a_payment_and_never_exceeds_what_is_left_of_it()
    {
        await ExecutedAsync();
        await RefusedAsync("refuse.invoice.not_paid", RefundRecord.Name, await ArgsAsync("100"));
        await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("35"));
        await PayAsync("1");
        var args = await ArgsAsync("120");
        var write = await PreparedAsync(RefundRecord.Name, args);
        Assert.Equal("Refund €120.00 of “On booking” of Marta & João", write.Title);
        Assert.Equal("€0.00 > €120.00", Change(write, "Refunded"));
        Assert.Equal("€400.00 > €280.00", Change(write, "Kept of the payment"));
        var effect = await ExecutedAsync(RefundRecord.Name, args);
        await RefusedAsync("refuse.credit_note.more_than_paid", RefundRecord.Name, await ArgsAsync("280.01"));
        Assert.Equal("refuse.invoice.refunded", (await Invoices.UnpayAsync(Ana, Porto, new InvoiceId(await InvoiceAsync()), "A mistake.", Ct)).Refusal!.Code);
        await UndoAsync(effect);
        Assert.Equal("0", await SqlAsync("select trim_scale(refunded)::text from agreements.invoices where number like '%/1'"));
        await PreparedAsync(RefundRecord.Name, await ArgsAsync("400"));
    }

    [Fact]
    public async Task A_paid_invoice_takes_no_discount()
    {
        await ExecutedAsync();
        await RefusedAsync("refuse.invoice.not_open", InvoiceDiscount.Name, Args(("invoiceId", (await PaidAsync()).ToString()), ("amount", "1"), ("reason", "Kindness.")));
    }

    [Fact]
    public async Task The_etag_moves_with_the_sums_of_this_invoice_and_nothing_else()
    {
        await ExecutedAsync();
        var args = await ArgsAsync("10");
        var etag = await EtagAsync(InvoiceDiscount.Name, args);
        await PayAsync("2");
        Assert.Equal(etag, await EtagAsync(InvoiceDiscount.Name, args));
        await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("20"));
        Assert.NotEqual(etag, await EtagAsync(InvoiceDiscount.Name, args));
    }

    [Fact]
    public async Task An_amendment_that_asks_for_the_same_payment_anew_carries_the_discount_over()
    {
        var agreement = await ExecutedAsync();
        await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("50", await InvoiceAsync("2")));
        await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("15", await InvoiceAsync("2")));
        await ReplanAsync(agreement, 235, 1215);
        Assert.Equal("Void|0,Open|65", await SqlAsync("select string_agg(state || '|' || trim_scale(goodwill), ',' order by number) from agreements.invoices where payment_id = 'balance'"));
        Assert.Equal("3:1:65", await SqlAsync("select count(*) || ':' || count(*) filter (where state = 'Draft') || ':' || trim_scale(sum(amount) filter (where state = 'Draft')) from agreements.credit_notes"));
        var moved = await RowAsync("4");
        Assert.Equal((1215m, 1150m), (moved.Amount.Amount, moved.Due.Amount));
        Assert.All((await RowAsync("2")).Notes, n => Assert.StartsWith("Carried over to ", n.VoidedReason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_new_invoice_is_too_small_for_stays_to_be_seen()
    {
        var agreement = await ExecutedAsync();
        await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("300"));
        await ReplanAsync(agreement, 200, 1250);
        Assert.Equal("Void|100,Open|200", await SqlAsync("select string_agg(state || '|' || trim_scale(goodwill), ',' order by created_at) from agreements.invoices where payment_id = 'booking'"));
        Assert.Equal("300", await SqlAsync("select trim_scale(sum(amount))::text from agreements.credit_notes where state = 'Draft'"));
        Assert.Contains((await RowAsync("1")).Notes, n => n.VoidedReason is null && n.Amount.Amount == 100 && n.Reason.StartsWith("Not carried over", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_invoice_that_stays_keeps_its_discount()
    {
        var agreement = await ExecutedAsync();
        await ExecutedAsync(InvoiceDiscount.Name, await ArgsAsync("50"));
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, agreement, 0, Reschedule(new DateOnly(2099, 7, 1)), Ct)).Refusal);
        await SignEverybodyAsync(agreement);
        Assert.Null((await Seal.RunAsync(Job, Ct)).Refusal);
        Assert.Equal("435|50|Open", await SumsAsync());
    }

    private async Task<Guid> PaidAsync()
    {
        await PayAsync("1");
        return await InvoiceAsync();
    }

    private async Task<JsonObject> ArgsAsync(string amount, Guid? invoice = null) =>
        Args(("invoiceId", (invoice ?? await InvoiceAsync()).ToString()), ("amount", amount), ("reason", "The album was late."));

    private async Task<string> SumsAsync() => (string)(await SqlAsync("select trim_scale(amount) || '|' || trim_scale(goodwill) || '|' || state from agreements.invoices where number like '%/1'"))!;

    private async Task PayAsync(string count) =>
        Assert.Null((await Invoices.PayAsync(PortoStaff, Porto, new InvoiceId(await InvoiceAsync(count)), new DateOnly(2026, 11, 1), PaymentMethod.BankTransfer, Ct)).Refusal);

    private async Task<InvoiceRow> RowAsync(string count)
    {
        var project = new ProjectId((Guid)(await SqlAsync("select project_id from agreements.invoices limit 1"))!);
        return (await new ProjectQueries(Door).FindAsync(PortoStaff, Porto, project, Ct)).Value.Facts.Invoices.Single(i => i.Number.EndsWith("/" + count, StringComparison.Ordinal));
    }

    /// <summary>Another payment plan, agreed by everybody.</summary>
    private async Task ReplanAsync(AgreementId id, decimal booking, decimal balance)
    {
        var head = await HeadAsync(id);
        var schedule = head.Schedule.Select(p => p with { Amount = p.Id == "booking" ? booking : balance }).ToList();
        Assert.Null((await Agreements.AmendAsync(PortoStaff, Porto, id, 0, new(AmendmentKind.PaymentPlan, new DateOnly(2026, 1, 1), "They asked for it.", PriceBasis.None, Amendments.PaymentPlan(head, schedule), new Dictionary<int, Precedence>()), Ct)).Refusal);
        await SignEverybodyAsync(id);
        Assert.Null((await Seal.RunAsync(Job, Ct)).Refusal);
    }
}
