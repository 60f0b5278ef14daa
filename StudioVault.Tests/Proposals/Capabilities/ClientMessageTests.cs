using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

public sealed class ClientMessageTests(PostgresServer server) : CapabilityTest(server)
{
    [Fact]
    public async Task Says_who_gets_it_and_every_word_of_it_without_the_whole_address()
    {
        var write = await PreparedAsync(ClientMessage.Name, await MessageAsync());
        Assert.Equal("Send “The light at six” to Marta Sousa", write.Title);
        Assert.Equal(" > Marta Sousa, m•••@sousa.example", Change(write, "To"));
        Assert.Equal(" > Can we begin at six?\nThe light is best then.", Change(write, "Message"));
        Assert.Single(write.Notes);
        Assert.Null(write.AtLeast);
    }

    [Fact]
    public async Task Waits_two_minutes_and_then_arrives_word_for_word()
    {
        var args = await MessageAsync();
        await ExecutedAsync(ClientMessage.Name, args);
        Assert.Equal("Queued|00:02:00|Northlight Porto: a message about your project", await SqlAsync("select state || '|' || (due_at - queued_at) || '|' || subject from mail.messages"));
        Assert.Equal(("marta@sousa.example", "The light at six", "Can we begin at six?\nThe light is best then."), await LetterAsync());
        // What is written to a client stands nowhere readable but with the client's key.
        Assert.DoesNotContain("light", (string)(await SqlAsync("select coalesce(string_agg(payload::text, ' '), '') from audit.entries"))!, StringComparison.Ordinal);
        Assert.Contains((await PreparedAsync(ClientMessage.Name, args)).Notes, n => n == "1 mail went to this client in the last 24 hours.");
    }

    [Fact]
    public async Task Can_be_taken_back_while_it_is_held_and_written_again()
    {
        var sent = await ExecutedAsync(ClientMessage.Name, await MessageAsync());
        var recall = await PreparedAsync(ClientMessageRecall.Name, sent.Undo!.Args);
        Assert.Equal("queued > taken back, never sent", Change(recall, "Message"));
        var recalled = await UndoAsync(sent);
        Assert.Equal("Recalled", await SqlAsync("select state from mail.messages"));
        await RefusedAsync("refuse.mail.already_recalled", ClientMessageRecall.Name, sent.Undo.Args);
        await UndoAsync(recalled);
        Assert.Equal("Queued", await SqlAsync("select state from mail.messages order by queued_at desc limit 1"));
        Assert.Equal(("marta@sousa.example", "The light at six", "Can we begin at six?\nThe light is best then."), await LetterAsync());
    }

    [Fact]
    public async Task Cannot_be_taken_back_once_its_time_has_come()
    {
        var sent = await ExecutedAsync(ClientMessage.Name, await MessageAsync());
        await SqlAsync("set session_replication_role = replica; update mail.messages set held_until = held_until - interval '3 minutes', due_at = due_at - interval '3 minutes'");
        await RefusedAsync("refuse.mail.left", ClientMessageRecall.Name, sent.Undo!.Args);
    }

