using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Door;
using StudioVault.Infrastructure.Persistence;

namespace StudioVault.Infrastructure.Proposals;

/// <summary>
/// Something that may be done on approval. Nothing but the executor calls <see cref="ExecuteAsync"/>: whoever proposes never
/// holds a thing that writes (features row 5.2).
/// </summary>
public interface ICapability
{
    CapabilityDefinition Definition { get; }

    /// <summary>
    /// Reads the target and says what would be written; changes nothing. Called when it is proposed, when somebody looks at it and
    /// once more before it is executed, in the branch's scope. Refuses what cannot be done at all. The arguments fit the schema.
    /// </summary>
    Task<Result<IntendedWrite>> PrepareAsync(VaultDb db, CapabilityCall call, CancellationToken ct);

    /// <summary>
    /// Does exactly what <see cref="PrepareAsync"/> said, in the executor's transaction and under its audit entry, which is written
    /// already; tracked changes are saved by the executor. A refusal leaves nothing behind.
    /// </summary>
    Task<Result<Effect>> ExecuteAsync(WriteContext context, CapabilityCall call, CancellationToken ct);
}

/// <summary>What the code of a capability says about it; the card (owner, tier, quotas …) is HQ's.</summary>
/// <param name="Name">Stable, <c>area.verb</c>, for example <c>invoice.discount</c>.</param>
/// <param name="Area">Capability class, for example Finance; a stop can be thrown for it.</param>
/// <param name="Title">Two to four plain words.</param>
/// <param name="What">One sentence.</param>
/// <param name="LeastBand">A card may not put it lower.</param>
/// <param name="IsAtomic">The whole effect is rows of our database, so after a crash it is known whether it happened and it may be taken up again.</param>
/// <param name="Card">The card it is registered with; HQ may change it.</param>
public sealed record CapabilityDefinition(string Name, string Area, string Title, string What, InputSchema Input, Band LeastBand, bool IsAtomic, CardDefaults Card)
{
    /// <summary>Names of the capabilities that take it back: what an execution leaves is one of them. Empty: nothing does.</summary>
    public IReadOnlyList<string> UndoneBy { get; init; } = [];

    /// <summary>It does nothing but keep something from happening that has not happened yet: only a stop that names it, or an agent of its chain, covers it.</summary>
    public bool HoldsBack { get; init; }

    /// <summary>Five short reasons to reject, for one tap.</summary>
    public IReadOnlyList<string> RejectReasons { get; init; } = ["Not needed", "Wrong client", "Wrong amount or day", "Talk to the client first", "Not now"];
}

/// <summary>The card a capability is registered with. The five texts are required before it can be enabled (features row 5.17).</summary>
/// <param name="Owner">Who answers for it, for example "Studio operations".</param>
/// <param name="RiskTier">low, medium, high or critical.</param>
/// <param name="FailureMode">What goes wrong when it goes wrong.</param>
/// <param name="Rollback">How it is undone.</param>
/// <param name="TestCoverage">Which tests hold it.</param>
/// <param name="ApproveWithin">Time to decide.</param>
/// <param name="ValidFor">Time from the last approval to the execution (features row 5.6).</param>
/// <param name="PerAgent">Proposals an agent may make in the window, each branch for itself.</param>
/// <param name="PerOwner">Proposals the agents of one owner may make in the window.</param>
/// <param name="PerBranch">Proposals of this capability a branch takes in the window.</param>
/// <param name="Window">Length of the quota windows.</param>
public sealed record CardDefaults(string Owner, string RiskTier, string FailureMode, string Rollback, string TestCoverage, Band Band, TimeSpan ApproveWithin, TimeSpan ValidFor, int PerAgent, int PerOwner, int PerBranch, TimeSpan Window)
{
    /// <summary>Null: what the band demands.</summary>
    public ApprovalRule? Rule { get; init; }

    /// <summary>Whoever proposed may approve too (GREEN only), after a longer grace time and with a manager's look at it afterwards (<see cref="LookCommands"/>).</summary>
    public bool MayApproveOwn { get; init; }
}

/// <summary>One call of a capability.</summary>
/// <param name="Args">Fit the input schema. Not to be changed.</param>
/// <param name="Now">Database clock.</param>
/// <param name="Approver">Who approved last; null while preparing, and under an exemption.</param>
/// <param name="Reason">Why it was proposed, for the records of the target.</param>
public sealed record CapabilityCall(BranchId Branch, JsonObject Args, DateTimeOffset Now, PersonId? Approver, string Reason);

/// <summary>What a proposal would write.</summary>
/// <param name="Title">A sentence with amount or count, for example "Refund € 120.00 to M. Costa".</param>
/// <param name="Consequence">Follows "Approve" on the button, for example "refund of € 120.00".</param>
/// <param name="Changes">Before and after, field by field, as people name the fields.</param>
public sealed record IntendedWrite(string Title, string Consequence, TargetRef Target, IReadOnlyList<FactChange> Changes)
{
    /// <summary>Whom it is about: what it says is readable as long as none of them is erased.</summary>
    public required Concern About { get; init; }

    /// <summary>A higher band because of what the arguments say, or null.</summary>
    public Band? AtLeast { get; init; }

    /// <summary>Facts a decider should know, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>What a write is about.</summary>
/// <param name="Type">For example <c>invoice</c>.</param>
/// <param name="Etag">Hash of exactly what the write depends on (<see cref="EtagOf"/>): another one means the target changed.</param>
/// <param name="Href">Page that shows it.</param>
public sealed record TargetRef(string Type, string Id, string Etag, string? Href)
{
    /// <summary>Hash of the canonical form of what the write depends on.</summary>
    public static string EtagOf(JsonObject dependsOn) => CanonicalJson.Sha256(CanonicalJson.Canonicalize(dependsOn));
}

/// <summary>One field, before and after; null = not there.</summary>
public sealed record FactChange(string Name, string? Before, string? After);

/// <summary>What was done.</summary>
/// <param name="Summary">One sentence for the receipt, no personal data beyond the title's.</param>
/// <param name="Href">Page that shows it, or null.</param>
/// <param name="Undo">What takes it back, or null when nothing does.</param>
public sealed record Effect(string Summary, string? Href, Compensation? Undo);

/// <summary>The compensating action: a proposal somebody can make with one tap.</summary>
public sealed record Compensation(string Capability, JsonObject Args);
