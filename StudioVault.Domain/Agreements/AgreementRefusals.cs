using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>Refusals about agreements and their amendments.</summary>
public static class AgreementRefusals
{
    public static readonly RefusalKind OperationMisplaced = new("refuse.agreement.operation_misplaced",
        "The amendment changes something that does not stand there on the day it takes effect.",
        "Write the amendment again on the agreement as it is on that day.");

    public static readonly RefusalKind NotTheHead = new("refuse.agreement.not_the_head",
        "Version {0} is not the newest any more; version {1} was signed since.",
        "Write the amendment on version {1}.");

    public static readonly RefusalKind OutOfSequence = new("refuse.agreement.out_of_sequence",
        "Version {0} is signed and takes effect later, on {1}, and changes the same.",
        "Say which of the two holds from that day on; the parties sign the choice.");

    public static readonly RefusalKind BreaksLater = new("refuse.agreement.breaks_later",
        "With this amendment the agreement does not hold together from {0} on: {1}",
        "Change the amendment, or amend what takes effect on that day first.");

    public static readonly RefusalKind NothingChanged = new("refuse.agreement.nothing_changed",
        "The amendment changes nothing.",
        "Change something, or leave the agreement as it is.", 400);

    public static readonly RefusalKind PriceBasisMissing = new("refuse.agreement.price_basis_missing",
        "A new date needs a word about the price: the one agreed, or the current one.",
        "Choose the price that shall hold.", 400);

    public static readonly RefusalKind Invariant = new("refuse.agreement.invariant",
        "{0}",
        "Correct it.", 422);

    public static readonly RefusalKind Sealed = new("refuse.agreement.sealed",
        "This is signed and sealed; it never changes.",
        "Write an amendment.");

    public static readonly RefusalKind BeingSealed = new("refuse.agreement.being_sealed",
        "Everybody has signed; the documents are being made.",
        "Wait a moment; then write an amendment if something has to change.");

    public static readonly RefusalKind Voided = new("refuse.agreement.void",
        "This paper was given up.",
        "Make a new one.");

    public static readonly RefusalKind NotSent = new("refuse.agreement.not_sent",
        "This is still being written.",
        "Wait until the studio sends it.");

    public static readonly RefusalKind AlreadySent = new("refuse.agreement.already_sent",
        "This is out for signing and cannot be changed.",
        "Take it back first; what was signed of it then counts no more.");

    public static readonly RefusalKind NotViewed = new("refuse.agreement.not_viewed",
        "Nobody has opened this yet.",
        "Open and read it first.");

    public static readonly RefusalKind SignaturesMissing = new("refuse.agreement.signatures_missing",
        "Not everybody has signed.",
        "Wait for the missing signatures.");

    public static readonly RefusalKind EvidenceIncomplete = new("refuse.agreement.evidence_incomplete",
        "The document or the certificate of completion is missing, so the paper is not executed.",
        "Nothing is lost: the documents are made again by themselves.", 500);

    public static readonly RefusalKind StaleView = new("refuse.agreement.stale_view",
        "The studio changed this after you opened it; you would sign something else than you read.",
        "Read the new version; what is different stands at the top.");

    public static readonly RefusalKind NotInForce = new("refuse.agreement.not_in_force",
        "This agreement is not in force.",
        "Look at its state and its last paper.");

    public static readonly RefusalKind AlreadyThere = new("refuse.agreement.already_there",
        "This project has an agreement already.",
        "Open it; a change of it is an amendment.");

    public static readonly RefusalKind NotBooked = new("refuse.agreement.not_booked",
        "Only a booked project becomes an agreement.",
        "Book the project first.");

    public static readonly RefusalKind AmendmentOpen = new("refuse.agreement.amendment_open",
        "Another amendment of this agreement is not finished.",
        "Finish it or give it up, then write the next one.");
}
