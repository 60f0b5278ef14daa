using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals.Capabilities;

/// <summary>
/// Takes a message back while it is held. Whoever sends mails lets go of it in a transaction of its own first, so one of the two
/// wins. Refused with <c>refuse.kernel.not_found</c>, <c>refuse.mail.left</c>, <c>refuse.mail.already_recalled</c>.
/// </summary>
public sealed class ClientMessageRecall(MailOut mails) : ICapability
{
    public const string Name = "client.message_recall";

    public CapabilityDefinition Definition { get; } = new(Name, ClientMessage.Area, "Take a message back", "Keeps a message to a client from leaving, within two minutes of its approval.",
        new([new("mailId", InputKind.Id, "Mail")]), Band.Green, IsAtomic: true,
        new("Studio operations", "low", "A message the client should have had does not arrive.", "The same message is proposed again.", "ClientMessageTests",
            Band.Green, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5), PerAgent: 20, PerOwner: 40, PerBranch: 60, TimeSpan.FromDays(1)))
    {
        UndoneBy = [ClientMessage.Name],
        // A stop that kept this from running would let the message leave once it is lifted.
        HoldsBack = true,
        RejectReasons = ["The message is right", "It has left already", "I will write to them", "Ask me first", "Not needed"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        if (!(await FindAsync(db, call, tracked: false, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (mail, client) = found;
        var until = mail.HeldUntil;
        if (mail.Recall(call.Now).Refusal is { } no) return no;
        return new IntendedWrite($"Take back the message to {client.Name}", $"taking back the message to {client.Name}",
            new("mail", mail.Id.ToString(), TargetRef.EtagOf(new JsonObject { ["held"] = true, ["mail"] = mail.Id.ToString() }), $"/projects/{mail.AboutId}"),
            [new("Message", "queued", "taken back, never sent"), .. mails.Open(client, mail).TryGet(out var letter, out _) ? new[] { new FactChange("Subject", letter.Subject, letter.Subject) } : []])
        { About = await Concern.OfProjectAsync(db, new ProjectId(mail.AboutId), ct, client.Id), Notes = [$"It leaves at {until:HH:mm:ss} UTC if nobody takes it back."] };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (!(await FindAsync(context.Db, call, tracked: true, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (mail, client) = found;
        if (mail.Recall(context.Now).Refusal is { } no) return no;
        if (await context.Db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == new ProjectId(mail.AboutId), ct) is { } project) ProjectCommands.Announce(context, project);
        var undo = mails.Open(client, mail).TryGet(out var letter, out _) && letter.Subject is not null
            ? new Compensation(ClientMessage.Name, CapabilityWords.Args(("projectId", mail.AboutId.ToString()), ("clientId", client.Id.ToString()), ("subject", letter.Subject), ("text", letter.Text))) : null;
        return new Effect("The message was taken back before it left.", $"/projects/{mail.AboutId}", undo);
    }

    private static async Task<Result<(MailMessage, Client)>> FindAsync(VaultDb db, CapabilityCall call, bool tracked, CancellationToken ct)
    {
        var id = call.Id("mailId");
        var query = tracked ? db.Mails : db.Mails.AsNoTracking();
        if (await query.SingleOrDefaultAsync(m => m.Id == id, ct) is not { } mail) return KernelRefusals.NotFound.At("/args/mailId");
        return (mail, await db.Clients.AsNoTracking().SingleAsync(c => c.Id == mail.ClientId, ct));
    }
}
