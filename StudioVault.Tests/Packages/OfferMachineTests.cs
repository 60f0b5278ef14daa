using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>Features table A2.</summary>
public sealed class OfferMachineTests
{
    private static readonly (OfferState, OfferVerb, OfferState)[] Allowed =
    [
        (OfferState.Offered, OfferVerb.View, OfferState.Viewed),
        (OfferState.Offered, OfferVerb.Ignore, OfferState.Ignored),
        (OfferState.Offered, OfferVerb.Snooze, OfferState.Snoozed),
        (OfferState.Offered, OfferVerb.Supersede, OfferState.Superseded),
        (OfferState.Offered, OfferVerb.Yank, OfferState.Yanked),
        (OfferState.Viewed, OfferVerb.View, OfferState.Viewed),
        (OfferState.Viewed, OfferVerb.Accept, OfferState.Accepted),
        (OfferState.Viewed, OfferVerb.AcceptPart, OfferState.PartlyAccepted),
        (OfferState.Viewed, OfferVerb.Ignore, OfferState.Ignored),
        (OfferState.Viewed, OfferVerb.Snooze, OfferState.Snoozed),
        (OfferState.Viewed, OfferVerb.Supersede, OfferState.Superseded),
        (OfferState.Viewed, OfferVerb.Yank, OfferState.Yanked),
        (OfferState.Snoozed, OfferVerb.Snooze, OfferState.Snoozed),
        (OfferState.Snoozed, OfferVerb.Wake, OfferState.Offered),
        (OfferState.Snoozed, OfferVerb.Supersede, OfferState.Superseded),
        (OfferState.Snoozed, OfferVerb.Yank, OfferState.Yanked),
        (OfferState.Accepted, OfferVerb.Undo, OfferState.Viewed),
        (OfferState.PartlyAccepted, OfferVerb.Undo, OfferState.Viewed),
        (OfferState.Ignored, OfferVerb.Undo, OfferState.Viewed),
    ];

    public static TheoryData<OfferState, OfferVerb> Pairs
    {
        get
        {
            var pairs = new TheoryData<OfferState, OfferVerb>();
            foreach (var state in Enum.GetValues<OfferState>())
            {
                foreach (var verb in Enum.GetValues<OfferVerb>()) pairs.Add(state, verb);
            }
            return pairs;
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public void Every_pair_of_state_and_verb_leads_somewhere_or_is_refused(OfferState state, OfferVerb verb)
    {
        var next = OfferMachine.Next(state, verb);
        var allowed = Allowed.Where(a => a.Item1 == state && a.Item2 == verb).ToArray();
        if (allowed is [var (_, _, expected)]) Assert.Equal(expected, next.Value);
        else Assert.StartsWith("refuse.package.", next.Refusal?.Code, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_but_taking_it_back_leads_out_of_a_closed_state() => Assert.All(
        Enum.GetValues<OfferState>().Where(s => !OfferMachine.IsOpen(s)).SelectMany(s => Enum.GetValues<OfferVerb>().Where(v => v != OfferVerb.Undo), (s, v) => OfferMachine.Next(s, v)),
        result => Assert.True(result.IsRefused));

    [Theory]
    [InlineData(OfferState.Yanked, OfferVerb.Accept, "refuse.package.yanked")]
    [InlineData(OfferState.Superseded, OfferVerb.Accept, "refuse.package.superseded")]
    [InlineData(OfferState.Accepted, OfferVerb.Ignore, "refuse.package.offer_closed")]
    [InlineData(OfferState.Offered, OfferVerb.Accept, "refuse.package.not_viewed")]
    [InlineData(OfferState.Snoozed, OfferVerb.Accept, "refuse.package.offer_snoozed")]
    [InlineData(OfferState.Viewed, OfferVerb.Wake, "refuse.package.not_snoozed")]
    [InlineData(OfferState.Viewed, OfferVerb.Undo, "refuse.package.nothing_to_undo")]
    [InlineData(OfferState.Snoozed, OfferVerb.Undo, "refuse.package.nothing_to_undo")]
    [InlineData(OfferState.Yanked, OfferVerb.Undo, "refuse.package.yanked")]
    public void A_refusal_says_why(OfferState state, OfferVerb verb, string code) => Assert.Equal(code, OfferMachine.Next(state, verb).Refusal?.Code);
}
