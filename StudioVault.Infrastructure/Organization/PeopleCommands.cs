using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;

namespace StudioVault.Infrastructure.Organization;

/// <summary>A link by which somebody chooses their password: the only time anybody sees its token.</summary>
public sealed record PasswordLink(string Token, DateTimeOffset ExpiresAt);

/// <summary>An account just made.</summary>
/// <param name="Link">The link its person needs first; null for headquarters, where a second human makes it.</param>
public sealed record NewAccount(PersonId Id, PasswordLink? Link);

/// <summary>
/// Accounts: who has one, what it may do, how its person gets in. HQ's, but for one's own password and for the verbs of whoever runs
/// the server. HQ never learns a password: it hands over a link, and the person chooses. Into an account of headquarters leads only a
/// link that two different humans of headquarters made: one who could do it alone would be their own second pair of eyes.
/// </summary>
public sealed class PeopleCommands(WriteDoor door, VaultDbs dbs, Passwords passwords, DemoMode demo)
{
    /// <summary>How long a link to choose a password is good.</summary>
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromDays(3);

    /// <summary>How long somebody's word that an account of headquarters needs a link waits for a second human.</summary>
    public static readonly TimeSpan AskLifetime = TimeSpan.FromHours(24);

    private const string AskedByAdding = "The account is new";
    private const string AskedByPromoting = "The account is of headquarters now";

    /// <summary>Names of indexes that a race for an address ends at.</summary>
    private const string AddressIndex = "user_name_index";

    private const int TokenBytes = 32;

    /// <summary>
    /// Makes an account without a password, and the link to choose one; for headquarters it counts as having asked for that link. Refused with what <see cref="PersonFacts.Problem"/> answers,
    /// <c>refuse.organization.mail_taken</c> or <c>branch_unknown</c>.
    /// </summary>
    public Task<Result<NewAccount>> AddAsync(Sender from, PersonFacts facts, CancellationToken ct) =>
        door.RunAsync<NewAccount>(new Command("person.add", from, TenantScope.Hq, Access.Hq, "person", "account"), async (context, token) =>
        {
            facts = facts.Trimmed();
            if (!(await MakeAsync(context, facts, token)).TryGet(out var person, out var refusal)) return refusal;
            PasswordLink? link = null;
            if (!facts.IsHqAdmin) link = Offer(context, person);
            else await AskAsync(context, person, AskedByAdding, token);
            context.Audit(Payload(facts));
            return new NewAccount(person.PersonId, link);
        }, ct);

    /// <summary>
    /// Makes an administrator of headquarters who can sign in at once: for whoever runs the server, when nobody can. Refused as
    /// <see cref="AddAsync"/>, and by <see cref="PasswordPolicy"/>.
    /// </summary>
    public async Task<Result<PersonId>> AddAdminAsync(Sender from, string name, string email, string password, CancellationToken ct)
    {
        var facts = new PersonFacts(name, "Headquarters", email, true, new Dictionary<BranchId, Role>()).Trimmed();
        if (facts.Problem() is { } problem) return problem;
        if (PasswordPolicy.Check(password, facts.Name, facts.Email) is { } weak) return weak with { Path = "password" };
        var hash = await passwords.HashAsync(password, ct);
        return await door.RunAsync<PersonId>(new Command("person.add", from, TenantScope.Hq, Access.Hq, "person", "account"), async (context, token) =>
        {
            if (!context.Caller.IsSystem) return KernelRefusals.NotAllowed.With("whoever runs the server");
            if (!(await MakeAsync(context, facts, token)).TryGet(out var person, out var refusal)) return refusal;
            person.TakePassword(hash);
            context.Audit(Payload(facts));
            return person.PersonId;
        }, ct);
    }

