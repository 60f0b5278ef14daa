using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Agreements.Deliveries;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Documents.Sealing;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Demo;

/// <summary>
/// Gives bookings of the demo group their agreements, one after the other: real contents, real documents, the product's own seal.
/// It writes as the owner, because only the owner may give an audit entry a time in the past; sealing is left to
/// <see cref="SealPapers"/>. It can be cut off at any point and goes on after the next start.
/// </summary>
public sealed class DemoAgreements(ClientKeys keys, IPaperPrinter printer, SealKeys seals, SealPapers seal, DeliveryFiles files)
{
    private const int Lock = 7310432;

    /// <summary>So many of the largest branch come first.</summary>
    private const int First = 24;

    private static readonly Sender Self = Sender.System("agreements.seal");
    private readonly ClientKeys _keys = keys;
    private readonly IPaperPrinter _printer = printer;
    private readonly SealPapers _seal = seal;
    private readonly DeliveryFiles _files = files;

    /// <summary>Makes agreements until there are so many.</summary>
    /// <param name="owner">Connection of the role that owns the tables.</param>
    /// <returns>How many were made; a refusal when no document can be made.</returns>
    public async Task<Result<int>> LoadAsync(string owner, int wanted, DateTimeOffset now, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(owner);
        await connection.OpenAsync(ct);
        // Two web processes may start at once: one tells the story.
        if (await AskAsync<bool>(connection, $"select pg_try_advisory_lock({Lock})", ct) is false) return 0;
        await AskAsync<string>(connection, "select set_config('app.scope', 'hq', false)", ct);
        var left = wanted - (int)await AskAsync<long>(connection, "select count(*) from agreements.agreements", ct);
        if (left <= 0) return 0;
        if (!(await seals.BeginAsync(now.AddYears(-3), ct)).TryGet(out _, out var refusal)) return refusal;

        var bookings = await BookingsAsync(connection, DateOnly.FromDateTime(now.UtcDateTime), ct);
        var made = 0;
        foreach (var booking in bookings.Take(left))
        {
            var story = new Story(this, connection, booking, now);
            if ((await story.TellAsync(ct)).Refusal is { } no) return no;
            made++;
        }

        return made;
    }

    private sealed record Booking(BranchId Branch, ProjectId Project, DemoFate Fate, int Place);

    // The largest branch has something of everything, then every branch in turn; of three one is over. Where a booking stands here
    // says what became of it, so a second start continues the same story.
    private static async Task<List<Booking>> BookingsAsync(NpgsqlConnection connection, DateOnly today, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            select p.branch_id, p.id, p.event_on, exists (select from agreements.agreements a where a.branch_id = p.branch_id and a.project_id = p.id)
            from agreements.projects p where p.created_by is null and p.booked_at is not null order by p.branch_id, p.event_on, p.client_name
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<(Guid Branch, Guid Project, int Since, bool Has)>();
        while (await reader.ReadAsync(ct)) rows.Add((reader.GetGuid(0), reader.GetGuid(1), today.DayNumber - reader.GetFieldValue<DateOnly>(2).DayNumber, reader.GetBoolean(3)));
        var branches = rows.GroupBy(r => r.Branch).OrderByDescending(b => b.Count()).ThenBy(b => b.Key).ToList();
        var inOrder = branches.SelectMany((branch, size) =>
            {
                var coming = branch.Where(r => r.Since <= 0).Select((r, i) => (Row: r, Rank: i * 3 / 2));
                var over = branch.Where(r => r.Since > 0).OrderBy(r => r.Project).Select((r, i) => (Row: r, Rank: i * 3 + 2));
                return coming.Concat(over).OrderBy(b => b.Rank).Select((b, place) => (b.Row, Size: size, Turn: size == 0 ? place - First : place));
            })
            .OrderBy(b => Math.Max(0, b.Turn)).ThenBy(b => b.Size).ThenBy(b => b.Turn).Select(b => b.Row);
        var (ahead, behind) = (0, 0);
        return [.. inOrder.Select((row, place) => (row, Booking: new Booking(new(row.Branch), new(row.Project), DemoFate.Of(row.Since <= 0 ? ahead++ : behind++, row.Since), place)))
            .Where(b => !b.row.Has).Select(b => b.Booking)];
    }

