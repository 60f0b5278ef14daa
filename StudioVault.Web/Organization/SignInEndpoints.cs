using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Hosting;

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
        // It reads no form, so the framework would not ask for the token by itself.
        routes.MapPost("/logout", SignOutAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
        routes.MapPost("/branch/switch", SwitchBranchAsync);
        routes.MapGet("/", (HttpContext http) => Results.LocalRedirect(StartPage(http.User)));
    }

    private static async Task<IResult> SignInAsync([FromForm] string? email, [FromForm] string? password, [FromForm] string? returnUrl,
        SignInManager<Person> signIn, WriteDoor door, HashingGate gate, CancellationToken ct)
    {
        await gate.EnterAsync(ct);
        try
        {
            var person = await signIn.UserManager.FindByEmailAsync(email ?? "");
            var ok = false;
            if (person is null)
            {
                // The same work as for a real account, so that time tells nothing.
                signIn.UserManager.PasswordHasher.VerifyHashedPassword(gate.Nobody, gate.NobodysHash, password ?? "");
            }
            else
            {
                ok = (await signIn.CheckPasswordSignInAsync(person, password ?? "", lockoutOnFailure: true)).Succeeded && !person.IsDisabled;
            }

            if (!ok)
            {
                await door.NoteRefusalAsync(new Command("session.sign_in", person is null ? Sender.Nobody : Sender.Person(person.PersonId, null),
                    TenantScope.None, Access.AnySignedIn, "person", person?.Id.ToString() ?? UnknownUserHash), OrganizationRefusals.SignInFailed, ct);
                return Back(returnUrl, OrganizationRefusals.SignInFailed.Code);
            }

            return await EnterAsync(signIn, door, person!, "session.sign_in", returnUrl, ct);
        }
        finally
        {
            gate.Leave();
        }
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

    private static async Task<IResult> SignOutAsync(SignInManager<Person> signIn, HttpContext http, WriteDoor door, CancellationToken ct)
    {
        var sender = PersonClaims.SenderOf(http.User);
        if (sender.PersonId is { } id)
            await door.RunAsync(new Command("session.sign_out", sender, TenantScope.None, Access.AnySignedIn, "person", id.ToString()),
                (_, _) => Task.FromResult<Result<Done>>(Done.It), ct);
        await signIn.SignOutAsync();
        return Results.LocalRedirect("~/login");
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
        if (session.IsRefused) return Results.LocalRedirect("~/login");
        if (session.Value.Branches.All(b => b.Branch.Id.Value != branch)) return Results.NotFound();
        var person = await signIn.UserManager.GetUserAsync(http.User);
        await signIn.SignInWithClaimsAsync(person!, isPersistent: true, [new System.Security.Claims.Claim(Session.BranchClaim, branch.ToString())]);
        return Results.LocalRedirect("~/");
    }

    private static async Task<IResult> EnterAsync(SignInManager<Person> signIn, WriteDoor door, Person person, string action, string? returnUrl, CancellationToken ct)
    {
        // No audit, no session: the entry comes first.
        var noted = await door.RunAsync(new Command(action, Sender.Person(person.PersonId, person.SecurityStamp), TenantScope.None, Access.AnySignedIn, "person", person.Id.ToString()),
            (_, _) => Task.FromResult<Result<Done>>(Done.It), ct);
        if (noted.IsRefused) return Back(returnUrl, noted.Refusal.Code);
        await signIn.SignInAsync(person, isPersistent: true);
        return Results.LocalRedirect(IsLocal(returnUrl) ? "~" + returnUrl : "~/");
    }

    private static IResult Back(string? returnUrl, string code) =>
        Results.LocalRedirect($"~/login?refused={Uri.EscapeDataString(code)}" + (IsLocal(returnUrl) ? $"&returnUrl={Uri.EscapeDataString(returnUrl!)}" : ""));

    /// <summary>A path on this site and nothing else: never "//host" or "/\host".</summary>
    internal static bool IsLocal(string? url) => url is ['/', ..] && (url.Length == 1 || (url[1] != '/' && url[1] != '\\'));
}

/// <summary>At most two password hashes at a time: each costs about a tenth of a second of a core (ID-1).</summary>
public sealed class HashingGate : IDisposable
{
    private readonly SemaphoreSlim _two = new(2, 2);

    public HashingGate(IPasswordHasher<Person> hasher) => NobodysHash = hasher.HashPassword(Nobody, Guid.NewGuid().ToString());

    public Person Nobody { get; } = new();
    public string NobodysHash { get; }
    public Task EnterAsync(CancellationToken ct) => _two.WaitAsync(ct);
    public void Leave() => _two.Release();
    public void Dispose() => _two.Dispose();
}

/// <summary>Whether this is the demo: one-click sign-in and the DEMO ribbon.</summary>
public sealed record DemoMode(bool Enabled);
