using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

/// <summary>Into an account of headquarters leads only a link that two different humans of headquarters made: nobody makes their own second pair of eyes.</summary>
public sealed class HeadquartersLinkTests(PostgresServer server) : VaultTest(server)
{
    private const string Good = "seven quiet lanterns";

    private static readonly Dictionary<BranchId, Role> None = [];

    private Passwords _passwords = null!;
    private Sender _otto = Sender.Nobody;

    private PeopleCommands People => new(Door, Dbs, _passwords, new DemoMode(false));

    private AccountLinks Links => new(Door);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _passwords = new Passwords(Dbs, Passwords.Hasher());
        _otto = await AdminAsync("Otto");
        await PastGuardsAsync("update organization.people set password_hash = 'x' where name = 'Helena'");
    }

    public override async ValueTask DisposeAsync()
    {
        _passwords.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Adding_an_administrator_gives_no_link_and_counts_as_the_first_ask()
    {
        var vera = (await People.AddAsync(Hq, new("Vera", "", "vera@northlight.example", true, None), Ct)).Value;
        Assert.Null(vera.Link);
        Assert.Equal(("Helena", true), await AskAsync(Hq, vera.Id));
        Assert.Equal(("Helena", false), await AskAsync(_otto, vera.Id));
        Assert.Equal(PeopleRefusals.LinkSecondPerson.Code, await OfferedAsync(Hq, vera.Id));
        var link = (await People.OfferPasswordAsync(_otto, vera.Id, Ct)).Value;
        Assert.Null((await People.ChoosePasswordAsync(link.Token, Good, Ct)).Refusal);
        Assert.Equal((null, false), await AskAsync(Hq, vera.Id));
        // Used up: the next one takes two again.
        Assert.Equal(PeopleRefusals.LinkNotAsked.Code, await OfferedAsync(_otto, vera.Id));
    }

    [Fact]
    public async Task Whoever_comes_to_headquarters_loses_password_link_and_sessions_and_two_let_them_in_again()
    {
        var olga = (await People.AddAsync(Hq, new("Olga", "", "olga@northlight.example", false, new Dictionary<BranchId, Role> { [Porto] = Role.Staff }), Ct)).Value;
        Assert.Null((await People.ChoosePasswordAsync(olga.Link!.Token, Good, Ct)).Refusal);
        var session = await SenderAsync(olga.Id);
        var link = (await People.OfferPasswordAsync(Hq, olga.Id, Ct)).Value;
        var seen = new PersonFacts("Olga", "", "olga@northlight.example", false, new Dictionary<BranchId, Role> { [Porto] = Role.Staff });
        Assert.Null((await People.ChangeAsync(Hq, olga.Id, seen, seen with { IsHqAdmin = true, Roles = None }, Ct)).Refusal);

        Assert.False(await SignsInAsync(olga.Id, Good));
        Assert.Equal(PeopleRefusals.LinkDead.Code, (await People.ChoosePasswordAsync(link.Token, Good, Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.SignedOut.Code, (await People.SignOutEverywhereAsync(session, olga.Id, Ct)).Refusal?.Code);
        Assert.Equal(PeopleRefusals.LinkSecondPerson.Code, await OfferedAsync(Hq, olga.Id));
        var second = (await People.OfferPasswordAsync(_otto, olga.Id, Ct)).Value;
        Assert.Null((await People.ChoosePasswordAsync(second.Token, "eight loud lanterns", Ct)).Refusal);
        Assert.True(await SignsInAsync(olga.Id, "eight loud lanterns"));
    }

    [Fact]
    public async Task A_link_for_an_administrator_is_asked_for_and_made_by_somebody_else_or_answered_no()
    {
        var vera = (await AdminAsync("Vera")).PersonId!.Value;
        Assert.Equal(PeopleRefusals.LinkNotAsked.Code, await OfferedAsync(Hq, vera));
        Assert.Equal(PeopleRefusals.LinkNotAsked.Code, (await People.DenyPasswordAsync(Hq, vera, Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.ReasonRequired.Code, (await People.AskPasswordAsync(Hq, vera, " ", Ct)).Refusal?.Code);
        Assert.Null((await People.AskPasswordAsync(Hq, vera, "She forgot it", Ct)).Refusal);
        Assert.Equal(PeopleRefusals.LinkAsked.Code, (await People.AskPasswordAsync(_otto, vera, "She forgot it", Ct)).Refusal?.Code);
        Assert.Null((await People.DenyPasswordAsync(_otto, vera, Ct)).Refusal);
        Assert.Equal(PeopleRefusals.LinkNotAsked.Code, await OfferedAsync(_otto, vera));
        Assert.Null((await People.AskPasswordAsync(Hq, vera, "She forgot it", Ct)).Refusal);
        Assert.Null((await People.OfferPasswordAsync(_otto, vera, Ct)).Refusal);
        Assert.Equal("person.ask_password She forgot it, person.deny_password , person.ask_password She forgot it, person.offer_password She forgot it",
            await SqlAsync("select string_agg(action || ' ' || coalesce(payload::jsonb ->> 'reason', ''), ', ' order by at) from audit.entries where outcome = 'done' and object_id = $1 and action <> 'person.add'", vera.ToString()));
        Assert.Equal(PeopleRefusals.LinkNeedsNoAsk.Code, (await People.AskPasswordAsync(Hq, Rui.PersonId!.Value, "He forgot it", Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotAllowed.Code, (await People.AskPasswordAsync(Ana, vera, "Curious", Ct)).Refusal?.Code);
        Assert.Equal(KernelRefusals.NotAllowed.Code, (await People.DenyPasswordAsync(Ana, vera, Ct)).Refusal?.Code);
    }

    [Fact]
    public async Task Nobody_makes_or_asks_for_a_link_to_their_own_account()
    {
        var me = Hq.PersonId!.Value;
        // Somebody besides her and the one who asks, who could answer.
        await AdminAsync("Vera");
        Assert.Equal(PeopleRefusals.OwnLink.Code, (await People.AskPasswordAsync(Hq, me, "I forgot it", Ct)).Refusal?.Code);
        Assert.Null((await People.AskPasswordAsync(_otto, me, "She forgot it", Ct)).Refusal);
        Assert.Equal(PeopleRefusals.OwnLink.Code, await OfferedAsync(Hq, me));
    }

    [Fact]
    public async Task Two_accounts_of_one_human_are_one_of_the_two()
    {
        var (other, vera) = (await AdminAsync("Helena H"), (await AdminAsync("Vera")).PersonId!.Value);
        Assert.Null((await Links.LinkAsync(_otto, Hq.PersonId!.Value, other.PersonId!.Value, "One person", Ct)).Refusal);
        Assert.Null((await People.AskPasswordAsync(Hq, vera, "She forgot it", Ct)).Refusal);
        Assert.Equal(PeopleRefusals.LinkSecondPerson.Code, await OfferedAsync(other, vera));
        Assert.Equal(("Helena", true), await AskAsync(other, vera));
        // She cannot make two people of herself, by either account.
        Assert.Equal(LinkRefusals.OwnAccounts.Code, (await Links.UnlinkAsync(Hq, other.PersonId!.Value, "Two after all", Ct)).Refusal?.Code);
        Assert.Equal(LinkRefusals.OwnAccounts.Code, (await Links.UnlinkAsync(other, other.PersonId!.Value, "Two after all", Ct)).Refusal?.Code);
        // Where somebody else parts them, what one of them asked does not become a word of the other's first half.
        Assert.Null((await Links.UnlinkAsync(_otto, other.PersonId!.Value, "Two after all", Ct)).Refusal);
        Assert.Equal(PeopleRefusals.LinkNotAsked.Code, await OfferedAsync(other, vera));
    }

    [Fact]
    public async Task Two_accounts_found_to_be_one_human_after_the_ask_are_one_of_the_two()
    {
        var (other, vera) = (await AdminAsync("Helena H"), (await AdminAsync("Vera")).PersonId!.Value);
        Assert.Null((await People.AskPasswordAsync(Hq, vera, "She forgot it", Ct)).Refusal);
        Assert.Null((await Links.LinkAsync(_otto, other.PersonId!.Value, Hq.PersonId!.Value, "One person", Ct)).Refusal);
        Assert.Equal(PeopleRefusals.LinkSecondPerson.Code, await OfferedAsync(other, vera));
        Assert.Null((await People.OfferPasswordAsync(_otto, vera, Ct)).Refusal);
    }

    [Fact]
    public async Task The_word_of_somebody_who_left_and_one_of_yesterday_count_no_more()
    {
        var (vera, bela) = ((await AdminAsync("Vera")).PersonId!.Value, await AdminAsync("Bela"));
        Assert.Null((await People.AskPasswordAsync(Hq, vera, "She forgot it", Ct)).Refusal);
        Assert.Null((await People.DisableAsync(_otto, Hq.PersonId!.Value, "She left", Ct)).Refusal);
        Assert.Equal(PeopleRefusals.LinkNotAsked.Code, await OfferedAsync(_otto, vera));
        Assert.Equal((null, false), await AskAsync(_otto, vera));
        // Asked anew over the dead word.
        Assert.Null((await People.AskPasswordAsync(_otto, vera, "She forgot it", Ct)).Refusal);
        await PastGuardsAsync("update organization.people set link_asked_at = clock_timestamp() - interval '24 hours 1 second' where id = $1", vera.Value);
        Assert.Equal(PeopleRefusals.LinkNotAsked.Code, await OfferedAsync(bela, vera));
    }

    [Fact]
    public async Task Where_nobody_else_can_sign_in_the_server_is_named()
    {
        var vera = (await People.AddAsync(Hq, new("Vera", "", "vera@northlight.example", true, None), Ct)).Value.Id;
        await PastGuardsAsync("update organization.people set password_hash = null where name = 'Otto'");
        var refused = (await People.OfferPasswordAsync(Hq, vera, Ct)).Refusal!;
        Assert.Equal(PeopleRefusals.LinkNobodyElse.Code, refused.Code);
        Assert.Contains("people set-password", refused.NextStep, StringComparison.Ordinal);
        Assert.Null((await People.DenyPasswordAsync(Hq, vera, Ct)).Refusal);
        Assert.Equal(PeopleRefusals.LinkNobodyElse.Code, (await People.AskPasswordAsync(Hq, vera, "She is new", Ct)).Refusal?.Code);
        Assert.Equal((null, false), await AskAsync(Hq, vera));
        Assert.Null((await People.SetPasswordAsync(Sender.System("console"), "vera@northlight.example", Good, Ct)).Refusal);
        Assert.True(await SignsInAsync(vera, Good));
    }

    private async Task<(string?, bool)> AskAsync(Sender reader, PersonId id)
    {
        var ask = (await new PeopleQueries(Door).PeopleAsync(reader, Ct)).Value.People.Single(p => p.Id == id).LinkAsk;
        return (ask?.ByName, ask?.ByMe == true);
    }

    private async Task<string?> OfferedAsync(Sender from, PersonId id) => (await People.OfferPasswordAsync(from, id, Ct)).Refusal?.Code;

    private async Task<Person> FindAsync(PersonId id)
    {
        await using var db = Dbs.Open(TenantScope.None);
        return await db.Users.AsNoTracking().SingleAsync(p => p.Id == id.Value, Ct);
    }

    private async Task<bool> SignsInAsync(PersonId id, string password) => await _passwords.IsRightAsync(await FindAsync(id), password, Ct);

    private async Task<Sender> SenderAsync(PersonId id) => Sender.Person(id, (await FindAsync(id)).SecurityStamp);

    /// <summary>An administrator who can sign in.</summary>
    private async Task<Sender> AdminAsync(string name)
    {
        var sender = Sender.Nobody;
        Assert.Null((await Door.RunAsync<Done>(new Command("setup.organization", Sender.System("test"), TenantScope.Hq, Access.Hq, "group", "test"), (context, _) =>
        {
            sender = Add(context.Db, name, Membership.Hq);
            return Task.FromResult<Result<Done>>(Done.It);
        }, Ct)).Refusal);
        await PastGuardsAsync("update organization.people set password_hash = 'x' where id = $1", sender.PersonId!.Value.Value);
        return sender;
    }
}
