namespace StudioVault.Domain.Kernel;

/// <summary>
/// One kind of "no", as it stands in the catalogue. A kind is declared once, as a public static readonly field of a
/// class named <c>…Refusals</c>; <see cref="RefusalCatalogue"/> finds them all and a test holds the list.
/// </summary>
/// <param name="Code">Stable code, <c>refuse.&lt;area&gt;.&lt;reason&gt;</c>; callers and clients match on it.</param>
/// <param name="Sentence">One plain sentence for people. May hold the placeholders <c>{0}</c>, <c>{1}</c> …</param>
/// <param name="NextStep">What the reader can do now, one sentence; the same placeholders.</param>
/// <param name="HttpStatus">Status used where the refusal leaves through HTTP.</param>
public sealed record RefusalKind(string Code, string Sentence, string NextStep, int HttpStatus = 409)
{
    /// <summary>A refusal of this kind, its placeholders filled in.</summary>
    public Refusal With(params object?[] args) => new(this, Fill(Sentence, args), Fill(NextStep, args), null) { Args = args };

    /// <summary>A refusal of this kind about one field of the input.</summary>
    /// <param name="path">JSON pointer or form field name of the offending value.</param>
    /// <param name="args">Values for the placeholders.</param>
    public Refusal At(string path, params object?[] args) => With(args) with { Path = path };

    /// <summary>A kind without placeholders is its own refusal.</summary>
    public static implicit operator Refusal(RefusalKind kind) => kind.With();

    internal static string Fill(string text, object?[] args) =>
        args.Length == 0 ? text : string.Format(System.Globalization.CultureInfo.InvariantCulture, text, args);
}

/// <summary>A typed "no": a value, never an exception. Everything a person needs is in it.</summary>
/// <param name="Kind">The catalogue entry.</param>
/// <param name="Sentence">The sentence, placeholders filled in.</param>
/// <param name="NextStep">The next step, placeholders filled in.</param>
/// <param name="Path">The field it is about (JSON pointer or form field), or null for the whole.</param>
public sealed record Refusal(RefusalKind Kind, string Sentence, string NextStep, string? Path)
{
    public string Code => Kind.Code;

    /// <summary>What filled the placeholders.</summary>
    internal object?[] Args { get; init; } = [];

    /// <summary>The same "no" with every <see cref="Moment"/> in it told as <paramref name="tell"/> tells it; without, they stand in UTC.</summary>
    public Refusal Told(Func<DateTimeOffset, string> tell)
    {
        if (!Args.Any(a => a is Moment)) return this;
        object?[] told = [.. Args.Select(a => a is Moment moment ? moment.Words(tell) : a)];
        return this with { Sentence = RefusalKind.Fill(Kind.Sentence, told), NextStep = RefusalKind.Fill(Kind.NextStep, told) };
    }

    // The words say it all; arrays are never equal.
    public bool Equals(Refusal? other) => other is not null && (Kind, Sentence, NextStep, Path) == (other.Kind, other.Sentence, other.NextStep, other.Path);

    public override int GetHashCode() => HashCode.Combine(Kind, Sentence, NextStep, Path);

    public override string ToString() => Path is null ? $"{Code}: {Sentence}" : $"{Code} at {Path}: {Sentence}";
}
