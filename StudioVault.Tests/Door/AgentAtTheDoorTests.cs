using System.Reflection;
using System.Text.RegularExpressions;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Door;

/// <summary>An agent proposes and never writes: it passes no demand but the three made for it.</summary>
public sealed partial class AgentAtTheDoorTests(PostgresServer server) : AgentsTest(server)
{
    private static readonly string[] ForAgents = [nameof(Access.AgentIn), nameof(Access.SubmitterIn), nameof(Access.AnyAgent)];

    /// <summary>Where code may let agents in: proposing, looking at what they are, and the ways in from outside.</summary>
    private static readonly string[] Doors = ["StudioVault.Infrastructure/Proposals/", "StudioVault.Infrastructure/Organization/AgentGate.cs", "StudioVault.Web/Api/", "StudioVault.Web/Live/"];

    [Fact]
    public async Task An_agent_with_all_powers_of_a_manager_passes_no_demand_that_was_not_made_for_agents()
    {
        await GiveAsync(Ana, To(Helper));
        var demands = Demands().ToList();
        Assert.Contains(demands, d => d.Name == nameof(Access.ManagerOf));
        Assert.Contains(demands, d => d.Name == nameof(Access.AnySignedIn));
        foreach (var (name, access) in demands.Where(d => !ForAgents.Contains(d.Name)))
        {
            foreach (var scope in new[] { TenantScope.Of(Porto), TenantScope.Of(Berlin), TenantScope.None, TenantScope.Hq })
            {
                var wrote = await Door.RunAsync<Done>(new Command("blackout.add", HelperByKey, scope, access, "branch", "x"), (_, _) => throw new InvalidOperationException($"An agent came in by {name}."), Ct);
                Assert.True(wrote.IsRefused);
                var read = await Door.ReadAsync<Done>(HelperByKey, scope, access, (_, _, _) => throw new InvalidOperationException($"An agent read by {name}."), Ct);
                Assert.True(read.IsRefused);
                var scratched = await Door.ScratchAsync<Done>(HelperByKey, scope, access, (_, _, _) => throw new InvalidOperationException($"An agent drafted by {name}."), Ct);
                Assert.True(scratched.IsRefused);
            }
        }
    }

    [Fact]
    public async Task Whatever_is_demanded_an_agent_works_in_no_scope_but_its_branches()
    {
        await GiveAsync(Ana, To(Helper));
        Assert.Equal(AgentRefusals.ProposesOnly.Code, await InAsync(TenantScope.Hq, Access.AnyAgent));
        Assert.Equal(KernelRefusals.NotFound.Code, await InAsync(TenantScope.Of(Berlin), Access.AnyAgent));
        Assert.Equal(KernelRefusals.NotFound.Code, await InAsync(TenantScope.Of(Berlin), Access.AgentIn(Porto)));
        Assert.Null(await InAsync(TenantScope.Of(Porto), Access.SubmitterIn(Porto)));
    }

    [Fact]
    public async Task Its_own_demands_let_in_whom_they_name()
    {
        await GiveAsync(Ana, To(Helper));
        Assert.Null(Check(Access.SubmitterIn(Porto), await CallerAsync(PortoStaff)));
        Assert.Equal(KernelRefusals.NotFound.Code, Check(Access.SubmitterIn(Porto), await CallerAsync(BerlinManager)));
        Assert.Equal(KernelRefusals.NotFound.Code, Check(Access.AgentIn(Porto), await CallerAsync(Ana)));
        Assert.Equal(KernelRefusals.NotFound.Code, Check(Access.AnyAgent, await CallerAsync(Hq)));
        Assert.Null(Check(Access.SubmitterIn(Porto), Caller.System("test")));
        Assert.NotNull(Check(Access.SubmitterIn(Porto), Caller.OfClient(Porto, ClientId.New())));
    }

    [Fact]
    public async Task What_it_was_refused_is_remembered_in_its_name()
    {
        await GiveAsync(Ana, To(Helper));
        await InAsync(TenantScope.Of(Porto), Access.ManagerOf(Porto));
        Assert.Equal($"agent|{Helper}|{Ana.PersonId}|{AgentRefusals.ProposesOnly.Code}",
            await SqlAsync("select actor_kind || '|' || actor_id || '|' || root_id || '|' || reason_code from audit.entries where outcome = 'refused' and branch_id = $1", Porto.Value));
    }

    [Fact]
    public void Agents_are_let_in_only_where_proposals_are_made_and_at_the_ways_in()
    {
        var open = new[] { "StudioVault.Infrastructure", "StudioVault.Web" }
            .SelectMany(p => Directory.EnumerateFiles(Path.Combine(Checkout.Root, p), "*.*", SearchOption.AllDirectories)).Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && ForAgent().IsMatch(File.ReadAllText(f))).Select(f => Path.GetRelativePath(Checkout.Root, f)).ToList();
        Assert.NotEmpty(open);
        Assert.DoesNotContain(open, f => !Doors.Any(d => f.StartsWith(d, StringComparison.Ordinal)));
    }

    /// <summary>Every way there is to demand something, taken from the type itself, so that a new one is tried too.</summary>
    private IEnumerable<(string Name, Access Access)> Demands()
    {
        foreach (var property in typeof(Access).GetProperties(BindingFlags.Public | BindingFlags.Static))
            yield return (property.Name, (Access)property.GetValue(null)!);
        foreach (var method in typeof(Access).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => m.ReturnType == typeof(Access) && !m.IsSpecialName))
            yield return (method.Name, (Access)method.Invoke(null, [.. method.GetParameters().Select(p => p.ParameterType == typeof(BranchId) ? Porto : Activator.CreateInstance(p.ParameterType))])!);
    }

    private async Task<string?> InAsync(TenantScope scope, Access access) =>
        (await Door.RunAsync<Done>(new Command("blackout.add", HelperByKey, scope, access, "branch", "x"), (_, _) => Task.FromResult<Result<Done>>(Done.It), Ct)).Refusal?.Code;

    private static string? Check(Access access, Caller caller) => access.Check(caller)?.Code;

    private async Task<Caller> CallerAsync(Sender sender) => (await Door.ReadAsync<Caller>(sender, TenantScope.None, Access.AnySignedIn, (_, caller, _) => Task.FromResult<Result<Caller>>(caller), Ct)).Value;

    [GeneratedRegex(@"Access\.(AgentIn|SubmitterIn|AnyAgent)\b")]
    private static partial Regex ForAgent();
}