    private static async Task<T?> AskAsync<T>(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(ct) is T value ? value : default;
    }

    /// <summary>One agreement, from its first draft to where it stands today.</summary>
    private sealed class Story(DemoAgreements demo, NpgsqlConnection connection, Booking booking, DateTimeOffset now)
    {
        private readonly DemoRandom _random = new($"agreement/{booking.Place}");
        private readonly List<Client> _clients = [];
        private readonly List<AgreementParty> _parties = [];
        private readonly AgreementId _agreement = AgreementId.New();
        private AgreementChain? _chain;
        private DateTimeOffset _at;
        private PersonId? _by;

        public async Task<Result<Done>> TellAsync(CancellationToken ct)
        {
            AgreementContent first = null!;
            PaperId paper = default;
            await WriteAsync(async db =>
            {
                var project = await db.Projects.SingleAsync(p => p.Id == booking.Project, ct);
                var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == booking.Branch, ct);
                var revision = await db.PackageRevisions.AsNoTracking().SingleAsync(r => r.PackageId == project.PackageId && r.Number == project.PackageRevision, ct);
                _by = await db.Memberships.AsNoTracking().Where(m => m.BranchId == booking.Branch && m.Role == Role.BranchManager).Select(m => (PersonId?)m.PersonId).FirstOrDefaultAsync(ct);
                // What still waits for signatures went out lately; everything else when it was booked.
                _at = IsOut(booking.Fate.First) ? now.AddDays(-_random.Between(1, 6)).AddMinutes(-_random.Below(400)) : project.BookedAt!.Value.AddHours(1);
                var rows = await PeopleAsync(db, project, studio, ct);
                var day = BranchClock.DayOf(_at, studio.TimeZone);
                var count = await db.Agreements.CountAsync(ct) + 1;
                var number = string.Create(CultureInfo.InvariantCulture, $"{studio.Slug.ToUpperInvariant()}-{day.Year}-{count:0000}");
                var content = PackageContent.Parse(revision.Content).Value;
                var addOns = content.Items.Where(i => i.Inclusion == Inclusion.AddOn).Select(i => i.Id).Where(_ => _random.Below(3) == 0).ToHashSet(StringComparer.Ordinal);
                first = Written(AgreementDraft.From(number, studio, project, _parties, content, RulesSnapshot.Parse(project.Rules).Value, addOns), project, await LeadAsync(db, ct));
                var agreement = Agreement.Of(booking.Branch, _agreement, project.Id, number, _at);
                db.AddRange(rows);
                db.Agreements.Add(agreement);
                Note(db, "agreement.begin", new JsonObject { ["projectId"] = project.Id.ToString(), ["number"] = number, ["revision"] = revision.Number });
                paper = Draft(db, PaperText.Of(first), null, null, day);
                if (booking.Fate.First == PaperState.Void) agreement.GiveUp();
            }, ct);

            _chain = new AgreementChain(first);
            if ((await GoOnAsync(paper, PaperText.Of(first), booking.Fate.First, ct)).Refusal is { } refusal) return refusal;
            if (booking.Fate.First != PaperState.Executed) return Done.It;
            foreach (var kind in booking.Fate.Amendments)
                if ((await AmendAsync(kind, PaperState.Executed, ct)).Refusal is { } no) return no;
            if (booking.Fate.Last is { } last && (await AmendAsync(last.Kind, last.State, ct)).Refusal is { } notLast) return notLast;
            await LiveOnAsync(ct);
            return await DeliverAsync(ct);
        }