    /// <summary>
    /// Gives the account with this address another password and ends its sessions: for whoever runs the server, when nobody of
    /// headquarters can sign in. Refused with <c>refuse.organization.mail_unknown</c>, <c>account_off</c>, and by <see cref="PasswordPolicy"/>.
    /// </summary>
    public async Task<Result<PersonId>> SetPasswordAsync(Sender from, string email, string password, CancellationToken ct)
    {
        await using var db = dbs.Open(TenantScope.None);
        var normalized = Person.Normalize(email.Trim());
        var known = await db.Users.AsNoTracking().SingleOrDefaultAsync(p => p.NormalizedUserName == normalized, ct);
        if (known is null) return PeopleRefusals.MailUnknown.At("email");
        if (PasswordPolicy.Check(password, known.Name, email) is { } weak) return weak with { Path = "password" };
        var hash = await passwords.HashAsync(password, ct);
        return await door.RunAsync<PersonId>(About("person.set_password", from, known.PersonId), async (context, token) =>
        {
            if (!context.Caller.IsSystem) return KernelRefusals.NotAllowed.With("whoever runs the server");
            if (await FindAsync(context.Db, known.PersonId, token) is not { } person) return KernelRefusals.NotFound;
            if (person.IsDisabled) return PeopleRefusals.AccountOff;
            person.TakePassword(hash);
            Announce(context, person);
            return person.PersonId;
        }, ct);
    }

    /// <summary>
    /// Changes name, title, address and roles. Whoever may do less somewhere afterwards is signed out everywhere; with another address
    /// a link that is under way is dead. Whoever comes to headquarters by it loses password, link and sessions: their way in is a link
    /// again, and the change counts as having asked for it. Refused as <see cref="AddAsync"/>, with <c>refuse.kernel.stale_write</c> when <paramref name="seen"/> is no longer so, and with
    /// <c>refuse.organization.own_account</c> or <c>last_admin</c>.
    /// </summary>
    /// <param name="seen">The account as it stood when the change was begun.</param>
    public Task<Result<Done>> ChangeAsync(Sender from, PersonId id, PersonFacts seen, PersonFacts wanted, CancellationToken ct) =>
        door.RunAsync<Done>(About("person.change", from, id), async (context, token) =>
        {
            wanted = wanted.Trimmed();
            if (wanted.Problem() is { } problem) return problem;
            await LockAsync(context, token);
            if (await FindAsync(context.Db, id, token) is not { } person) return KernelRefusals.NotFound;
            var memberships = await context.Db.Memberships.Where(m => m.PersonId == id).ToListAsync(token);
            var now = FactsOf(person, memberships);
            if (!now.Equals(seen)) return KernelRefusals.StaleWrite;
            if (now.Equals(wanted)) return context.Nothing<Result<Done>>(Done.It);
            if (await UnknownAsync(context.Db, wanted, token)) return PeopleRefusals.BranchUnknown.At("roles");
            if (now.IsHqAdmin && !wanted.IsHqAdmin)
            {
                if (context.Caller.PersonId == id) return PeopleRefusals.OwnAccount;
                if (await LastAsync(context, person, token) is { } last) return last;
            }

            context.IfTaken(AddressIndex, PeopleRefusals.MailTaken.At("email"));
            if (await TakenAsync(context.Db, wanted.Email, id, token)) return PeopleRefusals.MailTaken.At("email");
            // A link went to whoever has the address before.
            if (now.Email != wanted.Email || !wanted.IsHqAdmin) person.DropAsk();
            if (now.Email != wanted.Email) person.DropLink();
            (person.Name, person.Title) = (wanted.Name, wanted.Title);
            person.SignInWith(wanted.Email);
            var kept = memberships.Where(m => m.BranchId is { } branch ? wanted.Roles.TryGetValue(branch, out var role) && role == m.Role : wanted.IsHqAdmin).ToList();
            context.Db.Memberships.RemoveRange(memberships.Except(kept));
            if (wanted.IsHqAdmin && !now.IsHqAdmin) context.Db.Memberships.Add(Membership.Hq(id));
            foreach (var (branch, role) in wanted.Roles.Where(r => kept.All(m => m.BranchId != r.Key))) context.Db.Memberships.Add(Membership.In(branch, id, role));
            var (loses, rises) = (now.LosesBy(wanted), wanted.IsHqAdmin && !now.IsHqAdmin);
            if (loses) person.EndSessions();
            if (rises)
            {
                person.LosePassword();
                await AskAsync(context, person, AskedByPromoting, token);
            }

            var payload = Payload(wanted);
            // Which, and never what: the log is for ever.
            payload["changed"] = string.Join(", ", new (string Field, bool Is)[] { ("name", now.Name != wanted.Name), ("title", now.Title != wanted.Title), ("email", now.Email != wanted.Email) }.Where(c => c.Is).Select(c => c.Field));
            payload["before"] = RolesOf(now);
            payload["signedOut"] = loses || rises;
            context.Audit(payload);
            Announce(context, person);
            return Done.It;
        }, ct);

