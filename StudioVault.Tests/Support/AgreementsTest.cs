using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Packages;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;
using Xunit;

namespace StudioVault.Tests.Support;

/// <summary>A vault in which Marta and João have booked a wedding in Porto.</summary>
public abstract class AgreementsTest(PostgresServer server) : PackagesTest(server)
{
    private SealKeys _seals = null!;

    /// <summary>Not running by itself: a test says when.</summary>
    protected Soon Soon { get; } = new(NullLogger<Soon>.Instance);

    protected Papers Papers { get; private set; } = null!;
    protected SealPapers Seal { get; private set; } = null!;
    protected MailOut Mails { get; private set; } = null!;
    protected ClientLinks Links { get; private set; } = null!;
    protected ClientCommands Clients { get; private set; } = null!;
    protected AgreementCommands Agreements { get; private set; } = null!;
    protected SigningCommands Signings { get; private set; } = null!;
    /// <summary>Who seals.</summary>
    protected static readonly Sender Job = Sender.System("agreements.seal");

    protected InvoiceCommands Invoices { get; private set; } = null!;
    protected WithdrawalCommands Withdrawals { get; private set; } = null!;
    protected WithdrawalReceipts Receipts { get; private set; } = null!;
    protected ReleaseCommands Releases { get; private set; } = null!;
    protected ReleaseDocuments ReleasePapers { get; private set; } = null!;
    protected PlainPaperPrinter PaperPrinter { get; } = new();

    protected static ClientInput Marta { get; } = new(null, "Marta Sousa", "marta@sousa.example");
    protected static ClientInput Joao { get; } = new(null, "João Reis", "joao@reis.example");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Papers = new Papers(Keys);
        Links = new ClientLinks(Master);
        Mails = new MailOut(Keys);
        var letters = new ClientLetters(Mails, Links, new Uri("https://vault.example"));
        Clients = new ClientCommands(Door, Keys);
        Agreements = new AgreementCommands(Door, Papers, Keys, PaperPrinter, letters);
        _seals = new SealKeys(Door, Master, "Northlight");
        var effects = new AgreementEffects(Papers);
        Seal = new SealPapers(Door, Papers, Keys, _seals, PaperPrinter, letters, effects);
        Projects = new ProjectCommands(Door, new MandatoryUpdates(), effects);
        Invoices = new InvoiceCommands(Door);
        Signings = new SigningCommands(Door, Keys, Papers, letters, Master, Seal, new SendMail(Door, Mails, new MailServer(new(null, 25, false, null, null, "Northlight <post@northlight.example>"))), Soon);
        Receipts = new WithdrawalReceipts(Door, Papers, Keys, _seals, PaperPrinter);
        ReleasePapers = new ReleaseDocuments(Door, Papers, Keys, _seals, PaperPrinter, letters);
        Releases = new ReleaseCommands(Door, Signings, Papers, Keys, letters, ReleasePapers, Soon);
        Withdrawals = new WithdrawalCommands(Door, Signings, Papers, Keys, letters, Receipts, Soon);
    }

    public override async ValueTask DisposeAsync()
    {
        _seals.Dispose();
        Soon.Dispose();
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
    }

    /// <summary>A booked wedding of these clients in Porto.</summary>
    protected async Task<ProjectId> BookedAsync(params ClientInput[] clients)
    {
        var package = await AdoptAsync();
        var project = (await Projects.QuoteAsync(PortoStaff, Porto, package, 1, "Marta & João", new DateOnly(2099, 6, 12), Ct)).Value;
        Assert.Null((await Projects.BookAsync(PortoStaff, Porto, project, Ct)).Refusal);
        Assert.Null((await Clients.SetAsync(PortoStaff, Porto, project, clients.Length == 0 ? [Marta, Joao] : clients, Ct)).Refusal);
        return project;
    }

    /// <summary>Its agreement, out for signing.</summary>
    protected async Task<AgreementId> SentAsync(params ClientInput[] clients)
    {
        var id = (await Agreements.BeginAsync(PortoStaff, Porto, await BookedAsync(clients), new HashSet<string>(), Ct)).Value;
        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);
        return id;
    }

    /// <summary>Another day, at the prices agreed.</summary>
    protected static AmendmentInput Reschedule(DateOnly to) =>
        new(AmendmentKind.Reschedule, new DateOnly(2099, 1, 1), "The venue was double booked.", PriceBasis.Original, [AmendmentOperation.Set("/event/on", AgreementContent.Day(to))], new Dictionary<int, Precedence>());

    /// <summary>The agreement with everything that is agreed.</summary>
    protected async Task<AgreementContent> HeadAsync(AgreementId id) => AgreementContent.From((await Door.ReadAsync<AgreementChain>(PortoStaff, TenantScope.Of(Porto), Access.MemberOf(Porto),
        (db, _, ct) => Papers.ChainAsync(db, id, int.MaxValue, ct), Ct)).Value.Whole().Content).Value;

    /// <summary>An agreement everybody has signed and nobody has sealed.</summary>
    protected async Task<AgreementId> SignedAsync(params ClientInput[] clients)
    {
        var id = await SentAsync(clients);
        await SignAsync(id);
        return id;
    }

    /// <summary>An agreement in force.</summary>
    protected async Task<AgreementId> ExecutedAsync(params ClientInput[] clients)
    {
        var id = await SignedAsync(clients);
        Assert.Null((await Seal.RunAsync(Job, Ct)).Refusal);
        return id;
    }

    /// <summary>Sends the newest paper and has everybody sign it.</summary>
    protected async Task SignEverybodyAsync(AgreementId id)
    {
        Assert.Null((await Agreements.SendAsync(PortoStaff, Porto, id, Ct)).Refusal);
        await SignAsync(id);
    }

    /// <summary>Everybody who is asked signs.</summary>
    protected async Task SignAsync(AgreementId id)
    {
        var parties = (string)(await SqlAsync("select string_agg(s.party_id, ' ') from agreements.signings s join agreements.papers p on p.id = s.paper_id where p.agreement_id = $1 and p.state = 'Sent' and s.issue = p.issue", id.Value))!;
        foreach (var party in parties.Split(' ')) Assert.Null((await SignAsync(await LinkAsync(id, party), "Typed name")).Refusal);
    }

    /// <summary>The link of a party to the newest issue.</summary>
    protected async Task<LinkTarget> LinkAsync(AgreementId agreement, string party) => new(Porto, (Guid)(await SqlAsync(
        "select s.id from agreements.signings s join agreements.papers p on p.id = s.paper_id where p.agreement_id = $1 and s.party_id = $2 order by p.version desc, s.issue desc limit 1", agreement.Value, party))!);

    /// <summary>Opens a link, asks for a code and signs with it.</summary>
    protected async Task<Result<int>> SignAsync(LinkTarget link, string name)
    {
        var view = (await Signings.OpenAsync(link, Ct)).Value;
        return await Signings.SignAsync(link, Input(view.ContentHash, name, await CodeAsync(link)), Ct);
    }

    /// <summary>Asks for a code and reads it from the mail.</summary>
    protected async Task<string> CodeAsync(LinkTarget link)
    {
        Assert.Null((await Signings.SendCodeAsync(link, Ct)).Refusal);
        return (await LastLetterAsync(link)).Text.Split('\n').Single(l => l.Length == 6 && l.All(char.IsAsciiDigit));
    }

    /// <summary>The newest mail to whoever a link belongs to.</summary>
    protected async Task<Letter> LastLetterAsync(LinkTarget link)
    {
        var letter = await Door.ReadAsync<Letter>(Sender.System("test"), TenantScope.Of(link.Branch), Access.MemberOf(link.Branch), async (db, _, ct) =>
        {
            var signing = await db.Signings.SingleAsync(s => s.Id == new SigningId(link.Id), ct);
            var mail = await db.Mails.Where(m => m.ClientId == signing.ClientId).OrderByDescending(m => m.QueuedAt).FirstAsync(ct);
            return Mails.Open(await db.Clients.SingleAsync(c => c.Id == mail.ClientId, ct), mail);
        }, Ct);
        return letter.Value;
    }

    protected static SignatureInput Input(string hash, string name, string code) =>
        new(hash, name, true, code, "I agree to sign this electronically.", "2026-11", "en-GB", "phone, Chromium", "192.0.2.0/24");
}

