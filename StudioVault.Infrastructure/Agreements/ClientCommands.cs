using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Infrastructure.Agreements;

/// <summary>The clients of a branch: who belongs to a project, and erasure.</summary>
public sealed class ClientCommands(WriteDoor door, ClientKeys keys)
{
    /// <summary>
    /// Says who the clients of a project are. Somebody whose address the branch knows is that client; names and addresses in
    /// papers that are out or executed stay as they are. Refused as <see cref="ClientInput.Problem"/>, or with
    /// <c>refuse.agreement.already_sent</c> while the agreement is out.
    /// </summary>
    public Task<Result<Done>> SetAsync(Sender from, BranchId branch, ProjectId project, IReadOnlyList<ClientInput> clients, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("project.clients", from, TenantScope.Of(branch), Access.MemberOf(branch), "project", project.ToString()), async (context, token) =>
        {
            for (var i = 0; i < clients.Count; i++)
                if (clients[i].Problem(i) is { } problem) return problem;
            if (!clients.Any(c => c.Role == PartyRole.Client)) return ClientRefusals.NameMissing.At("/clients/0/name");
            var db = context.Db;
            if (!await db.Projects.AnyAsync(p => p.Id == project, token)) return KernelRefusals.NotFound;
            var agreement = await db.Agreements.AsNoTracking().SingleOrDefaultAsync(a => a.ProjectId == project && a.State != AgreementState.Void, token);
            if (agreement is { Head: > 0 }) return AgreementRefusals.Sealed;
            if (agreement is not null && await db.Papers.AnyAsync(p => p.AgreementId == agreement.Id && p.State != PaperState.Draft && p.State != PaperState.Void, token)) return AgreementRefusals.AlreadySent;

            var rows = await db.ProjectClients.Where(c => c.ProjectId == project).ToListAsync(token);
            var ids = rows.Select(r => r.ClientId).ToList();
            var emails = clients.Select(c => c.Email.Trim()).Where(e => e.Length > 0).ToList();
            var known = await db.Clients.Where(c => ids.Contains(c.Id) || emails.Contains(c.Email)).ToListAsync(token);
            // A party id is never given to somebody else, not even when its bearer has gone.
            var next = rows.Select(r => int.Parse(r.PartyId.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max() + 1;
            var parties = clients.Select(c => c.PartyId is { } id && rows.Any(r => r.PartyId == id) ? id : $"p{next++}").ToList();
            db.ProjectClients.RemoveRange(rows);
            for (var i = 0; i < clients.Count; i++)
            {
                var (input, party) = (clients[i], parties[i]);
                var client = rows.Find(r => r.PartyId == party) is { } row ? known.Single(c => c.Id == row.ClientId)
                    : input.Email.Trim() is { Length: > 0 } email ? known.Find(c => c.Email == email && c.ErasedAt is null) : null;
                if (client is null) db.Clients.Add(client = Client.Of(branch, input.Name.Trim(), input.Email.Trim(), keys.NewClientKey(), context.Now));
                else client.Correct(input.Name.Trim(), input.Email.Trim());
                var signsFor = input.SignsFor is { } ward && ward >= 0 && ward < parties.Count ? parties[ward] : "";
                db.ProjectClients.Add(ProjectClient.Of(branch, project, client.Id, party, i + 1, input.Role, input.IsMinor, signsFor));
            }

            context.Audit(new JsonObject { ["parties"] = new JsonArray([.. parties.Select(p => (JsonNode)p)]) });
            return Done.It;
        }, ct);

    /// <summary>
    /// Corrects the address links and codes go to, also while a paper is out; a code that was sent counts no more. Refused with
    /// <c>refuse.client.email_invalid</c>, <c>refuse.client.erased</c>.
    /// </summary>
    public Task<Result<Done>> CorrectEmailAsync(Sender from, BranchId branch, ClientId id, string email, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("client.correct_email", from, TenantScope.Of(branch), Access.MemberOf(branch), "client", id.ToString()), async (context, token) =>
        {
            if (!EmailAddress.LooksRight(email.Trim())) return ClientRefusals.EmailInvalid.At("email");
            if (await context.Db.Clients.SingleOrDefaultAsync(c => c.Id == id, token) is not { } client) return KernelRefusals.NotFound;
            if (client.Email == email.Trim()) return Done.It;
            if (client.CorrectEmail(email.Trim()).Refusal is { } no) return no;
            foreach (var signing in await context.Db.Signings.Where(s => s.ClientId == id && s.CodeHash != null).ToListAsync(token)) signing.ForgetCode();
            // The address itself is nobody's but the client's and would stay in the log for ever.
            context.Audit(new JsonObject { ["emailChanged"] = true });
            foreach (var paper in await context.Db.Papers.AsNoTracking().Where(p => context.Db.Signings.Any(s => s.PaperId == p.Id && s.ClientId == id) && p.State != PaperState.Void).ToListAsync(token))
                AgreementCommands.Announce(context, branch, paper.AgreementId, paper.State, paper.Version);
            return Done.It;
        }, ct);

    /// <summary>
    /// Erases a client: overwrites what is known, destroys the key of what they signed and of what was proposed about them, and
    /// withdraws proposals that are still open. It cannot be undone. Refused with <c>refuse.client.legal_hold</c>,
    /// <c>refuse.client.paper_out</c> while a paper waits for them or is being sealed, or <c>refuse.client.proposal_running</c>.
    /// </summary>
    public Task<Result<Done>> EraseAsync(Sender from, BranchId branch, ClientId id, string reason, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("client.erase", from, TenantScope.Of(branch), Access.ManagerOf(branch), "client", id.ToString()), async (context, token) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
            var db = context.Db;
            var isRunning = await ProposalErasure.IsRunningAsync(db, id, token);
            if (await db.Clients.SingleOrDefaultAsync(c => c.Id == id, token) is not { } client) return KernelRefusals.NotFound;
            if (await db.Papers.AnyAsync(p => (p.State == PaperState.Sent || p.State == PaperState.Viewed || p.State == PaperState.PartlySigned || p.State == PaperState.Sealing)
                    && db.Signings.Any(s => s.PaperId == p.Id && s.Issue == p.Issue && s.ClientId == id), token)) return ClientRefusals.PaperOut;
            var result = client.Erase(context.Now);
            if (result.IsRefused) return result;
            if (isRunning) return ClientRefusals.ProposalRunning;
            // A project is called after its clients: after those who are left.
            foreach (var project in await db.Projects.Where(p => db.ProjectClients.Any(c => c.ProjectId == p.Id && c.ClientId == id)).ToListAsync(token))
            {
                var left = await db.ProjectClients.Where(c => c.ProjectId == project.Id && c.ClientId != id).OrderBy(c => c.Place)
                    .Join(db.Clients.Where(c => c.ErasedAt == null), c => new { c.BranchId, Id = c.ClientId }, c => new { c.BranchId, c.Id }, (_, c) => c.Name).ToListAsync(token);
                project.Rename(left.Count == 0 ? Client.ErasedName : string.Join(" & ", left));
                ProjectCommands.Announce(context, project);
            }

            var alive = await ProposalErasure.AliveAsync(db, id, token);
            context.Audit(new JsonObject { ["keyDestroyed"] = true, ["reason"] = reason.Trim(), ["proposalsWithdrawn"] = new JsonArray([.. alive.Select(p => (JsonNode)p.Id.ToString())]) });
            await ProposalErasure.ForgetAsync(context, id, alive, token);
            return Done.It;
        }, ct);

    /// <summary>Forbids erasing a client, or allows it again. Managers only, with a reason.</summary>
    public Task<Result<Done>> HoldAsync(Sender from, BranchId branch, ClientId id, bool hold, string reason, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("client.hold", from, TenantScope.Of(branch), Access.ManagerOf(branch), "client", id.ToString()), async (context, token) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
            if (await context.Db.Clients.SingleOrDefaultAsync(c => c.Id == id, token) is not { } client) return KernelRefusals.NotFound;
            if (client.ErasedAt is not null) return ClientRefusals.Erased;
            client.Hold(hold ? reason.Trim() : null);
            context.Audit(new JsonObject { ["hold"] = hold, ["reason"] = reason.Trim() });
            foreach (var project in await context.Db.Projects.AsNoTracking().Where(p => context.Db.ProjectClients.Any(c => c.ProjectId == p.Id && c.ClientId == id)).ToListAsync(token)) ProjectCommands.Announce(context, project);
            return Done.It;
        }, ct);
}
