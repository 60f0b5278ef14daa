using System.CommandLine;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using Command = System.CommandLine.Command;

namespace StudioVault.Web.Verbs;

/// <summary>
/// <c>people add-admin</c> and <c>people set-password</c>: how the first person gets in, and how one gets in again. For whoever runs
/// the server; everybody else is added on the page of headquarters. A password is read from a file or from standard input, never
/// from an argument, which others on the machine may read.
/// </summary>
internal static class PeopleVerbs
{
    /// <summary>What makes the first account, as this very program is called.</summary>
    public static string CommandLine()
    {
        var program = Environment.ProcessPath ?? "dotnet";
        var assembly = Path.Combine(AppContext.BaseDirectory, $"{typeof(PeopleVerbs).Assembly.GetName().Name}.dll");
        return $"{program}{(Path.GetFileNameWithoutExtension(program) == "dotnet" ? " " + assembly : "")} people add-admin --mail you@example.org --name \"Your Name\"";
    }

    /// <summary>A password of the policy is shorter; a file of another kind is longer.</summary>
    private const int LongestInput = 1024;

    public static Command AddAdmin()
    {
        var mail = new Option<string>("--mail") { Description = "E-mail address to sign in with.", Required = true };
        var name = new Option<string>("--name") { Description = "Name as colleagues read it.", Required = true };
        var file = PasswordFile();
        var command = new Command("add-admin", "Make an administrator of headquarters, who then adds everybody else on the page People.") { mail, name, file };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(file), async (people, from, password) =>
        {
            var added = await people.AddAdminAsync(from, parsed.GetRequiredValue(name), parsed.GetRequiredValue(mail), password, ct);
            return added.IsRefused ? added.Refusal : null;
        }, $"{parsed.GetValue(mail)} can sign in now.", ct));
        return command;
    }

    public static Command SetPassword()
    {
        var mail = new Option<string>("--mail") { Description = "E-mail address of the account.", Required = true };
        var file = PasswordFile();
        var command = new Command("set-password", "Give an account another password, when nobody of headquarters can make a link for it. Its sessions end.") { mail, file };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(file), async (people, from, password) =>
        {
            var set = await people.SetPasswordAsync(from, parsed.GetRequiredValue(mail), password, ct);
            return set.IsRefused ? set.Refusal : null;
        }, $"{parsed.GetValue(mail)} can sign in with the new password.", ct));
        return command;
    }

    private static Option<string?> PasswordFile() => new("--password-file") { Description = "File whose first line is the password; - or nothing reads standard input." };

    private static Task<int> RunAsync(string? file, Func<PeopleCommands, Sender, string, Task<Refusal?>> work, string done, CancellationToken ct) => VaultVerbs.GuardedAsync(async () =>
    {
        // Bad settings are told before anybody types a password.
        var options = VaultVerbs.Options();
        if (await PasswordAsync(file, ct) is not { } password) return VaultVerbs.BadInput;
        await using var database = await VaultReader.OpenAsAppAsync(options, ct);
        if (!await HasTablesAsync(database.Source, ct)) throw new StartRefusedException(["The database is not set up yet, or by an older release: start StudioVault once, or run its verb migrate, and then this again."]);
        var dbs = new VaultDbs(database.Source);
        var door = new WriteDoor(dbs, new FeedWake(), NodeIdentity.OfThisProcess(), NullLogger<WriteDoor>.Instance);
        using var passwords = new Passwords(dbs, Passwords.Hasher());
        if (await work(new PeopleCommands(door, dbs, passwords, new DemoMode(false)), Sender.System("console"), password) is { } refusal)
        {
            await Console.Error.WriteLineAsync($"{refusal.Code}: {refusal.Sentence} {refusal.NextStep}");
            return VaultVerbs.BadInput;
        }

        Console.WriteLine(done);
        return VaultVerbs.Fine;
    });

    /// <summary>The password, or null after a sentence on standard error.</summary>
    private static async Task<string?> PasswordAsync(string? file, CancellationToken ct)
    {
        try
        {
            if (file is not (null or "-"))
            {
                using var reader = new StreamReader(file, Encoding.UTF8);
                return await LineAsync(reader, ct);
            }

            if (Console.IsInputRedirected) return await LineAsync(Console.In, ct);
            var password = Ask("Password: ");
            if (password == Ask("Once more: ")) return password;
            await Console.Error.WriteLineAsync("The two are not the same.");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The password cannot be read: {e.Message}");
            return null;
        }
    }

    private static async Task<string?> LineAsync(TextReader reader, CancellationToken ct)
    {
        var buffer = new char[LongestInput];
        var length = 0;
        // To the end of the line and no further: whoever types it, or a program that keeps its pipe open, never ends the input.
        for (var read = -1; read != 0 && length < LongestInput && buffer.AsSpan(0, length).IndexOfAny('\r', '\n') < 0; length += read)
            read = await reader.ReadAsync(buffer.AsMemory(length), ct);
        var text = new string(buffer, 0, length);
        var end = text.IndexOfAny(['\r', '\n']);
        if (end > 0 || (end < 0 && length is > 0 and < LongestInput)) return end < 0 ? text : text[..end];
        await Console.Error.WriteLineAsync("No password was given: write it on the first line of the file or of standard input.");
        return null;
    }

    /// <summary>Asks at a terminal, without showing what is typed.</summary>
    private static string Ask(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }

    private static async Task<bool> HasTablesAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        // The newest table this needs.
        await using var command = source.CreateCommand("select to_regclass('organization.ended_sessions') is not null");
        return await command.ExecuteScalarAsync(ct) is true;
    }
}
