using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Mail;

/// <summary>
/// Sends what is queued. A mail is handed over first and marked afterwards: after a crash in between it is sent again, since twice
/// is better than never.
/// </summary>
public sealed class SendMail(WriteDoor door, MailOut mails, MailServer server) : IVaultJob
{
    private const int AtOnce = 100;

    public async Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct)
    {
        var due = await door.ReadAsync<List<(BranchId Branch, Guid Mail)>>(self, TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            var now = await db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(token);
            return (await db.Mails.AsNoTracking().Where(m => m.State == MailState.Queued && m.DueAt <= now && (server.IsSetUp || m.HeldUntil != null)).OrderBy(m => m.DueAt).Take(AtOnce).Select(m => new { m.BranchId, m.Id }).ToListAsync(token))
                .ConvertAll(m => (m.BranchId, m.Id));
        }, ct);
        if (!due.TryGet(out var queue, out var refusal)) return refusal;
        var sent = 0;
        foreach (var (branch, id) in queue)
            if ((await SendAsync(self, branch, id, ct)).TryGet(out var fate, out var no)) sent += fate == MailFate.Taken ? 1 : 0;
            else refusal ??= no;
        if (refusal is not null) return refusal;
        if (!server.IsSetUp) return JobReport.NothingToDo("No mail server is set up");
        return queue.Count == 0 ? JobReport.NothingToDo("No mail was waiting") : JobReport.Of($"Sent {sent} of {queue.Count} mails");
    }

    /// <summary>Sends one mail; without a mail server it goes on waiting, once nothing holds it any more.</summary>
    public async Task<Result<MailFate>> SendAsync(Sender self, BranchId branch, Guid id, CancellationToken ct)
    {
        if (!(await LetGoAsync(self, branch, id, ct)).TryGet(out var free, out var kept)) return kept;
        if (!free || !server.IsSetUp) return MailFate.NotNow;
        var read = await door.ReadAsync<(Letter Letter, string Subject)>(self, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
        {
            if (await db.Mails.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id && m.State == MailState.Queued, token) is not { } mail) return KernelRefusals.NotFound;
            return mails.Open(await db.Clients.AsNoTracking().SingleAsync(c => c.Id == mail.ClientId, token), mail).TryGet(out var letter, out var no) ? (letter, letter.Subject ?? mail.Subject) : no;
        }, ct);
        var (fate, problem) = read.TryGet(out var found, out var refusal) ? await server.HandOverAsync(found.Letter, found.Subject, ct) : (MailFate.Refused, refusal.Sentence);
        return await door.RunAsync<MailFate>(new Command("mail.send", self, TenantScope.Of(branch), Access.MemberOf(branch), "mail", id.ToString()), async (context, token) =>
        {
            if (await context.Db.Mails.SingleOrDefaultAsync(m => m.Id == id, token) is not { State: MailState.Queued } mail) return KernelRefusals.NotFound;
            if (fate == MailFate.Taken) mail.Sent(context.Now);
            else if (fate == MailFate.Refused) mail.Bounced(problem!, context.Now);
            else mail.Later(problem!, context.Now);
            context.Audit(new JsonObject { ["fate"] = mail.State.ToString(), ["tries"] = mail.Tries, ["aboutId"] = mail.AboutId.ToString() });
            return fate;
        }, ct);
    }

    /// <summary>
    /// Ends the hold of a mail before it is handed over, in a transaction of its own: whoever takes it back at the same moment is
    /// told that it has left, or it stays here. Nothing to do for most mails. A stop that covers what it comes from keeps it: the
    /// message is no more than an intent until it leaves.
    /// </summary>
    /// <returns>False where a stop keeps it, or kept it a moment ago; <c>refuse.mail.already_recalled</c>, or <c>refuse.kernel.not_found</c> before its time.</returns>
    private async Task<Result<bool>> LetGoAsync(Sender self, BranchId branch, Guid id, CancellationToken ct)
    {
        var held = await door.ReadAsync<bool>(self, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) => await db.Mails.AnyAsync(m => m.Id == id && m.HeldUntil != null, token), ct);
        if (held.IsRefused) return held.Refusal;
        if (!held.Value) return true;
        return await door.RunAsync<bool>(new Command("mail.let_go", self, TenantScope.Of(branch), Access.MemberOf(branch), "mail", id.ToString()), async (context, token) =>
        {
            if (await context.Db.Mails.SingleOrDefaultAsync(m => m.Id == id, token) is not { } mail || mail.DueAt > context.Now) return KernelRefusals.NotFound;
            if (mail.State == MailState.Recalled) return MailRefusals.AlreadyRecalled;
            // As an execution does: after the commit of a stop nothing it covers leaves.
            await StopGuard.ShareAsync(context, token);
            if (await StopGuard.CoveringAsync(context.Db, await AimAsync(context.Db, mail, token), token) is { } stop)
            {
                mail.KeepHeld(context.Now, ClientMessage.Hold);
                context.Audit(new JsonObject { ["aboutId"] = mail.AboutId.ToString(), ["stopId"] = stop.Id.ToString() });
                return false;
            }

            if (context.Now < mail.HeldUntil) return context.Nothing(false);
            mail.LetGo();
            context.Audit(new JsonObject { ["aboutId"] = mail.AboutId.ToString() });
            return true;
        }, ct);
    }

    /// <summary>What a held mail comes from: nothing but approved messages is held.</summary>
    private static async Task<StopGuard.Aim> AimAsync(VaultDb db, MailMessage mail, CancellationToken ct)
    {
        var id = new ProposalId(mail.Id);
        return await db.Proposals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, ct) is { } proposal
            ? new StopGuard.Aim(proposal.Area, proposal.Capability, proposal.BranchId, Proposal.AgentsOf(proposal.Chain), HoldsBack: false)
            : new StopGuard.Aim(ClientMessage.Area, ClientMessage.Name, mail.BranchId, [], HoldsBack: false);
    }
}
