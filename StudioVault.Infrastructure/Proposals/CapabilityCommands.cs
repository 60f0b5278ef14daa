using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Persistence;
using StudioVault.Infrastructure.Scheduling;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>What HQ does with capabilities: cards, on and off.</summary>
public sealed class CapabilityCommands(WriteDoor door, CapabilityRegistry registry)
{
    /// <summary>
    /// Another card, the next version; open proposals keep theirs, and those not carried out yet are refused under it. Refused as
    /// <see cref="CapabilityCard.Of"/> and with <c>refuse.kernel.stale_write</c> when somebody else's card came first.
    /// </summary>
    /// <param name="seenVersion">The version that was on the screen.</param>
    public Task<Result<int>> ChangeCardAsync(Sender from, string capability, int seenVersion, CapabilityCard.Content content, CancellationToken ct) =>
        OnAsync<int>("capability.card", from, capability, async (context, standing, definition, token) =>
        {
            if (standing.Version != seenVersion) return KernelRefusals.StaleWrite;
            var made = CapabilityCard.Of(capability, standing.Version + 1, definition.LeastBand, content, context.Now, context.Caller.PersonId);
            if (!made.TryGet(out var card, out var refusal)) return refusal;
            var before = await context.Db.CapabilityCards.AsNoTracking().SingleAsync(c => c.Capability == capability && c.Version == standing.Version, token);
            context.Db.CapabilityCards.Add(card);
            standing.Follow(card);
            context.Audit(new JsonObject { ["version"] = card.Version, ["band"] = new JsonObject { ["before"] = before.Band.ToString(), ["after"] = card.Band.ToString() }, ["rule"] = JsonNode.Parse(card.Rule), ["enabled"] = standing.IsEnabled });
            return card.Version;
        }, ct);

    /// <summary>Lets it be proposed. Refused with <c>refuse.capability.metadata_missing</c>.</summary>
    public Task<Result<Done>> EnableAsync(Sender from, string capability, CancellationToken ct) =>
        OnAsync<Done>("capability.enable", from, capability, async (context, standing, _, token) =>
        {
            var card = await context.Db.CapabilityCards.AsNoTracking().SingleAsync(c => c.Capability == capability && c.Version == standing.Version, token);
            context.Audit(new JsonObject { ["version"] = standing.Version });
            return standing.Enable(card);
        }, ct);

    /// <summary>Nothing of it is proposed or carried out any more. A reason is required.</summary>
    public Task<Result<Done>> DisableAsync(Sender from, string capability, string reason, CancellationToken ct) =>
        OnAsync<Done>("capability.disable", from, capability, (context, standing, _, _) =>
        {
            if (string.IsNullOrWhiteSpace(reason)) return Task.FromResult<Result<Done>>(KernelRefusals.ReasonRequired.At("reason"));
            standing.Disable();
            context.Audit(new JsonObject { ["version"] = standing.Version, ["reason"] = reason.Trim() });
            return Task.FromResult<Result<Done>>(Done.It);
        }, ct);

    /// <summary>Registers what this version of the program brings and the database does not know, with its complete card and switched off.</summary>
    /// <param name="enable">For the demo group and tests: on at once.</param>
    /// <returns>How many were new.</returns>
    public async Task<Result<int>> RegisterAsync(Sender self, bool enable, CancellationToken ct)
    {
        var known = await door.ReadAsync<List<string>>(self, TenantScope.Hq, Access.Hq, async (db, _, token) => await db.Capabilities.AsNoTracking().Select(c => c.Capability).ToListAsync(token), ct);
        if (!known.TryGet(out var there, out var refusal)) return refusal;
        var count = 0;
        foreach (var definition in registry.All.Where(d => !there.Contains(d.Name)))
        {
            var done = await door.RunAsync<Done>(CommandOf("capability.register", self, definition.Name), (context, _) =>
            {
                var made = CapabilityCard.Of(definition.Name, 1, definition.LeastBand, ContentOf(definition.Card), context.Now, null);
                if (!made.TryGet(out var card, out var no)) return Task.FromResult<Result<Done>>(no);
                var standing = CapabilityStanding.Register(definition.Name);
                if (enable && standing.Enable(card).Refusal is { } incomplete) return Task.FromResult<Result<Done>>(incomplete);
                context.Db.CapabilityCards.Add(card);
                context.Db.Capabilities.Add(standing);
                context.IfTaken("pk_capability_cards", KernelRefusals.StaleWrite);
                context.Audit(new JsonObject { ["version"] = 1, ["band"] = card.Band.ToString(), ["enabled"] = standing.IsEnabled });
                return Task.FromResult<Result<Done>>(Done.It);
            }, ct);
            // Another node that starts at the same moment registers the same.
            if (done.IsRefused && done.Refusal.Kind != KernelRefusals.StaleWrite) return done.Refusal;
            count++;
        }

        return count;
    }

    /// <summary>The card a definition brings, as HQ would have filled it in.</summary>
    public static CapabilityCard.Content ContentOf(CardDefaults d) => new(d.Owner, d.RiskTier, d.FailureMode, d.Rollback, d.TestCoverage, d.Band, d.Rule ?? CapabilityCard.RuleOf(d.Band), d.ApproveWithin, d.ValidFor,
        null, null, d.MayApproveOwn, d.PerAgent, d.PerOwner, d.PerBranch, d.Window);

    private Task<Result<T>> OnAsync<T>(string action, Sender from, string capability, Func<WriteContext, CapabilityStanding, CapabilityDefinition, CancellationToken, Task<Result<T>>> change, CancellationToken ct) =>
        door.RunAsync<T>(CommandOf(action, from, capability), async (context, token) =>
        {
            if (!registry.TryFind(capability, out var code) || await context.Db.Capabilities.SingleOrDefaultAsync(c => c.Capability == capability, token) is not { } standing) return CapabilityRefusals.Unknown.With(capability);
            context.Announce(Topics.CapabilityChanged, null, new JsonObject { ["capability"] = capability });
            return await change(context, standing, code.Definition, token);
        }, ct);

    private static Command CommandOf(string action, Sender from, string capability) => new(action, from, TenantScope.Hq, Access.Hq, "capability", capability);
}

/// <summary>Registers new capabilities when a node starts.</summary>
public sealed partial class CapabilityRegistrar(CapabilityCommands commands, CapabilityRegistrar.Options options, ILogger<CapabilityRegistrar> log) : NodeService
{
    /// <param name="EnableNew">Only the demo group switches what is new on by itself.</param>
    public sealed record Options(bool EnableNew);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var result = await commands.RegisterAsync(Sender.System("capabilities"), options.EnableNew, stoppingToken);
                if (result.TryGet(out var count, out var refusal))
                {
                    if (count > 0) LogRegistered(count);
                    return;
                }

                LogLater(refusal.Code);
            }
            catch (Exception e) when (VaultErrors.IsForALoop(e))
            {
                LogFailed(e);
            }

            await Task.Delay(TimeSpan.FromSeconds(5), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} new capabilities registered")]
    private partial void LogRegistered(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "New capabilities could not be registered yet: {Code}")]
    private partial void LogLater(string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "New capabilities could not be registered; it is tried again")]
    private partial void LogFailed(Exception exception);
}
