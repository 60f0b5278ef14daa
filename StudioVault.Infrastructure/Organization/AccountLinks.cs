using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>HQ says which accounts are one human, so that four eyes count humans (APP-3).</summary>
public sealed class AccountLinks(WriteDoor door)
{
    /// <summary>Says that two accounts are one human; whatever is linked to either comes along. Refused with <c>refuse.organization.link_same</c>.</summary>
    public Task<Result<Done>> LinkAsync(Sender from, PersonId account, PersonId other, string reason, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("person.link", from, TenantScope.Hq, Access.Hq, "person", account.ToString()), async (context, token) =>
        {
            if (Reasons.Problem(reason) is { } problem) return problem;
            await LockAsync(context, token);
            var (one, two) = (await FindAsync(context.Db, account, token), await FindAsync(context.Db, other, token));
            if (one is null || two is null) return KernelRefusals.NotFound;
            if (one.Human == two.Human) return LinkRefusals.SameAccount;
            Announce(context, [.. await AccountsAsync(context.Db, one.Human, token), .. await AccountsAsync(context.Db, two.Human, token)]);
            foreach (var person in await AccountsAsync(context.Db, two.Human, token)) person.HumanId = one.Human;
            context.Audit(new JsonObject { ["with"] = other.ToString(), ["human"] = one.Human.ToString(), ["reason"] = reason.Trim() });
            return Done.It;
        }, ct);

    /// <summary>Says that an account is a human of its own after all; the others it was linked to stay together. Refused with <c>refuse.organization.not_linked</c>, and with <c>own_accounts</c>: nobody makes two people of themselves.</summary>
    public Task<Result<Done>> UnlinkAsync(Sender from, PersonId account, string reason, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("person.unlink", from, TenantScope.Hq, Access.Hq, "person", account.ToString()), async (context, token) =>
        {
            if (Reasons.Problem(reason) is { } problem) return problem;
            await LockAsync(context, token);
            if (await FindAsync(context.Db, account, token) is not { } person) return KernelRefusals.NotFound;
            var others = (await AccountsAsync(context.Db, person.Human, token)).Where(p => p.Id != person.Id).OrderBy(p => p.Id).ToList();
            if (others.Count == 0) return LinkRefusals.NotLinked;
            if (context.Caller.PersonId is { } me && (me == person.PersonId || others.Exists(o => o.PersonId == me))) return LinkRefusals.OwnAccounts;
            // What one of them asked for the other could grant now, as if they had always been two.
            var ids = others.Append(person).Select(p => (PersonId?)p.PersonId).ToList();
            foreach (var asked in await context.Db.Users.Where(p => ids.Contains(p.LinkAskedBy)).ToListAsync(token)) asked.DropAsk();
            // The others may have been called after this account.
            if (person.Human.Value == person.Id)
                foreach (var p in others) p.HumanId = p == others[0] ? null : new HumanId(others[0].Id);
            person.HumanId = null;
            Announce(context, [person, .. others]);
            context.Audit(new JsonObject { ["reason"] = reason.Trim() });
            return Done.It;
        }, ct);

    /// <summary>For whoever counts humans in a transaction: until its end no account is linked or parted.</summary>
    internal static Task HoldAsync(WriteContext context, CancellationToken ct) =>
        context.Db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock_shared(hashtextextended('people:links', 0))", ct);

    /// <summary>For the pages that show people, and for these people themselves.</summary>
    private static void Announce(WriteContext context, IEnumerable<Person> people) =>
        context.Announce(Topics.PersonChanged, null, new JsonObject { ["personIds"] = new JsonArray([.. people.Select(p => p.Id).Distinct().Order().Select(id => (JsonNode)id.ToString())]) });

    private static Task LockAsync(WriteContext context, CancellationToken ct) =>
        context.Db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('people:links', 0))", ct);

    private static Task<Person?> FindAsync(VaultDb db, PersonId id, CancellationToken ct) => db.Users.SingleOrDefaultAsync(p => p.Id == id.Value, ct);

    private static Task<List<Person>> AccountsAsync(VaultDb db, HumanId human, CancellationToken ct) =>
        db.Users.Where(p => p.HumanId == human || p.Id == human.Value).ToListAsync(ct);
}
