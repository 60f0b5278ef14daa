using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>What a branch does with its agreements before they are executed. An executed paper is nobody's to change.</summary>
public sealed class AgreementCommands(WriteDoor door, Papers papers, ClientKeys keys, IPaperPrinter printer, ClientLetters letters)
{
    private const int LongestReason = 2_000;

    /// <summary>A link takes a signature for so many days.</summary>
    public const int DaysToSign = 21;

    /// <summary>Nobody gets the same link at the same address more often.</summary>
    public static readonly TimeSpan RemindEvery = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Begins the agreement of a booked project from the package revision it pins. Refused with <c>refuse.agreement.not_booked</c>,
    /// <c>already_there</c>, <c>refuse.client.name_missing</c> while the project has no client.
    /// </summary>
    /// <param name="addOns">Ids of the add-ons the client takes.</param>
    public Task<Result<AgreementId>> BeginAsync(Sender from, BranchId branch, ProjectId project, IReadOnlySet<string> addOns, CancellationToken ct) =>
        door.RunAsync<AgreementId>(new Command("agreement.begin", from, TenantScope.Of(branch), Access.MemberOf(branch), "project", project.ToString()), async (context, token) =>
        {
            var db = context.Db;
            if (await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == project, token) is not { } found) return KernelRefusals.NotFound;
            if (!ProjectMachine.UnderWay.Contains(found.State)) return AgreementRefusals.NotBooked;
            if (await db.Agreements.AnyAsync(a => a.ProjectId == project && a.State != AgreementState.Void, token)) return AgreementRefusals.AlreadyThere;
            var (rows, clients) = await PartiesAsync(db, project, token);
            if (rows.Count == 0) return ClientRefusals.NameMissing.At("/clients/0/name");

            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var revision = await db.PackageRevisions.AsNoTracking().SingleAsync(r => r.PackageId == found.PackageId && r.Number == found.PackageRevision, token);
            var count = await db.Agreements.CountAsync(token) + 1;
            var number = string.Create(CultureInfo.InvariantCulture, $"{studio.Slug.ToUpperInvariant()}-{BranchClock.DayOf(context.Now, studio.TimeZone).Year}-{count:0000}");
            context.IfTaken("ix_agreements_branch_id_number", KernelRefusals.StaleWrite);
            context.IfTaken("ix_agreements_branch_id_project_id", AgreementRefusals.AlreadyThere);

            if (!RulesSnapshot.Parse(found.Rules).TryGet(out var rules, out var unread)) return unread;
            var content = AgreementDraft.From(number, studio, found, [.. rows.Select(r => Party(r, clients))], PackageContent.Parse(revision.Content).Value, rules, addOns);
            var agreement = Agreement.Of(branch, AgreementId.New(), project, number, context.Now);
            var id = PaperId.New();
            var (key, wrapped) = keys.NewPaperKey(id, clients);
            db.Agreements.Add(agreement);
            db.PaperKeys.AddRange(wrapped);
            db.Papers.Add(AgreementPaper.Draft(branch, id, agreement.Id, 1, null, null, BranchClock.DayOf(context.Now, studio.TimeZone), Papers.Close(key, content.ToJson()), context.Now, context.Caller.PersonId));
            context.ObjectId = agreement.Id.ToString();
            context.Audit(new JsonObject { ["projectId"] = project.ToString(), ["number"] = number, ["revision"] = revision.Number });
            Announce(context, branch, agreement.Id, PaperState.Draft, 1);
            return agreement.Id;
        }, ct);

    /// <summary>
    /// Writes on the draft of version 1. What stands in it may be incomplete; sending asks for more. Refused with
    /// <c>refuse.kernel.stale_write</c> when somebody wrote since, or a refusal of shape.
    /// </summary>
    /// <param name="content">The whole agreement as JSON.</param>
    public Task<Result<int>> WriteAsync(Sender from, BranchId branch, AgreementId id, int draftRevision, string content, CancellationToken ct) =>
        OnPaperAsync<int>("agreement.write", from, branch, id, Access.MemberOf(branch), async (context, agreement, paper, token) =>
        {
            if (!AgreementContent.Parse(content).TryGet(out var written, out var refusal)) return refusal;
            if (!(await papers.ReadAsync(context.Db, paper, token)).TryGet(out var stored, out refusal)) return refusal;
            if (stored.Text.First is not { } before) return AgreementRefusals.Sealed;
            // Number, rules and parties are not the writer's: they follow from the project.
            written = written with { Number = agreement.Number, Rules = before.Rules, Parties = before.Parties, Studio = before.Studio, Currency = before.Currency };
            if (paper.Write(draftRevision, Papers.Close(stored.Key, written.ToJson()), paper.EffectiveOn).Refusal is { } no) return no;
            context.Audit(new JsonObject { ["version"] = paper.Version, ["draftRevision"] = paper.DraftRevision });
            Announce(context, branch, id, paper.State, paper.Version);
            return paper.DraftRevision;
        }, ct);

    /// <summary>
    /// Freezes the newest paper and asks everybody who has to sign. Refused with what keeps the agreement from holding together,
    /// <c>refuse.document.printer_unavailable</c> (the signatories are shown a document), or as <see cref="PaperMachine.Next"/>.
    /// </summary>
    public async Task<Result<Done>> SendAsync(Sender from, BranchId branch, AgreementId id, CancellationToken ct)
    {
        // Printed before the door opens: it takes a while, and no transaction should wait for it.
        var prepared = await door.ReadAsync<(PaperText Text, DateTimeOffset At)>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
        {
            if (await db.Agreements.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, token) is not { } agreement) return KernelRefusals.NotFound;
            var paper = await NewestAsync(db.Papers.AsNoTracking(), id, token);
            return (await SentAsync(db, agreement, paper, token)).TryGet(out var sent, out var refusal) ? (sent.Text, paper.CreatedAt) : refusal;
        }, ct);
        if (!prepared.TryGet(out var draft, out var no)) return no;
        if (!(await printer.PaperAsync(draft.Text, [], draft.At, ct)).TryGet(out var shown, out no)) return no;

        return await OnPaperAsync<Done>("agreement.send", from, branch, id, Access.MemberOf(branch), async (context, agreement, paper, token) =>
        {
            var db = context.Db;
            if (!(await SentAsync(db, agreement, paper, token)).TryGet(out var sent, out var refusal)) return refusal;
            if (sent.Text.Hash != draft.Text.Hash) return KernelRefusals.StaleWrite;
            var file = StoredFile.Of(branch, paper.Id, FileKind.Shown, shown, SecretBox.Close(sent.Key, shown), context.Now);
            if (paper.Send(SecretBox.Close(sent.Key, sent.Text.Canonical), sent.Text.Hash, file.Sha256, context.Now).Refusal is { } closedSince) return closedSince;
            if (!await db.Files.AnyAsync(f => f.PaperId == paper.Id && f.Sha256 == file.Sha256, token)) db.Files.Add(file);
            var (rows, clients) = await PartiesAsync(db, agreement.ProjectId, token);
            Join(context, agreement, sent.Text, rows, clients);
            var have = await db.PaperKeys.AsNoTracking().Where(k => k.PaperId == paper.Id).Select(k => k.ClientId).ToListAsync(token);
            db.PaperKeys.AddRange(clients.Where(c => c.Key is not null && !have.Contains(c.Id)).Select(c => keys.Wrap(paper.Id, c, sent.Key)));
            var until = BranchClock.DayOf(context.Now, sent.Text.Studio.TimeZone).AddDays(DaysToSign);
            foreach (var party in sent.Text.Signatories)
            {
                var signing = Signing.Ask(branch, paper.Id, paper.Issue, party.Id, rows.Single(r => r.PartyId == party.Id).ClientId, until, context.Now);
                db.Signings.Add(signing);
                letters.AskToSign(context, clients.Single(c => c.Id == signing.ClientId), signing, sent.Text);
            }

            context.Audit(new JsonObject { ["version"] = paper.Version, ["issue"] = paper.Issue, ["contentHash"] = paper.ContentHash, ["shownSha256"] = file.Sha256 });
            Announce(context, branch, id, paper.State, paper.Version);
            return Done.It;
        }, ct);
    }

    /// <summary>
    /// Begins an amendment on the newest executed paper, or writes on the one that is begun. Refused with
    /// <c>refuse.agreement.not_in_force</c>, <c>refuse.agreement.amendment_open</c> when the one begun is out for signing,
    /// <c>refuse.kernel.stale_write</c>, or <c>refuse.agreement.operation_misplaced</c>. What else is wrong with it is said when it is sent.
    /// </summary>
    /// <param name="draftRevision">Of the draft that was read; 0 to begin.</param>
    public Task<Result<int>> AmendAsync(Sender from, BranchId branch, AgreementId id, int draftRevision, AmendmentInput input, CancellationToken ct) =>
        OnPaperAsync<int>("agreement.amend", from, branch, id, Access.MemberOf(branch), async (context, agreement, paper, token) =>
        {
            if (agreement.State != AgreementState.InForce) return AgreementRefusals.NotInForce;
            if (string.IsNullOrWhiteSpace(input.Reason)) return KernelRefusals.ReasonRequired.At("reason");
            if (input.Reason.Length > LongestReason) return KernelRefusals.TooLong.At("reason", LongestReason);
            var db = context.Db;
            if (!(await papers.ChainAsync(db, id, agreement.Head, token)).TryGet(out var chain, out var refusal)) return refusal;
            var amendment = new AmendmentContent(agreement.Number, agreement.Head + 1, chain.HeadHash, input.Kind, input.EffectiveOn, input.Reason.Trim(), input.PriceBasis, input.Operations, input.Resolutions);
            if (paper.Version == amendment.Version && paper.State != PaperState.Void)
            {
                if (paper.State != PaperState.Draft) return AgreementRefusals.AmendmentOpen;
                if (paper.Kind != input.Kind) return AgreementRefusals.AmendmentOpen;
                if (!(await papers.KeyAsync(db, paper.Id, token)).TryGet(out var key, out refusal)) return refusal;
                if (paper.Write(draftRevision, Papers.Close(key, amendment.ToJson()), input.EffectiveOn).Refusal is { } no) return no;
                context.Audit(new JsonObject { ["version"] = paper.Version, ["draftRevision"] = paper.DraftRevision });
                Announce(context, branch, id, paper.State, paper.Version);
                return paper.DraftRevision;
            }

            if (draftRevision != 0) return KernelRefusals.StaleWrite;
            var begun = PaperId.New();
            var (_, clients) = await PartiesAsync(db, agreement.ProjectId, token);
            var (fresh, wrapped) = keys.NewPaperKey(begun, clients);
            if (wrapped.Count == 0) return ClientRefusals.Erased;
            context.IfTaken("ix_papers_branch_id_agreement_id_version", AgreementRefusals.AmendmentOpen);
            db.PaperKeys.AddRange(wrapped);
            db.Papers.Add(AgreementPaper.Draft(branch, begun, id, amendment.Version, input.Kind, chain.HeadHash, input.EffectiveOn, Papers.Close(fresh, amendment.ToJson()), context.Now, context.Caller.PersonId));
            context.Audit(new JsonObject { ["version"] = amendment.Version, ["kind"] = input.Kind.ToString(), ["baseHash"] = chain.HeadHash });
            Announce(context, branch, id, PaperState.Draft, amendment.Version);
            return 1;
        }, ct);

    /// <summary>
    /// Mails a signatory their link once more, to the address they have now, and lets it take a signature for another
    /// <see cref="DaysToSign"/> days. Refused as <see cref="PaperMachine.Next"/> when nothing is out, with
    /// <c>refuse.signing.party_signed</c>, <c>refuse.signing.reminded_just_now</c>, <c>refuse.client.erased</c>.
    /// </summary>
    public Task<Result<Done>> RemindAsync(Sender from, BranchId branch, AgreementId id, string partyId, CancellationToken ct) =>
        OnPaperAsync<Done>("agreement.remind", from, branch, id, Access.MemberOf(branch), async (context, _, paper, token) =>
        {
            var db = context.Db;
            if (!PaperMachine.IsOut(paper.State)) return PaperMachine.Next(paper.State, PaperVerb.Sign).Refusal ?? AgreementRefusals.NotSent;
            if (await db.Signings.SingleOrDefaultAsync(s => s.PaperId == paper.Id && s.Issue == paper.Issue && s.PartyId == partyId, token) is not { } signing) return KernelRefusals.NotFound;
            if (!(await papers.ReadAsync(db, paper, token)).TryGet(out var stored, out var refusal)) return refusal;
            if (signing.AskAgain(BranchClock.DayOf(context.Now, stored.Text.Studio.TimeZone).AddDays(DaysToSign)).Refusal is { } signed) return signed;
            var client = await db.Clients.SingleAsync(c => c.Id == signing.ClientId, token);
            if (client.ErasedAt is not null) return ClientRefusals.Erased;
            if (await letters.WentToAsync(db, client, paper.Id, context.Now - RemindEvery, token)) return SigningRefusals.RemindedJustNow.With((int)RemindEvery.TotalMinutes);
            letters.AskToSign(context, client, signing, stored.Text, again: true);
            context.Audit(new JsonObject { ["version"] = paper.Version, ["issue"] = paper.Issue, ["party"] = partyId });
            Announce(context, branch, id, paper.State, paper.Version);
            return Done.It;
        }, ct);

    /// <summary>Takes the newest paper back to write on; what was signed of it counts no more, and the reason is kept.</summary>
    public Task<Result<Done>> RecallAsync(Sender from, BranchId branch, AgreementId id, string reason, CancellationToken ct) =>
        OnPaperAsync<Done>("agreement.recall", from, branch, id, Access.ManagerOf(branch), (context, _, paper, _) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return Task.FromResult<Result<Done>>(KernelRefusals.ReasonRequired.At("reason"));
            var result = paper.Recall();
            if (result.IsRefused) return Task.FromResult(result);
            context.Audit(new JsonObject { ["version"] = paper.Version, ["issue"] = paper.Issue, ["reason"] = reason.Trim() });
            Announce(context, branch, id, paper.State, paper.Version);
            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);

    /// <summary>Gives the newest paper up before it is executed.</summary>
    public Task<Result<Done>> GiveUpAsync(Sender from, BranchId branch, AgreementId id, string reason, CancellationToken ct) =>
        OnPaperAsync<Done>("agreement.give_up", from, branch, id, Access.ManagerOf(branch), (context, agreement, paper, _) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return Task.FromResult<Result<Done>>(KernelRefusals.ReasonRequired.At("reason"));
            var result = paper.GiveUp();
            if (!result.IsRefused && paper.Version == 1) result = agreement.GiveUp();
            if (result.IsRefused) return Task.FromResult(result);
            context.Audit(new JsonObject { ["version"] = paper.Version, ["reason"] = reason.Trim() });
            Announce(context, branch, id, paper.State, paper.Version);
            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);

    internal static void Announce(WriteContext context, BranchId branch, AgreementId id, PaperState state, int version) =>
        context.Announce(Topics.AgreementChanged, branch, new JsonObject { ["agreementId"] = id.ToString(), ["state"] = state.ToString(), ["version"] = version });

    // The newest paper as it would be sent: version 1 with the clients' names and addresses of this moment.
    private async Task<Result<(PaperText Text, byte[] Key)>> SentAsync(VaultDb db, Agreement agreement, AgreementPaper paper, CancellationToken ct)
    {
        if (PaperMachine.Next(paper.State, PaperVerb.Send).Refusal is { } closed) return closed;
        if (!(await papers.ReadAsync(db, paper, ct)).TryGet(out var stored, out var refusal)) return refusal;
        var text = stored.Text;
        if (text.First is { } first)
        {
            var (rows, clients) = await PartiesAsync(db, agreement.ProjectId, ct);
            text = PaperText.Of(first with { Parties = [.. rows.Select(r => Party(r, clients))] });
        }

        return text.Refuses() is { } problem ? problem : (text, stored.Key);
    }

    // Whoever an amendment brings in becomes a client of the project, with a key of their own.
    private void Join(WriteContext context, Agreement agreement, PaperText text, List<ProjectClient> rows, List<Client> clients)
    {
        foreach (var party in text.Signatories.Where(p => rows.TrueForAll(r => r.PartyId != p.Id)))
        {
            var client = Client.Of(agreement.BranchId, party.Name, party.Email, keys.NewClientKey(), context.Now);
            var row = ProjectClient.Of(agreement.BranchId, agreement.ProjectId, client.Id, party.Id, rows.Count + 1, party.Role, party.IsMinor, party.SignsFor);
            context.Db.Clients.Add(client);
            context.Db.ProjectClients.Add(row);
            clients.Add(client);
            rows.Add(row);
        }
    }

    private static Task<AgreementPaper> NewestAsync(IQueryable<AgreementPaper> papers, AgreementId id, CancellationToken ct) =>
        papers.Where(p => p.AgreementId == id).OrderByDescending(p => p.Version).ThenByDescending(p => p.CreatedAt).FirstAsync(ct);

    private static async Task<(List<ProjectClient> Rows, List<Client> Clients)> PartiesAsync(VaultDb db, ProjectId project, CancellationToken ct)
    {
        var rows = await db.ProjectClients.AsNoTracking().Where(c => c.ProjectId == project).OrderBy(c => c.Place).ToListAsync(ct);
        var ids = rows.Select(r => r.ClientId).ToList();
        return (rows, await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToListAsync(ct));
    }

    internal static AgreementParty Party(ProjectClient row, Client client) => new(row.PartyId, row.Role, client.Name, client.Email, row.IsMinor, row.SignsFor);

    private static AgreementParty Party(ProjectClient row, List<Client> clients) => Party(row, clients.Single(c => c.Id == row.ClientId));

    private Task<Result<T>> OnPaperAsync<T>(string action, Sender from, BranchId branch, AgreementId id, Access access,
        Func<WriteContext, Agreement, AgreementPaper, CancellationToken, Task<Result<T>>> work, CancellationToken ct) =>
        door.RunAsync<T>(new Command(action, from, TenantScope.Of(branch), access, "agreement", id.ToString()), async (context, token) =>
        {
            if (await context.Db.Agreements.SingleOrDefaultAsync(a => a.Id == id, token) is not { } agreement) return KernelRefusals.NotFound;
            return await work(context, agreement, await NewestAsync(context.Db.Papers, id, token), token);
        }, ct);
}
