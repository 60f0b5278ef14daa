using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Audit;

/// <summary>Refusals of the audit log.</summary>
public static class AuditRefusals
{
    public static readonly RefusalKind Unavailable = new("refuse.audit.unavailable",
        "The audit log cannot be written, so nothing else was written either.",
        "Reading still works. Try again in a moment, and tell whoever runs the server if it stays so.", 503);

    public static readonly RefusalKind KeyUnsupported = new("refuse.audit.key_unsupported",
        "A signature of this kind of key cannot be checked here.",
        "Check it with another tool, or use an ECDSA P-256 key.", 422);
}
