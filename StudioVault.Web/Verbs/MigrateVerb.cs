using System.CommandLine;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Web.Verbs;

/// <summary><c>migrate</c>: brings the database to the head of the migrations and applies all protection, then ends.</summary>
internal static class MigrateVerb
{
    public static Command Create()
    {
        var setPasswords = new Option<bool>("--set-passwords")
        {
            Description = "Give the roles of the database this node's passwords, though they have others: nodes that log in with the old ones are locked out.",
        };
        var command = new Command("migrate", "Bring the database up to date (needs ConnectionStrings__VaultOwner, or the private database).") { setPasswords };
        command.SetAction((parsed, ct) => VaultVerbs.GuardedAsync(async () =>
        {
            var configuration = new ConfigurationBuilder().AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().Build();
            var options = VaultVerbs.Options(configuration);
            options.ProtectAgain = true;
            options.SetPasswords = parsed.GetValue(setPasswords);
            // The keys belong to the nodes that serve; this may run where there are none.
            options.KeyFiles = null;
            await using var database = await VaultDatabase.OpenAsync(options, ct);
            Console.WriteLine("The database is up to date and protected.");
            if (options.SetPasswords) Console.WriteLine("The roles have this node's passwords.");
            return VaultVerbs.Fine;
        }));
        return command;
    }
}
