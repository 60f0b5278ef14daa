using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

/// <summary>Who gets an account, what it may do, how its person gets in, and how all of that ends.</summary>
public sealed class PeopleCommandsTests(PostgresServer server) : VaultTest(server)
{
    private const string Good = "seven quiet lanterns";

    private Passwords _passwords = null!;

    private PeopleCommands People => new(Door, Dbs, _passwords, new DemoMode(false));

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _passwords = new Passwords(Dbs, Passwords.Hasher());
    }

    public override async ValueTask DisposeAsync()
    {
        _passwords.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Somebody_added_chooses_a_password_by_the_link_and_signs_in_and_the_link_is_dead()
    {
        var made = (await People.AddAsync(Hq, Facts("Olga Neves", "olga@northlight.example", (Porto, Role.BranchManager)), Ct)).Value;
        Assert.False(await SignsInAsync(made.Id, Good));
        Assert.Equal("Olga Neves", (await People.WhoseLinkAsync(made.Link!.Token, Ct)).Value);
        Assert.Null((await People.ChoosePasswordAsync(made.Link!.Token, Good, Ct)).Refusal);
        Assert.True(await SignsInAsync(made.Id, Good));
        Assert.Equal(PeopleRefusals.LinkDead.Code, (await People.ChoosePasswordAsync(made.Link!.Token, "another good one", Ct)).Refusal?.Code);
        Assert.Equal(PeopleRefusals.LinkDead.Code, (await People.WhoseLinkAsync(made.Link!.Token, Ct)).Refusal?.Code);
        // She may act, and the log knows her only by her id: neither her name nor her address nor the link stand in it.
        Assert.Null((await new BranchCommands(Door).AddBlackoutAsync(await SenderAsync(made.Id), Porto, new DateOnly(2099, 1, 1), new DateOnly(2099, 1, 2), "Mine", Ct)).Refusal);
        Assert.Equal("person.add, person.choose_password", await SqlAsync("select string_agg(action, ', ' order by at) from audit.entries where outcome = 'done' and object_id = $1", made.Id.ToString()));
        Assert.Equal(0L, await SqlAsync("select count(*) from audit.entries where concat(object_id, payload) ~ 'olga|Olga' or strpos(concat(object_id, payload), $1) > 0", made.Link!.Token));
        Assert.Equal(0L, await SqlAsync("select count(*) from organization.people where password_link_sha256 = $1", made.Link!.Token));
    }

    [Fact]
    public async Task A_link_that_was_replaced_or_ran_out_opens_nothing()
    {
        var made = (await People.AddAsync(Hq, Facts("Olga", "olga@northlight.example", (Porto, Role.Staff)), Ct)).Value;
        var second = (await People.OfferPasswordAsync(Hq, made.Id, Ct)).Value;
        Assert.Equal(PeopleRefusals.LinkDead.Code, (await People.ChoosePasswordAsync(made.Link!.Token, Good, Ct)).Refusal?.Code);
        await PastGuardsAsync("update organization.people set password_link_until = clock_timestamp() - interval '1 second' where id = $1", made.Id.Value);
        Assert.Equal(PeopleRefusals.LinkDead.Code, (await People.ChoosePasswordAsync(second.Token, Good, Ct)).Refusal?.Code);
        Assert.Equal(PeopleRefusals.LinkDead.Code, (await People.ChoosePasswordAsync("no-link", Good, Ct)).Refusal?.Code);
        Assert.False(await SignsInAsync(made.Id, Good));
    }

    [Fact]
    public async Task Signing_out_everywhere_and_another_address_end_a_link_that_is_under_way()
    {
        var made = (await People.AddAsync(Hq, Facts("Olga", "olga@northlight.example", (Porto, Role.Staff)), Ct)).Value;
        Assert.Null((await People.SignOutEverywhereAsync(Hq, made.Id, Ct)).Refusal);
        Assert.Equal(PeopleRefusals.LinkDead.Code, (await People.ChoosePasswordAsync(made.Link!.Token, Good, Ct)).Refusal?.Code);

        var second = (await People.OfferPasswordAsync(Hq, made.Id, Ct)).Value;
        var seen = await SeenAsync(made.Id);
        Assert.Null((await People.ChangeAsync(Hq, made.Id, seen, seen with { Title = "Studio" }, Ct)).Refusal);
        Assert.Equal("Olga", (await People.WhoseLinkAsync(second.Token, Ct)).Value);
        Assert.Null((await People.ChangeAsync(Hq, made.Id, seen with { Title = "Studio" }, seen with { Title = "Studio", Email = "olga.neves@northlight.example" }, Ct)).Refusal);
        Assert.Equal(PeopleRefusals.LinkDead.Code, (await People.ChoosePasswordAsync(second.Token, Good, Ct)).Refusal?.Code);
        Assert.False(await SignsInAsync(made.Id, Good));
    }

    [Fact]
    public async Task Ones_new_password_answers_with_the_stamp_it_wrote()
    {
        await GiveAsync(Rui, Good);
        var changed = (await People.ChangeOwnPasswordAsync(await SenderAsync(Rui.PersonId!.Value), Good, "eight loud lanterns", Ct)).Value;
        Assert.Equal((await FindAsync(Rui.PersonId!.Value)).SecurityStamp, changed.SecurityStamp);
        Assert.NotEqual(Rui.SecurityStamp, changed.SecurityStamp);
    }

    [Theory]
    [InlineData("short", "refuse.organization.password_too_short")]
    [InlineData("password1234", "refuse.organization.password_common")]
    [InlineData("olga neves 12", "refuse.organization.password_guessable")]
    public async Task A_weak_password_is_refused_and_the_link_goes_on(string password, string code)
    {
        var made = (await People.AddAsync(Hq, Facts("Olga Neves", "olga@northlight.example", (Porto, Role.Staff)), Ct)).Value;
        Assert.Equal(code, (await People.ChoosePasswordAsync(made.Link!.Token, password, Ct)).Refusal?.Code);
        Assert.Null((await People.ChoosePasswordAsync(made.Link!.Token, Good, Ct)).Refusal);
    }

    [Fact]
    public async Task An_account_that_makes_no_sense_is_refused_at_its_field()
    {
        var none = new Dictionary<BranchId, Role>();
        Assert.Equal(("refuse.organization.person_name_missing", "name"), await AddedAsync(Facts(" ", "olga@northlight.example", (Porto, Role.Staff))));
        Assert.Equal(("refuse.kernel.too_long", "name"), await AddedAsync(Facts(new string('a', 121), "olga@northlight.example", (Porto, Role.Staff))));
        Assert.Equal(("refuse.organization.mail_malformed", "email"), await AddedAsync(Facts("Olga", "olga at home", (Porto, Role.Staff))));
        Assert.Equal(("refuse.organization.role_missing", "roles"), await AddedAsync(new("Olga", "", "olga@northlight.example", false, none)));
        Assert.Equal(("refuse.organization.roles_mixed", "roles"), await AddedAsync(new("Olga", "", "olga@northlight.example", true, new Dictionary<BranchId, Role> { [Porto] = Role.Staff })));
        Assert.Equal(("refuse.organization.branch_unknown", "roles"), await AddedAsync(Facts("Olga", "olga@northlight.example", (BranchId.New(), Role.Staff))));
        Assert.Equal(("refuse.organization.branch_unknown", "roles"), await AddedAsync(Facts("Olga", "olga@northlight.example", (Porto, Role.HqAdmin))));
        Assert.Equal(("refuse.organization.mail_taken", "email"), await AddedAsync(Facts("Another Ana", " ANA@northlight.example ", (Porto, Role.Staff))));
        Assert.Equal(5L, await SqlAsync("select count(*) from organization.people"));
    }

    [Fact]
    public async Task Two_who_add_the_same_address_at_once_make_one_account()
    {
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => People.AddAsync(Hq, Facts("Olga", "olga@northlight.example", (Porto, Role.Staff)), Ct)));
        Assert.Equal([PeopleRefusals.MailTaken.Code], both.Where(b => b.IsRefused).Select(b => b.Refusal!.Code));
    }

    [Fact]
    public async Task Nobody_but_headquarters_makes_or_changes_an_account()
    {
        var rui = Rui.PersonId!.Value;
        var seen = await SeenAsync(rui);
        Assert.Equal("refuse.kernel.not_allowed", (await People.AddAsync(Ana, Facts("Olga", "olga@northlight.example", (Porto, Role.Staff)), Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await People.ChangeAsync(Ana, rui, seen, seen with { Name = "Someone" }, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await People.DisableAsync(Ana, rui, "No reason", Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await People.EnableAsync(Ana, rui, "No reason", Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await People.SignOutEverywhereAsync(Ana, rui, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await People.OfferPasswordAsync(Ana, rui, Ct)).Refusal?.Code);
        // Even headquarters never sets a password itself: the person would not be the only one who knows it.
        Assert.Equal("refuse.kernel.not_allowed", (await People.SetPasswordAsync(Hq, "rui@northlight.example", Good, Ct)).Refusal?.Code);
        Assert.Equal("refuse.kernel.not_allowed", (await People.AddAdminAsync(Hq, "Olga", "olga@northlight.example", Good, Ct)).Refusal?.Code);
        Assert.Equal(seen, await SeenAsync(rui));
    }

    [Fact]
    public async Task A_right_gained_leaves_the_session_alone_and_a_right_lost_ends_it_at_once()
    {
        var rui = Rui.PersonId!.Value;
        var seen = await SeenAsync(rui);
        var more = seen with { Roles = new Dictionary<BranchId, Role> { [Porto] = Role.BranchManager, [Berlin] = Role.Staff } };
        Assert.Null((await People.ChangeAsync(Hq, rui, seen, more, Ct)).Refusal);
        Assert.False((await MayAsync(Rui, Berlin)).IsRefused);

        var less = more with { Roles = new Dictionary<BranchId, Role> { [Porto] = Role.Staff, [Berlin] = Role.BranchManager } };
        Assert.Null((await People.ChangeAsync(Hq, rui, more, less, Ct)).Refusal);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await MayAsync(Rui, Porto)).Refusal?.Code);
        Assert.Equal(less, await SeenAsync(rui));
        var again = await SenderAsync(rui);
        Assert.False((await MayAsync(again, Porto)).IsRefused);
        Assert.Equal("refuse.kernel.not_allowed", (await new BranchCommands(Door).AddBlackoutAsync(again, Porto, new DateOnly(2099, 1, 1), new DateOnly(2099, 1, 2), "Mine", Ct)).Refusal?.Code);
        Assert.Equal(2L, await SqlAsync("select count(*) from audit.entries where action = 'person.change' and outcome = 'done' and object_id = $1", rui.ToString()));
    }

    [Fact]
    public async Task A_change_begun_on_what_is_no_longer_so_is_refused()
    {
        var rui = Rui.PersonId!.Value;
        var seen = await SeenAsync(rui);
        Assert.Null((await People.ChangeAsync(Hq, rui, seen, seen with { Title = "Manager" }, Ct)).Refusal);
        Assert.Equal(KernelRefusals.StaleWrite.Code, (await People.ChangeAsync(Hq, rui, seen, seen with { Name = "Someone" }, Ct)).Refusal?.Code);
        Assert.Equal(PeopleRefusals.MailTaken.Code, (await People.ChangeAsync(Hq, rui, await SeenAsync(rui), await SeenAsync(rui) with { Email = "Ana@northlight.example" }, Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotFound.Code, (await People.ChangeAsync(Hq, PersonId.New(), seen, seen, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task An_account_switched_off_sends_nothing_signs_in_nowhere_and_comes_back_with_its_password()
    {
        await GiveAsync(Rui, Good);
        var rui = await SenderAsync(Rui.PersonId!.Value);
        var link = (await People.OfferPasswordAsync(Hq, rui.PersonId!.Value, Ct)).Value;
        Assert.Equal(KernelRefusals.ReasonRequired.Code, (await People.DisableAsync(Hq, rui.PersonId!.Value, " ", Ct)).Refusal?.Code);
        Assert.Null((await People.DisableAsync(Hq, rui.PersonId!.Value, "He left", Ct)).Refusal);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await MayAsync(rui, Porto)).Refusal?.Code);
        Assert.False(await SignsInAsync(rui.PersonId!.Value, Good));
        Assert.Equal(PeopleRefusals.LinkDead.Code, (await People.ChoosePasswordAsync(link.Token, "another good one", Ct)).Refusal?.Code);
        Assert.Equal(PeopleRefusals.AccountOff.Code, (await People.OfferPasswordAsync(Hq, rui.PersonId!.Value, Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.StaleWrite.Code, (await People.DisableAsync(Hq, rui.PersonId!.Value, "Twice", Ct)).Refusal?.Code);
        Assert.Null((await People.EnableAsync(Hq, rui.PersonId!.Value, "Back", Ct)).Refusal);
        Assert.True(await SignsInAsync(rui.PersonId!.Value, Good));
        // The session from before does not come back with the account.
        Assert.Equal(KernelRefusals.SignedOut.Code, (await MayAsync(rui, Porto)).Refusal?.Code);
    }

    [Fact]
    public async Task Nobody_switches_themselves_off_and_the_last_administrator_stays()
    {
        var me = Hq.PersonId!.Value;
        var mine = await SeenAsync(me);
        var staff = mine with { IsHqAdmin = false, Roles = new Dictionary<BranchId, Role> { [Porto] = Role.Staff } };
        Assert.Equal(PeopleRefusals.OwnAccount.Code, (await People.DisableAsync(Hq, me, "Tired", Ct)).Refusal?.Code);
        Assert.Equal(PeopleRefusals.OwnAccount.Code, (await People.ChangeAsync(Hq, me, mine, staff, Ct)).Refusal?.Code);
        // Somebody who was added and never chose a password keeps nobody in.
        await People.AddAsync(Hq, new("Vera", "", "vera@northlight.example", true, new Dictionary<BranchId, Role>()), Ct);
        var second = await AdminAsync("Otto");
        Assert.Equal(PeopleRefusals.LastAdmin.Code, (await People.DisableAsync(second, me, "Away", Ct)).Refusal?.Code);
        await GiveAsync(second, Good);
        Assert.Null((await People.DisableAsync(await SenderAsync(second.PersonId!.Value), me, "Away", Ct)).Refusal);
    }

    [Fact]
    public async Task Of_two_administrators_who_switch_each_other_off_at_once_one_is_still_there()
    {
        await GiveAsync(Hq, Good);
        var one = await SenderAsync(Hq.PersonId!.Value);
        var otto = await AdminAsync("Otto");
        await GiveAsync(otto, Good);
        otto = await SenderAsync(otto.PersonId!.Value);
        for (var round = 0; round < 5; round++)
        {
            var both = await Task.WhenAll(People.DisableAsync(one, otto.PersonId!.Value, "Race", Ct), People.DisableAsync(otto, one.PersonId!.Value, "Race", Ct));
            Assert.Single(both, b => !b.IsRefused);
            await PastGuardsAsync("update organization.people set is_disabled = false where id = any($1)", new[] { one.PersonId!.Value.Value, otto.PersonId!.Value.Value });
            (one, otto) = (await SenderAsync(one.PersonId!.Value), await SenderAsync(otto.PersonId!.Value));
        }
    }

    [Fact]
    public async Task Ones_own_password_takes_the_one_before_and_ends_the_other_sessions()
    {
        await GiveAsync(Rui, Good);
        var rui = await SenderAsync(Rui.PersonId!.Value);
        Assert.Equal((PeopleRefusals.PasswordWrong.Code, "current"), Refused(await People.ChangeOwnPasswordAsync(rui, "not this one at all", "eight loud lanterns", Ct)));
        Assert.Equal((PasswordRefusals.TooShort.Code, "password"), Refused(await People.ChangeOwnPasswordAsync(rui, Good, "short", Ct)));
        Assert.True(await SignsInAsync(rui.PersonId!.Value, Good));
        Assert.Null((await People.ChangeOwnPasswordAsync(rui, Good, "eight loud lanterns", Ct)).Refusal);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await MayAsync(rui, Porto)).Refusal?.Code);
        Assert.False(await SignsInAsync(rui.PersonId!.Value, Good));
        Assert.True(await SignsInAsync(rui.PersonId!.Value, "eight loud lanterns"));
        Assert.Equal("refused:refuse.organization.password_wrong, done:", await SqlAsync("select string_agg(outcome || ':' || coalesce(reason_code, ''), ', ' order by at) from audit.entries where action = 'person.change_password' and object_id = $1", rui.PersonId.ToString()!));
    }

    [Fact]
    public async Task Five_wrong_passwords_of_somebody_signed_in_end_that_session_and_no_other()
    {
        await GiveAsync(Rui, Good);
        var (desk, tablet) = (await SenderAsync(Rui.PersonId!.Value) with { Session = Guid.NewGuid() }, await SenderAsync(Rui.PersonId!.Value) with { Session = Guid.NewGuid() });
        for (var i = 0; i < 4; i++) Assert.Equal(PeopleRefusals.PasswordWrong.Code, (await People.ChangeOwnPasswordAsync(desk, "no", "eight loud lanterns", Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await People.ChangeOwnPasswordAsync(desk, "no", "eight loud lanterns", Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await MayAsync(desk, Porto)).Refusal?.Code);
        Assert.False((await MayAsync(tablet, Porto)).IsRefused);
        Assert.Equal(1L, await SqlAsync("select count(*) from audit.entries where action = 'session.end_guessed' and outcome = 'done'"));
        Assert.True(await SignsInAsync(Rui.PersonId!.Value, Good));
    }

    [Fact]
    public async Task The_log_says_what_of_an_account_changed_and_never_to_what_and_HQ_sees_that_it_rests()
    {
        var seen = await SeenAsync(Rui.PersonId!.Value);
        Assert.Null((await People.ChangeAsync(Hq, Rui.PersonId!.Value, seen, seen with { Name = "Rui Prado", Email = "prado@northlight.example" }, Ct)).Refusal);
        Assert.Equal("name, email", await SqlAsync("select payload::jsonb ->> 'changed' from audit.entries where action = 'person.change' and outcome = 'done'"));
        Assert.Equal(0L, await SqlAsync("select count(*) from audit.entries where payload::text ~* 'prado'"));
        await GiveAsync(Rui, Good);
        for (var i = 0; i < 5; i++) await SignsInAsync(Rui.PersonId!.Value, "wrong");
        var people = (await new PeopleQueries(Door).PeopleAsync(Hq, Ct)).Value.People;
        Assert.Equal(Rui.PersonId, Assert.Single(people, p => p.RestsUntil is not null).Id);
    }

    [Fact]
    public async Task Signing_out_ends_this_session_at_once_and_no_other_of_the_person()
    {
        var (desk, tablet) = (Rui with { Session = Guid.NewGuid() }, Rui with { Session = Guid.NewGuid() });
        Assert.Null((await People.EndSessionAsync(desk, Ct)).Refusal);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await MayAsync(desk, Porto)).Refusal?.Code);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await People.EndSessionAsync(desk, Ct)).Refusal?.Code);
        Assert.False((await MayAsync(tablet, Porto)).IsRefused);
        Assert.Null((await People.SignOutEverywhereAsync(Hq, Rui.PersonId!.Value, Ct)).Refusal);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await MayAsync(tablet, Porto)).Refusal?.Code);
    }

    [Fact]
    public async Task An_ended_session_is_remembered_for_longer_than_any_cookie_lives()
    {
        var session = Rui with { Session = Guid.NewGuid() };
        Assert.Null((await People.EndSessionAsync(session, Ct)).Refusal);
        var job = new StudioVault.Infrastructure.Proposals.Api.ForgetAnswers(Dbs);
        await TamperAsync("update organization.ended_sessions set at = clock_timestamp() - interval '7 days 1 hour'");
        Assert.Null((await job.RunAsync(Sender.System("test"), Ct)).Refusal);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await MayAsync(session, Porto)).Refusal?.Code);
        await TamperAsync("update organization.ended_sessions set at = clock_timestamp() - interval '8 days 1 hour'");
        Assert.Null((await job.RunAsync(Sender.System("test"), Ct)).Refusal);
        Assert.Equal(0L, await SqlAsync("select count(*) from organization.ended_sessions"));
    }

    [Fact]
    public async Task The_server_makes_the_first_administrator_who_can_sign_in_and_lets_one_in_again()
    {
        var console = Sender.System("console");
        Assert.Equal("refuse.organization.mail_malformed", (await People.AddAdminAsync(console, "Vera", "vera", Good, Ct)).Refusal?.Code);
        Assert.Equal("refuse.organization.password_guessable", (await People.AddAdminAsync(console, "Vera Braga", "vera@northlight.example", "vera braga 12", Ct)).Refusal?.Code);
        var organization = new OrganizationQueries(Door, Dbs);
        Assert.False(await organization.HasAdminAsync(Ct));
        var vera = (await People.AddAdminAsync(console, "Vera Braga", "Vera@Northlight.example", Good, Ct)).Value;
        Assert.True(await organization.HasAdminAsync(Ct));
        Assert.True(await SignsInAsync(vera, Good));
        Assert.Equal("refuse.organization.mail_taken", (await People.AddAdminAsync(console, "Vera", "vera@northlight.example", Good, Ct)).Refusal?.Code);
        Assert.Equal("refuse.organization.mail_unknown", (await People.SetPasswordAsync(console, "nobody@northlight.example", Good, Ct)).Refusal?.Code);
        var before = await SenderAsync(vera);
        Assert.Null((await People.SetPasswordAsync(console, "vera@northlight.example", "eight loud lanterns", Ct)).Refusal);
        Assert.True(await SignsInAsync(vera, "eight loud lanterns"));
        Assert.Equal(KernelRefusals.SignedOut.Code, (await People.OfferPasswordAsync(before, vera, Ct)).Refusal?.Code);
        Assert.Null((await People.OfferPasswordAsync(await SenderAsync(vera), Rui.PersonId!.Value, Ct)).Refusal);
        Assert.Equal("system console", await SqlAsync("select actor_kind || ' ' || actor_id from audit.entries where action = 'person.add' and outcome = 'done'"));
    }

    private static PersonFacts Facts(string name, string mail, params (BranchId Branch, Role Role)[] roles) => new(name, "", mail, false, roles.ToDictionary(r => r.Branch, r => r.Role));

    private static (string?, string?) Refused<T>(Result<T> result) => (result.Refusal?.Code, result.Refusal?.Path);

    private async Task<(string?, string?)> AddedAsync(PersonFacts facts) => Refused(await People.AddAsync(Hq, facts, Ct));

    private Task<Result<Done>> MayAsync(Sender from, BranchId branch) =>
        Door.ReadAsync<Done>(from, TenantScope.Of(branch), Access.MemberOf(branch), (_, _, _) => Task.FromResult<Result<Done>>(Done.It), Ct);

    private async Task<Person> FindAsync(PersonId id)
    {
        await using var db = Dbs.Open(TenantScope.None);
        return await db.Users.AsNoTracking().SingleAsync(p => p.Id == id.Value, Ct);
    }

    private async Task<bool> SignsInAsync(PersonId id, string password) => await _passwords.IsRightAsync(await FindAsync(id), password, Ct);

    private async Task<Sender> SenderAsync(PersonId id) => Sender.Person(id, (await FindAsync(id)).SecurityStamp);

    private async Task<PersonFacts> SeenAsync(PersonId id)
    {
        var person = (await new PeopleQueries(Door).PeopleAsync(Hq, Ct)).Value.People.Single(p => p.Id == id);
        return new(person.Name, person.Title, person.Email, person.IsHqAdmin, person.Roles.ToDictionary(r => r.Branch, r => r.Role));
    }

    /// <summary>A password, without a new stamp.</summary>
    private async Task GiveAsync(Sender who, string password) =>
        await PastGuardsAsync("update organization.people set password_hash = $2 where id = $1", who.PersonId!.Value.Value, await _passwords.HashAsync(password, Ct));

    private async Task<Sender> AdminAsync(string name)
    {
        var sender = Sender.Nobody;
        Assert.Null((await Door.RunAsync<Done>(new Command("setup.organization", Sender.System("test"), TenantScope.Hq, Access.Hq, "group", "test"), (context, _) =>
        {
            sender = Add(context.Db, name, Membership.Hq);
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct)).Refusal);
        return sender;
    }

    /// <summary>As the database's administrator, past the triggers.</summary>
    private async Task TamperAsync(string sql) => await SqlAsync($"set session_replication_role = replica; {sql}; reset session_replication_role");
}
