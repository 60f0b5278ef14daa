using StudioVault.Infrastructure.Audit;

namespace StudioVault.Web.Audit;

/// <summary>What the page shows.</summary>
/// <param name="Href">The address it belongs to.</param>
/// <param name="Place">Name of the reader's branch; null for HQ.</param>
/// <param name="Zone">Zone of days and times: the branch's; UTC for HQ, who reads many branches at once.</param>
public sealed record AuditShown(string Href, string? Place, string Zone, AuditChoices Choices, AuditSlice Slice, AuditHead? Head, AuditDetail? Detail)
{
    /// <summary>Outcome of the check the address asks for.</summary>
    public AuditCheck? Check { get; init; }

    public bool IsHq => Place is null;
}