    [Fact]
    public async Task Is_either_sent_or_taken_back_when_both_are_tried_at_once()
    {
        var sent = await ExecutedAsync(ClientMessage.Name, await MessageAsync());
        var mail = Guid.Parse((string)sent.Undo!.Args["mailId"]!);
        // Whoever sends has let go of it, and has not marked it yet.
        Assert.Null((await Door.RunAsync<Done>(new Command("mail.let_go", Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), "mail", mail.ToString()), async (context, ct) =>
        {
            (await context.Db.Mails.SingleAsync(m => m.Id == mail, ct)).LetGo();
            return Done.It;
        }, Ct)).Refusal);
        await RefusedAsync("refuse.mail.left", ClientMessageRecall.Name, sent.Undo.Args);
    }

    [Fact]
    public async Task A_message_that_was_taken_back_is_never_handed_over()
    {
        var sent = await ExecutedAsync(ClientMessage.Name, await MessageAsync());
        await UndoAsync(sent);
        await SqlAsync("set session_replication_role = replica; update mail.messages set due_at = due_at - interval '3 minutes'");
        var server = new MailServer(new("127.0.0.1", 9, false, null, null, "Northlight <post@northlight.example>"));
        Assert.Equal("refuse.kernel.not_found", (await new SendMail(Door, Mails, server).SendAsync(Sender.System("mail.send"), Porto, Guid.Parse((string)sent.Undo!.Args["mailId"]!), Ct)).Refusal!.Code);
        Assert.Equal("Recalled|0", await SqlAsync("select state || '|' || tries from mail.messages"));
    }

    [Fact]
    public async Task A_held_message_is_not_handed_over_before_its_time_and_is_let_go_first()
    {
        var sent = await ExecutedAsync(ClientMessage.Name, await MessageAsync());
        var mail = Guid.Parse((string)sent.Undo!.Args["mailId"]!);
        // Nobody listens there: what was handed over would count a try.
        var send = new SendMail(Door, Mails, new MailServer(new("127.0.0.1", 9, false, null, null, "Northlight <post@northlight.example>")));
        Assert.Equal("refuse.kernel.not_found", (await send.SendAsync(Sender.System("mail.send"), Porto, mail, Ct)).Refusal!.Code);
        Assert.Equal(0, await SqlAsync("select tries from mail.messages"));
        await SqlAsync("set session_replication_role = replica; update mail.messages set held_until = held_until - interval '3 minutes', due_at = due_at - interval '3 minutes'");
        Assert.Equal(MailFate.NotNow, (await send.SendAsync(Sender.System("mail.send"), Porto, mail, Ct)).Value);
        Assert.Equal("1|true", await SqlAsync("select tries || '|' || (held_until is null) from mail.messages"));
    }

    [Fact]
    public async Task Goes_to_clients_of_the_project_only_who_can_be_written_to()
    {
        var args = await MessageAsync();
        await RefusedAsync("refuse.kernel.not_found", ClientMessage.Name, With(args, "clientId", Guid.NewGuid().ToString()));
        await RefusedAsync("refuse.kernel.not_found", ClientMessage.Name, With(args, "projectId", Guid.NewGuid().ToString()));
        var etag = await EtagAsync(ClientMessage.Name, args);
        Assert.Null((await Clients.CorrectEmailAsync(PortoStaff, Porto, new ClientId(Guid.Parse((string)args["clientId"]!)), "marta@other.example", Ct)).Refusal);
        Assert.NotEqual(etag, await EtagAsync(ClientMessage.Name, args));
        Assert.Null((await Clients.EraseAsync(Ana, Porto, new ClientId(Guid.Parse((string)args["clientId"]!)), "They asked.", Ct)).Refusal);
        await RefusedAsync("refuse.client.erased", ClientMessage.Name, args);
    }

    [Fact]
    public async Task Another_day_of_the_project_does_not_disturb_it()
    {
        var args = await MessageAsync();
        var etag = await EtagAsync(ClientMessage.Name, args);
        Assert.Null((await Projects.PlanAsync(PortoStaff, Porto, new ProjectId(Guid.Parse((string)args["projectId"]!)), new DateOnly(2099, 7, 1), "", "", Ct)).Refusal);
        Assert.Equal(etag, await EtagAsync(ClientMessage.Name, args));
    }

    private static JsonObject With(JsonObject args, string name, string value)
    {
        var other = args.DeepClone().AsObject();
        other[name] = value;
        return other;
    }

    private async Task<JsonObject> MessageAsync()
    {
        var project = await BookedAsync();
        var client = (Guid)(await SqlAsync("select id from agreements.clients where email = 'marta@sousa.example'"))!;
        return Args(("projectId", project.ToString()), ("clientId", client.ToString()), ("subject", "The light at six"), ("text", "Can we begin at six?\nThe light is best then."));
    }

    private async Task<(string To, string? Subject, string Text)> LetterAsync()
    {
        var letter = (await Door.ReadAsync<Letter>(PortoStaff, TenantScope.Of(Porto), Access.MemberOf(Porto), async (db, _, ct) =>
        {
            var mail = await db.Mails.OrderByDescending(m => m.QueuedAt).FirstAsync(ct);
            return Mails.Open(await db.Clients.SingleAsync(c => c.Id == mail.ClientId, ct), mail);
        }, Ct)).Value;
        return (letter.To, letter.Subject, letter.Text);
    }
}
