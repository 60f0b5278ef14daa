using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>Refusals of package templates, branch packages and the merge between them.</summary>
public static class PackageRefusals
{
    // The tree.
    public static readonly RefusalKind NotJson = new("refuse.package.not_json",
        "This is not readable JSON: {0}",
        "Correct it and send it again.", 400);

    public static readonly RefusalKind RootNotObject = new("refuse.package.root_not_object",
        "Package content is a JSON object; this is something else.",
        "Send an object.", 400);

    public static readonly RefusalKind DuplicateKey = new("refuse.package.duplicate_key",
        "An object holds the key \"{0}\" twice.",
        "Keep one of them.", 400);

    public static readonly RefusalKind ElementWithoutId = new("refuse.package.element_without_id",
        "Element {0} of a list has no text \"id\" of its own.",
        "Give every element of the list a stable id.", 400);

    public static readonly RefusalKind DuplicateId = new("refuse.package.duplicate_id",
        "Two elements of a list have the id \"{0}\".",
        "Give each its own id.", 400);

    public static readonly RefusalKind MixedArray = new("refuse.package.mixed_array",
        "A list holds arrays, or objects next to plain values.",
        "Use either objects with ids, or plain values only.", 400);

    public static readonly RefusalKind TooDeep = new("refuse.package.too_deep",
        "More than {0} objects and lists stand inside each other.",
        "Make it flatter.", 400);

    // The merge.
    public static readonly RefusalKind LineShape = new("refuse.package.line_shape",
        "A line needs \"id\", \"base\", \"branch\" and \"hq\": {0}",
        "Correct the line.", 400);

    public static readonly RefusalKind DecisionShape = new("refuse.package.decision_shape",
        "A decision is \"hq\", \"branch\" or an object with a \"value\" of a kind that fits its field.",
        "Correct the decision.", 400);

    public static readonly RefusalKind DecisionNotOffered = new("refuse.package.decision_not_offered",
        "There is a decision about a field that is not offered.",
        "Leave it out, or look at the review again: it may have changed.", 422);

    public static readonly RefusalKind DecisionMissing = new("refuse.package.decision_missing",
        "{0} of the offered changes still need a choice of yours.",
        "Choose for each of them, then accept.", 422);

    public static readonly RefusalKind DecisionContradiction = new("refuse.package.decision_contradiction",
        "One decision brings back what you removed, another one leaves it out.",
        "Decide the same for everything inside it.", 422);

    public static readonly RefusalKind GroupSplit = new("refuse.package.group_split",
        "\"{0}\" is accepted or declined as a whole, because its parts only make sense together.",
        "Choose the same side for all of it.", 422);

    // Offers and reviews.
    public static readonly RefusalKind PreviewStale = new("refuse.package.preview_stale",
        "What you looked at has changed meanwhile, so nothing was written.",
        "Look at the current difference and decide again; your choices are kept where they still fit.", 409);

    public static readonly RefusalKind SemanticConflict = new("refuse.package.semantic_conflict",
        "With these choices the package does not hold together: {0}",
        "Change a choice, or enter a value that fits.", 422);

    public static readonly RefusalKind MandatoryPending = new("refuse.package.mandatory_pending",
        "New quotes from this package wait: {0} had to be accepted by {1}.",
        "Open the update and accept that field; quotes already sent stay as they are.", 409);

    // Rules on fields.
    public static readonly RefusalKind FieldLocked = new("refuse.package.field_locked",
        "HQ keeps \"{0}\" the same everywhere: {1}",
        "Take your change of it back, or ask HQ.", 422);

    public static readonly RefusalKind OutOfBounds = new("refuse.package.out_of_bounds",
        "\"{0}\" has to be {1}.",
        "Enter a value inside these limits, or ask HQ.", 422);

    // The content.
    public static readonly RefusalKind FieldMissing = new("refuse.package.field_missing",
        "The field is missing.",
        "Fill it in.", 400);

    public static readonly RefusalKind FieldUnknown = new("refuse.package.field_unknown",
        "There is no such field in a package.",
        "Leave it out.", 400);

    public static readonly RefusalKind FieldShape = new("refuse.package.field_shape",
        "This has to be {0}.",
        "Correct the value.", 400);

    public static readonly RefusalKind PriceMissing = new("refuse.package.price_missing",
        "\"{0}\" has no price in {1}, and prices are never converted.",
        "Let HQ set a price in that currency.", 422);

    public static readonly RefusalKind Invariant = new("refuse.package.invariant",
        "{0}",
        "Correct it.", 422);
}

/// <summary>Refusals of price policy.</summary>
public static class PricingRefusals
{
    /// <summary>Row 1.12: in the EU and the UK prices of independent franchisees may be capped or recommended, never fixed or floored.</summary>
    public static readonly RefusalKind Rpm = new("refuse.pricing.rpm",
        "The rule \"{0}\" would {1} the price of \"{2}\" for branches with an owner of their own, which competition law forbids.",
        "Recommend the price, or set a maximum only.", 422);
}
