using System.Globalization;

namespace StudioVault.Domain.Kernel;

/// <summary>An amount in one currency: decimal, never rounded by us, never added across currencies.</summary>
/// <param name="Amount">The amount in major units (12.50 is twelve and a half).</param>
/// <param name="Currency">ISO 4217 code, three capital letters.</param>
public readonly record struct Money(decimal Amount, string Currency)
{
    public static Money operator +(Money a, Money b) =>
        a.Currency == b.Currency ? a with { Amount = a.Amount + b.Amount }
            : throw new InvalidOperationException($"{a.Currency} and {b.Currency} cannot be added.");

    public static Money operator *(Money a, decimal factor) => a with { Amount = a.Amount * factor };

    public override string ToString() => $"{Currency} {Amount.ToString(CultureInfo.InvariantCulture)}";
}
