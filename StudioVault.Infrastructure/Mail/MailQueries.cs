using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Mail;

/// <summary>A mail as the studio sees it: what became of it, not what it says.</summary>
/// <param name="PartyId">Who it is in the paper it is about; null when it is about something else.</param>
/// <param name="Email">The client's address now.</param>
/// <param name="Problem">What the mail server said last; null when nothing went wrong.</param>
/// <param name="EndedAt">When it was sent or given up; null while it waits.</param>
/// <param name="HeldUntil">It can be taken back before this moment; null when nothing holds it.</param>
/// <param name="NeedsAddress">It did not arrive, nothing newer went to this client since, and they still have the address it failed at: somebody should correct it.</param>
public sealed record MailRow(Guid Id, ClientId ClientId, string ClientName, string? PartyId, string Email, string Subject, MailState State, string? Problem, int Tries, DateTimeOffset QueuedAt, DateTimeOffset? EndedAt, DateTimeOffset? HeldUntil,
    bool NeedsAddress);

/// <summary>A mail of the demo group, for whoever plays its client.</summary>
public sealed record DemoMail(Guid Id, string Studio, string TimeZone, string To, string Name, string Subject, string Text, DateTimeOffset At);

/// <summary>What is asked about mails.</summary>
public sealed class MailQueries(WriteDoor door, MailOut mails)
{
    private const int MostShown = 40;

    /// <summary>The mails about a paper, about every paper of an agreement, or what was written to clients about a project, newest first.</summary>
    /// <param name="aboutId">Id of the paper, the agreement or the project.</param>
    public Task<Result<IReadOnlyList<MailRow>>> AboutAsync(Sender from, BranchId branch, Guid aboutId, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<MailRow>>(from, TenantScope.Of(branch), Access.MemberOf(branch), async (db, _, token) =>
        {
            var papers = await db.Papers.AsNoTracking().Where(p => p.AgreementId == new AgreementId(aboutId)).Select(p => p.Id).ToListAsync(token);
            if (papers.Count == 0) papers = [new PaperId(aboutId)];
            var about = papers.ConvertAll(p => p.Value);
            var found = await db.Mails.AsNoTracking().Where(m => about.Contains(m.AboutId)).OrderByDescending(m => m.QueuedAt).ThenByDescending(m => m.Id).ToListAsync(token);
            var ids = found.Select(m => m.ClientId).Distinct().ToList();
            var clients = await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToDictionaryAsync(c => c.Id, token);
            var parties = (await db.Signings.AsNoTracking().Where(s => papers.Contains(s.PaperId)).Select(s => new { s.ClientId, s.PartyId }).ToListAsync(token)).DistinctBy(s => s.ClientId).ToDictionary(s => s.ClientId, s => s.PartyId);
            var newest = found.DistinctBy(m => m.ClientId).Select(m => m.Id).ToHashSet();
            return found.ConvertAll(m =>
            {
                var client = clients[m.ClientId];
                var failed = m.State is MailState.Bounced or MailState.Failed;
                var letter = mails.Open(client, m).TryGet(out var opened, out Refusal? _) ? opened : null;
                return new MailRow(m.Id, m.ClientId, client.Name, parties.GetValueOrDefault(m.ClientId), client.Email, letter?.Subject ?? m.Subject, m.State, m.Problem, m.Tries, m.QueuedAt, m.EndedAt, m.HeldUntil,
                    failed && letter?.To == client.Email && newest.Contains(m.Id));
            });
        }, ct);

    /// <summary>The newest mails of the whole group with what they say. Only a demo may ask: its people are invented.</summary>
    /// <param name="to">Mails to one address; null for all.</param>
    public Task<Result<IReadOnlyList<DemoMail>>> DemoAsync(string? to, CancellationToken ct) =>
        door.ReadAsync<IReadOnlyList<DemoMail>>(Sender.System("demo.mail"), TenantScope.Hq, Access.Hq, async (db, _, token) =>
        {
            // What is held has not arrived, and what was taken back never does.
            var query = db.Mails.AsNoTracking().Where(m => m.State != MailState.Recalled && m.HeldUntil == null);
            if (to is not null)
            {
                var ids = await db.Clients.AsNoTracking().Where(c => c.Email == to).Select(c => c.Id).ToListAsync(token);
                query = query.Where(m => ids.Contains(m.ClientId));
            }

            var found = await query.OrderByDescending(m => m.QueuedAt).ThenByDescending(m => m.Id).Take(MostShown).ToListAsync(token);
            var readers = found.Select(m => m.ClientId).Distinct().ToList();
            var clients = await db.Clients.AsNoTracking().Where(c => readers.Contains(c.Id)).ToDictionaryAsync(c => c.Id, token);
            var branches = await db.Branches.AsNoTracking().ToDictionaryAsync(b => b.Id, b => (b.Name, b.TimeZone), token);
            var shown = new List<DemoMail>();
            foreach (var mail in found)
                if (mails.Open(clients[mail.ClientId], mail).TryGet(out var letter, out var erased))
                    shown.Add(new(mail.Id, branches[mail.BranchId].Name, branches[mail.BranchId].TimeZone, letter.To, letter.Name, letter.Subject ?? mail.Subject, letter.Text, mail.QueuedAt));
            return shown;
        }, ct);
}
