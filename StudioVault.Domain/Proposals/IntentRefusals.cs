using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>Refusals of what a capability would write.</summary>
public static class IntentRefusals
{
    public static readonly RefusalKind NothingChanges = new("refuse.proposal.nothing_changes",
        "It is like that already, so nothing would change.",
        "Look at it as it is now; nothing has to be proposed.");
}
