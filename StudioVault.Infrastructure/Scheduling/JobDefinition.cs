namespace StudioVault.Infrastructure.Scheduling;

/// <summary>A job as it is registered in code; the jobs page shows it, the scheduler follows it.</summary>
/// <param name="Name">Stable name, also the name it acts under in the audit: lower case, words joined by '-' or '.'.</param>
/// <param name="Title">Two or three plain words.</param>
/// <param name="What">What it does and why, one sentence.</param>
/// <param name="Schedule">When it runs.</param>
/// <param name="RequestRecovery">Whether a run cut off by a crash is started again from its beginning, by another node.</param>
/// <param name="Type">The <see cref="IVaultJob"/>.</param>
public sealed record JobDefinition(string Name, string Title, string What, JobSchedule Schedule, bool RequestRecovery, Type Type);