        private async Task<Result<Done>> AmendAsync(AmendmentKind kind, PaperState state, CancellationToken ct)
        {
            var head = AgreementContent.From(_chain!.Whole().Content).Value;
            var event_ = head.Event.On?.ToDateTime(TimeOnly.MinValue) ?? now.UtcDateTime;
            var latest = new DateTimeOffset(event_, TimeSpan.Zero).AddDays(-3) is var before && before < now ? before : now;
            _at = IsOut(state) || state == PaperState.Draft ? now.AddDays(-_random.Between(1, 4)) : Between(_at.AddDays(2), latest);
            var day = BranchClock.DayOf(_at, head.Studio.TimeZone);
            var (operations, reason, basis) = Change(kind, head);
            var amendment = new AmendmentContent(head.Number, _chain.Head + 1, _chain.HeadHash, kind, day, reason, basis, operations, new Dictionary<int, Precedence>());
            if (_chain.Refuses(amendment) is not null) return Done.It;
            var text = PaperText.Of(_chain, amendment);
            PaperId paper = default;
            await WriteAsync(async db =>
            {
                _clients.Clear();
                _clients.AddRange(await db.ProjectClients.AsNoTracking().Where(p => p.ProjectId == booking.Project).Join(db.Clients.AsNoTracking(), p => p.ClientId, c => c.Id, (p, c) => c).ToListAsync(ct));
                Note(db, "agreement.amend", new JsonObject { ["version"] = amendment.Version, ["kind"] = kind.ToString(), ["baseHash"] = amendment.BaseHash });
                paper = Draft(db, text, kind, amendment.BaseHash, day);
            }, ct);
            var done = await GoOnAsync(paper, text, state, ct);
            if (!done.IsRefused && state == PaperState.Executed) _chain.Append(amendment);
            return done;
        }

        // Sends a draft and collects signatures until it stands where it should; what everybody signed is sealed.
        private async Task<Result<Done>> GoOnAsync(PaperId id, PaperText text, PaperState state, CancellationToken ct)
        {
            if (state == PaperState.Draft) return Done.It;
            if (!(await demo._printer.PaperAsync(text, [], _at, ct)).TryGet(out var shown, out var refusal)) return refusal;
            await WriteAsync(async db =>
            {
                var paper = await db.Papers.SingleAsync(p => p.Id == id, ct);
                var keys = await db.PaperKeys.AsNoTracking().Where(k => k.PaperId == id).ToListAsync(ct);
                var key = demo._keys.Open(keys, _clients).Value;
                _at = Earlier(_at.AddMinutes(_random.Between(8, 50)));
                var file = StoredFile.Of(booking.Branch, id, FileKind.Shown, shown, SecretBox.Close(key, shown), _at);
                paper.Send(SecretBox.Close(key, text.Canonical), text.Hash, file.Sha256, _at);
                db.Files.Add(file);
                Note(db, "agreement.send", new JsonObject { ["version"] = paper.Version, ["issue"] = paper.Issue, ["contentHash"] = paper.ContentHash, ["shownSha256"] = file.Sha256 });
                var rows = await db.ProjectClients.AsNoTracking().Where(p => p.ProjectId == booking.Project).ToListAsync(ct);
                var until = BranchClock.DayOf(_at, text.Studio.TimeZone).AddDays(AgreementCommands.DaysToSign);
                var asked = text.Signatories.Select(party => Signing.Ask(booking.Branch, id, paper.Issue, party.Id, rows.Single(r => r.PartyId == party.Id).ClientId, until, _at)).ToList();
                db.Signings.AddRange(asked);
                if (state == PaperState.Void)
                {
                    paper.GiveUp();
                    Note(db, "agreement.give_up", new JsonObject { ["version"] = paper.Version, ["reason"] = "The client chose another day with another studio." });
                }

                if (state is PaperState.Sent or PaperState.Void) return;
                var signs = state switch { PaperState.Executed => asked.Count, PaperState.PartlySigned => asked.Count - 1, _ => 0 };
                for (var i = 0; i < Math.Max(1, signs); i++)
                {
                    var (signing, client) = (asked[i], _clients.Single(c => c.Id == asked[i].ClientId));
                    _at = Between(_at, now);
                    signing.Viewed(_at);
                    paper.Viewed();
                    Note(db, "agreement.view", new JsonObject { ["version"] = paper.Version, ["issue"] = signing.Issue, ["party"] = signing.PartyId }, client);
                    if (i >= signs) continue;
                    _at = Earlier(_at.AddMinutes(_random.Between(2, 9)));
                    signing.SendCode([], _at, until);
                    _at = Earlier(_at.AddMinutes(1));
                    var input = new SignatureInput(paper.ContentHash!, client.Name, true, "", Disclosures.Sentence, Disclosures.Current, "en-GB", _random.Pick(["phone, Safari", "phone, Chrome", "computer, Firefox"]), "192.0.2.0/24");
                    var evidence = SignatureEvidence.Of(paper, signing, client, input, _at);
                    signing.Signed(_at);
                    db.Signatures.Add(PartySignature.Of(signing, paper.ContentHash!, paper.ShownSha256!, input.Disclosure, demo._keys.Close(client, Encoding.UTF8.GetString(evidence)), CanonicalJson.Sha256(evidence), _at));
                    paper.Signed(asked.Count - 1 - i);
                    Note(db, "agreement.sign", new JsonObject { ["version"] = paper.Version, ["issue"] = signing.Issue, ["party"] = signing.PartyId, ["contentHash"] = paper.ContentHash, ["evidenceSha256"] = CanonicalJson.Sha256(evidence), ["left"] = asked.Count - 1 - i }, client);
                }
            }, ct);
            if (state != PaperState.Executed) return Done.It;
            // The minute's job may have been faster.
            return (await demo._seal.SealAsync(Self, booking.Branch, id, ct)) is { IsRefused: true } no && no.Refusal!.Kind != AgreementRefusals.Sealed ? no.Refusal : Done.It;
        }

