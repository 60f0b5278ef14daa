using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// Proof that the person at this tab is who they say, made now (APP-12): the password once more, a ticket for five minutes. The
/// ticket lives in the memory of the tab that asked, so another open session of the same person gains nothing by it.
/// </summary>
public sealed class FreshSignIns(WriteDoor door, VaultDbs dbs, Passwords passwords, DemoMode demo)
{
    /// <summary>How long a ticket is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Answers with a ticket. Refused with <c>refuse.organization.password_wrong</c>; a failure is audited, and five in a row end the session.</summary>
    public async Task<Result<string>> ConfirmAsync(Sender from, string password, CancellationToken ct)
    {
        if (from.PersonId is not { } id) return KernelRefusals.SignedOut;
        Person? person;
        await using (var db = dbs.Open(TenantScope.None)) person = await db.Users.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id.Value, ct);
        if (person is null) return KernelRefusals.SignedOut;
        if (await SessionProof.RefusalAsync(door, passwords, person, password, Confirm(from), PeopleRefusals.PasswordWrong, ct) is { } refusal) return refusal;
        return await door.RunAsync<string>(Confirm(from), IssueAsync, ct);
    }

    /// <summary>For demo people without a password, in the demo only: a tap is the proof, and the audit says that it was a demo's. Refused with <c>refuse.organization.sign_in_failed</c>.</summary>
    public Task<Result<string>> ConfirmDemoAsync(Sender from, CancellationToken ct) =>
        door.RunAsync<string>(Confirm(from) with { Action = "session.confirm_demo" }, async (context, token) =>
            demo.Enabled && context.Caller.PersonId is { } me && await context.Db.Users.AsNoTracking().AnyAsync(p => p.Id == me.Value && p.IsDemo && p.PasswordHash == null, token) ? await IssueAsync(context, token) : OrganizationRefusals.SignInFailed, ct);

    /// <summary>Null when the ticket is this person's and fresh.</summary>
    internal static async Task<Refusal?> RefusalAsync(VaultDb db, PersonId person, string? ticket, DateTimeOffset now, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(ticket)) return ApprovalRefusals.SignInAnew;
        var hash = HashOf(ticket);
        var issued = await db.FreshSignIns.AsNoTracking().Where(f => f.TicketSha256 == hash && f.PersonId == person).Select(f => (DateTimeOffset?)f.At).SingleOrDefaultAsync(ct);
        if (issued is { } at && at <= now && now - at < Lifetime) return null;
        return ApprovalRefusals.SignInAnew;
    }

    private static Command Confirm(Sender from) => new("session.confirm", from, TenantScope.None, Access.AnySignedIn, "person", from.PersonId?.ToString() ?? "");

    private static async Task<Result<string>> IssueAsync(WriteContext context, CancellationToken ct)
    {
        var ticket = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await context.WriteAuditAsync(ct);
        context.Db.FreshSignIns.Add(FreshSignIn.Of(HashOf(ticket), context.Caller.PersonId!.Value));
        return ticket;
    }

    private static string HashOf(string ticket) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ticket)));
}
