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
}
