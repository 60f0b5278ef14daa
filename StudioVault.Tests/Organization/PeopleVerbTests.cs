using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Organization;

/// <summary>The way in of the first person, as whoever runs the server takes it.</summary>
public sealed class PeopleVerbTests(PostgresServer server) : VaultTest(server)
{
    private const string Good = "seven quiet lanterns";

    private readonly ShortFolder _folder = new();

    public override async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_first_administrator_is_made_with_a_password_from_standard_input()
    {
        var (code, said, errors) = await RunAsync(Good + "\n", "people", "add-admin", "--mail", "vera@northlight.example", "--name", "Vera Braga");
        Assert.True(code == 0, errors);
        Assert.Contains("vera@northlight.example can sign in now", said, StringComparison.Ordinal);
        Assert.DoesNotContain(Good, said + errors, StringComparison.Ordinal);
        Assert.True(await SignsInAsync("vera@northlight.example", Good));
        Assert.Equal(1L, await SqlAsync("select count(*) from audit.entries where action = 'person.add' and outcome = 'done' and actor_id = 'console'"));
        // With a word at the end that is no part of the password, and once more: the same address is taken.
        var (again, _, why) = await RunAsync(Good, "people", "add-admin", "--mail", "VERA@northlight.example", "--name", "Vera Braga");
        Assert.Equal(2, again);
        Assert.Contains("refuse.organization.mail_taken", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_line_is_enough_where_the_input_stays_open()
    {
        var (code, _, errors) = await RunAsync(Good + "\n", staysOpen: true, "people", "add-admin", "--mail", "vera@northlight.example", "--name", "Vera Braga");
        Assert.True(code == 0, errors);
        Assert.True(await SignsInAsync("vera@northlight.example", Good));
    }

    [Fact]
    public async Task A_password_in_a_file_lets_somebody_in_again_and_bad_input_is_refused_with_2()
    {
        await File.WriteAllTextAsync(_folder["password"], "eight loud lanterns\r\n", Ct);
        var (code, _, errors) = await RunAsync("", "people", "set-password", "--mail", "helena@northlight.example", "--password-file", _folder["password"]);
        Assert.True(code == 0, errors);
        Assert.True(await SignsInAsync("helena@northlight.example", "eight loud lanterns"));
        Assert.Equal((2, "refuse.organization.password_too_short"), await RefusedAsync("short", "people", "add-admin", "--mail", "vera@northlight.example", "--name", "Vera"));
        Assert.Equal((2, "refuse.organization.mail_unknown"), await RefusedAsync(Good, "people", "set-password", "--mail", "nobody@northlight.example"));
        Assert.Equal((2, "No password was given"), await RefusedAsync("\n", "people", "add-admin", "--mail", "vera@northlight.example", "--name", "Vera"));
        Assert.Equal((2, "The password cannot be read"), await RefusedAsync("", "people", "add-admin", "--mail", "vera@northlight.example", "--name", "Vera", "--password-file", _folder["nothing"]));
        Assert.Equal((2, "--mail"), await RefusedAsync(Good, "people", "add-admin", "--name", "Vera"));
        Assert.Equal(5L, await SqlAsync("select count(*) from organization.people"));
    }

    private async Task<(int, string)> RefusedAsync(string input, params string[] arguments)
    {
        var (code, _, errors) = await RunAsync(input, arguments);
        string[] known = ["refuse.organization.password_too_short", "refuse.organization.mail_unknown", "No password was given", "The password cannot be read", "--mail"];
        return (code, known.FirstOrDefault(k => errors.Contains(k, StringComparison.Ordinal)) ?? errors);
    }

    private Task<(int Code, string Said, string Errors)> RunAsync(string input, params string[] arguments) => RunAsync(input, staysOpen: false, arguments);

    private async Task<(int Code, string Said, string Errors)> RunAsync(string input, bool staysOpen, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "StudioVault.Web"), arguments) { RedirectStandardInput = true };
        await using var program = WebProcess.Launch(start, ("DataDir", _folder["d"]), ("ConnectionStrings__Vault", Server.For(Database, VaultRoles.Default.App)), ("ASPNETCORE_ENVIRONMENT", "Production"));
        await program.Process.StandardInput.WriteAsync(input);
        if (staysOpen) await program.Process.StandardInput.FlushAsync(Ct);
        else program.Process.StandardInput.Close();
        var code = await program.ExitAsync();
        return (code, program.Output, program.Errors);
    }

    private async Task<bool> SignsInAsync(string mail, string password)
    {
        using var passwords = new Passwords(Dbs, Passwords.Hasher());
        await using var db = Dbs.Open(TenantScope.None);
        var name = mail.ToUpperInvariant();
        return await passwords.IsRightAsync(await db.Users.AsNoTracking().SingleAsync(p => p.NormalizedUserName == name, Ct), password, Ct);
    }
}
