namespace StudioVault.Infrastructure.Live;

/// <summary>The name of this web process among its siblings: machine, process and start, so that no two are alike.</summary>
public sealed record NodeIdentity(string Name)
{
    public static NodeIdentity OfThisProcess() => new($"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}");
}
