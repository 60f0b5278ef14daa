using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Hosting;
using StudioVault.Web.Shell;

namespace StudioVault.Web.Organization;

/// <summary>
/// Sign-in and sign-out as plain form posts: a cookie can only be set by an HTTP answer, and the page works without script.
/// An unknown address, a wrong password and a locked account get the same answer after the same work (V6.3.8).
/// </summary>
public static class SignInEndpoints
{
    private const string UnknownUserHash = "unknown";

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").AllowAnonymous().RequireRateLimiting(Limits.SignIn);
        group.MapPost("/login", SignInAsync);
        group.MapPost("/login/demo", SignInDemoAsync);
        group.MapPost("/password/{token}", ChoosePasswordAsync);
        routes.MapPost("/me/password", ChangePasswordAsync).RequireRateLimiting(Limits.SignIn);
        // It reads no form, so the framework would not ask for the token by itself.
        routes.MapPost("/logout", SignOutAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
        routes.MapPost("/branch/switch", SwitchBranchAsync);
        routes.MapGet("/", (HttpContext http) => Results.LocalRedirect(StartPage(http.User)));
    }

    private static async Task<IResult> SignInAsync([FromForm] string? email, [FromForm] string? password, [FromForm] string? returnUrl,
        SignInManager<Person> signIn, WriteDoor door, Passwords passwords, CancellationToken ct)
    {
        var person = await signIn.UserManager.FindByEmailAsync(email ?? "");
        var (answer, renewed) = await passwords.TryAsync(person, password ?? "", ct);
        if (answer == PasswordAnswer.Right) return await EnterAsync(signIn, door, person!, "session.sign_in", returnUrl, ct, renewed);
        await door.NoteRefusalAsync(new Command("session.sign_in", person is null ? Sender.Nobody : Sender.Person(person.PersonId, null),
            TenantScope.None, Access.AnySignedIn, "person", person?.Id.ToString() ?? UnknownUserHash), answer == PasswordAnswer.Enough ? OrganizationRefusals.AccountRests : OrganizationRefusals.SignInFailed, ct);
        return Back(returnUrl, OrganizationRefusals.SignInFailed.Code);
    }

    private static async Task<IResult> SignInDemoAsync([FromForm] Guid person, [FromForm] string? returnUrl,
        SignInManager<Person> signIn, WriteDoor door, DemoMode demo, CancellationToken ct)
    {
        if (!demo.Enabled) return Results.NotFound();
        var found = await signIn.UserManager.FindByIdAsync(person.ToString());
        if (found is not { IsDemo: true, IsDisabled: false })
        {
            await door.NoteRefusalAsync(new Command("session.sign_in_demo", Sender.Nobody, TenantScope.None, Access.AnySignedIn, "person", found?.Id.ToString() ?? UnknownUserHash), OrganizationRefusals.DemoOff, ct);
            return Back(returnUrl, OrganizationRefusals.DemoOff.Code);
        }

        return await EnterAsync(signIn, door, found, "session.sign_in_demo", returnUrl, ct);
    }

    private static async Task<IResult> SignOutAsync(SignInManager<Person> signIn, HttpContext http, PeopleCommands people, CancellationToken ct)
    {
        var sender = PersonClaims.SenderOf(http.User);
        var ended = sender.PersonId is null ? null : (await people.EndSessionAsync(sender, ct)).Refusal;
        await signIn.SignOutAsync();
        // This browser forgets the session in any case; where its end could not be written down, that is said.
        return ended is null || ended.Code == KernelRefusals.SignedOut.Code ? Results.LocalRedirect("~/login") : Back(null, ended.Code);
    }

    /// <summary>Where a person begins: HQ at its templates, managers at what waits for them, staff at what somebody proposes.</summary>
    private static string StartPage(System.Security.Claims.ClaimsPrincipal user) => PersonClaims.StrongestRole(user) switch
    {
        Role.HqAdmin => "~/hq/templates",
        Role.BranchManager => "~/updates",
        _ => "~/queue",
    };

