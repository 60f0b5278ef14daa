using System.Globalization;
using System.Text;
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
public sealed class AgreementCommands(WriteDoor door, PaperKeys keys, IPaperPrinter printer)
{
    /// <summary>A link takes a signature for so many days.</summary>
    public const int DaysToSign = 21;

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
            if (found.State != ProjectState.Booked) return AgreementRefusals.NotBooked;
            if (await db.Agreements.AnyAsync(a => a.ProjectId == project && a.State != AgreementState.Void, token)) return AgreementRefusals.AlreadyThere;
            var (rows, clients) = await PartiesAsync(db, project, token);
            if (rows.Count == 0) return ClientRefusals.NameMissing.At("/clients/0/name");

            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var revision = await db.PackageRevisions.AsNoTracking().SingleAsync(r => r.PackageId == found.PackageId && r.Number == found.PackageRevision, token);
            var package = await db.BranchPackages.AsNoTracking().SingleAsync(p => p.Id == found.PackageId, token);
            var template = await db.Templates.AsNoTracking().SingleAsync(t => t.Id == package.TemplateId, token);
            var count = await db.Agreements.CountAsync(token) + 1;
            var number = string.Create(CultureInfo.InvariantCulture, $"{studio.Slug.ToUpperInvariant()}-{BranchClock.DayOf(context.Now, studio.TimeZone).Year}-{count:0000}");
            context.IfTaken("ix_agreements_branch_id_number", KernelRefusals.StaleWrite);
            context.IfTaken("ix_agreements_branch_id_project_id", AgreementRefusals.AlreadyThere);

