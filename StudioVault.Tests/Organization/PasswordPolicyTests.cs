using Microsoft.AspNetCore.Identity;
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

    // ID-1: version 3 of Identity's format, PBKDF2-HMAC-SHA512, 210,000 rounds; older and weaker hashes are renewed at sign-in.
    [Fact]
    public void The_products_hasher_hashes_with_the_agreed_number_of_rounds()
    {
        var hasher = Passwords.Hasher();
        var hash = Convert.FromBase64String(hasher.HashPassword(new(), "correct horse battery"));
        Assert.Equal([1, 0, 0, 0, 2, 0, 3, 0x34, 0x50], hash[..9]);
        Assert.Equal(PasswordVerificationResult.SuccessRehashNeeded, hasher.VerifyHashedPassword(new(), "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw", "my password"));
    }
}
