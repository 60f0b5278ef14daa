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

    public static readonly RefusalKind CheckpointMalformed = new("refuse.audit.checkpoint_malformed",
        "This is not a checkpoint: {0}.",
        "Fetch the checkpoint again, byte for byte, from where it was published.", 400);

    public static readonly RefusalKind BodyMalformed = new("refuse.audit.body_malformed",
        "This is not the content of an audit leaf: {0}.",
        "Export the log again; if it stays so, treat the log as tampered with.", 400);

    public static readonly RefusalKind NoCheckpoint = new("refuse.audit.no_checkpoint",
        "No signed checkpoint covers that yet.",
        "Ask again in a few seconds; if it stays so, no sequencer runs.", 404);

    public static readonly RefusalKind SizesUnknown = new("refuse.audit.sizes_unknown",
        "There is no such proof: sizes go from 1 to {0}, the first no larger than the second, and entries are below the size.",
        "Fetch the newest checkpoint and ask with its size.", 400);

    public static readonly RefusalKind ForeignCheckpoint = new("refuse.audit.foreign_checkpoint",
        "This checkpoint was not signed by the key of this log.",
        "Send the one this log gave you, byte for byte.", 422);

    public static readonly RefusalKind HistoryDiffers = new("refuse.audit.history_differs",
        "This server shows an older or another history than the checkpoint that was sent: {0}.",
        "Keep that checkpoint. Tell whoever runs the server, and have the log checked with it from outside.", 409);

    public static readonly RefusalKind LogBroken = new("refuse.audit.log_broken",
        "The log's leaves do not add up to its newest signed checkpoint, so nothing can be proved.",
        "Tell whoever runs the server; \"audit verify\" names the first entry that is in doubt.", 500);

    public static readonly RefusalKind RangeTooLong = new("refuse.audit.range_too_long",
        "At most {0} entries can be checked here at once.",
        "Choose a shorter range, or check the whole log with \"audit verify\".", 400);
}
