using System.Security.Cryptography;
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
/// Queues a mail to one client of a project, word for word as it was approved. It is held for a while, in which
/// <see cref="ClientMessageRecall"/> takes it back. Refused with <c>refuse.kernel.not_found</c>, <c>refuse.client.erased</c>, <c>refuse.client.no_address</c>.
/// </summary>
public sealed class ClientMessage(MailOut mails) : ICapability
{
    public const string Name = "client.message";
    public const string Area = "Clients";

    /// <summary>How long it can be taken back.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMinutes(2);

    public const int LongestSubject = 150;
    public const int LongestText = 4_000;

    public CapabilityDefinition Definition { get; } = new(Name, Area, "Write to a client", "Sends one client of a project a mail, word for word as it stands in the proposal.",
        new([new("projectId", InputKind.Id, "Project"), new("clientId", InputKind.Id, "Client"), new("subject", InputKind.Text, "Subject", LongestSubject), new("text", InputKind.Text, "Message", LongestText, IsLong: true)]),
        Band.Amber, IsAtomic: true,
        new("Studio operations", "medium", "A client reads something wrong, rude or meant for somebody else, and the studio has to apologise.",
            "Taken back within two minutes before it leaves; after that only another message puts it right.", "ClientMessageTests",
            Band.Amber, TimeSpan.FromHours(24), TimeSpan.FromHours(2), PerAgent: 20, PerOwner: 40, PerBranch: 60, TimeSpan.FromDays(1)))
    {
        UndoneBy = [ClientMessageRecall.Name],
        RejectReasons = ["Wrong tone", "Something in it is wrong", "Wrong client", "I will call them instead", "Not now"],
    };

    public async Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        if (!(await FindAsync(db, call, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (project, client) = found;
        var since = call.Now.AddDays(-1);
        var lately = await db.Mails.CountAsync(m => m.ClientId == client.Id && m.QueuedAt > since && m.State != MailState.Recalled, ct);
        var notes = new List<string> { "It leaves two minutes after it is carried out and can be taken back until then." };
        if (lately > 0) notes.Add($"{CapabilityWords.Count(lately, "mail", "mails")} went to this client in the last 24 hours.");
        // The hash stays when the client is erased, and their key does not: without it nobody can try names and addresses on it.
        return new IntendedWrite($"Send “{call.Text("subject")}” to {client.Name}", $"message to {client.Name}",
            new("client", client.Id.ToString(), TargetRef.EtagOf(new JsonObject { ["client"] = client.Id.ToString(), ["email"] = client.Email, ["name"] = client.Name, ["project"] = project.Id.ToString(), ["salt"] = Convert.ToHexStringLower(SHA256.HashData(client.Key!)) }), $"/projects/{project.Id}"),
            [new("To", null, $"{client.Name}, {Client.Masked(client.Email)}"), new("Subject", null, call.Text("subject")), new("Message", null, TextOf(call))])
        { About = await Concern.OfProjectAsync(db, project.Id, ct, client.Id), Notes = notes };
    }

    public async Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct)
    {
        if (!(await FindAsync(context.Db, call, ct)).TryGet(out var found, out var refusal)) return refusal;
        var (project, client) = found;
        var studio = await context.Db.Branches.AsNoTracking().Where(b => b.Id == call.Branch).Select(b => b.Name).SingleAsync(ct);
        var mail = mails.QueueHeld(context, client, project.Id.Value, $"{studio}: a message about your project", call.Text("subject"), TextOf(call), Hold);
        ProjectCommands.Announce(context, project);
        return new Effect("The message is queued and leaves in two minutes.", $"/projects/{project.Id}", new(ClientMessageRecall.Name, CapabilityWords.Args(("mailId", mail.ToString()))));
    }

    private static string TextOf(CapabilityCall call) => call.Text("text");

    private static async Task<Result<(Project, Client)>> FindAsync(VaultDb db, CapabilityCall call, CancellationToken ct)
    {
        var (projectId, clientId) = (new ProjectId(call.Id("projectId")), new ClientId(call.Id("clientId")));
        if (await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Id == projectId, ct) is not { } project) return KernelRefusals.NotFound.At("/args/projectId");
        var client = await db.Clients.AsNoTracking().SingleOrDefaultAsync(c => c.Id == clientId && db.ProjectClients.Any(p => p.ProjectId == projectId && p.ClientId == clientId), ct);
        if (client is null) return KernelRefusals.NotFound.At("/args/clientId");
        if (client.ErasedAt is not null) return ClientRefusals.Erased.At("/args/clientId");
        if (client.Email.Length == 0) return ClientRefusals.NoAddress.At("/args/clientId");
        return (project, client);
    }
}
