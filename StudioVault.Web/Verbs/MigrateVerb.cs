using System.CommandLine;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Verbs;

/// <summary><c>migrate</c>: brings the database to the head of the migrations and applies all protection, then ends.</summary>
internal static class MigrateVerb
{
    public static Command Create()
    {
        var command = new Command("migrate", "Bring the database up to date (needs ConnectionStrings__VaultOwner, or the private database).");
        command.SetAction((_, ct) => VaultVerbs.GuardedAsync(async () =>
        {
            var configuration = new ConfigurationBuilder().AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().Build();
            var options = VaultVerbs.Options(configuration);
            options.ProtectAgain = true;
            await using var database = await VaultDatabase.OpenAsync(options, ct);
            Console.WriteLine("The database is up to date and protected.");
            return VaultVerbs.Fine;
        }));
        return command;
    }
}
