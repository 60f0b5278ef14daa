namespace StudioVault.Infrastructure.Persistence;

/// <summary>StudioVault does not start; every reason is in it, none holds a secret.</summary>
public sealed class StartRefusedException(IReadOnlyList<string> reasons)
    : Exception("StudioVault does not start:\n" + string.Join('\n', reasons.Select(r => "  - " + r)))
{
    public IReadOnlyList<string> Reasons { get; } = reasons;
}
