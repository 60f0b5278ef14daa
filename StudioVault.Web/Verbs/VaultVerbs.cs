using System.CommandLine;
using Microsoft.AspNetCore.Connections;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Web.Hosting;

namespace StudioVault.Web.Verbs;

/// <summary>
/// One program, many verbs; no verb serves the web. Batch verbs read and write JSON Lines and exit 0 (fine), 1 (a finding) or
/// 2 (input or set-up that cannot be used): the stable surface that other programs use.
/// </summary>
public static class VaultVerbs
{
    public const int Fine = 0;
    public const int Finding = 1;
    public const int BadInput = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("StudioVault: the operating system of a group of studios. Without a verb it serves the web.")
        {
            // --urls, --environment and --Section:Key belong to the web host.
            TreatUnmatchedTokensAsErrors = false,
        };
        root.SetAction((_, ct) => ServeVerb.RunAsync(args, ct));
        root.Subcommands.Add(MigrateVerb.Create());
        root.Subcommands.Add(new Command("people", "Accounts, for whoever runs the server.") { PeopleVerbs.AddAdmin(), PeopleVerbs.SetPassword() });
        root.Subcommands.Add(new Command("audit", "The audit log.")
        {
            AuditVerbs.Verify(),
            AuditVerbs.Export(),
            JsonLinesVerb.Create("vectors", "Check known-answer vectors against our own implementation.", AuditVectors.RunAsync),
        });
        root.Subcommands.Add(new Command("packages", "Packages.")
        {
            JsonLinesVerb.Create("merge", "Merge package content three ways, the product's own merge.", (input, output) =>
                Task.FromResult(MergeLines.Run(input, output).Errors == 0 ? Fine : Finding)),
        });
        root.Subcommands.Add(new Command("agreements", "Agreements and their documents.")
        {
            AgreementVerbs.Verify(AgreementVerbs.RegisterOfDatabaseAsync),
            AgreementVerbs.VerifyPack(),
        });
        var parsed = root.Parse(args);
        if (Unknown(parsed, root) is { } word)
        {
            await Console.Error.WriteLineAsync($"“{word}” is nothing this program knows here. Ask it with --help.");
            return BadInput;
        }

        var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        // A word nobody understands is no finding.
        return parsed.Errors.Count > 0 ? BadInput : code;
    }

    // Because the web host reads what is left over, the parser complains of nothing: a mistyped option would be passed over in silence,
    // and a mistyped verb would start a web server.
    private static string? Unknown(ParseResult parsed, RootCommand root) => parsed.UnmatchedTokens is not [var first, ..] ? null
        : parsed.CommandResult.Command != root || !(first[0] is '-' or '/' || first.Contains('=', StringComparison.Ordinal)) ? first : null;

    /// <summary>The database settings of this process: environment and appsettings, the same for every verb.</summary>
    /// <exception cref="StartRefusedException">The configuration is bad; every reason is in it.</exception>
    internal static VaultOptions Options(IConfiguration configuration) =>
        SettingsReader.Read(configuration, configuration["ASPNETCORE_ENVIRONMENT"] == Environments.Development).ToVaultOptions();

    /// <inheritdoc cref="Options(IConfiguration)"/>
    internal static VaultOptions Options() => Options(new ConfigurationBuilder().AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().Build());

    /// <summary>Runs a verb and turns a refused start into its sentences on standard error.</summary>
    internal static async Task<int> GuardedAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (Exception e) when (e is StartRefusedException or EmbeddedPostgresException or Npgsql.NpgsqlException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e switch
            {
                Npgsql.NpgsqlException => $"The database does not answer: {e.Message}",
                IOException { InnerException: AddressInUseException } => $"{e.Message} Choose another with --urls http://localhost:5081.",
                // Both messages name the file or folder.
                UnauthorizedAccessException => $"{e.Message} Let {WritePlace.Who} read and write there (chown), or name another place in the setting it comes from, such as DataDir.",
                IOException => $"A file cannot be read or written: {e.Message} Mend that, or name another place in the setting it comes from, such as DataDir.",
                _ => e.Message,
            });
            return BadInput;
        }
    }
}