    /// <summary>
    /// Switches an account off: it cannot sign in, its sessions and its link are dead, what hangs on its delegations gives nothing. Refused
    /// with <c>refuse.organization.own_account</c>, <c>last_admin</c>, and <c>refuse.kernel.stale_write</c> when it was off already.
    /// </summary>
    public Task<Result<Done>> DisableAsync(Sender from, PersonId id, string reason, CancellationToken ct) =>
        OnPersonAsync("person.disable", from, id, async (context, person, token) =>
        {
            if (Reasons.Problem(reason) is { } problem) return problem;
            if (person.IsDisabled) return KernelRefusals.StaleWrite;
            if (context.Caller.PersonId == id) return PeopleRefusals.OwnAccount;
            if (await LastAsync(context, person, token) is { } last) return last;
            person.IsDisabled = true;
            person.DropLink();
            person.DropAsk();
            person.EndSessions();
            context.Audit(new JsonObject { ["reason"] = reason.Trim() });
            return null;
        }, ct);

    /// <summary>Switches an account on again, with its roles and its password. Refused with <c>refuse.kernel.stale_write</c> when it was on already.</summary>
    public Task<Result<Done>> EnableAsync(Sender from, PersonId id, string reason, CancellationToken ct) =>
        OnPersonAsync("person.enable", from, id, (context, person, _) =>
        {
            if (Reasons.Problem(reason) is { } problem) return Task.FromResult<Refusal?>(problem);
            if (!person.IsDisabled) return Task.FromResult<Refusal?>(KernelRefusals.StaleWrite);
            person.IsDisabled = false;
            person.EndSessions();
            context.Audit(new JsonObject { ["reason"] = reason.Trim() });
            return Task.FromResult<Refusal?>(null);
        }, ct);

    /// <summary>Ends every session of an account, and a link that is under way; its person signs in again with the password they have.</summary>
    public Task<Result<Done>> SignOutEverywhereAsync(Sender from, PersonId id, CancellationToken ct) =>
        OnPersonAsync("person.sign_out_everywhere", from, id, (_, person, _) =>
        {
            // Whoever has the link could otherwise come back by it.
            person.DropLink();
            person.EndSessions();
            return Task.FromResult<Refusal?>(null);
        }, ct);

    /// <summary>
    /// Says that somebody of headquarters needs a link to choose a password: the first of two humans. Refused with
    /// <c>refuse.organization.own_link</c>, <c>link_needs_no_ask</c>, <c>account_off</c>, <c>link_asked</c>, <c>link_nobody_else</c>.
    /// </summary>
    public Task<Result<Done>> AskPasswordAsync(Sender from, PersonId id, string reason, CancellationToken ct) =>
        OnPersonAsync("person.ask_password", from, id, async (context, person, token) =>
        {
            if (Reasons.Problem(reason) is { } problem) return problem;
            if (context.Caller.PersonId == id) return PeopleRefusals.OwnLink;
            if (!await Administrators.IsOneAsync(context.Db, id, token)) return PeopleRefusals.LinkNeedsNoAsk;
            if (person.IsDisabled) return PeopleRefusals.AccountOff;
            if (await AskerAsync(context, person, token) is { } asker) return PeopleRefusals.LinkAsked.With(asker.Name);
            if (!await AskAsync(context, person, reason.Trim(), token)) return PeopleRefusals.LinkNobodyElse;
            context.Audit(new JsonObject { ["reason"] = reason.Trim() });
            return null;
        }, ct);

    /// <summary>No link is made: whoever asked for it is answered no, or takes it back. Refused with <c>refuse.organization.link_not_asked</c>.</summary>
    public Task<Result<Done>> DenyPasswordAsync(Sender from, PersonId id, CancellationToken ct) =>
        OnPersonAsync("person.deny_password", from, id, (context, person, _) =>
        {
            if (person.LinkAskedBy is not { } asked) return Task.FromResult<Refusal?>(PeopleRefusals.LinkNotAsked);
            context.Audit(new JsonObject { ["askedBy"] = asked.ToString() });
            person.DropAsk();
            return Task.FromResult<Refusal?>(null);
        }, ct);

