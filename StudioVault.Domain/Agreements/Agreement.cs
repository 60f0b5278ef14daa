using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>What has become of an agreement as a whole.</summary>
public enum AgreementState
{
    /// <summary>Nothing is executed yet.</summary>
    Open,

    /// <summary>Version 1 is executed.</summary>
    InForce,

    /// <summary>Everything was delivered and paid.</summary>
    Completed,

    /// <summary>Ended by an executed cancellation.</summary>
    Cancelled,

    /// <summary>The client withdrew within the days the law gives.</summary>
    Withdrawn,

    /// <summary>Given up before it was executed.</summary>
    Void,
}

/// <summary>The agreement of a project: a family of papers, of which the executed ones never change.</summary>
public sealed class Agreement : ITenantOwned
{
    private Agreement() { }

    public BranchId BranchId { get; private init; }
    public AgreementId Id { get; private init; }
    public ProjectId ProjectId { get; private init; }

    /// <summary>Printed on every page; unique in the branch, and with the branch's short name in it for example PORTO-2026-0042.</summary>
    public string Number { get; private init; } = "";

    public AgreementState State { get; private set; }

    /// <summary>Version of the newest executed paper; 0 before the first.</summary>
    public int Head { get; private set; }

    /// <summary>Hash of the newest executed paper; what an amendment is written on. Null before the first.</summary>
    public string? HeadHash { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public static Agreement Of(BranchId branch, AgreementId id, ProjectId project, string number, DateTimeOffset at) =>
        new() { BranchId = branch, Id = id, ProjectId = project, Number = number, CreatedAt = at };

    /// <summary>A paper was executed: the family has a new head.</summary>
    /// <returns><c>refuse.agreement.not_the_head</c> when another paper came first.</returns>
    public Result<Done> Executed(AgreementPaper paper)
    {
        if (paper.Version != Head + 1 || paper.BaseHash != HeadHash) return AgreementRefusals.NotTheHead.With(paper.Version - 1, Head);
        (Head, HeadHash) = (paper.Version, paper.ContentHash);
        State = paper.Kind == AmendmentKind.Cancellation ? AgreementState.Cancelled : AgreementState.InForce;
        return Done.It;
    }

    /// <summary>Everything was delivered and paid.</summary>
    public Result<Done> Complete() => End(AgreementState.Completed);

    /// <summary>The client withdrew.</summary>
    public Result<Done> Withdraw() => End(AgreementState.Withdrawn);

    /// <summary>The first paper was given up.</summary>
    public Result<Done> GiveUp()
    {
        if (State == AgreementState.Void) return Done.It;
        if (State != AgreementState.Open) return AgreementRefusals.Sealed;
        State = AgreementState.Void;
        return Done.It;
    }

    private Result<Done> End(AgreementState state)
    {
        if (State == state) return Done.It;
        if (State != AgreementState.InForce) return AgreementRefusals.NotInForce;
        State = state;
        return Done.It;
    }
}
