namespace StudioVault.Domain.Kernel;

/// <summary>
/// The versions of one stored schema (seed 003): the current one is read, a listed older one has a route or is refused, an
/// unknown one is refused. Nothing is guessed.
/// </summary>
/// <param name="Name">The schema, for example package_content.</param>
/// <param name="Current">The version this program writes.</param>
/// <param name="Supported">Versions it has heard of, the current one among them.</param>
public sealed record PayloadSchema(string Name, string Current, IReadOnlyList<string> Supported)
{
    /// <summary>Null when a payload of that version can be read as it is.</summary>
    /// <param name="version">Its schema_version; null when it has none.</param>
    /// <returns>
    /// <c>refuse.compatx.missing_payload_version</c>, <c>refuse.compatx.unsupported_schema_version</c> or
    /// <c>refuse.compatx.migration_not_implemented</c>.
    /// </returns>
    public Refusal? Check(string? version) =>
        version is null ? CompatxRefusals.MissingPayloadVersion.At("/schema_version")
            : version == Current ? null
            : Supported.Contains(version) ? CompatxRefusals.MigrationNotImplemented.At("/schema_version", version, Name)
            : CompatxRefusals.UnsupportedSchemaVersion.At("/schema_version", version, Name);
}