    /// <summary>
    /// A link by which the person chooses a password; the link before it is dead. The password they have goes on until then. For an
    /// account of headquarters a different human asked for it before. Refused with <c>refuse.organization.account_off</c>,
    /// <c>own_link</c>, <c>link_not_asked</c>, <c>link_second_person</c>, <c>link_nobody_else</c>.
    /// </summary>
    public Task<Result<PasswordLink>> OfferPasswordAsync(Sender from, PersonId id, CancellationToken ct) =>
        door.RunAsync<PasswordLink>(About("person.offer_password", from, id), async (context, token) =>
        {
            await LockAsync(context, token);
            if (await FindAsync(context.Db, id, token) is not { } person) return KernelRefusals.NotFound;
            if (context.Caller.PersonId == id) return PeopleRefusals.OwnLink;
            if (person.IsDisabled) return PeopleRefusals.AccountOff;
            if (await Administrators.IsOneAsync(context.Db, id, token))
            {
                if (await AloneAsync(context, person, token) is { } alone) return alone;
                context.Audit(new JsonObject { ["askedBy"] = person.LinkAskedBy.ToString(), ["reason"] = person.LinkReason });
            }

            Announce(context, person);
            return Offer(context, person);
        }, ct);

    /// <summary>Whose link it is, by name. Refused with <c>refuse.organization.password_link_dead</c>.</summary>
    public async Task<Result<string>> WhoseLinkAsync(string token, CancellationToken ct)
    {
        var result = await door.ReadAsync<Person>(Sender.System("password-link"), TenantScope.None, Access.AnySignedIn, (db, _, t) => ByLinkAsync(db, token, t), ct);
        if (result.IsRefused) return result.Refusal;
        return result.Value.Name;
    }

    /// <summary>
    /// The person whose link it is chooses their password; it is their own act, and their sessions end. Refused with
    /// <c>refuse.organization.password_link_dead</c> and by <see cref="PasswordPolicy"/>.
    /// </summary>
    public async Task<Result<PersonId>> ChoosePasswordAsync(string token, string password, CancellationToken ct)
    {
        var found = await door.ReadAsync<Person>(Sender.System("password-link"), TenantScope.None, Access.AnySignedIn, (db, _, t) => ByLinkAsync(db, token, t), ct);
        if (!found.TryGet(out var known, out var dead))
        {
            await door.NoteRefusalAsync(new Command("person.choose_password", Sender.Nobody, TenantScope.None, Access.AnySignedIn, "person", "unknown"), dead, ct);
            return dead;
        }

        if (PasswordPolicy.Check(password, known.Name, known.Email ?? "") is { } weak) return weak with { Path = "password" };
        var hash = await passwords.HashAsync(password, ct);
        return await door.RunAsync<PersonId>(new Command("person.choose_password", Sender.Person(known.PersonId, known.SecurityStamp), TenantScope.None, Access.AnySignedIn, "person", known.Id.ToString()), async (context, t) =>
        {
            if (!(await ByLinkAsync(context.Db, token, t)).TryGet(out var person, out var gone)) return gone;
            context.Db.Users.Attach(person);
            person.TakePassword(hash);
            Announce(context, person);
            return person.PersonId;
        }, ct);
    }

    /// <summary>
    /// One's own password; every other session of the person ends, and this one's cookie has to be given anew, of the person as
    /// answered here: read later, it might have a stamp somebody else wrote. Refused with <c>refuse.organization.password_wrong</c> and by <see cref="PasswordPolicy"/>.
    /// </summary>
    public async Task<Result<Person>> ChangeOwnPasswordAsync(Sender from, string current, string password, CancellationToken ct)
    {
        var me = await door.ReadAsync<Person>(from, TenantScope.None, Access.AnySignedIn, async (db, caller, t) =>
        {
            if (caller.PersonId is not { } id) return KernelRefusals.SignedOut;
            return await db.Users.AsNoTracking().SingleAsync(p => p.Id == id.Value, t);
        }, ct);
        if (!me.TryGet(out var known, out var unknown)) return unknown;
        var command = new Command("person.change_password", from, TenantScope.None, Access.AnySignedIn, "person", known.Id.ToString());
        if (await SessionProof.RefusalAsync(door, passwords, known, current, command, PeopleRefusals.PasswordWrong.At("current"), ct) is { } refusal) return refusal;
        if (PasswordPolicy.Check(password, known.Name, known.Email ?? "") is { } weak) return weak with { Path = "password" };
        var hash = await passwords.HashAsync(password, ct);
        return await door.RunAsync<Person>(command, async (context, t) =>
        {
            var person = await context.Db.Users.SingleAsync(p => p.Id == known.Id, t);
            person.TakePassword(hash);
            Announce(context, person);
            return person;
        }, ct);
    }

