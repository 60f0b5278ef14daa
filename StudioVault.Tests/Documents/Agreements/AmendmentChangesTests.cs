using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.Tests.Agreements;
using StudioVault.Web.Documents.Agreements;
using Xunit;

namespace StudioVault.Tests.Documents.Agreements;

public sealed class AmendmentChangesTests
{
    [Fact]
    public void Says_every_change_in_words_with_both_sides()
    {
        var chain = PaperSamples.Sousa(0);
        var changes = Of(chain, PaperSamples.Longer(chain));
        Assert.Contains(new(ChangeFate.Changed, "Hours of coverage", "8 hours", "10 hours"), changes.Lines);
        Assert.Contains(new(ChangeFate.Changed, "Ten hours of coverage: title", "Full-day coverage", "Ten hours of coverage"), changes.Lines);
        Assert.Contains(new(ChangeFate.Changed, "Ten hours of coverage: unit price", "€1,450.00", "€1,690.00"), changes.Lines);
        Assert.Contains(new(ChangeFate.Added, "Fine art prints", null, "2 × €45.00 = €90.00; 20 Print, A4, cotton"), changes.Lines);
        Assert.Contains(new(ChangeFate.Changed, "Total", "€1,970.00", "€2,300.00"), changes.Lines);
        Assert.Equal([("Rescheduling", ChangeFate.Changed), ("Drone", ChangeFate.Added), ("Cancellation", ChangeFate.Removed)], changes.Texts.Select(t => (t.Title, t.Fate)));
    }

    [Fact]
    public void A_day_that_is_given_up_reads_as_open()
    {
        var chain = PaperSamples.Sousa(0);
        var amendment = AgreementSamples.Amend(chain, AmendmentKind.Reschedule, new(2027, 1, 1), Amendments.Reschedule(chain.First, null, "14:00", "Quinta da Aveleda, Penafiel", null), PriceBasis.Original);
        Assert.Equal([new(ChangeFate.Changed, "Day", "Saturday, 12 June 2027", "still to be found")], Of(chain, amendment).Lines);
    }

    [Fact]
    public void What_is_set_to_what_it_is_already_is_signed_all_the_same_and_so_it_is_shown()
    {
        var chain = PaperSamples.Sousa(0);
        var amendment = AgreementSamples.Amend(chain, AmendmentKind.SubstituteLead, new(2027, 1, 1), [AmendmentOperation.Set("/event/lead", "Rui Costa"), AmendmentOperation.Set("/event/startsAt", "14:00")]);
        Assert.Equal([new(ChangeFate.Changed, "Photographer", "Ana Moreira", "Rui Costa"), new(ChangeFate.Confirmed, "Start", "14:00", "14:00")], Of(chain, amendment).Lines);
    }

    [Fact]
    public void No_operation_of_any_family_goes_unsaid() => AgreementFamily.Holds(chain =>
    {
        var soFar = new AgreementChain(chain.First);
        foreach (var amendment in chain.Amendments)
        {
            var changes = Of(soFar, amendment);
            var touched = amendment.Operations.Select(o => TreePath.Names(o.Path)!).GroupBy(n => n[0] is "clauses" or "licence").ToDictionary(g => g.Key, g => g.Select(n => TreePath.Of(n.Take(2))).Distinct().Count());
            if (changes.Texts.Count != touched.GetValueOrDefault(true) || changes.Lines.Count(l => l.Label != "Total") < touched.GetValueOrDefault(false)) return false;
            if (changes.Lines.Any(l => l.Label.StartsWith('/') || l.Before is "" || l.After is "")) return false;
            soFar.Append(amendment);
        }

        return true;
    }, cases: 100);

    private static AmendmentChanges Of(AgreementChain chain, AmendmentContent amendment)
    {
        var setting = AmendmentSetting.Of(chain, amendment);
        return AmendmentChanges.Between(setting.Before, setting.After, amendment.Operations);
    }
}
