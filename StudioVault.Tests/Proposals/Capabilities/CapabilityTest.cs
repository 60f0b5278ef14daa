using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

/// <summary>Every registered capability, prepared and carried out in Porto as the executor does: its audit entry first, then the effect.</summary>
public abstract class CapabilityTest(PostgresServer server) : AgreementsTest(server)
{
    private IReadOnlyDictionary<string, ICapability> _all = null!;

    protected IReadOnlyDictionary<string, ICapability> All => _all;

    protected ProposalTexts Texts { get; private set; } = null!;

    /// <summary>Whoever approved.</summary>
    protected PersonId Approver => Ana.PersonId!.Value;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Texts = new ProposalTexts(Keys);
        var services = new ServiceCollection().AddSingleton(Mails).AddSingleton(Decide).AddCapabilities().BuildServiceProvider();
        _all = services.GetServices<ICapability>().ToDictionary(c => c.Definition.Name);
    }

    protected static JsonObject Args(params (string Name, JsonNode? Value)[] values) => new(values.Select(v => KeyValuePair.Create(v.Name, v.Value)));

    protected async Task<Result<IntendedWrite>> PrepareAsync(string name, JsonObject args)
    {
        var capability = _all[name];
        Assert.Null(capability.Definition.Input.Check(args));
        return await Door.ReadAsync<IntendedWrite>(Sender.System("test.prepare"), TenantScope.Of(Porto), Access.MemberOf(Porto), async (db, _, ct) =>
            await capability.PrepareAsync(db, new(Porto, args, await db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(ct), null, "A test."), ct), Ct);
    }

    protected async Task<Result<Effect>> ExecuteAsync(string name, JsonObject args)
    {
        var capability = _all[name];
        Assert.Null(capability.Definition.Input.Check(args));
        return await Door.RunAsync<Effect>(new Command("test.execute", Sender.System("test.executor"), TenantScope.Of(Porto), Access.MemberOf(Porto), "proposal", name), async (context, ct) =>
        {
            await context.WriteAuditAsync(ct);
            return await capability.ExecuteAsync(context, new(Porto, args, context.Now, Approver, "A test."), ct);
        }, Ct);
    }

    protected async Task<IntendedWrite> PreparedAsync(string name, JsonObject args)
    {
        var result = await PrepareAsync(name, args);
        Assert.Null(result.Refusal);
        return result.Value;
    }

    protected async Task<Effect> ExecutedAsync(string name, JsonObject args)
    {
        var result = await ExecuteAsync(name, args);
        Assert.Null(result.Refusal);
        return result.Value;
    }

    /// <summary>Prepares and carries out what takes an effect back.</summary>
    protected async Task<Effect> UndoAsync(Effect effect)
    {
        await PreparedAsync(effect.Undo!.Capability, effect.Undo.Args);
        return await ExecutedAsync(effect.Undo.Capability, effect.Undo.Args);
    }

    /// <summary>Both when it is proposed and when it would be carried out.</summary>
    protected async Task RefusedAsync(string code, string name, JsonObject args)
    {
        Assert.Equal(code, (await PrepareAsync(name, args)).Refusal?.Code);
        Assert.Equal(code, (await ExecuteAsync(name, args)).Refusal?.Code);
    }

    protected static string Change(IntendedWrite write, string field)
    {
        var change = write.Changes.Single(c => c.Name == field);
        return $"{change.Before} > {change.After}";
    }

    protected async Task<string> EtagAsync(string name, JsonObject args) => (await PreparedAsync(name, args)).Target.Etag;

    protected async Task<ProjectId> ProjectOfAsync(AgreementId agreement) => new((Guid)(await SqlAsync("select project_id from agreements.agreements where id = $1", agreement.Value))!);

    /// <summary>An invoice by what its number ends with.</summary>
    protected async Task<Guid> InvoiceAsync(string count = "1") => (Guid)(await SqlAsync("select id from agreements.invoices where number like '%/' || $1", count))!;
}
