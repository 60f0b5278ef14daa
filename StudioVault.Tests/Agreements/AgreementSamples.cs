using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;

namespace StudioVault.Tests.Agreements;

/// <summary>A wedding in Porto, and whoever signs for it.</summary>
internal static class AgreementSamples
{
    public static readonly DateOnly Wedding = new(2027, 6, 12);

    public static AgreementContent Sousa { get; } = new(
        "PRT-2026-0042",
        new("Northlight Porto", "Rua das Flores 112, 4050-262 Porto", "porto@northlight.example", "PT", "Europe/Lisbon"),
        [
            new("marta", PartyRole.Client, "Marta Sousa", "marta@sousa.example", false, ""),
            new("joao", PartyRole.Client, "João Reis", "joao@reis.example", false, ""),
        ],
        new("Wedding of Marta and João", Wedding, "14:00", 8, "Quinta da Aveleda, Penafiel", "Ana Moreira"),
        new(new DateOnly(2026, 11, 21), "wedding-classic", 4, 3, new string('a', 64)),
        "EUR",
        [
            new("coverage", "Full-day coverage", ItemKind.Coverage, 1, 1450, [new("edited", "Edited photographs", 450, "JPEG, full resolution")]),
            new("album", "Linen album", ItemKind.Product, 1, 520, []),
        ],
        new("IVA", 23, true),
        [
            new("booking", "On booking", 591, InstalmentDue.Booking, 0, null),
            new("balance", "Before the day", 1379, InstalmentDue.DaysBeforeEvent, 30, null),
        ],
        new(40, 0.55m),
        42,
        new(365, 365, 30),
        "For private use.",
        new(WithdrawalRegime.Exempt, 0, "A service of leisure on a fixed day (Directive 2011/83/EU, Article 16 l)."),
        [
            new("rescheduling", "Rescheduling", "A new date is agreed in writing."),
            new("cancellation", "Cancellation", "You may cancel in writing."),
        ],
        [new("privacy", "Privacy", "3")]);

    public static AmendmentContent Amend(AgreementChain chain, AmendmentKind kind, DateOnly on, IReadOnlyList<AmendmentOperation> operations, PriceBasis basis = PriceBasis.None,
        params (int Version, Precedence Choice)[] choices) =>
        new(chain.First.Number, chain.Head + 1, chain.HeadHash, kind, on, "Agreed on the phone.", basis, operations, choices.ToDictionary(c => c.Version, c => c.Choice));
}
