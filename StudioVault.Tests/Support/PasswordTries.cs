using StudioVault.Infrastructure.Organization;

namespace StudioVault.Tests.Support;

/// <summary>For tests that ask nothing but whether somebody gets in.</summary>
internal static class PasswordTries
{
    public static async Task<bool> IsRightAsync(this Passwords passwords, Person? person, string password, CancellationToken ct) =>
        (await passwords.TryAsync(person, password, ct)).Answer == PasswordAnswer.Right;
}
