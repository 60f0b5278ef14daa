using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

/// <summary>Whether a password is right, and that nothing else can be told from the answer or the work.</summary>
public sealed class PasswordsTests(PostgresServer server) : VaultTest(server)
{
    private const string Good = "seven quiet lanterns";

    [Fact]
    public async Task Every_answer_costs_one_hash_whoever_is_asked_for()
    {
        var hasher = new Counting();
        using var passwords = new Passwords(Dbs, hasher);
        await SetAsync(Rui.PersonId!.Value.Value, await passwords.HashAsync(Good, Ct));
        await SetAsync(Ana.PersonId!.Value.Value, await passwords.HashAsync(Good, Ct));
        await SetAsync(BerlinManager.PersonId!.Value.Value, await passwords.HashAsync(Good, Ct));
        await PastGuardsAsync("update organization.people set is_disabled = true where id = $1", Ana.PersonId!.Value.Value);
        await PastGuardsAsync("update organization.people set lockout_end = clock_timestamp() + interval '5 minutes' where id = $1", BerlinManager.PersonId!.Value.Value);
        // The hash for nobody is made once.
        Assert.False(await passwords.IsRightAsync(null, Good, Ct));
        Person?[] asked = [null, await FindAsync(Rui.PersonId!.Value.Value), await FindAsync(Ana.PersonId!.Value.Value), await FindAsync(BerlinManager.PersonId!.Value.Value), await FindAsync(PortoStaff.PersonId!.Value.Value)];
        foreach (var person in asked)
        {
            (hasher.Verified, hasher.Hashed) = (0, 0);
            var right = await passwords.IsRightAsync(person, person?.Id == Rui.PersonId!.Value.Value ? "not his password" : Good, Ct);
            Assert.Equal((false, 1, 0), (right, hasher.Verified, hasher.Hashed));
        }
    }

    [Fact]
    public async Task Five_wrong_tries_rest_the_account_for_ten_minutes_also_for_the_right_one()
    {
        using var passwords = new Passwords(Dbs, Passwords.Hasher());
        var id = Rui.PersonId!.Value.Value;
        await SetAsync(id, await passwords.HashAsync(Good, Ct));
        for (var i = 0; i < 4; i++) Assert.False(await passwords.IsRightAsync(await FindAsync(id), "wrong", Ct));
        // The right one ends the count.
        Assert.True(await passwords.IsRightAsync(await FindAsync(id), Good, Ct));
        for (var i = 0; i < 5; i++) Assert.False(await passwords.IsRightAsync(await FindAsync(id), "wrong", Ct));
        Assert.False(await passwords.IsRightAsync(await FindAsync(id), Good, Ct));
        Assert.Equal(true, await SqlAsync("select lockout_end between clock_timestamp() + interval '9 minutes 50 seconds' and clock_timestamp() + interval '10 minutes' from organization.people where id = $1", id));
        await PastGuardsAsync("update organization.people set lockout_end = clock_timestamp() where id = $1", id);
        Assert.True(await passwords.IsRightAsync(await FindAsync(id), Good, Ct));
    }

    [Fact]
    public async Task The_try_from_which_an_account_rests_says_so_and_so_does_every_one_after()
    {
        using var passwords = new Passwords(Dbs, Passwords.Hasher());
        var id = Rui.PersonId!.Value.Value;
        await SetAsync(id, await passwords.HashAsync(Good, Ct));
        var answers = new List<PasswordAnswer>();
        for (var i = 0; i < 6; i++) answers.Add((await passwords.TryAsync(await FindAsync(id), "wrong", Ct)).Answer);
        answers.Add((await passwords.TryAsync(await FindAsync(id), Good, Ct)).Answer);
        Assert.Equal([.. Enumerable.Repeat(PasswordAnswer.Wrong, 4), .. Enumerable.Repeat(PasswordAnswer.Enough, 3)], answers);
        Assert.Equal(PasswordAnswer.Wrong, (await passwords.TryAsync(null, "wrong", Ct)).Answer);
    }

