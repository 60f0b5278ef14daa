using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>
/// Records that money of a paid invoice goes back, as the draft of a credit note; StudioVault pays nothing out. Refused as
/// <see cref="Invoice.Refund"/>, and with <c>refuse.kernel.not_found</c>.
/// </summary>
public sealed class RefundRecord : ICapability
{
    public const string Name = "refund.record";

    public CapabilityDefinition Definition { get; } = new(Name, "Finance", "Record a refund", "Drafts a credit note for money of a paid invoice that goes back to the client; the bookkeeper pays it out.",
        CreditCase.OnInvoice("Refund"), Band.Amber, IsAtomic: true,
        new("Studio finance", "high", "The bookkeeper pays out money the client should not get, or twice.",
            "The credit note is voided before the bookkeeper pays; money that left has to be asked back.", "CreditNoteTests",
            Band.Amber, TimeSpan.FromDays(2), TimeSpan.FromHours(4), PerAgent: 5, PerOwner: 10, PerBranch: 20, TimeSpan.FromDays(1)))
    {
        UndoneBy = [CreditNoteVoid.Name],
        RejectReasons = ["Too much", "Wrong invoice", "Nothing has to go back", "Refunded already", "Talk to the client first"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        if (!(await CreditCase.FindAsync(db, new(call.Id("invoiceId")), tracked: false, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (invoice, amount) = (found.Invoice, call.Amount("amount"));
        var (etag, before) = (found.Etag(), invoice.Refunded);
        if (invoice.Refund(amount, call.Text("reason"), found.Count + 1, call.Now, null).Refusal is { } no) return no;
        return new IntendedWrite($"Refund {found.Say(amount)} of {found.Named}", $"refund of {found.Say(amount)}", new("invoice", invoice.Id.ToString(), etag, found.Href),
            [new("Invoice", invoice.Number, invoice.Number), new("Refunded", found.Say(before), found.Say(invoice.Refunded)), new("Kept of the payment", found.Say(invoice.AmountDue - before), found.Say(invoice.AmountDue - invoice.Refunded)),
                new("Reason", null, call.Text("reason"))])
        {
            About = await Concern.OfProjectAsync(db, found.Project.Id, ct),
            AtLeast = found.BandOf(amount),
            Notes = [$"{found.Say(invoice.AmountDue)} was paid{(invoice.PaidOn is { } on ? $" on {on.Words()}" : "")}.", .. before > 0 ? new[] { $"{found.Say(before)} of it was refunded before." } : [], "StudioVault pays nothing out: the credit note goes to the bookkeeper."],
        };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (!(await CreditCase.FindAsync(context.Db, new(call.Id("invoiceId")), tracked: true, ct)).TryGet(out var found, out var refusal)) return refusal;
        if (!found.Invoice.Refund(call.Amount("amount"), call.Text("reason"), found.Count + 1, context.Now, call.Approver ?? context.Caller.PersonId).TryGet(out var note, out refusal)) return refusal;
        context.Db.CreditNotes.Add(note);
        ProjectCommands.Announce(context, found.Project);
        return new Effect($"Credit note {note.Number} over {found.Say(note.Amount)} is drafted.", found.Href, CreditNoteVoid.Of(note));
    }
}
