using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Shell;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Organization;

/// <summary>
/// The signed-in person of this circuit and the branch they work in now. Read once per circuit; rights are checked by every
/// command anew, so a stale copy here can only show too much menu, never do anything. A refusal is not kept: a database that was
/// away when the circuit began says nothing about the person, and "Try again" must ask again.
/// </summary>
public sealed class Session(AuthenticationStateProvider authentication, OrganizationQueries organization, ShellModel shell, DemoMode demo)
{
    /// <summary>Claim that holds the chosen branch.</summary>
    public const string BranchClaim = "sv:branch";

    private Task<SessionState>? _state;

    /// <summary>The session; its <see cref="SessionState.View"/> is null when nobody is signed in, and when it could not be read: then <see cref="SessionState.Refusal"/> says why.</summary>
    public Task<SessionState> GetAsync()
    {
        // Whoever asks while it is being read waits for the same answer; whoever comes after a failure asks anew.
        if (_state is { IsCompleted: true } and not { IsCompletedSuccessfully: true, Result.Refusal: null }) _state = null;
        return _state ??= LoadAsync();
    }

    /// <summary>The branch a person works in: the one they chose, else their first; null for people of no branch.</summary>
    public static BranchView? CurrentBranch(SessionView view, ClaimsPrincipal user)
    {
        var chosen = user.FindFirstValue(BranchClaim);
        return view.Branches.Select(b => b.Branch).FirstOrDefault(b => b.Id.ToString() == chosen) ?? view.Branches.Select(b => b.Branch).FirstOrDefault();
    }

    private async Task<SessionState> LoadAsync()
    {
        var user = (await authentication.GetAuthenticationStateAsync()).User;
        var sender = PersonClaims.SenderOf(user);
        if (sender == Sender.Nobody) return new SessionState(sender, null, null);
        var result = await organization.SessionAsync(sender, CancellationToken.None);
        if (result.IsRefused) return new SessionState(sender, null, null) { Refusal = result.Refusal };
        var view = result.Value;
        var current = CurrentBranch(view, user);
        shell.Show(view.Name, view.Title, [.. view.Branches.Select(b => new ShellBranch(b.Branch.Id.ToString(), b.Branch.Name, $"{b.Branch.City}, {TimeFormat.ZoneWords(b.Branch.TimeZone)}, {b.Branch.Currency}"))],
            current?.Id.ToString(), demo.Enabled);
        shell.ShowSamePerson(view.SamePerson);
        shell.Zone = current?.TimeZone;
        return new SessionState(sender, view, current);
    }
}

/// <summary>Who sends, who they are, where they work now.</summary>
public sealed record SessionState(Sender Sender, SessionView? View, BranchView? Branch)
{
    /// <summary>Why there is no view of somebody who is signed in: to be shown before anything else that follows from having none. Null when it was read.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The person's role in the current branch, or null.</summary>
    public Role? BranchRole => View?.Branches.Where(b => b.Branch.Id == Branch?.Id).Select(b => (Role?)b.Role).FirstOrDefault();

    public bool IsHqAdmin => View?.IsHqAdmin == true;

    /// <summary>The branch to read: the current one, or nothing for HQ and visitors.</summary>
    public BranchId? BranchId => Branch?.Id;
}