    [Fact]
    public async Task Whoever_is_signed_in_has_a_count_of_their_own()
    {
        using var passwords = new Passwords(Dbs, Passwords.Hasher());
        var id = Rui.PersonId!.Value.Value;
        await SetAsync(id, await passwords.HashAsync(Good, Ct));
        // From outside it rests, from inside it does not.
        for (var i = 0; i < 5; i++) await passwords.TryAsync(await FindAsync(id), "wrong", Ct);
        Assert.Equal(PasswordAnswer.Right, await passwords.ConfirmAsync(await FindAsync(id), Good, Ct));
        var answers = new List<PasswordAnswer>();
        for (var i = 0; i < 4; i++) answers.Add(await passwords.ConfirmAsync(await FindAsync(id), "wrong", Ct));
        answers.Add(await passwords.ConfirmAsync(await FindAsync(id), Good, Ct));
        for (var i = 0; i < 5; i++) answers.Add(await passwords.ConfirmAsync(await FindAsync(id), "wrong", Ct));
        var wrong = Enumerable.Repeat(PasswordAnswer.Wrong, 4).ToList();
        Assert.Equal([.. wrong, PasswordAnswer.Right, .. wrong, PasswordAnswer.Enough], answers);
        Assert.Equal(true, await SqlAsync("select lockout_end > clock_timestamp() and access_failed_count = 0 from organization.people where id = $1", id));
    }

    [Fact]
    public async Task Tries_at_once_are_counted_one_by_one()
    {
        using var passwords = new Passwords(Dbs, new PasswordHasher<Person>(Options.Create(new PasswordHasherOptions { IterationCount = 10 })));
        var id = Rui.PersonId!.Value.Value;
        await SetAsync(id, await passwords.HashAsync(Good, Ct));
        var read = await FindAsync(id);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => passwords.IsRightAsync(read, "wrong", Ct)));
        // Whoever read the account before it rested is refused all the same.
        Assert.False(await passwords.IsRightAsync(read, Good, Ct));
    }

    [Fact]
    public async Task A_hash_of_fewer_rounds_is_made_anew_when_the_password_is_at_hand()
    {
        var id = Rui.PersonId!.Value.Value;
        var weak = new PasswordHasher<Person>(Options.Create(new PasswordHasherOptions { IterationCount = 1_000 })).HashPassword(new Person(), Good);
        await SetAsync(id, weak);
        using var passwords = new Passwords(Dbs, Passwords.Hasher());
        Assert.False(await passwords.IsRightAsync(await FindAsync(id), "wrong", Ct));
        Assert.Equal(weak, (await FindAsync(id)).PasswordHash);
        var renewed = (await passwords.TryAsync(await FindAsync(id), Good, Ct)).Renewed!;
        Assert.Equal(PasswordVerificationResult.Success, Passwords.Hasher().VerifyHashedPassword(new Person(), renewed, Good));
        // Kept by whoever writes the entry of the sign-in, and not here.
        Assert.Equal(weak, (await FindAsync(id)).PasswordHash);
        await SetAsync(id, renewed);
        Assert.Equal(new PasswordTry(PasswordAnswer.Right, null), await passwords.TryAsync(await FindAsync(id), Good, Ct));
    }

    [Fact]
    public async Task An_account_made_on_the_page_of_headquarters_rests_like_any_other()
    {
        using var passwords = new Passwords(Dbs, Passwords.Hasher());
        var people = new PeopleCommands(Door, Dbs, passwords, new DemoMode(false));
        var made = (await people.AddAsync(Hq, new("Olga", "", "olga@northlight.example", false, new Dictionary<BranchId, Role> { [Porto] = Role.Staff }), Ct)).Value;
        Assert.Null((await people.ChoosePasswordAsync(made.Link!.Token, Good, Ct)).Refusal);
        for (var i = 0; i < 5; i++) await passwords.IsRightAsync(await FindAsync(made.Id.Value), "wrong", Ct);
        Assert.False(await passwords.IsRightAsync(await FindAsync(made.Id.Value), Good, Ct));
    }

    private async Task SetAsync(Guid id, string hash) => await PastGuardsAsync("update organization.people set password_hash = $2 where id = $1", id, hash);

    private async Task<Person> FindAsync(Guid id)
    {
        await using var db = Dbs.Open(TenantScope.None);
        return await db.Users.AsNoTracking().SingleAsync(p => p.Id == id, Ct);
    }

    private sealed class Counting : IPasswordHasher<Person>
    {
        private readonly PasswordHasher<Person> _real = new(Options.Create(new PasswordHasherOptions { IterationCount = 10 }));

        public int Verified { get; set; }
        public int Hashed { get; set; }

        public string HashPassword(Person user, string password)
        {
            Hashed++;
            return _real.HashPassword(user, password);
        }

        public PasswordVerificationResult VerifyHashedPassword(Person user, string hashedPassword, string providedPassword)
        {
            Verified++;
            return _real.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
