using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Door;

namespace StudioVault.Infrastructure.Scheduling;

/// <summary>
/// Work that is done on a schedule. A job lives in its module, takes its use case from the container and stays under twenty
/// lines. It runs on one node at a time; after a crash it may start again from its beginning, so doing it twice must do no harm.
/// </summary>
public interface IVaultJob
{
    /// <summary>Does the work once.</summary>
    /// <param name="self">The job as a sender, for the commands it sends through the door.</param>
    /// <returns>One line for the jobs page, or the refusal that stopped it (the run then counts as failed).</returns>
    Task<Result<JobReport>> RunAsync(Sender self, CancellationToken ct);
}

/// <summary>What a run achieved, in one line for people.</summary>
/// <param name="Summary">For example "Forgot 12 traces". No personal data: it is kept for weeks.</param>
/// <param name="DidSomething">False when there was nothing to do.</param>
public sealed record JobReport(string Summary, bool DidSomething)
{
    public static JobReport Of(string summary) => new(summary, true);
    public static JobReport NothingToDo(string summary) => new(summary, false);
}
