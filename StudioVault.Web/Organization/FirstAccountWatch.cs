using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Verbs;

namespace StudioVault.Web.Organization;

/// <summary>Says once StudioVault answers, and nobody of headquarters can sign in, which command makes the first account.</summary>
internal sealed partial class FirstAccountWatch(IHostApplicationLifetime application, OrganizationQueries organization, DemoMode demo, ILogger<FirstAccountWatch> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!demo.Enabled) application.ApplicationStarted.Register(() => _ = LookAsync());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task LookAsync()
    {
        try
        {
            if (!await organization.HasAdminAsync(CancellationToken.None)) NobodyYet(log, PeopleVerbs.CommandLine());
        }
        catch (Exception e)
        {
            // Readiness tells that the database is away.
            log.LogDebug(e, "Whether anybody can sign in could not be looked up");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nobody of headquarters can sign in yet. Make the first administrator, with the settings of this process and the password on standard input: {Command}")]
    private static partial void NobodyYet(ILogger logger, string command);
}
