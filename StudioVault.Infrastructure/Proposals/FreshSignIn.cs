using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>Somebody proved who they are anew, in the tab that holds the ticket: what RED approvals ask for (APP-12).</summary>
public sealed class FreshSignIn
{
    private FreshSignIn() { }

    /// <summary>Hash of the ticket; the ticket itself is in the memory of one circuit.</summary>
    public string TicketSha256 { get; private init; } = "";

    public PersonId PersonId { get; private init; }

    /// <summary>Database clock.</summary>
    public DateTimeOffset At { get; private init; }

    public static FreshSignIn Of(string ticketSha256, PersonId person) => new() { TicketSha256 = ticketSha256, PersonId = person };
}
