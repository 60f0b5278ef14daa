using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;

namespace StudioVault.Tests.Agreements;

/// <summary>One amendment of a random family; the numbers choose among what can be amended.</summary>
public sealed record AmendmentPick(int Kind, int Day, int Number, bool Prevails)
{
    public override string ToString() => $"{Kind}/{Day}/{Number}/{(Prevails ? "!" : "")}";
}

/// <summary>An agreement with random amendments of every kind on random days, many of them out of the order of their effect.</summary>
public static class AgreementFamily
{
    private static readonly DateOnly First = new(2027, 1, 1);

    public static DateOnly LastDay => First.AddDays(20);

    public static void Holds(Func<AgreementChain, bool> law, int cases = 400) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(cases).WithEndSize(24), Prop.ForAll(Picks, picks => law(Build(picks))));

    public static IEnumerable<DateOnly> Days => Enumerable.Range(-1, 22).Select(First.AddDays).Append(DateOnly.MaxValue);

    private static Arbitrary<AmendmentPick[]> Picks { get; } = Arb.From(
        Gen.ArrayOf(
            from kind in Gen.Choose(0, 7)
            from day in Gen.Choose(0, 20)
            from number in Gen.Choose(0, 9)
            from prevails in Gen.Elements(true, false)
            select new AmendmentPick(kind, day, number, prevails)),
        picks => picks.Select((_, i) => picks.Where((_, j) => j != i).ToArray()));

    /// <summary>Takes every pick the chain does not refuse: what is refused is no part of the family.</summary>
    private static AgreementChain Build(AmendmentPick[] picks)
    {
        var chain = new AgreementChain(AgreementSamples.Sousa);
        foreach (var pick in picks)
        {
            var on = First.AddDays(pick.Day);
            var operations = Operations(AgreementContent.From(chain.On(on).Content).Value, pick);
            var choices = chain.Overtaken(on, operations).Select(o => (o.Version, pick.Prevails ? Precedence.ThisPrevails : Precedence.LaterStands)).ToArray();
            chain.Append(AgreementSamples.Amend(chain, (AmendmentKind)pick.Kind, on, operations, pick.Kind == 0 ? PriceBasis.Original : PriceBasis.None, choices));
        }

        return chain;
    }

    private static IReadOnlyList<AmendmentOperation> Operations(AgreementContent now, AmendmentPick pick) => (AmendmentKind)pick.Kind switch
    {
        AmendmentKind.Reschedule => Amendments.Reschedule(now, pick.Number == 0 ? null : AgreementSamples.Wedding.AddDays(pick.Number), now.Event.StartsAt, pick.Number > 5 ? "Casa da Música" : now.Event.Venue, null),
        AmendmentKind.Hours => Amendments.Hours(now, 6 + pick.Number, [.. now.Items.Select(i => i.Id == "coverage" ? i with { Title = $"{6 + pick.Number} hours of coverage" } : i)]),
        AmendmentKind.SubstituteLead => Amendments.SubstituteLead(now, $"Photographer {pick.Number}"),
        AmendmentKind.PackageChange => Lines(now, pick.Number),
        AmendmentKind.PaymentPlan => Amendments.PaymentPlan(now, Paid(now, pick.Number)),
        AmendmentKind.PartyChange => Amendments.PartyChange(now, pick.Number < 5
            ? [.. now.Parties.Where(p => p.Id != "mother"), new("mother", PartyRole.Payer, $"Helena Sousa {pick.Number}", "helena@sousa.example", false, "")]
            : [.. now.Parties.Where(p => p.Id != "mother")]),
        AmendmentKind.UsageLicence => Amendments.UsageLicence(now, $"For use {pick.Number}."),
        _ => Amendments.Clauses(now, pick.Number < 7 ? [.. now.Clauses.Where(c => c.Id != "drone"), new("drone", "Drone", $"Flights: {pick.Number}.")] : [.. now.Clauses.Where(c => c.Id != "drone")]),
    };

    // Lines and payments in one amendment, or the sums would not hold together.
    private static IReadOnlyList<AmendmentOperation> Lines(AgreementContent now, int number)
    {
        var lines = number < 5 ? [.. now.Items.Where(i => i.Id != "prints"), new AgreementItem("prints", "Prints", ItemKind.Product, number + 1, 25, [])] : now.Items.Where(i => i.Id != "prints").ToList();
        return [.. Amendments.Lines(now, lines), .. Amendments.PaymentPlan(now, Paid(now with { Items = lines }, number))];
    }

    private static ScheduledPayment[] Paid(AgreementContent now, int number) =>
        [new("booking", "On booking", 100 * (number + 1), InstalmentDue.Booking, 0, null), new("balance", "Before the day", now.Total.Amount - (100 * (number + 1)), InstalmentDue.DaysBeforeEvent, 30 + number, null)];
}
