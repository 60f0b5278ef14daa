using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Organization;

/// <summary>Somebody who is signed in says their password once more.</summary>
internal static class SessionProof
{
    /// <summary>Null when it is right. A wrong one is audited as a refusal of the command; after five in a row the session that tries is ended, and no other.</summary>
    public static async Task<Refusal?> RefusalAsync(WriteDoor door, Passwords passwords, Person person, string password, Command command, Refusal wrong, CancellationToken ct)
    {
        var answer = await passwords.ConfirmAsync(person, password, ct);
        if (answer == PasswordAnswer.Right) return null;
        await door.NoteRefusalAsync(command, wrong, ct);
        if (answer == PasswordAnswer.Wrong) return wrong;
        var ended = await door.RunAsync<Done>(new Command("session.end_guessed", command.From, TenantScope.None, Access.AnySignedIn, "person", person.Id.ToString()), async (context, token) =>
        {
            if (command.From.Session is { } session) context.Db.EndedSessions.Add(EndedSession.Of(session, person.PersonId));
            // A cookie that names no session: what it can be told by is the stamp.
            else (await context.Db.Users.SingleAsync(p => p.Id == person.Id, token)).EndSessions();
            context.Announce(Topics.SessionEnded, null, new JsonObject { ["personId"] = person.Id.ToString() });
            return Done.It;
        }, ct);
        return ended.Refusal ?? KernelRefusals.SignedOut;
    }
}