        // What happened after the papers: the day came, money came in, the pictures went out.
        private Task LiveOnAsync(CancellationToken ct) => WriteAsync(async db =>
        {
            var project = await db.Projects.SingleAsync(p => p.Id == booking.Project, ct);
            var agreement = await db.Agreements.SingleAsync(a => a.Id == _agreement, ct);
            var today = DateOnly.FromDateTime(now.UtcDateTime);
            if (booking.Fate.Project != ProjectState.Booked && project.State == ProjectState.Booked)
            {
                var day = new DateTimeOffset(project.EventOn.ToDateTime(new TimeOnly(19, 0)), TimeSpan.Zero);
                project.Take(ProjectVerb.Shoot, Earlier(day), today);
                if (booking.Fate.Project is ProjectState.Delivered or ProjectState.Closed) project.Take(ProjectVerb.Deliver, Earlier(day.AddDays(30)), today);
                Note(db, "project.shoot", new JsonObject { ["before"] = "Booked", ["after"] = "Shot" }, at: Earlier(day));
            }

            var invoices = await db.Invoices.Where(i => i.AgreementId == _agreement && i.State == InvoiceState.Open).ToListAsync(ct);
            foreach (var invoice in invoices)
            {
                if (project.DeliveredAt is { } delivered && invoice.DueOn is null) invoice.Due(DateOnly.FromDateTime(delivered.UtcDateTime).AddDays(14));
                // Most pay in time, one in nine is late.
                if (invoice.DueOn is not { } due || due >= today || (_random.Below(9) == 0 && booking.Fate.Project != ProjectState.Closed)) continue;
                var paid = due.AddDays(_random.Between(-4, 0));
                invoice.Pay(paid, _random.Below(4) == 0 ? PaymentMethod.Card : PaymentMethod.BankTransfer, today);
                Note(db, "invoice.pay", new JsonObject { ["number"] = invoice.Number, ["amount"] = invoice.Amount.ToString(CultureInfo.InvariantCulture), ["currency"] = invoice.Currency, ["paidOn"] = AgreementContent.Day(paid) }, at: Earlier(new DateTimeOffset(paid.ToDateTime(new TimeOnly(10, 0)), TimeSpan.Zero)));
            }

            if (booking.Fate.Project != ProjectState.Closed || invoices.Any(i => i.State == InvoiceState.Open)) return;
            project.Take(ProjectVerb.Close, Earlier(project.DeliveredAt!.Value.AddDays(20)), today);
            agreement.Complete();
        }, ct);

