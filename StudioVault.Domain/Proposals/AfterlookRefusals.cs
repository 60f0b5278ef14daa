using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>Refusals of the look afterwards at what its own proposer approved.</summary>
public static class AfterlookRefusals
{
    public static readonly RefusalKind NotNeeded = new("refuse.proposal.no_look_needed",
        "Nobody has to look at this afterwards: {0}.",
        "The queue's list “Review” shows what waits for a second person.", 409);
}
