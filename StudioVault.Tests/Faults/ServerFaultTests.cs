using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Organization;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using StudioVault.Web.Shell;
using Xunit;

namespace StudioVault.Tests.Faults;

/// <summary>The database itself fails: F1 and F2 (it is killed) and F10 (its disk is full). What was acknowledged is there afterwards.</summary>
[Trait(Fault.Category, Fault.Suite)]
public sealed class ServerFaultTests(MortalPostgres mortal) : ProposalsTest(mortal.Server), IClassFixture<MortalPostgres>
{
    private const string Unavailable = "refuse.storage.unavailable";

    public override async ValueTask InitializeAsync()
    {
        // An earlier test may have killed the server under these.
        await using (var admin = new NpgsqlConnection(mortal.Server.Admin)) NpgsqlConnection.ClearPool(admin);
        await base.InitializeAsync();
    }

    [Theory]
    [InlineData("F1: one backend")]
    [InlineData("F2: the server with all it runs")]
    public async Task What_was_acknowledged_survives_a_killed_database_and_the_program_recovers_by_itself(string killed)
    {
        var (acknowledged, refusals, stop) = (new ConcurrentBag<string>(), new ConcurrentBag<string>(), false);
        var workers = Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            for (var i = 0; !Volatile.Read(ref stop); i++)
            {
                var result = await Propose.SubmitAsync(PortoStaff, Porto, Note($"{w}-{i}"), Ct);
                if (result.IsRefused) refusals.Add(result.Refusal!.Code);
                else acknowledged.Add(result.Value.Id.ToString());
            }
        }, Ct)).ToList();
        await Eventually.True(() => acknowledged.Count > 40, "commands came through");
        if (killed[..2] == "F1") Kill((int)(await SqlAsync("select pid from pg_stat_activity where application_name = 'studiovault-door' and datname = current_database() limit 1"))!);
        else foreach (var process in Family(mortal.Server.Body.ProcessId)) Kill(process);
        var before = acknowledged.Count;
        await Eventually.True(() => acknowledged.Count > before + 40, "commands come through again without a restart of the program", 60);
        Volatile.Write(ref stop, true);
        await Task.WhenAll(workers);
        Superuser.Clear();
        // Whose commit was on its way may hear that nobody can tell; nobody hears anything untrue.
        Assert.All(refusals, code => Assert.Contains(code, new[] { Unavailable, KernelRefusals.OutcomeUnknown.Code }));
        var found = new HashSet<string>();
        await using var command = Superuser.CreateCommand("select p.id::text from proposals.proposals p join audit.entries e on e.object_id = p.id::text and e.action = 'proposal.submit' and e.outcome = 'done'");
        await using var reader = await command.ExecuteReaderAsync(Ct);
        while (await reader.ReadAsync(Ct)) found.Add(reader.GetString(0));
        Assert.Subset(found, acknowledged.ToHashSet());
    }

    [Fact]
    public async Task F10_On_a_full_disk_writes_are_refused_reads_go_on_and_nothing_acknowledged_is_lost()
    {
        if (Environment.UserName != "root" || !File.Exists("/bin/mount")) Assert.Skip("A small disk of its own takes root and mount.");
        var disk = Path.Combine(Path.GetDirectoryName(mortal.Server.Body.Socket)!, "small");
        Directory.CreateDirectory(disk);
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=110m,mode=0777", "tmpfs", disk) != 0) Assert.Skip("tmpfs cannot be mounted here.");
        try
        {
            var space = Path.Combine(disk, "space");
            Directory.CreateDirectory(space);
            await RunAsync("chown", "--reference", Path.Combine(Path.GetDirectoryName(disk)!, "data"), space);
            await SqlAsync("select 1");
            // Ana has a page open the whole time.
            await using var browsers = new PageBrowsers();
            var open = browsers.Of(Ana, services => services.AddSingleton(Door).AddSingleton(Dbs).AddSingleton<OrganizationQueries>().AddScoped<Stripes>().AddScoped<RoomStripe>()).Services;
            await open.GetRequiredService<RoomStripe>().StartAsync(follow: true);
            var page = open.GetRequiredService<Stripes>();

            await ClearPoolsAsync();
            await AdminAsync($"create tablespace small location '{space}'");
            await AdminAsync($"alter database \"{Database}\" set tablespace small");
            var acknowledged = 1;
            var made = await ProposeNoteAsync(PortoStaff, "kept");
            var refused = (Refusal?)null;
            for (var i = 0; i < 400 && refused is null; i++)
            {
                try
                {
                    await SqlAsync("create table if not exists public.filler (t text); alter table public.filler alter t set storage external; insert into public.filler select repeat('x', 1000000) from generate_series(1, 4)");
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DiskFull)
                {
                    // Now only what is left in pages already there can be written.
                }

                var next = await Propose.SubmitAsync(PortoStaff, Porto, Note($"fill {i}"), Ct);
                if (next.IsRefused) refused = next.Refusal;
                else acknowledged++;
            }

            Assert.Equal("refuse.storage.full", refused?.Code);
            await Eventually.True(() => page.Shown.Count == 1, "every page says so");
            Assert.Equal("Only reading: the database's disk is full", page.Shown[0].Text);
            Assert.Contains("Tell whoever runs the server", page.Shown[0].Detail, StringComparison.Ordinal);
            Assert.Null((await Queue.OneAsync(Ana, Porto, made.Id, Ct)).Refusal);
            Assert.Equal(acknowledged, await CountAsync("select count(*) from proposals.proposals"));
            await SqlAsync("drop table public.filler; checkpoint");
            Assert.Null((await ApproveAsync(Ana, made)).Refusal);
            await Eventually.True(() => page.Shown.Count == 0, "the first change that was written takes the line away");
        }
        finally
        {
            await ClearPoolsAsync();
            await AdminAsync($"alter database \"{Database}\" set tablespace pg_default");
            await AdminAsync("drop tablespace if exists small");
            await RunAsync("umount", disk);
        }
    }

    private async Task ClearPoolsAsync()
    {
        App.Clear();
        Dbs.Door.Clear();
        Superuser.Clear();
        await AdminAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{Database}'");
    }

    private async Task AdminAsync(string sql)
    {
        await using var admin = new NpgsqlConnection(Server.Admin);
        await admin.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, admin);
        await command.ExecuteNonQueryAsync(Ct);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Ct);
        return process.ExitCode;
    }

    private static void Kill(int process)
    {
        try
        {
            using var victim = Process.GetProcessById(process);
            victim.Kill();
        }
        catch (ArgumentException)
        {
            // Gone already.
        }
    }

    /// <summary>A process and its children, the parent first, so that it cannot mourn.</summary>
    private static List<int> Family(int parent)
    {
        var family = new List<int> { parent };
        foreach (var folder in Directory.GetDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                if (int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) == parent) family.Add(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return family;
    }
}
