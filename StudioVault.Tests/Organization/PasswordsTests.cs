using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
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
        await SqlAsync("update organization.people set is_disabled = true where id = $1", Ana.PersonId!.Value.Value);
        await SqlAsync("update organization.people set lockout_end = clock_timestamp() + interval '5 minutes' where id = $1", BerlinManager.PersonId!.Value.Value);
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
        await SqlAsync("update organization.people set lockout_end = clock_timestamp() where id = $1", id);
        Assert.True(await passwords.IsRightAsync(await FindAsync(id), Good, Ct));
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
        Assert.True(await passwords.IsRightAsync(await FindAsync(id), Good, Ct));
        var now = (await FindAsync(id)).PasswordHash!;
        Assert.Equal(PasswordVerificationResult.Success, Passwords.Hasher().VerifyHashedPassword(new Person(), now, Good));
        Assert.True(await passwords.IsRightAsync(await FindAsync(id), Good, Ct));
        Assert.Equal(now, (await FindAsync(id)).PasswordHash);
    }

    [Fact]
    public void An_account_made_anywhere_can_rest() => Assert.True(new Person().LockoutEnabled);

    private async Task SetAsync(Guid id, string hash) => await SqlAsync("update organization.people set password_hash = $2 where id = $1", id, hash);

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
