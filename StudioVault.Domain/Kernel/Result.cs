using System.Diagnostics.CodeAnalysis;

namespace StudioVault.Domain.Kernel;

/// <summary>Either a value or a <see cref="Kernel.Refusal"/>. The one result type of the product: plain <c>if</c>, no chains.</summary>
public readonly struct Result<T>
{
    private readonly T? _value;

    private Result(T? value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>The refusal, or null when there is a value.</summary>
    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    public bool IsRefused => Refusal is not null;

    /// <summary>The value; asking a refused result for it is a bug and throws.</summary>
    public T Value => Refusal is null ? _value! : throw new InvalidOperationException($"The result was refused: {Refusal}");

    /// <summary>True and the value, or false and the refusal.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out Refusal? refusal)
    {
        value = _value;
        refusal = Refusal;
        return refusal is null;
    }

    internal static Result<T> Of(T value) => new(value, null);

    public static implicit operator Result<T>(T value) => new(value, null);
    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal ?? throw new ArgumentNullException(nameof(refusal)));
    public static implicit operator Result<T>(RefusalKind kind) => new(default, kind);
}

/// <summary>Makes results where the compiler cannot: of a value whose type is an interface.</summary>
public static class Result
{
    public static Result<T> Of<T>(T value) => Result<T>.Of(value);
}

/// <summary>The value of a command that answers with nothing but "done".</summary>
public readonly record struct Done
{
    public static readonly Done It;
}
