namespace StudioVault.Domain.Kernel;

/// <summary>Refusals of stored payloads by their schema version; the codes are frozen by seed 003.</summary>
public static class CompatxRefusals
{
    public static readonly RefusalKind MissingPayloadVersion = new("refuse.compatx.missing_payload_version",
        "The content does not say its schema_version.",
        "Add \"schema_version\".", 400);

    public static readonly RefusalKind UnsupportedSchemaVersion = new("refuse.compatx.unsupported_schema_version",
        "This program does not know schema version \"{0}\" of {1}.",
        "Use a version it knows, or update the program.", 422);

    public static readonly RefusalKind MigrationNotImplemented = new("refuse.compatx.migration_not_implemented",
        "Schema version \"{0}\" of {1} is known but has no way to the current one yet.",
        "Send the current version.", 422);

    public static readonly RefusalKind UnknownTopLevelField = new("unknown_top_level_field",
        "The content holds \"{0}\", which {1} does not have.",
        "Leave it out.", 400);
}
