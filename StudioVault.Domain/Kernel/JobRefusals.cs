namespace StudioVault.Domain.Kernel;

/// <summary>Refusals of scheduled jobs.</summary>
public static class JobRefusals
{
    public static readonly RefusalKind Unknown = new("refuse.job.unknown",
        "There is no job of that name in this version.",
        "Go back to the list of jobs.", 404);

    public static readonly RefusalKind AlreadyAsked = new("refuse.job.already_asked",
        "Somebody has just asked for a run of this job; it has not begun yet.",
        "Wait for that run; its outcome appears in the list.", 409);
}
