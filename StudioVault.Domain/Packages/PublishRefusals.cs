using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>Refusals to HQ: drafts, publishing, waves, yank.</summary>
public static class PublishRefusals
{
    public static readonly RefusalKind SlugTaken = new("refuse.package.slug_taken",
        "There is a template with the short name \"{0}\" already.",
        "Choose another short name.");

    public static readonly RefusalKind SlugShape = new("refuse.package.slug_shape",
        "A short name is 3 to 60 small letters, digits and hyphens.",
        "Write it like wedding-classic.", 400);

    public static readonly RefusalKind DraftMoved = new("refuse.package.draft_moved",
        "The draft was changed while you were publishing, so nothing was published.",
        "Look at the draft and its blast radius again.");

    public static readonly RefusalKind WrongVersionTyped = new("refuse.package.wrong_version_typed",
        "The next version is {0}; another number was typed.",
        "Type {0} to publish.", 422);

    public static readonly RefusalKind SummaryMissing = new("refuse.package.summary_missing",
        "Branches read one line about each version; it is empty.",
        "Write what changes for the branches, in one line.", 400);

    public static readonly RefusalKind NothingChanged = new("refuse.package.nothing_changed",
        "The draft says the same as the version published last.",
        "Change something, or leave it.", 422);

    public static readonly RefusalKind CadenceReasonMissing = new("refuse.package.cadence_reason_missing",
        "The last version is {1} days old; the budget is one in {0} days, so that branches can keep up.",
        "Wait, or give a reason that branches will read.", 422);

    public static readonly RefusalKind WaveUnknown = new("refuse.package.wave_unknown",
        "The wave is empty or names a branch that does not exist.",
        "Choose at least one branch of the list.", 400);

    public static readonly RefusalKind WaveNameMissing = new("refuse.package.wave_name_missing",
        "The wave has no name.",
        "Write one that others recognise, for example Pilot.", 400);

    public static readonly RefusalKind RadiusMissing = new("refuse.package.radius_missing",
        "Nobody has looked at the blast radius of this publish.",
        "Look at the blast radius, then publish.", 422);

    public static readonly RefusalKind RadiusStale = new("refuse.package.radius_stale",
        "The blast radius you looked at was of another draft or of other branches, so nothing was published.",
        "Look at the blast radius again, then publish.");

    public static readonly RefusalKind NotNewest = new("refuse.package.not_newest",
        "Only the newest version that is not called back, {0}, can be offered to more branches.",
        "Open a wave of version {0}.");

    public static readonly RefusalKind AlreadyYanked = new("refuse.package.already_yanked",
        "This version has been called back.",
        "Publish a new version instead.");
}
