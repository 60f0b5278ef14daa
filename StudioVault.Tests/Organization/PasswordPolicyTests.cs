using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;
using Xunit;

namespace StudioVault.Tests.Organization;

public sealed class PasswordPolicyTests
{
    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("zwölf boxkämpfer")]
    [InlineData("婚礼摄影师在雨中等待彩虹")]
    [InlineData("aaaabbbbccccdddd eeee")]
    [InlineData("nordlicht9fenster")]
    [InlineData("83749201837465")]
    [InlineData("]%-;&.)=:}+_*$")]
    public void Accepts_any_long_password_whatever_its_characters(string password) => Assert.Null(PasswordPolicy.Check(password));

    [Fact]
    public void Accepts_sixty_four_and_up_to_a_hundred_and_twenty_eight_characters()
    {
        var words = string.Concat(Enumerable.Range(0, 64).Select(i => (char)('a' + i * 7 % 26)));
        Assert.Null(PasswordPolicy.Check(words));
        Assert.Null(PasswordPolicy.Check(words + new string([.. words.Reverse()])));
        Assert.Equal(PasswordRefusals.TooLong, PasswordPolicy.Check(words + words + "x")?.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("kurz ist es")]
    [InlineData("😀😁😂😃😄😅😆😇😈😉😊")]
    public void Refuses_fewer_than_twelve_characters(string password) => Assert.Equal(PasswordRefusals.TooShort, PasswordPolicy.Check(password)?.Kind);

    [Theory]
    [InlineData("qwerty123456")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("Administrator")]
    [InlineData("PASSWORD1234!")]
    [InlineData("!!!dragon2024!!!")]
    [InlineData("passwordpassword")]
    [InlineData("letmeinletmein-1")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("202020202020")]
    public void Refuses_what_is_tried_first(string password) => Assert.Equal(PasswordRefusals.Common, PasswordPolicy.Check(password)?.Kind);

    [Theory]
    [InlineData("studiovault2026")]
    [InlineData("Ines.Almeida!1")]
    [InlineData("almeida-ines-87")]
    public void Refuses_little_more_than_a_name(string password) =>
        Assert.Equal(PasswordRefusals.Guessable, PasswordPolicy.Check(password, "Ines Almeida", "ines.almeida@northlight.example")?.Kind);

    [Fact]
    public void A_name_inside_a_long_password_is_no_harm() => Assert.Null(PasswordPolicy.Check("almeida baut boote aus papier", "ines.almeida@northlight.example"));

    [Fact]
    public void Blocks_three_thousand_passwords_of_our_own_minimum_length_and_more()
    {
        Assert.True(PasswordPolicy.BlockListSize >= 3_000);
        var folder = typeof(PasswordPolicy).Assembly;
        using var lines = new StreamReader(folder.GetManifestResourceStream("organization/common-long-passwords.txt")!);
        var blocked = 0;
        while (lines.ReadLine() is { } password)
        {
            Assert.NotNull(PasswordPolicy.Check(password));
            if (password.Length >= PasswordPolicy.MinLength) blocked++;
        }
        Assert.True(blocked >= 3_000);
    }

    [Fact]
    public async Task Identity_asks_this_policy_and_nothing_else()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddIdentityCore<IdentityUser>().AddPasswordPolicy<IdentityUser>().AddUserStore<NoStore>();
        await using var provider = services.BuildServiceProvider();
        var users = provider.GetRequiredService<UserManager<IdentityUser>>();
        var user = new IdentityUser { UserName = "ines.almeida", Email = "ines@northlight.example" };
        var validator = Assert.Single(users.PasswordValidators);
        Assert.True((await validator.ValidateAsync(users, user, "correct horse battery")).Succeeded);
        Assert.Equal("refuse.organization.password_common", Assert.Single((await validator.ValidateAsync(users, user, "password1234")).Errors).Code);
        Assert.Equal("refuse.organization.password_guessable", Assert.Single((await validator.ValidateAsync(users, user, "ines.almeida.1")).Errors).Code);
        Assert.Equal("refuse.organization.password_too_short", Assert.Single((await validator.ValidateAsync(users, user, null)).Errors).Code);
    }

    // ID-1: version 3 of Identity's format, PBKDF2-HMAC-SHA512, 210,000 rounds; older and weaker hashes are renewed at sign-in.
    [Fact]
    public void Hashes_with_the_agreed_number_of_rounds()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddIdentityCore<IdentityUser>().AddPasswordPolicy<IdentityUser>();
        using var provider = services.BuildServiceProvider();
        var hasher = new PasswordHasher<IdentityUser>(provider.GetRequiredService<IOptions<PasswordHasherOptions>>());
        var hash = Convert.FromBase64String(hasher.HashPassword(new(), "correct horse battery"));
        Assert.Equal([1, 0, 0, 0, 2, 0, 3, 0x34, 0x50], hash[..9]);
        Assert.Equal(PasswordVerificationResult.SuccessRehashNeeded, hasher.VerifyHashedPassword(new(), "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw", "my password"));
    }

    private sealed class NoStore : IUserStore<IdentityUser>
    {
        public Task<string?> GetUserNameAsync(IdentityUser user, CancellationToken cancellationToken) => Task.FromResult(user.UserName);
        public Task<IdentityResult> CreateAsync(IdentityUser user, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task<IdentityResult> DeleteAsync(IdentityUser user, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task<IdentityUser?> FindByIdAsync(string userId, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task<IdentityUser?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task<string?> GetNormalizedUserNameAsync(IdentityUser user, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task<string> GetUserIdAsync(IdentityUser user, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task SetNormalizedUserNameAsync(IdentityUser user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task SetUserNameAsync(IdentityUser user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task<IdentityResult> UpdateAsync(IdentityUser user, CancellationToken cancellationToken) => throw new NotSupportedException();
        public void Dispose() { }
    }
}