/// <summary>Stands in for Chromium where a test is about something else: the words of a paper on one page of PDF.</summary>
public sealed class PlainPaperPrinter : IPaperPrinter
{
    /// <summary>What is said instead of printing, while it is away.</summary>
    public Refusal? Away { get; set; }

    public Task<Result<byte[]>> PaperAsync(PaperText paper, IReadOnlyList<SignatureFact> signatures, DateTimeOffset at, CancellationToken ct) =>
        Task.FromResult<Result<byte[]>>(Away is { } refusal ? refusal : Page($"{paper.ToJson()} {string.Join(' ', signatures)}"));

    public Task<Result<byte[]>> CertificateAsync(CertificateFacts facts, CancellationToken ct) =>
        Task.FromResult<Result<byte[]>>(Away is { } refusal ? refusal : Page($"{facts.DocumentSha256} {string.Join(' ', facts.Signatures)}"));

    public Task<Result<byte[]>> WithdrawalAsync(WithdrawalFacts facts, CancellationToken ct) => Task.FromResult<Result<byte[]>>(Away is { } refusal ? refusal : Page($"{facts}"));

    public Task<Result<byte[]>> ReleaseAsync(ReleaseFacts facts, CancellationToken ct) => Task.FromResult<Result<byte[]>>(Away is { } refusal ? refusal : Page($"{facts} {string.Join(' ', facts.Allowed)}"));

    private static byte[] Page(string words)
    {
        var hex = Convert.ToHexString(Encoding.UTF8.GetBytes(words));
        var text = new StringBuilder("%PDF-1.4\n");
        var at = new List<int>();
        foreach (var body in new[] { "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>", $"<</Length {hex.Length + 2}>>\nstream\n%{hex}\n\nendstream" })
        {
            at.Add(text.Length);
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{at.Count} 0 obj\n{body}\nendobj\n");
        }

        var table = text.Length;
        text.Append("xref\n0 5\n0000000000 65535 f \n");
        foreach (var offset in at) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
