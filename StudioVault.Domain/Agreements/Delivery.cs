using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

/// <summary>What was delivered to the clients of a project behind one link.</summary>
public readonly record struct DeliveryId(Guid Value) : IId<DeliveryId>
{
    public static DeliveryId From(Guid value) => new(value);
    public static DeliveryId New() => new(Guid.CreateVersion7());
    public override string ToString() => Value.ToString();
}

/// <summary>
/// A delivery: files behind a link that stays the same for ever. How long they are online follows from the agreement in force on
/// the day it was made, and is written down then: what is promised does not move when terms change (features row 2.17).
/// </summary>
public sealed class Delivery : ITenantOwned
{
    public const int LongestTitle = 120;
    public const int LongestReason = 500;

    /// <summary>How long an extension can be taken back.</summary>
    public static readonly TimeSpan TakeBackWithin = TimeSpan.FromHours(24);

    private Delivery() { }

    public BranchId BranchId { get; private init; }
    public DeliveryId Id { get; private init; }
    public ProjectId ProjectId { get; private init; }
    public AgreementId AgreementId { get; private init; }
    public string Title { get; private init; } = "";
    public DateTimeOffset OpenedAt { get; private init; }

    /// <summary>Days online as agreed; 0 when the agreement names no end.</summary>
    public int OnlineDays { get; private init; }

    /// <summary>Version of the paper that says so.</summary>
    public int TermsVersion { get; private init; }

    /// <summary>IANA name; the days below are days there.</summary>
    public string TimeZone { get; private init; } = "";

    /// <summary>Last day online by the agreement, null without an end. Never moves.</summary>
    public DateOnly? PromisedUntil { get; private init; }

    /// <summary>Last day online: as promised, or later.</summary>
    public DateOnly? OnlineUntil { get; private set; }

    /// <summary>Why it is online longer than promised; null when it is not.</summary>
    public string? ExtendedReason { get; private set; }

    /// <summary>When it was extended last; null when it was not, or that was taken back.</summary>
    public DateTimeOffset? ExtendedAt { get; private set; }

    /// <summary>The last day before that extension, and why it was that; null without one.</summary>
    public DateOnly? ExtendedFrom { get; private set; }

    /// <inheritdoc cref="ExtendedFrom"/>
    public string? ExtendedFromReason { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>What whoever opens the link reads then.</summary>
    public string? RevokedReason { get; private set; }

    /// <param name="until">Last day online by the agreement, null without an end.</param>
    /// <returns><c>refuse.delivery.title_missing</c>, <c>refuse.kernel.too_long</c>.</returns>
    public static Result<Delivery> Open(BranchId branch, DeliveryId id, ProjectId project, AgreementId agreement, string title, DateTimeOffset at, int onlineDays, int termsVersion, string timeZone, DateOnly? until)
    {
        title = title.Trim();
        if (title.Length == 0) return DeliveryRefusals.TitleMissing.At("title");
        if (title.Length > LongestTitle) return KernelRefusals.TooLong.At("title", LongestTitle);
        return new Delivery
        {
            BranchId = branch,
            Id = id,
            ProjectId = project,
            AgreementId = agreement,
            Title = title,
            OpenedAt = at,
            OnlineDays = onlineDays,
            TermsVersion = termsVersion,
            TimeZone = timeZone,
            PromisedUntil = until,
            OnlineUntil = until,
        };
    }

    /// <summary>Online longer. Never shorter than it is: whoever was told a day may rely on it.</summary>
    /// <returns><c>refuse.delivery.not_later</c>, <c>refuse.delivery.revoked</c>, <c>refuse.kernel.reason_required</c>, <c>refuse.kernel.too_long</c>.</returns>
    public Result<Done> Extend(DateOnly until, string reason, DateTimeOffset at)
    {
        if (RevokedAt is not null) return DeliveryRefusals.Revoked.With(RevokedReason);
        if (Unclear(reason) is { } unclear) return unclear;
        if (OnlineUntil is not { } now || until <= now) return DeliveryRefusals.NotLater.At("until");
        (ExtendedAt, ExtendedFrom, ExtendedFromReason) = (at, now, ExtendedReason);
        (OnlineUntil, ExtendedReason) = (until, reason.Trim());
        return Done.It;
    }

    /// <summary>
    /// Takes the last extension back, soon after it was made: later somebody relies on it. What was promised holds in any case,
    /// since an extension only ever adds days.
    /// </summary>
    /// <param name="until">The day the extension was to; another one means another extension.</param>
    /// <returns><c>refuse.delivery.revoked</c>, <c>refuse.delivery.not_extended</c>, <c>refuse.delivery.take_back_late</c>.</returns>
    public Result<Done> TakeBack(DateOnly until, DateTimeOffset at)
    {
        if (RevokedAt is not null) return DeliveryRefusals.Revoked.With(RevokedReason);
        if (ExtendedAt is not { } since || ExtendedFrom is not { } before || OnlineUntil != until) return DeliveryRefusals.NotExtended;
        if (at - since > TakeBackWithin) return DeliveryRefusals.TakeBackLate.With((int)TakeBackWithin.TotalHours);
        (OnlineUntil, ExtendedReason) = (before, ExtendedFromReason);
        (ExtendedAt, ExtendedFrom, ExtendedFromReason) = (null, null, null);
        return Done.It;
    }

    /// <summary>Taken offline for good; the link goes on saying why.</summary>
    /// <returns><c>refuse.delivery.revoked</c>, <c>refuse.kernel.reason_required</c>, <c>refuse.kernel.too_long</c>.</returns>
    public Result<Done> Revoke(string reason, DateTimeOffset at)
    {
        if (RevokedAt is not null) return DeliveryRefusals.Revoked.With(RevokedReason);
        if (Unclear(reason) is { } unclear) return unclear;
        (RevokedAt, RevokedReason) = (at, reason.Trim());
        return Done.It;
    }

    private static Refusal? Unclear(string reason)
    {
        if (string.IsNullOrWhiteSpace(reason)) return KernelRefusals.ReasonRequired.At("reason");
        if (reason.Trim().Length > LongestReason) return KernelRefusals.TooLong.At("reason", LongestReason);
        return null;
    }
}

/// <summary>A file of a delivery: insert-only. Its bytes lie on the disk under their hash.</summary>
public sealed class DeliveryFile : ITenantOwned
{
    public const int LongestName = 180;

