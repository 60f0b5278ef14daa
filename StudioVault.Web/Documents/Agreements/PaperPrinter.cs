using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Documents;

namespace StudioVault.Web.Documents.Agreements;

/// <summary>Draws papers and certificates as pages and prints them.</summary>
/// <param name="site">Address of StudioVault as clients reach it.</param>
public sealed class PaperPrinter(DocumentRenderer documents, DocumentPrinter printer, string site) : IPaperPrinter
{
    public async Task<Result<byte[]>> PaperAsync(PaperText paper, IReadOnlyList<SignatureFact> signatures, DateTimeOffset at, CancellationToken ct)
    {
        PaperSignature[] signed = [.. signatures.Select(s => new PaperSignature(s.Party.Id, s.TypedName, s.SignedAt))];
        var html = paper.First is { } first
            ? await documents.RenderAsync<AgreementDocument>(new() { [nameof(AgreementDocument.Content)] = first, [nameof(AgreementDocument.Site)] = site, [nameof(AgreementDocument.Signatures)] = signed })
            : await documents.RenderAsync<AmendmentDocument>(new()
            {
                [nameof(AmendmentDocument.Amendment)] = paper.Amendment,
                [nameof(AmendmentDocument.Setting)] = AmendmentSetting.Of(paper.Chain!, paper.Amendment!),
                [nameof(AmendmentDocument.Site)] = site,
                [nameof(AmendmentDocument.Signatures)] = signed,
            });
        return await printer.PrintAsync(html, at, ct);
    }

    public async Task<Result<byte[]>> WithdrawalAsync(WithdrawalFacts facts, CancellationToken ct)
    {
        var studio = facts.Content.Studio;
        var mark = new PaperMark(studio.Name, studio.Country, AgreementWords.Name(facts.Content.Number, facts.Version), facts.ContentHash, site);
        var html = await documents.RenderAsync<WithdrawalReceiptDocument>(new()
        {
            [nameof(WithdrawalReceiptDocument.Receipt)] = new WithdrawalReceipt(mark, facts.Reference, facts.Content.Event.Title, studio.TimeZone, [studio.Address, studio.Email], facts.Name, facts.Statement, facts.AnsweredTo,
                facts.ConcludedAt, facts.OpenUntil, facts.ReceivedAt, facts.EvidenceSha256),
        });
        return await printer.PrintAsync(html, facts.ReceivedAt, ct);
    }

    public async Task<Result<byte[]>> ReleaseAsync(ReleaseFacts facts, CancellationToken ct)
    {
        var mark = new PaperMark(facts.Studio.Name, facts.Studio.Country, $"Image release {facts.Content.Number}", facts.ContentHash, site);
        var html = await documents.RenderAsync<ImageReleaseDocument>(new()
        {
            [nameof(ImageReleaseDocument.Release)] = new ImageRelease(mark, facts.Studio.TimeZone, facts.Content.Person, facts.Content.Guardian.Length == 0 ? null : facts.Content.Guardian, facts.Content.Occasion,
                [.. facts.Content.Purposes.Select(p => new ReleasePurpose(p.Title, facts.Allowed.Contains(p.Id), p.Until))], facts.Content.Terms, facts.WithdrawAddress.ToString(), new PaperSignature(facts.PartyId, facts.TypedName, facts.GivenAt)),
        });
        return await printer.PrintAsync(html, facts.GivenAt, ct);
    }

    public async Task<Result<byte[]>> CertificateAsync(CertificateFacts facts, CancellationToken ct)
    {
        var paper = facts.Paper;
        var name = AgreementWords.Name(paper.Number, paper.Version);
        var parties = paper.Signatories;
        // What is certified is a file, so the certificate is found by that file's hash.
        var mark = new PaperMark(paper.Studio.Name, paper.Studio.Country, $"Certificate of completion: {name}", facts.DocumentSha256, site);
        var html = await documents.RenderAsync<CertificateDocument>(new()
        {
            [nameof(CertificateDocument.Certificate)] = new Certificate(mark, name, paper.Before.Event.Title, paper.Studio.TimeZone, facts.At, facts.SealKey, facts.Signatures[0].Disclosure, Disclosures.Text(facts.Signatures[0].Disclosure),
                [new CertifiedDocument(name, facts.DocumentLength, facts.DocumentSha256)],
                [.. facts.Signatures.Select(s => new SignatoryEvidence(s.Party.Name, s.TypedName, AgreementWords.Role(s.Party, parties), Client.Masked(s.Email), s.ViewedAt, s.CodeSentAt, s.SignedAt, s.Sentence, s.ShownSha256,
                    s.Locale, s.Device, s.EvidenceSha256))]),
        });
        return await printer.PrintAsync(html, facts.At, ct);
    }
}
