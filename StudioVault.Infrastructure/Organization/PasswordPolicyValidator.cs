using Microsoft.AspNetCore.Identity;

namespace StudioVault.Infrastructure.Organization;

/// <summary><see cref="PasswordPolicy"/> as Identity asks for it; the error's code is the refusal's.</summary>
public sealed class PasswordPolicyValidator<TUser> : IPasswordValidator<TUser> where TUser : class
{
    public async Task<IdentityResult> ValidateAsync(UserManager<TUser> manager, TUser user, string? password)
    {
        string?[] known = [await manager.GetUserNameAsync(user), manager.SupportsUserEmail ? await manager.GetEmailAsync(user) : null];
        var refusal = PasswordPolicy.Check(password ?? "", known.OfType<string>());
        return refusal is null ? IdentityResult.Success
            : IdentityResult.Failed(new IdentityError { Code = refusal.Code, Description = $"{refusal.Sentence} {refusal.NextStep}" });
    }
}