    /// <summary>Ends the session the sender's cookie names, and no other of the person.</summary>
    public Task<Result<Done>> EndSessionAsync(Sender from, CancellationToken ct) =>
        door.RunAsync<Done>(new Command("session.sign_out", from, TenantScope.None, Access.AnySignedIn, "person", from.PersonId?.ToString() ?? ""), (context, _) =>
        {
            if (context.Caller.PersonId is not { } person) return Task.FromResult<Result<Done>>(KernelRefusals.SignedOut);
            if (from.Session is { } session)
            {
                context.Db.EndedSessions.Add(EndedSession.Of(session, person));
                context.Announce(Topics.SessionEnded, null, new JsonObject { ["personId"] = person.ToString() });
            }

            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);

    /// <summary>An account as HQ says it.</summary>
    internal static PersonFacts FactsOf(Person person, IEnumerable<Membership> memberships)
    {
        var all = memberships.ToList();
        return new(person.Name, person.Title, person.Email ?? "", all.Exists(m => m.Role == Role.HqAdmin), all.Where(m => m.BranchId is not null).ToDictionary(m => m.BranchId!.Value, m => m.Role));
    }

    private static async Task<Result<Person>> MakeAsync(WriteContext context, PersonFacts facts, CancellationToken ct)
    {
        if (facts.Problem() is { } problem) return problem;
        if (await UnknownAsync(context.Db, facts, ct)) return PeopleRefusals.BranchUnknown.At("roles");
        context.IfTaken(AddressIndex, PeopleRefusals.MailTaken.At("email"));
        if (await TakenAsync(context.Db, facts.Email, null, ct)) return PeopleRefusals.MailTaken.At("email");
        var person = new Person { Name = facts.Name, Title = facts.Title };
        person.SignInWith(facts.Email);
        context.Db.Users.Add(person);
        if (facts.IsHqAdmin) context.Db.Memberships.Add(Membership.Hq(person.PersonId));
        foreach (var (branch, role) in facts.Roles) context.Db.Memberships.Add(Membership.In(branch, person.PersonId, role));
        context.ObjectId = person.Id.ToString();
        Announce(context, person);
        return person;
    }

    private static PasswordLink Offer(WriteContext context, Person person)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var until = context.Now + LinkLifetime;
        person.OfferLink(HashOf(token), until);
        person.ConcurrencyStamp = Guid.NewGuid().ToString();
        return new PasswordLink(token, until);
    }

    private static async Task<Result<Person>> ByLinkAsync(VaultDb db, string token, CancellationToken ct)
    {
        if (token.Length != Base64Url.GetEncodedLength(TokenBytes)) return PeopleRefusals.LinkDead;
        var hash = HashOf(token);
        var person = await db.Users.AsNoTracking().SingleOrDefaultAsync(p => p.PasswordLinkSha256 == hash && !p.IsDisabled && p.PasswordLinkUntil > DatabaseNow.Now(), ct);
        if (person is null) return PeopleRefusals.LinkDead;
        return person;
    }

    private Task<Result<Done>> OnPersonAsync(string action, Sender from, PersonId id, Func<WriteContext, Person, CancellationToken, Task<Refusal?>> work, CancellationToken ct) =>
        door.RunAsync<Done>(About(action, from, id), async (context, token) =>
        {
            await LockAsync(context, token);
            if (await FindAsync(context.Db, id, token) is not { } person) return KernelRefusals.NotFound;
            if (await work(context, person, token) is { } refusal) return refusal;
            Announce(context, person);
            return Done.It;
        }, ct);

    /// <summary>
    /// Why this account may not go from headquarters, or null. Counted under the lock of <see cref="LockAsync"/>: of two who switch
    /// each other off at once, one is still there.
    /// </summary>
    private async Task<Refusal?> LastAsync(WriteContext context, Person person, CancellationToken ct)
    {
        if (!await Administrators.IsOneAsync(context.Db, person.PersonId, ct)) return null;
        if (await (await Administrators.WhoCanSignInAsync(context.Db, demo.Enabled, ct)).AnyAsync(p => p.Id != person.Id, ct)) return null;
        return PeopleRefusals.LastAdmin;
    }

