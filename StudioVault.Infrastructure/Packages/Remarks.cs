using StudioVault.Domain.Kernel;

namespace StudioVault.Infrastructure.Packages;

/// <summary>
/// What people write beside a decision for others to read: trimmed, there where it is asked for, and not endless. Everybody concerned
/// is sent it, so the limit is held here and not only by the form.
/// </summary>
internal static class Remarks
{
    /// <summary>Why something is done, or a note about it.</summary>
    public const int Longest = 500;

    /// <summary>A branch's own words about an offer.</summary>
    public const int LongestOfOffer = 2_000;

    /// <summary>Name of a wave.</summary>
    public const int LongestName = 60;

    /// <summary>What is wrong with a remark; null when nothing is.</summary>
    /// <param name="missing">The refusal where nothing is written; null where that is allowed.</param>
    public static Refusal? Fault(string field, string? text, int longest, RefusalKind? missing = null)
    {
        if (string.IsNullOrWhiteSpace(text)) return missing?.At(field);
        return text.Trim().Length > longest ? KernelRefusals.TooLong.At(field, longest) : null;
    }

    /// <summary>The remark as it is kept; null where nothing is written.</summary>
    public static string? Trim(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
