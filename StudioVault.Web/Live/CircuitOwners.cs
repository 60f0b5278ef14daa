using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.SignalR;

namespace StudioVault.Web.Live;

/// <summary>
/// A circuit goes on only for the person who began it (WEB-10): the framework asks for the circuit's id alone when somebody comes
/// back, and puts whoever has it in the place of the one before. Another person starts anew and sees nothing of it.
/// </summary>
public sealed class CircuitOwners(ILogger<CircuitOwners> log) : IHubFilter
{
    /// <summary>Circuits remembered on this node; the oldest are forgotten first, and whoever comes back to one of those starts anew.</summary>
    private const int Most = 20_000;

    // Methods of the framework's hub, by name: it is not public.
    private const string Start = "StartCircuit";
    private const string Connect = "ConnectCircuit";
    private const string Resume = "ResumeCircuit";

    private readonly ConcurrentDictionary<string, string> _owners = [];
    private readonly ConcurrentQueue<string> _order = [];

    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var method = invocationContext.HubMethodName;
        var who = invocationContext.Context.User?.FindFirstValue(ClaimTypes.NameIdentifier) ?? "";
        if (method is Connect or Resume && invocationContext.HubMethodArguments is [string asked, ..] && !(_owners.TryGetValue(HashOf(asked), out var owner) && owner == who))
        {
            log.LogWarning("Somebody came back to a circuit that is not theirs, or not of this server");
            return method == Connect ? false : null;
        }

        var result = await next(invocationContext);
        if (method is Start or Resume && result is string id) Remember(HashOf(id), who);
        return result;
    }

    private void Remember(string hash, string who)
    {
        if (_owners.TryAdd(hash, who)) _order.Enqueue(hash);
        while (_owners.Count > Most && _order.TryDequeue(out var oldest)) _owners.TryRemove(oldest, out _);
    }

    // The id itself is a secret that nothing needs to keep.
    private static string HashOf(string id) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