        // The pictures of what was delivered, behind a link; one in eight was taken offline again.
        private async Task<Result<Done>> DeliverAsync(CancellationToken ct)
        {
            if (booking.Fate.Project is not (ProjectState.Delivered or ProjectState.Closed)) return Done.It;
            var pictures = new List<(string Name, string Sha256, long Length)>();
            for (var i = 1; i <= 6; i++)
            {
                using var picture = new MemoryStream(DemoPicture.Draw($"{booking.Place}/{i}"));
                if (!(await demo._files.SaveAsync(booking.Branch, picture, ct)).TryGet(out var saved, out var refusal)) return refusal;
                pictures.Add(($"{booking.Place:000}-{i:00}.png", saved.Sha256, saved.Length));
            }

            await WriteAsync(async db =>
            {
                var project = await db.Projects.AsNoTracking().SingleAsync(p => p.Id == booking.Project, ct);
                if (project.DeliveredAt is not { } at) return;
                var agreed = AgreementContent.From(_chain!.Whole().Content).Value;
                DateOnly? until = agreed.Gallery.OnlineDays == 0 ? null : DeliveryClock.LastDay(at, agreed.Gallery.OnlineDays, agreed.Studio.TimeZone);
                var delivery = Delivery.Open(booking.Branch, DeliveryId.New(), booking.Project, _agreement, $"Pictures for {project.ClientName}", at, agreed.Gallery.OnlineDays, 1, agreed.Studio.TimeZone, until).Value;
                if (_random.Below(8) == 0) delivery.Revoke("The client asked us to take the pictures offline.", Earlier(at.AddDays(12)));
                db.Deliveries.Add(delivery);
                db.DeliveryFiles.AddRange(pictures.Select(p => DeliveryFile.Of(booking.Branch, delivery.Id, p.Name, p.Length, p.Sha256, at)));
            }, ct);
            return Done.It;
        }

        private PaperId Draft(VaultDb db, PaperText text, AmendmentKind? kind, string? baseHash, DateOnly effectiveOn)
        {
            var id = PaperId.New();
            var (key, wrapped) = demo._keys.NewPaperKey(id, _clients);
            db.PaperKeys.AddRange(wrapped);
            db.Papers.Add(AgreementPaper.Draft(booking.Branch, id, _agreement, text.Version, kind, baseHash, effectiveOn, Papers.Close(key, text.ToJson()), _at, _by));
            return id;
        }

        private static AgreementContent Written(AgreementContent draft, Project project, string lead)
        {
            var isDay = draft.Items.Any(i => i.Kind is ItemKind.Coverage);
            return draft with { Event = draft.Event with { Title = $"{draft.Event.Title.Split(" for ")[0]} of {project.ClientName}", StartsAt = isDay ? "13:30" : "10:00", Hours = isDay ? 8 : 2, Lead = lead } };
        }

        private async Task<string> LeadAsync(VaultDb db, CancellationToken ct)
        {
            var ids = (await db.Memberships.AsNoTracking().Where(m => m.BranchId == booking.Branch).Select(m => m.PersonId).ToListAsync(ct)).ConvertAll(p => p.Value);
            var staff = await db.Users.AsNoTracking().Where(p => ids.Contains(p.Id)).Select(p => p.Name).OrderBy(n => n).ToListAsync(ct);
            return staff.Count == 0 ? "" : _random.Pick(staff);
        }

