using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>Refusals of making and reading evidence packs.</summary>
public static class EvidenceRefusals
{
    public static readonly RefusalKind NotAnchored = new("refuse.evidence.not_anchored",
        "The last step of this agreement is in the audit log, but the log is not signed up to it yet.",
        "Try again in a few seconds; if it stays so, tell whoever runs the server.", 503);

    public static readonly RefusalKind LogBroken = new("refuse.evidence.log_broken",
        "The audit log does not add up to what was signed, so nothing can be proven with it.",
        "Tell whoever runs the server at once; they run audit verify.", 500);

    public static readonly RefusalKind NotAPack = new("refuse.evidence.not_a_pack",
        "This is no ZIP file that can be read: {0}.",
        "Get the pack again, or send the file as it came to whoever made it.", 422);

    public static readonly RefusalKind UnsafeName = new("refuse.evidence.unsafe_name",
        "The ZIP holds a name that leads out of it: {0}.",
        "Do not unpack it. Get the pack again from where it came.", 422);

    public static readonly RefusalKind NameTwice = new("refuse.evidence.name_twice",
        "The ZIP holds two files of the name {0}, so that two programs may read different things.",
        "Do not trust it. Get the pack again from where it came.", 422);

    public static readonly RefusalKind TooLarge = new("refuse.evidence.too_large",
        "The ZIP holds more than a pack ever does ({0}).",
        "Do not unpack it. Get the pack again from where it came.", 413);
}
