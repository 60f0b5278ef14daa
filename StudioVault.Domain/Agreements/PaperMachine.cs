using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>Where a paper stands (features table A3). What becomes of an executed agreement is <see cref="AgreementState"/>.</summary>
public enum PaperState
{
    /// <summary>The studio still writes it.</summary>
    Draft,

    /// <summary>Frozen; the links are out.</summary>
    Sent,

    /// <summary>Somebody opened it.</summary>
    Viewed,

    /// <summary>Somebody signed, somebody has not.</summary>
    PartlySigned,

    /// <summary>Everybody signed; the documents are being made.</summary>
    Sealing,

    /// <summary>Sealed for ever.</summary>
    Executed,

    /// <summary>Given up before it was executed.</summary>
    Void,
}

/// <summary>What can happen to a paper.</summary>
public enum PaperVerb
{
    /// <summary>Freeze it and ask for signatures.</summary>
    Send,

    /// <summary>Take it back to write on; what was signed of it counts no more.</summary>
    Recall,

    /// <summary>A signatory opens it.</summary>
    View,

    /// <summary>A signatory signs, and others are still to sign.</summary>
    Sign,

    /// <summary>The last signatory signs.</summary>
    SignLast,

    /// <summary>Its documents are made and sealed.</summary>
    Execute,

    /// <summary>Give it up.</summary>
    Void,
}

/// <summary>
/// Where a verb leads (features table A3). Every pair of state and verb either leads to a state or is refused; leading to the
/// state it is in means nothing happens. Nothing leads out of <see cref="PaperState.Executed"/>.
/// </summary>
public static class PaperMachine
{
    private static readonly Dictionary<(PaperState, PaperVerb), PaperState> Table = new()
    {
        [(PaperState.Draft, PaperVerb.Send)] = PaperState.Sent,
        [(PaperState.Draft, PaperVerb.Recall)] = PaperState.Draft,
        [(PaperState.Draft, PaperVerb.Void)] = PaperState.Void,

        [(PaperState.Sent, PaperVerb.Recall)] = PaperState.Draft,
        [(PaperState.Sent, PaperVerb.View)] = PaperState.Viewed,
        [(PaperState.Sent, PaperVerb.Void)] = PaperState.Void,

        [(PaperState.Viewed, PaperVerb.Recall)] = PaperState.Draft,
        [(PaperState.Viewed, PaperVerb.View)] = PaperState.Viewed,
        [(PaperState.Viewed, PaperVerb.Sign)] = PaperState.PartlySigned,
        [(PaperState.Viewed, PaperVerb.SignLast)] = PaperState.Sealing,
        [(PaperState.Viewed, PaperVerb.Void)] = PaperState.Void,

        [(PaperState.PartlySigned, PaperVerb.Recall)] = PaperState.Draft,
        [(PaperState.PartlySigned, PaperVerb.View)] = PaperState.PartlySigned,
        [(PaperState.PartlySigned, PaperVerb.Sign)] = PaperState.PartlySigned,
        [(PaperState.PartlySigned, PaperVerb.SignLast)] = PaperState.Sealing,
        [(PaperState.PartlySigned, PaperVerb.Void)] = PaperState.Void,

        [(PaperState.Sealing, PaperVerb.View)] = PaperState.Sealing,
        [(PaperState.Sealing, PaperVerb.Execute)] = PaperState.Executed,

        [(PaperState.Executed, PaperVerb.View)] = PaperState.Executed,
    };

    /// <summary>Whether signatures are being collected.</summary>
    public static bool IsOut(PaperState state) => state is PaperState.Sent or PaperState.Viewed or PaperState.PartlySigned;

    /// <summary>The state after the verb.</summary>
    /// <returns>
    /// It, or <c>refuse.agreement.sealed</c> for an executed paper, <c>refuse.agreement.being_sealed</c>, <c>refuse.agreement.void</c>,
    /// <c>refuse.agreement.not_sent</c> for a draft, <c>refuse.agreement.not_viewed</c> for signing what nobody opened,
    /// <c>refuse.agreement.already_sent</c>, <c>refuse.agreement.signatures_missing</c>.
    /// </returns>
    public static Result<PaperState> Next(PaperState state, PaperVerb verb) => Table.TryGetValue((state, verb), out var next) ? next : state switch
    {
        PaperState.Executed => AgreementRefusals.Sealed,
        PaperState.Sealing => AgreementRefusals.BeingSealed,
        PaperState.Void => AgreementRefusals.Voided,
        PaperState.Draft => AgreementRefusals.NotSent,
        _ when verb == PaperVerb.Send => AgreementRefusals.AlreadySent,
        _ when verb == PaperVerb.Execute => AgreementRefusals.SignaturesMissing,
        _ => AgreementRefusals.NotViewed,
    };
}
