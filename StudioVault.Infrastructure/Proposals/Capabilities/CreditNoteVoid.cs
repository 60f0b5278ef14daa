using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>Takes a discount or a refund back. Refused as <see cref="Invoice.TakeBack"/>, and with <c>refuse.kernel.not_found</c>.</summary>
public sealed class CreditNoteVoid : ICapability
{
    public const string Name = "credit_note.void";

    public CapabilityDefinition Definition { get; } = new(Name, "Finance", "Void a credit note", "Takes back a discount or a recorded refund; a discount only while its invoice is open.",
        new([new("creditNoteId", InputKind.Id, "Credit note"), CreditCase.Reason]), Band.Amber, IsAtomic: true,
        new("Studio finance", "medium", "A client is asked for money they were told they need not pay, or a refund they wait for is not paid out.",
            "The same discount or refund is proposed again.", "CreditNoteTests",
            Band.Amber, TimeSpan.FromDays(2), TimeSpan.FromHours(4), PerAgent: 5, PerOwner: 10, PerBranch: 20, TimeSpan.FromDays(1)))
    {
        UndoneBy = [InvoiceDiscount.Name, RefundRecord.Name],
        RejectReasons = ["The client was told of it", "It was paid out already", "Wrong credit note", "It is right as it is", "Talk to the client first"],
    };

    /// <summary>What takes this note back.</summary>
    internal static Compensation Of(CreditNote note) => new(Name, CapabilityWords.Args(("creditNoteId", note.Id.ToString()), ("reason", CapabilityWords.RolledBack)));

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        if (!(await FindAsync(db, call, tracked: false, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (note, credit) = found;
        var invoice = credit.Invoice;
        var (due, refunded) = (invoice.AmountDue, invoice.Refunded);
        // A discount hangs on whether the invoice is still open; a refund on nothing but itself.
        var etag = TargetRef.EtagOf(new JsonObject { ["invoice"] = note.Kind == CreditNoteKind.Goodwill ? invoice.State.ToString() : null, ["note"] = note.Id.ToString(), ["state"] = note.State.ToString() });
        if (invoice.TakeBack(note, call.Text("reason"), call.Now).Refusal is { } no) return no;
        var what = note.Kind == CreditNoteKind.Goodwill ? "discount" : "refund";
        return new IntendedWrite($"Take back the {what} of {credit.Say(note.Amount)} on {credit.Named}", $"taking back the {what} of {credit.Say(note.Amount)}", new("credit_note", note.Id.ToString(), etag, credit.Href),
            [new("Credit note", $"{note.Number}, counts", $"{note.Number}, void"), note.Kind == CreditNoteKind.Goodwill ? new("Due", credit.Say(due), credit.Say(invoice.AmountDue)) : new("Refunded", credit.Say(refunded), credit.Say(invoice.Refunded)),
                new("Reason", null, call.Text("reason"))])
        { About = await Concern.OfProjectAsync(db, credit.Project.Id, ct), AtLeast = credit.BandOf(), Notes = [$"It was given because: {note.Reason}"] };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (!(await FindAsync(context.Db, call, tracked: true, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (note, credit) = found;
        if (credit.Invoice.TakeBack(note, call.Text("reason"), context.Now).Refusal is { } no) return no;
        ProjectCommands.Announce(context, credit.Project);
        return new Effect($"Credit note {note.Number} is void.", credit.Href, new(note.Kind == CreditNoteKind.Goodwill ? InvoiceDiscount.Name : RefundRecord.Name,
            CapabilityWords.Args(("invoiceId", note.InvoiceId.ToString()), ("amount", CapabilityWords.Spelled(note.Amount)), ("reason", note.Reason))));
    }

    private static async Task<Result<(CreditNote, CreditCase)>> FindAsync(VaultDb db, CapabilityCall call, bool tracked, CancellationToken ct)
    {
        var id = new CreditNoteId(call.Id("creditNoteId"));
        var query = tracked ? db.CreditNotes : db.CreditNotes.AsNoTracking();
        if (await query.SingleOrDefaultAsync(n => n.Id == id, ct) is not { } note) return KernelRefusals.NotFound.At("/args/creditNoteId");
        return (await CreditCase.FindAsync(db, note.InvoiceId, tracked, ct)).TryGet(out var credit, out var refusal) ? (note, credit) : refusal;
    }
}