        // The people behind a booking's name: two of a couple, a parent and a child of a family, somebody of a company.
        private async Task<List<ProjectClient>> PeopleAsync(VaultDb db, Project project, Branch studio, CancellationToken ct)
        {
            var names = DemoFiles.Read<ProjectsFile>("projects.json").Names[studio.Country];
            var rows = new List<ProjectClient>();
            if (project.ClientName.Split(" & ") is [var one, var two])
            {
                await AddAsync(one);
                await AddAsync(two);
                if (_random.Below(9) == 0) await AddAsync($"{_random.Pick(names.Female)} {two.Split(' ')[^1]}", PartyRole.Payer);
            }
            else if (project.ClientName.EndsWith(" family", StringComparison.Ordinal))
            {
                var last = project.ClientName[..^" family".Length];
                if (_random.Below(2) == 0)
                {
                    await AddAsync($"{_random.Pick(names.Female)} {last}", isMinor: true);
                    await AddAsync($"{_random.Pick(names.Male)} {last}", PartyRole.Guardian, signsFor: "p1");
                }

                await AddAsync($"{_random.Pick(names.Female)} {last}");
            }
            else
            {
                await AddAsync(project.ClientName.Contains(' ', StringComparison.Ordinal) && names.Last.Any(l => project.ClientName.EndsWith(l, StringComparison.Ordinal)) ? project.ClientName : $"{names.Woman(_random)}, {project.ClientName}");
            }

            return rows;

            async Task AddAsync(string name, PartyRole role = PartyRole.Client, bool isMinor = false, string signsFor = "")
            {
                var email = isMinor ? "" : MailOf(name, studio.Country);
                var client = email.Length == 0 ? null : await db.Clients.FirstOrDefaultAsync(c => c.Email == email, ct);
                if (client is null) db.Clients.Add(client = Client.Of(booking.Branch, name, email, demo._keys.NewClientKey(), _at));
                var party = $"p{rows.Count + 1}";
                _clients.Add(client);
                _parties.Add(new AgreementParty(party, role, name, email, isMinor, signsFor));
                rows.Add(ProjectClient.Of(booking.Branch, booking.Project, client.Id, party, rows.Count + 1, role, isMinor, signsFor));
            }
        }

        private static string MailOf(string name, string country)
        {
            var plain = name.Split(',')[0].Replace("ł", "l", StringComparison.Ordinal).Replace("Ł", "L", StringComparison.Ordinal).Replace("ø", "o", StringComparison.Ordinal).Replace("æ", "ae", StringComparison.Ordinal).Replace("ß", "ss", StringComparison.Ordinal)
                .Normalize(NormalizationForm.FormD).Where(c => char.IsAsciiLetter(c) || c == ' ').ToArray();
            return $"{string.Join('.', new string(plain).Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant()}@mail.{country.ToLowerInvariant()}.example";
        }

        private (IReadOnlyList<AmendmentOperation> Operations, string Reason, PriceBasis Basis) Change(AmendmentKind kind, AgreementContent head) => kind switch
        {
            AmendmentKind.Hours => (MoreHours(head), "You asked us to stay for the party.", PriceBasis.None),
            AmendmentKind.Reschedule => (Amendments.Reschedule(head, head.Event.On?.AddDays(booking.Fate.Project == ProjectState.Booked ? 28 : 0), booking.Fate.Project == ProjectState.Booked ? head.Event.StartsAt : "15:00", head.Event.Venue, null),
                "The venue had to move you.", PriceBasis.Original),
            AmendmentKind.SubstituteLead => (Amendments.SubstituteLead(head, head.Event.Lead.Length == 0 ? "Ines Carvalho" : $"{head.Event.Lead} and Ines Carvalho"), "A second photographer joins.", PriceBasis.None),
            AmendmentKind.PaymentPlan => (Amendments.PaymentPlan(head, Halved(head)), "You asked to pay the balance in two parts.", PriceBasis.None),
            AmendmentKind.UsageLicence => (Amendments.UsageLicence(head, $"{head.Licence} You may also show the pictures on your company's own pages for two years."), "You want to use the pictures at work.", PriceBasis.None),
            _ => (Amendments.Cancellation(head, new("kept", "Retainer kept for the reserved day", ItemKind.Coverage, 1, Net(head, head.Schedule[0].Amount), []), head.Schedule[0] with { Amount = Kept(head) },
                new("cancelled", "Cancellation", "The event does not take place. The studio keeps the retainer for the day it had reserved; nothing else is owed.")), "You cannot celebrate this year.", PriceBasis.None),
        };

