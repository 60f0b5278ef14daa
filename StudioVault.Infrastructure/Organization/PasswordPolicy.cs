using System.Collections.Frozen;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;

namespace StudioVault.Infrastructure.Organization;

/// <summary>
/// Which passwords may be chosen (ID-2; ASVS 5.0, 6.2) and how they are hashed (ID-1). Length and a block list count, kinds
/// of characters do not; nothing expires. Compared without regard to case.
/// </summary>
public static class PasswordPolicy
{
    /// <summary>Fewest characters (Unicode scalar values).</summary>
    public const int MinLength = 12;

    /// <summary>Most characters; a bound on the work of hashing, far above what ASVS asks to allow (64).</summary>
    public const int MaxLength = 128;

    /// <summary>Rounds of PBKDF2-HMAC-SHA512, which is what Identity's version 3 hashes use (ASVS 5.0, appendix C).</summary>
    public const int HashIterations = 210_000;

    /// <summary>Characters that must be left of a password without the words everybody would guess of this person.</summary>
    private const int LeastOwnLength = 8;

    /// <summary>Shorter words are part of too many harmless ones.</summary>
    private const int LeastWordLength = 4;

    private static readonly Lazy<FrozenSet<string>> Common = new(() => Read("common-passwords.txt").Concat(Read("common-long-passwords.txt")).ToFrozenSet());

    /// <summary>Passwords on the block list.</summary>
    public static int BlockListSize => Common.Value.Count;

    /// <summary>Judges a password.</summary>
    /// <param name="password">The password, as it would be hashed.</param>
    /// <param name="words">Words others know of this person: parts of name and e-mail address.</param>
    /// <returns>Null when it may be used, else one of <see cref="PasswordRefusals"/>.</returns>
    public static Refusal? Check(string password, params IEnumerable<string> words)
    {
        var length = password.EnumerateRunes().Count();
        if (length < MinLength) return PasswordRefusals.TooShort.With(MinLength);
        if (length > MaxLength) return PasswordRefusals.TooLong.With(MaxLength);
        var lower = password.ToLowerInvariant();
        if (IsCommon(lower)) return PasswordRefusals.Common;
        var own = lower;
        foreach (var word in words.SelectMany(Parts).Append("studiovault").OrderByDescending(w => w.Length)) own = own.Replace(word, "", StringComparison.Ordinal);
        if (own.Length < lower.Length && own.Length < LeastOwnLength) return PasswordRefusals.Guessable;
        return null;
    }

    private static bool IsCommon(string lower)
    {
        if (Common.Value.Contains(lower)) return true;
        // The tricks everybody knows: digits and signs around a common word, or a short text said again and again.
        var core = lower.AsSpan().Trim("0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ");
        var words = Common.Value.GetAlternateLookup<ReadOnlySpan<char>>();
        var unit = Unit(lower);
        return unit.Length < LeastWordLength || words.Contains(unit) || words.Contains(core) || words.Contains(Unit(core));
    }

    /// <summary>The part a text repeats: of "abcabc" it is "abc".</summary>
    private static ReadOnlySpan<char> Unit(ReadOnlySpan<char> text)
    {
        for (var length = 1; length <= text.Length / 2; length++)
            if (text.Length % length == 0 && text[length..].SequenceEqual(text[..^length])) return text[..length];
        return text;
    }

    private static IEnumerable<string> Parts(string word) => word.ToLowerInvariant()
        .Split([' ', '.', '@', '-', '_', '+', '\''], StringSplitOptions.RemoveEmptyEntries).Where(p => p.Length >= LeastWordLength);

    private static IEnumerable<string> Read(string file)
    {
        using var stream = typeof(PasswordPolicy).Assembly.GetManifestResourceStream($"organization/{file}")
            ?? throw new InvalidOperationException($"{file} is not embedded.");
        using var lines = new StreamReader(stream);
        while (lines.ReadLine() is { } line) yield return line;
    }
}
