using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Audit;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using StudioVault.Web.Hosting;
using Xunit;

namespace StudioVault.Tests.Audit;

/// <summary>
/// Features row 5.8, zero unaudited writes: every endpoint that takes something, every public command and every statement that
/// writes goes through the door, or stands here with its reason. PostgreSQL refuses the rest besides.
/// </summary>
public sealed class UnauditedWritesTests(PostgresServer server) : VaultTest(server)
{
    /// <summary>Endpoints that take something and what each is in the log.</summary>
    private static readonly Dictionary<string, string> Audited = new(StringComparer.Ordinal)
    {
        ["POST /login"] = "session.sign_in",
        ["POST /login/demo"] = "session.sign_in_demo",
        ["POST /logout"] = "session.sign_out",
        ["POST /password/{token}"] = "person.choose_password",
        ["POST /me/password"] = "person.change_password",
        ["POST /c/{token}/sign"] = "agreement.sign",
        ["POST /c/{token}/withdraw"] = "agreement.withdraw",
        ["POST /c/{token}/pictures"] = "release.give",
        ["POST /projects/{project:guid}/delivery"] = "delivery.open",
        ["POST /projects/{project:guid}/delivery/{delivery:guid}/extend"] = "delivery.extend",
        ["POST /projects/{project:guid}/delivery/{delivery:guid}/revoke"] = "delivery.revoke",
        ["POST /projects/{project:guid}/delivery/{delivery:guid}/files"] = "delivery.add_file",
        ["POST /v1/proposals"] = "proposal.submit",
        ["POST /v1/proposals/{id}/withdraw"] = "proposal.withdraw",
        ["POST /v1/audit/alarms"] = "audit.alarm",
        ["POST /v1/audit/witness"] = "audit.alarm",
    };

    /// <summary>Endpoints that take something and write nothing.</summary>
    private static readonly Dictionary<string, string> WithoutEffect = new(StringComparer.Ordinal)
    {
        ["POST /theme"] = "a cookie of the visitor's own",
        ["POST /csp"] = "one line in the program's log",
        ["POST /branch/switch"] = "which of one's own branches the cookie names",
        ["POST /verify"] = "a file is judged on its way through and not kept",
        ["POST /verify/facts"] = "a question about hashes",
    };

    /// <summary>Types that write to PostgreSQL without the door, and why that is no hole.</summary>
    private static readonly Dictionary<string, string> BesideTheDoor = new(StringComparer.Ordinal)
    {
        ["WriteDoor"] = "is the door",
        ["WriteContext"] = "is the inside of the door",
        ["RoundTrip"] = "sends what the door commits",
        ["Sequencer"] = "numbers entries and events: it writes the log itself, as a role that can do nothing else",
        ["KeyRing"] = "writes its own entry in the same transaction",
        ["VaultSetup"] = "migrations and roles, as the owner, before anything is served",
        ["VaultDbs"] = "tells PostgreSQL the scope of a session",
        ["AuditArchive"] = "sets the session to read only",
        ["FeedReader"] = "listens",
        ["DemoLoader"] = "the invented group, as the owner, with entries of its own",
    };

    [Fact]
    public async Task Every_endpoint_that_takes_something_is_audited_or_says_why_not()
    {
        await using var app = await BuildAsync();
        var taking = ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Where(m => m is "POST" or "PUT" or "PATCH" or "DELETE").Select(m => $"{m} /{e.RoutePattern.RawText!.TrimStart('/')}".TrimEnd('/')))
            // Razor pages take no posts of their own: none has a form handler; circuits are held by the test of commands below.
            .Where(e => !e.Contains("/_blazor", StringComparison.Ordinal) && !e.Contains("/_framework", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Contains("POST /login", taking);
        var pages = taking.Where(t => PageRoutes().Contains(t[5..])).ToList();
        var (unknown, gone) = (taking.Except(pages).Except(Audited.Keys).Except(WithoutEffect.Keys).ToList(), Audited.Keys.Concat(WithoutEffect.Keys).Except(taking).ToList());
        Assert.True(unknown.Count + gone.Count == 0, $"New: {string.Join(", ", unknown)}. Gone: {string.Join(", ", gone)}.");
        Assert.All(Audited.Values, verb => Assert.NotNull(AuditSentences.Find(verb)));
    }

    [Fact]
    public void Every_public_command_goes_through_the_door()
    {
        var commands = typeof(WriteDoor).Assembly.GetTypes().Where(t => t.IsPublic && t.Name.EndsWith("Commands", StringComparison.Ordinal))
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(m => ResultOf(m.ReturnType))).ToList();
        Assert.True(commands.Count > 50, $"only {commands.Count} commands were found");
        var around = commands.Where(c => !CallGraph.Reach(c, m => m.Module == c.Module).Any(IsDoor)).Select(c => $"{c.DeclaringType!.Name}.{c.Name}").ToList();
        Assert.True(around.Count == 0, $"Not through the door: {string.Join(", ", around)}");
    }