        private static IReadOnlyList<AmendmentOperation> MoreHours(AgreementContent head)
        {
            var item = new AgreementItem("hours-more", "Two more hours", ItemKind.Coverage, 2, CurrencyUnits.Round(head.Lines.Amount * 0.08m, head.Currency), []);
            var after = head with { Items = [.. head.Items, item] };
            var more = after.Total.Amount - head.Total.Amount;
            return [.. Amendments.Hours(head, head.Event.Hours + 2, after.Items), .. Amendments.PaymentPlan(head, [.. head.Schedule.SkipLast(1), head.Schedule[^1] with { Amount = head.Schedule[^1].Amount + more }])];
        }

        private static IReadOnlyList<ScheduledPayment> Halved(AgreementContent head)
        {
            var last = head.Schedule[^1];
            var half = CurrencyUnits.Round(last.Amount / 2, head.Currency);
            return [.. head.Schedule.SkipLast(1), last with { Id = $"{last.Id}-1", Title = $"{last.Title}, first half", Amount = half, DueDays = last.DueDays + 30 }, last with { Amount = last.Amount - half, Title = $"{last.Title}, second half" }];
        }

        // A line before tax whose total with tax is the sum that is kept, to the smallest unit.
        private static decimal Net(AgreementContent head, decimal gross) => head.Tax.PricesIncludeTax ? gross : CurrencyUnits.Round(gross / (1 + head.Tax.RatePercent / 100), head.Currency);

        private static decimal Kept(AgreementContent head) =>
            head.Tax.PricesIncludeTax ? head.Schedule[0].Amount : CurrencyUnits.Round(Net(head, head.Schedule[0].Amount) * (1 + head.Tax.RatePercent / 100), head.Currency);

        private static bool IsOut(PaperState state) => PaperMachine.IsOut(state);

        private DateTimeOffset Earlier(DateTimeOffset at) => at < now ? at : now.AddMinutes(-1);

        // Some time after one moment and before the other, within a few days of the first.
        private DateTimeOffset Between(DateTimeOffset from, DateTimeOffset to)
        {
            var minutes = (int)Math.Clamp((to - from).TotalMinutes - 30, 1, 3 * 24 * 60);
            return Earlier(from.AddMinutes(_random.Between(1, minutes)));
        }

        private void Note(VaultDb db, string action, JsonObject payload, Client? client = null, DateTimeOffset? at = null) =>
            db.AuditEntries.Add(AuditEntry.Past(at ?? _at, client is not null ? "human" : _by is null ? "system" : "staff", client is not null ? $"client:{client.Id}" : _by?.ToString() ?? "demo", booking.Branch, action, "agreement", _agreement.ToString(),
                Encoding.UTF8.GetString(CanonicalJson.Canonicalize(payload))));

        // As the owner, in the branch's scope. The first entry says whose doing this is: without one nothing can be written.
        private async Task WriteAsync(Func<VaultDb, Task> write, CancellationToken ct)
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await AskAsync<string>(connection, $"select set_config('app.scope', 'branch', true), set_config('app.branch_id', '{booking.Branch}', true)", ct);
            await using var db = new VaultDb(VaultDbs.Options(b => b.UseNpgsql(connection, n => n.SetPostgresVersion(15, 0)))) { Scope = TenantScope.Of(booking.Branch) };
            await db.Database.UseTransactionAsync(transaction, ct);
            db.AuditEntries.Add(AuditEntry.Past(null, "system", "demo", booking.Branch, "demo.load", "agreement", _agreement.ToString(), null));
            await db.SaveChangesAsync(ct);
            await write(db);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
        }
    }
}
