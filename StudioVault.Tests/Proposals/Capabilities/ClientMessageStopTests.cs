using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

/// <summary>A message is carried out two minutes before it leaves: a stop thrown in between keeps it.</summary>
public sealed class ClientMessageStopTests(PostgresServer server) : CapabilityLifeTest(server)
{
    private StopCommands Stops => new(Door, Registry, new ProposalSweep(Door, Registry));

    /// <summary>Nobody listens there: what was handed over would count a try.</summary>
    private SendMail Post => new(Door, Mails, new MailServer(new("127.0.0.1", 9, false, null, null, "Northlight <post@northlight.example>")));

    [Fact]
    public async Task A_stop_keeps_a_held_message_and_leaves_alone_what_takes_it_back()
    {
        var id = await MessageAsync();
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Global, "", "Wrong words", Ct)).Refusal);
        await TimeGoesByAsync();
        Assert.Equal(MailFate.NotNow, (await Post.SendAsync(Sender.System("mail.send"), Porto, id.Value, Ct)).Value);
        Assert.Equal("Queued|0|true", await MailAsync());
        // What would let it leave is stopped; what keeps it for good is not.
        var recall = await CarriedOutAsync(ClientMessageRecall.Name, Args(("mailId", id.ToString())));
        Assert.Equal("Recalled|0|false", await MailAsync());
        Assert.Equal(ProposalState.Succeeded, (await StandsAsync(recall)).State);
    }

    [Fact]
    public async Task After_the_stop_it_leaves_when_the_time_to_take_it_back_is_over()
    {
        var id = await MessageAsync();
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Area, "Clients", "Wrong words", Ct)).Refusal);
        await TimeGoesByAsync();
        Assert.Null((await Post.RunAsync(Sender.System("mail.send"), Ct)).Refusal);
        Assert.Equal("Queued|0|true", await MailAsync());
        await SqlAsync("set session_replication_role = replica; update proposals.stops set lifted_at = clock_timestamp(); update mail.messages set due_at = clock_timestamp()");
        Assert.Equal(MailFate.NotNow, (await Post.SendAsync(Sender.System("mail.send"), Porto, id.Value, Ct)).Value);
        Assert.Equal("Queued|0|true", await MailAsync());
        await TimeGoesByAsync();
        Assert.Equal(MailFate.NotNow, (await Post.SendAsync(Sender.System("mail.send"), Porto, id.Value, Ct)).Value);
        Assert.Equal("Queued|1|false", await MailAsync());
    }

    [Fact]
    public async Task A_stop_on_the_agent_that_proposed_it_keeps_it_and_another_does_not()
    {
        var id = await MessageAsync();
        var (its, other) = (await AgentAsync("its"), await AgentAsync("other"));
        await SqlAsync($$"""set session_replication_role = replica; update proposals.proposals set chain_json = '[{"id":"{{its}}","kind":"Agent","name":"The its"}]' where id = '{{id}}'""");
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Agent, its.ToString(), "It went astray", Ct)).Refusal);
        await TimeGoesByAsync();
        Assert.Equal(MailFate.NotNow, (await Post.SendAsync(Sender.System("mail.send"), Porto, id.Value, Ct)).Value);
        Assert.Equal("Queued|0|true", await MailAsync());

        await SqlAsync("set session_replication_role = replica; update proposals.stops set lifted_at = clock_timestamp()");
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Agent, other.ToString(), "It went astray", Ct)).Refusal);
        await TimeGoesByAsync();
        await Post.SendAsync(Sender.System("mail.send"), Porto, id.Value, Ct);
        Assert.Equal("Queued|1|false", await MailAsync());
    }

    [Fact]
    public async Task A_stop_that_names_the_recall_stops_it()
    {
        var id = await MessageAsync();
        Assert.Null((await Stops.ThrowAsync(Hq, StopLevel.Capability, ClientMessageRecall.Name, "It takes back the wrong ones", Ct)).Refusal);
        var recall = await ApprovedAsync(ClientMessageRecall.Name, Args(("mailId", id.ToString())));
        await RunAsync(recall.Id);
        Assert.Equal(ProposalState.Killed, (await StandsAsync(recall.Id)).State);
    }

    private async Task<ProposalId> MessageAsync()
    {
        var project = await BookedAsync();
        var client = (Guid)(await SqlAsync("select id from agreements.clients where email = 'marta@sousa.example'"))!;
        var id = await CarriedOutAsync(ClientMessage.Name, Args(("projectId", project.ToString()), ("clientId", client.ToString()), ("subject", "The light at six"), ("text", "Can we begin at six?")));
        // One proposal writes one mail, and the mail says whose it is.
        Assert.Equal(id.Value, await SqlAsync("select id from mail.messages where held_until is not null"));
        return id;
    }

    private async Task<AgentId> AgentAsync(string slug) => (await new AgentCommands(Door).CreateAsync(Hq, slug, $"The {slug}", "Helps.", Hq.PersonId!.Value, Ct)).Value;

    private Task TimeGoesByAsync() => SqlAsync("set session_replication_role = replica; update mail.messages set held_until = clock_timestamp(), due_at = clock_timestamp() where held_until is not null");

    /// <summary>State, tries, and whether something holds it still.</summary>
    private async Task<string> MailAsync() => (string)(await SqlAsync("select state || '|' || tries || '|' || (held_until is not null and held_until > clock_timestamp()) from mail.messages where about_id in (select id from agreements.projects) and subject like '%a message about your project'"))!;
}