            var rules = new AgreementRules(BranchClock.DayOf(found.CreatedAt, studio.TimeZone), template.Slug, package.DecidedVersion, revision.Number, revision.Hash);
            var content = AgreementDraft.From(number, studio, found, [.. rows.Select(r => Party(r, clients))], PackageContent.Parse(revision.Content).Value, rules, addOns);
            var agreement = Agreement.Of(branch, AgreementId.New(), project, number, context.Now);
            var id = PaperId.New();
            var (key, wrapped) = keys.NewPaperKey(id, clients);
            db.Agreements.Add(agreement);
            db.PaperKeys.AddRange(wrapped);
            db.Papers.Add(AgreementPaper.Draft(branch, id, agreement.Id, 1, null, null, BranchClock.DayOf(context.Now, studio.TimeZone), Closed(key, content.ToJson()), context.Now, context.Caller.PersonId));
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
            if (!(await KeyAsync(context.Db, paper, token)).TryGet(out var key, out refusal)) return refusal;
            if (!AgreementContent.Parse(Opened(key, paper.Content)).TryGet(out var before, out refusal)) return refusal;
            // Number, rules and parties are not the writer's: they follow from the project.
            written = written with { Number = agreement.Number, Rules = before.Rules, Parties = before.Parties, Studio = before.Studio, Currency = before.Currency };
            if (paper.Write(draftRevision, Closed(key, written.ToJson()), paper.EffectiveOn).Refusal is { } no) return no;
            context.Audit(new JsonObject { ["version"] = paper.Version, ["draftRevision"] = paper.DraftRevision });
            return paper.DraftRevision;
        }, ct);

    /// <summary>
    /// Freezes the newest paper and asks everybody who has to sign. Refused with what keeps the agreement from holding together,
    /// <c>refuse.document.printer_unavailable</c> (the signatories are shown a document), or as <see cref="PaperMachine.Next"/>.
    /// </summary>
    public async Task<Result<Done>> SendAsync(Sender from, BranchId branch, AgreementId id, CancellationToken ct)
    {
        // Printed before the door opens: it takes a while, and no transaction should wait for it.
        var prepared = await door.ReadAsync<(AgreementContent Content, DateTimeOffset Now)>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
        {
            if (await db.Agreements.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, token) is not { } agreement) return KernelRefusals.NotFound;
            var paper = await NewestAsync(db.Papers.AsNoTracking(), id, token);
            if (PaperMachine.Next(paper.State, PaperVerb.Send).Refusal is { } closed) return closed;
            if (!(await SentContentAsync(db, agreement, paper, token)).TryGet(out var sent, out var refusal)) return refusal;
            return (sent.Content, paper.CreatedAt);
        }, ct);
        if (!prepared.TryGet(out var draft, out var no)) return no;
        if (!(await printer.AgreementAsync(draft.Content, null, draft.Now, ct)).TryGet(out var shown, out no)) return no;
        var hash = draft.Content.Hash();

        return await OnPaperAsync<Done>("agreement.send", from, branch, id, Access.MemberOf(branch), async (context, agreement, paper, token) =>
        {
            var db = context.Db;
            if (PaperMachine.Next(paper.State, PaperVerb.Send).Refusal is { } closed) return closed;
            if (!(await SentContentAsync(db, agreement, paper, token)).TryGet(out var sent, out var refusal)) return refusal;
            var (content, key, rows, clients) = sent;
            if (content.Hash() != hash) return KernelRefusals.StaleWrite;
            var file = StoredFile.Of(branch, paper.Id, FileKind.Shown, shown, SecretBox.Close(key, shown), context.Now);
            var canonical = CanonicalJson.Canonicalize(ContentTree.ToUtf8(content.ToTree()));
            if (paper.Send(SecretBox.Close(key, canonical), hash, file.Sha256, context.Now).Refusal is { } closedSince) return closedSince;
            if (!await db.Files.AnyAsync(f => f.PaperId == paper.Id && f.Sha256 == file.Sha256, token)) db.Files.Add(file);
            await WrapForAsync(db, paper, key, clients, token);
            var studio = await db.Branches.AsNoTracking().SingleAsync(b => b.Id == branch, token);
            var until = BranchClock.DayOf(context.Now, studio.TimeZone).AddDays(DaysToSign);
            foreach (var party in content.Parties.Where(p => p.Signs))
                db.Signings.Add(Signing.Ask(branch, paper.Id, paper.Issue, party.Id, rows.Single(r => r.PartyId == party.Id).ClientId, until, context.Now));
            context.Audit(new JsonObject { ["version"] = paper.Version, ["issue"] = paper.Issue, ["contentHash"] = hash, ["shownSha256"] = file.Sha256 });
            Announce(context, branch, id, paper.State, paper.Version);
            return Done.It;
        }, ct);
    }

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

    internal static byte[] Closed(byte[] key, string text) => SecretBox.Close(key, Encoding.UTF8.GetBytes(text));

    internal static string Opened(byte[] key, byte[] box) => Encoding.UTF8.GetString(SecretBox.Open(key, box));

    /// <summary>A paper's key, by any party who still has theirs; <c>refuse.client.erased</c> when nobody has.</summary>
    internal async Task<Result<byte[]>> KeyAsync(VaultDb db, AgreementPaper paper, CancellationToken ct)
    {
        var rows = await db.PaperKeys.AsNoTracking().Where(k => k.PaperId == paper.Id).ToListAsync(ct);
        var ids = rows.Select(r => r.ClientId).ToList();
        return keys.Open(rows, await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToListAsync(ct));
    }

    // The draft as it would be sent: with the clients' names and addresses of this moment.
    private async Task<Result<(AgreementContent Content, byte[] Key, List<ProjectClient> Rows, List<Client> Clients)>> SentContentAsync(VaultDb db, Agreement agreement, AgreementPaper paper, CancellationToken ct)
    {
        if (!(await KeyAsync(db, paper, ct)).TryGet(out var key, out var refusal)) return refusal;
        if (!AgreementContent.Parse(Opened(key, paper.Content)).TryGet(out var content, out refusal)) return refusal;
        var (rows, clients) = await PartiesAsync(db, agreement.ProjectId, ct);
        content = content with { Parties = [.. rows.Select(r => Party(r, clients))] };
        return content.Problems() is [var problem, ..] ? problem : (content, key, rows, clients);
    }

    private static Task<AgreementPaper> NewestAsync(IQueryable<AgreementPaper> papers, AgreementId id, CancellationToken ct) =>
        papers.Where(p => p.AgreementId == id).OrderByDescending(p => p.Version).ThenByDescending(p => p.CreatedAt).FirstAsync(ct);

    private async Task WrapForAsync(VaultDb db, AgreementPaper paper, byte[] key, List<Client> clients, CancellationToken ct)
    {
        var have = await db.PaperKeys.AsNoTracking().Where(k => k.PaperId == paper.Id).Select(k => k.ClientId).ToListAsync(ct);
        db.PaperKeys.AddRange(clients.Where(c => c.Key is not null && !have.Contains(c.Id)).Select(c => keys.Wrap(paper.Id, c, key)));
    }

    private static async Task<(List<ProjectClient> Rows, List<Client> Clients)> PartiesAsync(VaultDb db, ProjectId project, CancellationToken ct)
    {
        var rows = await db.ProjectClients.AsNoTracking().Where(c => c.ProjectId == project).OrderBy(c => c.Place).ToListAsync(ct);
        var ids = rows.Select(r => r.ClientId).ToList();
        return (rows, await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToListAsync(ct));
    }

    private static AgreementParty Party(ProjectClient row, List<Client> clients)
    {
        var client = clients.Single(c => c.Id == row.ClientId);
        return new AgreementParty(row.PartyId, row.Role, client.Name, client.Email, row.IsMinor, row.SignsFor);
    }

    private Task<Result<T>> OnPaperAsync<T>(string action, Sender from, BranchId branch, AgreementId id, Access access,
        Func<WriteContext, Agreement, AgreementPaper, CancellationToken, Task<Result<T>>> work, CancellationToken ct) =>
        door.RunAsync<T>(new Command(action, from, TenantScope.Of(branch), access, "agreement", id.ToString()), async (context, token) =>
        {
            if (await context.Db.Agreements.SingleOrDefaultAsync(a => a.Id == id, token) is not { } agreement) return KernelRefusals.NotFound;
            return await work(context, agreement, await NewestAsync(context.Db.Papers, id, token), token);
        }, ct);
}