    /// <summary>Works in another of one's branches from now on; the choice lives in the cookie.</summary>
    private static async Task<IResult> SwitchBranchAsync([FromForm] Guid branch, SignInManager<Person> signIn, HttpContext http, OrganizationQueries organization, CancellationToken ct)
    {
        var sender = PersonClaims.SenderOf(http.User);
        var session = await organization.SessionAsync(sender, ct);
        if (session.Refusal is { } refusal && refusal.Code != KernelRefusals.SignedOut.Code)
        {
            // Nobody is signed out because the database is away.
            await RefusedPage.WriteAsync(http, "The branch was not switched", refusal);
            return Results.Empty;
        }

        if (session.IsRefused) return Results.LocalRedirect("~/login");
        if (session.Value.Branches.All(b => b.Branch.Id.Value != branch)) return Results.NotFound();
        // The cookie gets the stamp of the person as read here: whoever was signed out since the look above must not get a live one.
        if (await signIn.ValidateSecurityStampAsync(http.User) is not { } person) return Results.LocalRedirect("~/login");
        await signIn.SignInWithClaimsAsync(person, isPersistent: true, [http.User.FindFirst(PersonClaims.Session) ?? PersonClaims.NewSession(), new System.Security.Claims.Claim(Session.BranchClaim, branch.ToString())]);
        return Results.LocalRedirect("~/");
    }

    /// <summary>One's own password, asked for by the page of one's account. This session goes on; every other one of the person ends.</summary>
    private static async Task<IResult> ChangePasswordAsync([FromForm] string? current, [FromForm] string? password, [FromForm] string? again,
        SignInManager<Person> signIn, HttpContext http, PeopleCommands people, CancellationToken ct)
    {
        if (password != again) return Results.LocalRedirect($"~/me?refused={PeopleRefusals.PasswordsDiffer.Code}");
        var changed = await people.ChangeOwnPasswordAsync(PersonClaims.SenderOf(http.User), current ?? "", password ?? "", ct);
        if (changed.IsRefused) return changed.Refusal.Code == KernelRefusals.SignedOut.Code ? Back("/me", changed.Refusal.Code) : Results.LocalRedirect($"~/me?refused={Uri.EscapeDataString(changed.Refusal.Code)}");
        // With the stamp this change wrote and no later one. A session of its own, for the one before may be known to whoever knew the password.
        await signIn.SignInWithClaimsAsync(changed.Value, isPersistent: true, [PersonClaims.NewSession(), .. http.User.FindAll(Session.BranchClaim)]);
        return Results.LocalRedirect("~/me?done=password");
    }

    /// <summary>A password chosen by a link of headquarters. It signs nobody in: whoever knows it does that next.</summary>
    private static async Task<IResult> ChoosePasswordAsync(string token, [FromForm] string? password, [FromForm] string? again, PeopleCommands people, CancellationToken ct)
    {
        var here = $"~/password/{Uri.EscapeDataString(token)}";
        if (password != again) return Results.LocalRedirect($"{here}?refused={PeopleRefusals.PasswordsDiffer.Code}");
        var chosen = await people.ChoosePasswordAsync(token, password ?? "", ct);
        return Results.LocalRedirect(chosen.IsRefused ? $"{here}?refused={Uri.EscapeDataString(chosen.Refusal.Code)}" : "~/login?done=password");
    }

    private static async Task<IResult> EnterAsync(SignInManager<Person> signIn, WriteDoor door, Person person, string action, string? returnUrl, CancellationToken ct, string? renewed = null)
    {
        // No audit, no session: the entry comes first.
        var noted = await door.RunAsync<Done>(new Command(action, Sender.Person(person.PersonId, person.SecurityStamp), TenantScope.None, Access.AnySignedIn, "person", person.Id.ToString()),
            async (context, token) =>
            {
                if (renewed is not null && await context.Db.Users.SingleOrDefaultAsync(p => p.Id == person.Id && p.PasswordHash == person.PasswordHash, token) is { } found) found.PasswordHash = renewed;
                return Done.It;
            }, ct);
        if (noted.IsRefused) return Back(returnUrl, noted.Refusal.Code);
        await signIn.SignInWithClaimsAsync(person, isPersistent: true, [PersonClaims.NewSession()]);
        return Results.LocalRedirect(IsLocal(returnUrl) ? "~" + returnUrl : "~/");
    }

    private static IResult Back(string? returnUrl, string code) =>
        Results.LocalRedirect($"~/login?refused={Uri.EscapeDataString(code)}" + (IsLocal(returnUrl) ? $"&returnUrl={Uri.EscapeDataString(returnUrl!)}" : ""));

    /// <summary>A path on this site and nothing else: never "//host" or "/\host".</summary>
    internal static bool IsLocal(string? url) => url is ['/', ..] && (url.Length == 1 || (url[1] != '/' && url[1] != '\\'));
}