    private DeliveryFile() { }

    public BranchId BranchId { get; private init; }
    public DeliveryId DeliveryId { get; private init; }
    public Guid Id { get; private init; }

    /// <summary>As it is saved by whoever fetches it; see <see cref="SafeName"/>.</summary>
    public string Name { get; private init; } = "";

    public long Length { get; private init; }
    public string Sha256 { get; private init; } = "";
    public DateTimeOffset AddedAt { get; private init; }

    public static DeliveryFile Of(BranchId branch, DeliveryId delivery, string name, long length, string sha256, DateTimeOffset at) =>
        new() { BranchId = branch, DeliveryId = delivery, Id = Guid.CreateVersion7(), Name = SafeName(name), Length = length, Sha256 = sha256, AddedAt = at };

    /// <summary>
    /// A name no system stumbles over: no path, no control or invisible characters, nothing Windows reserves, no dot or space at an end,
    /// never empty. Letters of all scripts stay.
    /// </summary>
    public static string SafeName(string given)
    {
        var last = given[(given.LastIndexOfAny(['/', '\\']) + 1)..];
        var plain = string.Concat(last.EnumerateRunes().Where(r => System.Text.Rune.GetUnicodeCategory(r) is not (System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
            or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator or System.Globalization.UnicodeCategory.Surrogate or System.Globalization.UnicodeCategory.PrivateUse) && r.Value != 0xFFFD)
            .Select(r => r.Value is '<' or '>' or ':' or '"' or '|' or '?' or '*' ? "_" : r.ToString())).Trim().Trim('.', ' ');
        var dot = plain.LastIndexOf('.');
        var (stem, extension) = dot > 0 && plain.Length - dot <= 12 ? (plain[..dot], plain[dot..]) : (plain, "");
        if (stem.Length + extension.Length > LongestName)
        {
            stem = stem[..(LongestName - extension.Length)];
            if (char.IsHighSurrogate(stem[^1])) stem = stem[..^1];
        }

        if (stem.Length == 0) stem = "file";
        var device = stem.Split('.')[0].ToUpperInvariant();
        return (device is "CON" or "PRN" or "AUX" or "NUL" || (device.Length == 4 && device[..3] is "COM" or "LPT" && char.IsAsciiDigit(device[^1])) ? "_" : "") + stem + extension;
    }
}

/// <summary>Refusals of deliveries.</summary>
public static class DeliveryRefusals
{
    public static readonly RefusalKind TitleMissing = new("refuse.delivery.title_missing",
        "The delivery has no name.",
        "Say what it is, for example “All photographs”.", 400);

    public static readonly RefusalKind NotLater = new("refuse.delivery.not_later",
        "A delivery is never online for a shorter time than its clients were told.",
        "Choose a later day, or take the delivery offline with a reason.", 400);

    public static readonly RefusalKind NotExtended = new("refuse.delivery.not_extended",
        "There is no such extension of this delivery any more.",
        "Look at the delivery: somebody may have extended it again or taken that back.", 409);

    public static readonly RefusalKind TakeBackLate = new("refuse.delivery.take_back_late",
        "It was extended more than {0} hours ago, and its clients may rely on it.",
        "Leave it online, or take the delivery offline with a reason.", 409);

    public static readonly RefusalKind OverAlready = new("refuse.delivery.over_already",
        "That day is over, so nobody could fetch anything.",
        "Choose a day from today on.", 400);

    public static readonly RefusalKind Revoked = new("refuse.delivery.revoked",
        "The studio took this delivery offline: {0}",
        "Ask the studio for a new link.", 410);

    public static readonly RefusalKind Expired = new("refuse.delivery.expired",
        "This delivery was online until {0}, as agreed.",
        "Ask the studio; it may still have the files.", 410);

    public static readonly RefusalKind NoFile = new("refuse.delivery.no_file",
        "No file arrived, or an empty one.",
        "Choose the file and send it again.", 400);

    public static readonly RefusalKind FileTooLarge = new("refuse.delivery.file_too_large",
        "The file is larger than {0} GB.",
        "Split it, for example into several ZIP files.", 413);

    public static readonly RefusalKind TooManyFiles = new("refuse.delivery.too_many_files",
        "A delivery holds at most {0} files.",
        "Put pictures into one ZIP file, or make another delivery.", 409);

    public static readonly RefusalKind FileDamaged = new("refuse.delivery.file_damaged",
        "This file is not on the disk as it was delivered.",
        "Tell the studio: they have to restore it from their copies. The other files are not concerned.", 500);
}