    [Fact]
    public void Nothing_writes_beside_the_door_but_what_stands_here_with_its_reason()
    {
        var assemblies = new[] { typeof(WriteDoor).Assembly, typeof(VaultSettings).Assembly };
        var writing = assemblies.SelectMany(CallGraph.MethodsOf).Where(m => CallGraph.Calls(m).Any(Writes)).Where(m => !TakesContext(m)).Select(CallGraph.Home)
            // It writes by statements that answer, which no call betrays.
            .Append(typeof(Passwords)).Distinct().ToList();
        // A command's own statements run inside the door: the class has a command, and its transaction is the door's.
        var outside = writing.Where(t => !BesideTheDoor.ContainsKey(t.Name) && !UsesDoor(t) && t.Namespace?.Contains(".Migrations", StringComparison.Ordinal) != true)
            .Select(t => t.FullName!.Replace("StudioVault.", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        Assert.True(Reasoned.Keys.SequenceEqual(outside), $"New: {string.Join(", ", outside.Except(Reasoned.Keys))}. Gone: {string.Join(", ", Reasoned.Keys.Except(outside))}.");
    }

    /// <summary>What is left, by full name: rows no rule protects, or a transaction that is the door's.</summary>
    private static readonly SortedDictionary<string, string> Reasoned = new(StringComparer.Ordinal)
    {
        ["Infrastructure.Demo.DemoAgreements+Story"] = "the invented group's agreements: what each command wrote is dated back, as the owner",
        ["Infrastructure.Live.PresenceBoard"] = "who looks at what just now, forgotten within the hour",
        ["Infrastructure.Organization.Passwords"] = "counts wrong tries: the try itself stands in the log, and PostgreSQL lets nothing else of an account change without an entry",
        ["Infrastructure.Packages.OfferSql"] = "statements of commands, in the door's transaction",
        ["Infrastructure.Persistence.VaultDbs+ScopeInterceptor"] = "tells PostgreSQL the scope of a session",
        ["Infrastructure.Persistence.VaultKeys"] = "the name of the master key, which the owner writes at the first start and never again",
        ["Infrastructure.Proposals.Api.ForgetAnswers"] = "answers kept for a repeated Idempotency-Key and proofs of a new sign-in and sessions signed out of, forgotten when they are old: what they were for stands in the log",
        ["Infrastructure.Proposals.Leases"] = "a node's lease, renewed every ten seconds: it lets nothing be written, it only stops",
        ["Infrastructure.Proposals.ProposalErasure"] = "locks of commands, in the door's transaction; its one change of rows is told by the entry of the erasure",
        ["Infrastructure.Proposals.ProposalTexts"] = "locks of commands, in the door's transaction",
        ["Infrastructure.Proposals.StopGuard"] = "locks of commands, in the door's transaction",
        ["Infrastructure.Scheduling.SchedulerSchema"] = "the scheduler's own tables, made at the start",
    };

    private static bool Writes(MethodBase m) => m.Name switch
    {
        "SaveChanges" or "SaveChangesAsync" => typeof(DbContext).IsAssignableFrom(m.DeclaringType),
        "ExecuteNonQuery" or "ExecuteNonQueryAsync" => m.DeclaringType == typeof(NpgsqlCommand) || m.DeclaringType == typeof(NpgsqlBatch) || m.DeclaringType == typeof(System.Data.Common.DbCommand),
        "ExecuteUpdateAsync" or "ExecuteDeleteAsync" or "ExecuteUpdate" or "ExecuteDelete" => m.DeclaringType == typeof(EntityFrameworkQueryableExtensions),
        "ExecuteSqlAsync" or "ExecuteSqlRawAsync" or "ExecuteSql" or "ExecuteSqlRaw" or "ExecuteSqlInterpolatedAsync" => m.DeclaringType == typeof(RelationalDatabaseFacadeExtensions),
        "BeginBinaryImport" or "BeginBinaryImportAsync" => m.DeclaringType == typeof(NpgsqlConnection),
        _ => false,
    };

    private static bool IsDoor(MethodBase m) => m.DeclaringType == typeof(WriteDoor) && m.Name is "RunAsync" or "ScratchAsync" or "ReadAsync" or "RehearseAsync";

    private static bool UsesDoor(Type type) => type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).Any(c => c.GetParameters().Any(p => p.ParameterType == typeof(WriteDoor)));

    private static bool TakesContext(MethodBase m) => m.GetParameters().Any(p => p.ParameterType == typeof(WriteContext));

    private static bool ResultOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>) && type.GetGenericArguments()[0] is { IsGenericType: true } inner && inner.GetGenericTypeDefinition() == typeof(Result<>);

    private static HashSet<string> PageRoutes() => [.. typeof(VaultSettings).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes<Microsoft.AspNetCore.Components.RouteAttribute>()).Select(a => a.Template)];

    private async Task<WebApplication> BuildAsync()
    {
        var folder = Directory.CreateTempSubdirectory("sv-endpoints-").FullName;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration["DataDir"] = folder;
        builder.Configuration["ConnectionStrings:Vault"] = Server.For(Database, VaultRoles.Default.App);
        builder.Configuration["ConnectionStrings:VaultSequencer"] = Server.For(Database, VaultRoles.Default.Sequencer);
        var settings = builder.AddVaultHosting();
        var database = await VaultDatabase.OpenAsync(settings.ToVaultOptions(), Ct);
        builder.Services.AddSingleton(database);
        return VaultHost.Build(builder, database, settings);
    }
}
