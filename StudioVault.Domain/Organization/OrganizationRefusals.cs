using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Organization;

/// <summary>Refusals of sign-in and membership.</summary>
public static class OrganizationRefusals
{
    public static readonly RefusalKind SignInFailed = new("refuse.organization.sign_in_failed",
        "That e-mail address and password do not match.",
        "Check both and try again; after five wrong tries the account rests for ten minutes.", 401);

    /// <summary>For the log only: a visitor is told <see cref="SignInFailed"/>, or they would learn that there is such an account.</summary>
    public static readonly RefusalKind AccountRests = new("refuse.organization.account_rests",
        "After five wrong tries this account rests for ten minutes.",
        "Wait until it may try again; nobody is kept out who is signed in.", 401);

    public static readonly RefusalKind TooManyTries = new("refuse.organization.too_many_tries",
        "Too many sign-in attempts came from here.",
        "Wait a minute and try again.", 429);

    public static readonly RefusalKind DemoOff = new("refuse.organization.demo_off",
        "One-click sign-in exists only in demo mode.",
        "Sign in with your e-mail address and password.", 404);
}
