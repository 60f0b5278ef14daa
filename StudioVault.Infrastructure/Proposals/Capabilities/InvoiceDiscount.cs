using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>
/// A goodwill discount on an open invoice: what it asks for stays, what is due falls. Refused as <see cref="Invoice.Discount"/>,
/// and with <c>refuse.kernel.not_found</c>.
/// </summary>
public sealed class InvoiceDiscount : ICapability
{
    public const string Name = "invoice.discount";

    public CapabilityDefinition Definition { get; } = new(Name, "Finance", "Give a discount", "Lowers what is due on an open invoice as goodwill; the agreement stays as it was signed.",
        CreditCase.OnInvoice("Discount"), Band.Amber, IsAtomic: true,
        new("Studio finance", "medium", "The studio gives away money nobody wanted to give, or the client is told of a discount that is taken back.",
            "The credit note is voided while the invoice is open.", "CreditNoteTests",
            Band.Amber, TimeSpan.FromDays(2), TimeSpan.FromHours(4), PerAgent: 5, PerOwner: 10, PerBranch: 20, TimeSpan.FromDays(1)))
    {
        UndoneBy = [CreditNoteVoid.Name],
        RejectReasons = ["Too much", "Wrong invoice", "No reason for a discount", "Talk to the client first", "Not now"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        if (!(await CreditCase.FindAsync(db, new(call.Id("invoiceId")), tracked: false, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (invoice, amount) = (found.Invoice, call.Amount("amount"));
        var (etag, due, given) = (found.Etag(), invoice.AmountDue, invoice.Goodwill);
        if (invoice.Discount(amount, call.Text("reason"), found.Count + 1, call.Now, null).Refusal is { } no) return no;
        var notes = new List<string>();
        if (given > 0) notes.Add($"{found.Say(given)} was given on this invoice before.");
        var zone = await db.Branches.AsNoTracking().Where(b => b.Id == call.Branch).Select(b => b.TimeZone).SingleAsync(ct);
        if (invoice.DueOn is { } on) notes.Add(on < BranchClock.DayOf(call.Now, zone) ? $"It was due on {on.Words()}." : $"It is due on {on.Words()}.");
        return new IntendedWrite($"Discount {found.Say(amount)} on {found.Named}", $"discount of {found.Say(amount)}", new("invoice", invoice.Id.ToString(), etag, found.Href),
            [new("Invoice", invoice.Number, invoice.Number), new("Due", found.Say(due), found.Say(invoice.AmountDue)), new("Discounts", found.Say(given), found.Say(invoice.Goodwill)), new("Reason", null, call.Text("reason"))])
        { About = await Concern.OfProjectAsync(db, found.Project.Id, ct), AtLeast = found.BandOf(amount), Notes = notes };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (!(await CreditCase.FindAsync(context.Db, new(call.Id("invoiceId")), tracked: true, ct)).TryGet(out var found, out var refusal)) return refusal;
        if (!found.Invoice.Discount(call.Amount("amount"), call.Text("reason"), found.Count + 1, context.Now, call.Approver ?? context.Caller.PersonId).TryGet(out var note, out refusal)) return refusal;
        context.Db.CreditNotes.Add(note);
        ProjectCommands.Announce(context, found.Project);
        return new Effect($"{found.Say(found.Invoice.AmountDue)} is due on {found.Invoice.Number}.", found.Href, CreditNoteVoid.Of(note));
    }
}
