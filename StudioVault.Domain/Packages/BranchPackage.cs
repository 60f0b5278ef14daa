using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>
/// A branch's own copy of a template. The content stands in its revisions; this row points at the current one and holds what
/// the branch has already ruled on, field by field.
/// </summary>
public sealed class BranchPackage : ITenantOwned
{
    private BranchPackage() { }

    public BranchId BranchId { get; private init; }
    public BranchPackageId Id { get; private init; }
    public TemplateId TemplateId { get; private init; }

    /// <summary>Current revision, 1 or more. New quotes pin it.</summary>
    public int CurrentRevision { get; private set; }

    /// <summary>Name in the current revision.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The newest template version the branch took a decision on (its default pointer).</summary>
    public int DecidedVersion { get; private set; }

    /// <summary>
    /// True while the current revision differs from the template version the branch ruled on last (<see cref="DecidedVersion"/>): by
    /// values it entered, or by values it kept when it declined HQ's. So ignoring a version that changes something sets it, without an edit.
    /// </summary>
    public bool IsCustomised { get; private set; }

    /// <summary>Field pointers (<c>synced_from</c>, <c>decided_at</c>) as JSON; moves with decisions, never with branch edits.</summary>
    public string Pointers { get; private set; } = "";

    public static BranchPackage Adopt(BranchId branch, BranchPackageId id, TemplateId template, int version, string name, string pointers, bool isCustomised) => new()
    {
        BranchId = branch,
        Id = id,
        TemplateId = template,
        CurrentRevision = 1,
        Name = name,
        DecidedVersion = version,
        Pointers = pointers,
        IsCustomised = isCustomised,
    };

    /// <summary>The branch itself made a new revision: by accepting, editing or going back.</summary>
    public int Revise(string name, string pointers, int decidedVersion, bool isCustomised)
    {
        (Name, Pointers, DecidedVersion, IsCustomised) = (name, pointers, decidedVersion, isCustomised);
        return ++CurrentRevision;
    }

    /// <summary>The branch ruled on a version, and none of its values changed: it declined all of it, or said the same already.</summary>
    /// <param name="isCustomised">Measured against the version it ruled on now: what was its own may be HQ's by that, and the reverse.</param>
    public void Decide(string pointers, int decidedVersion, bool isCustomised) => (Pointers, DecidedVersion, IsCustomised) = (pointers, decidedVersion, isCustomised);
}

/// <summary>How a revision came to be.</summary>
public enum RevisionOrigin
{
    Adopted,
    AcceptedUpdate,
    Edited,
    Reverted,
}

/// <summary>One revision of a branch package. Insert-only; quotes and projects pin one and never move.</summary>
public sealed class PackageRevision : ITenantOwned
{
    private PackageRevision() { }

    public BranchId BranchId { get; private init; }
    public BranchPackageId PackageId { get; private init; }

    /// <summary>1, 2, 3 … per package.</summary>
    public int Number { get; private init; }

    /// <summary>Branch content as JSON (schema package_content).</summary>
    public string Content { get; private init; } = "";

    /// <summary>SHA-256 of the canonical content, 64 lower-case hex digits.</summary>
    public string Hash { get; private init; } = "";

    /// <summary>Pointers as they stood after this revision; going back restores its <c>synced_from</c>.</summary>
    public string Pointers { get; private init; } = "";

    public RevisionOrigin Origin { get; private init; }

    /// <summary>Template version accepted, or the revision gone back to; null for edits.</summary>
    public int? OriginNumber { get; private init; }

    /// <summary>What the branch says about it.</summary>
    public string? Note { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }
    public PersonId? CreatedBy { get; private init; }

    public static PackageRevision Of(BranchId branch, BranchPackageId package, int number, string content, string hash, string pointers,
        RevisionOrigin origin, int? originNumber, string? note, DateTimeOffset at, PersonId? by) => new()
        {
            BranchId = branch,
            PackageId = package,
            Number = number,
            Content = content,
            Hash = hash,
            Pointers = pointers,
            Origin = origin,
            OriginNumber = originNumber,
            Note = note,
            CreatedAt = at,
            CreatedBy = by,
        };
}
