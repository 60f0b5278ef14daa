using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Organization;

namespace StudioVault.Web.Hosting;

/// <summary>Tells whoever started StudioVault by hand, once it answers, where it is and as whom to get in.</summary>
internal sealed class StartBanner(IServer server, IHostApplicationLifetime application, VaultSettings settings, IHostEnvironment environment, IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Where logs are for machines, nobody reads banners.
        if (settings.Log.Format == LogFormat.Text || (settings.Log.Format == LogFormat.Auto && environment.IsDevelopment()))
            application.ApplicationStarted.Register(() => _ = WriteAsync());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WriteAsync()
    {
        IReadOnlyList<DemoPerson> people = [];
        if (settings.Demo.Enabled && services.GetService<OrganizationQueries>() is { } organization)
        {
            try
            {
                people = await organization.DemoPeopleAsync(application.ApplicationStopping);
            }
            catch (Exception e) when (e is OperationCanceledException or System.Data.Common.DbException or InvalidOperationException)
            {
                // The address is worth saying without them.
            }
        }

        await Console.Out.WriteLineAsync(Text(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [], settings.Demo.Enabled, people));
    }

    /// <summary>The banner.</summary>
    /// <param name="addresses">Where the server listens.</param>
    /// <param name="demo">Demo mode: nobody needs an account.</param>
    /// <param name="people">The demo people in the order of the sign-in page; the first of each role is named.</param>
    internal static string Text(IEnumerable<string> addresses, bool demo, IReadOnlyList<DemoPerson> people)
    {
        var address = addresses.FirstOrDefault(a => a.StartsWith("http:", StringComparison.Ordinal)) ?? addresses.FirstOrDefault() ?? "(no address)";
        address = address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
        var lines = new List<string> { "", $"StudioVault is ready:  {address}" };
        if (!demo) lines.Add("Sign in with your account.");
        else lines.Add("Demo: choose a person on the sign-in page, one click, no password. HQ and a branch manager in two browsers show the most.");
        lines.AddRange(people.GroupBy(p => p.Role).OrderByDescending(g => g.Key).Select(g => g.First())
            .Select(p => $"  {Label(p.Role),-15} {p.Name}{(p.Branches.Length > 0 ? $" ({p.Branches})" : "")}"));
        lines.AddRange(["Ctrl-C ends it.", ""]);
        return string.Join(Environment.NewLine, lines);
    }

    private static string Label(Role role) => role switch
    {
        Role.HqAdmin => "Headquarters",
        Role.BranchManager => "Branch manager",
        _ => "Staff",
    };
}
