using Bunit;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Mail;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using StudioVault.Web.Agreements;
using Xunit;
using static StudioVault.Tests.Support.PageActions;

namespace StudioVault.Tests.Proposals.Capabilities;

/// <summary>What capabilities leave on the project's page.</summary>
public sealed class CapabilityPagesTests(PostgresServer server) : PackagePageTest(server)
{
    [Fact]
    public async Task A_manager_puts_people_on_a_session_and_staff_only_look()
    {
        var project = await QuotedAsync();
        var page = Open<ProjectDetailPage>(Ana, $"/projects/{project}", null, ("Id", project.Value));
        Shows(page, "Nobody yet.");
        Press(page, "Add somebody to the session");
        Press(page, "Put on the session");
        Shows(page, "Ana Photographer");
        Assert.Equal("Photographer", await SqlAsync("select task from agreements.session_assignments"));

        var staff = Open<ProjectDetailPage>(PortoStaff, $"/projects/{project}", null, ("Id", project.Value));
        Shows(staff, "Ana Photographer");
        Assert.DoesNotContain(staff.FindAll("button"), b => Said(b).StartsWith("Take off", StringComparison.Ordinal));

        Press(page, "Take off Ana");
        Shows(page, "Nobody yet.");
    }

    [Fact]
    public async Task What_was_written_to_a_client_stands_there_with_what_became_of_it()
    {
        var project = await QuotedAsync();
        Assert.Null((await new ClientCommands(Door, Keys).SetAsync(PortoStaff, Porto, project, [new(null, "Marta Sousa", "marta@sousa.example")], Ct)).Refusal);
        var mail = await Door.RunAsync<Guid>(new Command("test.mail", Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), "project", project.ToString()), (context, _) =>
            Task.FromResult<Result<Guid>>(new MailOut(Keys).QueueHeld(context, context.Db.Clients.Single(), project.Value, "A message", "The light at six", "Can we?", TimeSpan.FromMinutes(2))), Ct);
        Shows(Open<ProjectDetailPage>(PortoStaff, $"/projects/{project}", null, ("Id", project.Value)), "The light at six");
        Assert.Null((await Door.RunAsync<Done>(new Command("test.recall", Sender.System("test"), TenantScope.Of(Porto), Access.MemberOf(Porto), "project", project.ToString()), (context, _) =>
            Task.FromResult(context.Db.Mails.Single(m => m.Id == mail.Value).Recall(context.Now)), Ct)).Refusal);
        Shows(Open<ProjectDetailPage>(PortoStaff, $"/projects/{project}", null, ("Id", project.Value)), "Taken back");
    }

    private async Task<ProjectId> QuotedAsync() => (await Projects.QuoteAsync(PortoStaff, Porto, await AdoptAsync(), 1, "Sousa", new DateOnly(2099, 6, 1), Ct)).Value;
}