    /// <summary>Notes who asks. False when no other human could answer: nobody else of headquarters can sign in.</summary>
    private async Task<bool> AskAsync(WriteContext context, Person person, string reason, CancellationToken ct)
    {
        if (context.Caller.PersonId is not { } me) return false;
        await AccountLinks.HoldAsync(context, ct);
        var human = await HumanAsync(context, me, ct);
        person.AskLink(me, human, reason, context.Now);
        return await SomebodyElseAsync(context, person, me, human, ct);
    }

    /// <summary>Who asked for a link, when that counts: not long ago, and an administrator who still has an account.</summary>
    private static async Task<Person?> AskerAsync(WriteContext context, Person person, CancellationToken ct)
    {
        if (person.LinkAskedBy is not { } by || person.LinkAskedAt is not { } at || context.Now - at > AskLifetime) return null;
        if (!await Administrators.IsOneAsync(context.Db, by, ct)) return null;
        return await context.Db.Users.AsNoTracking().SingleOrDefaultAsync(p => p.Id == by.Value && !p.IsDisabled, ct);
    }

    /// <summary>Why the caller is not the second of two humans who want a link for this account, or null when they are.</summary>
    private async Task<Refusal?> AloneAsync(WriteContext context, Person person, CancellationToken ct)
    {
        if (context.Caller.PersonId is not { } me) return PeopleRefusals.LinkNotAsked;
        // Who is one human with whom is asked now, and nobody links accounts meanwhile.
        await AccountLinks.HoldAsync(context, ct);
        var human = await HumanAsync(context, me, ct);
        var asker = await AskerAsync(context, person, ct);
        if (asker is not null && !TwoHumans.IsSame(asker.PersonId, person.LinkAskedHuman, asker.Human, me, human)) return null;
        if (!await SomebodyElseAsync(context, person, me, human, ct)) return PeopleRefusals.LinkNobodyElse;
        if (asker is null) return PeopleRefusals.LinkNotAsked;
        return PeopleRefusals.LinkSecondPerson.With(asker.Name);
    }

    /// <summary>Whether a third human of headquarters, besides the account's own and the one who asks, can sign in and answer.</summary>
    private async Task<bool> SomebodyElseAsync(WriteContext context, Person person, PersonId me, HumanId human, CancellationToken ct) =>
        await (await Administrators.WhoCanSignInAsync(context.Db, demo.Enabled, ct)).AnyAsync(p => p.Id != person.Id && p.Id != me.Value && p.Id != human.Value && p.HumanId != human, ct);

    private static async Task<HumanId> HumanAsync(WriteContext context, PersonId account, CancellationToken ct) =>
        new((await FourEyes.HumansAsync(context.Db, [account.Value], ct)).GetValueOrDefault(account.Value, account.Value));

    private static Command About(string action, Sender from, PersonId id) => new(action, from, TenantScope.Hq, Access.Hq, "person", id.ToString());

    /// <summary>Who is administrator of headquarters changes for one at a time.</summary>
    private static Task LockAsync(WriteContext context, CancellationToken ct) =>
        context.Db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('people:rights', 0))", ct);

    private static Task<Person?> FindAsync(VaultDb db, PersonId id, CancellationToken ct) => db.Users.SingleOrDefaultAsync(p => p.Id == id.Value, ct);

    private static Task<bool> TakenAsync(VaultDb db, string email, PersonId? but, CancellationToken ct)
    {
        var normalized = Person.Normalize(email);
        var self = but?.Value ?? Guid.Empty;
        return db.Users.AnyAsync(p => p.NormalizedUserName == normalized && p.Id != self, ct);
    }

    private static async Task<bool> UnknownAsync(VaultDb db, PersonFacts facts, CancellationToken ct)
    {
        List<BranchId> named = [.. facts.Roles.Keys];
        return await db.Branches.CountAsync(b => named.Contains(b.Id), ct) != named.Count || facts.Roles.Values.Any(r => r == Role.HqAdmin);
    }

    private static void Announce(WriteContext context, Person person) => context.Announce(Topics.AccountChanged, null, new JsonObject { ["personId"] = person.Id.ToString() });

    // No name and no address: the log is for ever.
    private static JsonObject Payload(PersonFacts facts) => new() { ["roles"] = RolesOf(facts) };

    private static string RolesOf(PersonFacts facts) => facts.IsHqAdmin ? nameof(Role.HqAdmin) : string.Join(", ", facts.Roles.Select(r => $"{r.Value} {r.Key}").Order(StringComparer.Ordinal));

    private static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
