using System.CommandLine;
using StudioVault.Infrastructure.Persistence;

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
        return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    /// <summary>The database settings of this process: environment and appsettings, the same for every verb.</summary>
    internal static VaultOptions Options(IConfiguration configuration) => new()
    {
        AppConnection = configuration.GetConnectionString("Vault"),
        OwnerConnection = configuration.GetConnectionString("VaultOwner"),
        SequencerConnection = configuration.GetConnectionString("VaultSequencer"),
        DataDir = configuration["DataDir"] ?? ".data",
    };

    /// <summary>Runs a verb and turns a refused start into its sentences on standard error.</summary>
    internal static async Task<int> GuardedAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (Exception e) when (e is StartRefusedException or EmbeddedPostgresException or Npgsql.NpgsqlException)
        {
            await Console.Error.WriteLineAsync(e is Npgsql.NpgsqlException ? $"The database does not answer: {e.Message}" : e.Message);
            return BadInput;
        }
    }
}
