using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>An invoice something is given back on.</summary>
/// <param name="Count">How many credit notes it has.</param>
internal sealed record CreditCase(Invoice Invoice, Project Project, int Count)
{
    /// <summary>Above this on one invoice, in whatever currency, two people look at it. No conversion: in a small currency it errs towards caution.</summary>
    public const decimal TwoPeopleAbove = 250m;

    public static InputField Reason { get; } = new("reason", InputKind.Text, "Reason", CreditNote.LongestReason, IsLong: true);

    public static InputSchema OnInvoice(string amount) => new([new("invoiceId", InputKind.Id, "Invoice"), new("amount", InputKind.Amount, amount), Reason]);

    /// <param name="tracked">False to look only: what is tried on it then is not saved.</param>
    public static async Task<Result<CreditCase>> FindAsync(VaultDb db, InvoiceId id, bool tracked, CancellationToken ct)
    {
        var query = tracked ? db.Invoices : db.Invoices.AsNoTracking();
        if (await query.SingleOrDefaultAsync(i => i.Id == id, ct) is not { } invoice) return KernelRefusals.NotFound;
        return new CreditCase(invoice, await db.Projects.AsNoTracking().SingleAsync(p => p.Id == invoice.ProjectId, ct), await db.CreditNotes.CountAsync(n => n.InvoiceId == id, ct));
    }

    public string Href => $"/projects/{Project.Id}";

    public string Say(decimal amount) => CapabilityWords.Sum(amount, Invoice.Currency);

    /// <summary>"On booking of Marta &amp; João".</summary>
    public string Named => $"“{Invoice.Title}” of {Project.ClientName}";

    /// <summary>The sums of the invoice and whether it is open, and nothing else of it.</summary>
    public string Etag() => TargetRef.EtagOf(new JsonObject
    {
        ["amount"] = CapabilityWords.Spelled(Invoice.Amount),
        ["goodwill"] = CapabilityWords.Spelled(Invoice.Goodwill),
        ["invoice"] = Invoice.Id.ToString(),
        ["refunded"] = CapabilityWords.Spelled(Invoice.Refunded),
        ["state"] = Invoice.State.ToString(),
    });

    /// <summary>What was given back on the invoice when it was found, discounts and refunds together: many small sums are a large one.</summary>
    public decimal Given { get; } = Invoice.Goodwill + Invoice.Refunded;

    /// <summary>The band of giving so much more, or with nothing of taking back a part of what was given.</summary>
    public Band? BandOf(decimal more = 0) => Given + more > TwoPeopleAbove ? Band.Red : null;
}
