using System.Globalization;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>What the next version's class is computed against, also where versions in between were called back.</summary>
public sealed class ChangeBasisTests
{
    [Fact]
    public void A_slip_that_was_called_back_does_not_make_a_raised_price_a_cheaper_one()
    {
        var basis = ChangeBasis.Of([new(1, Album(640), false), new(2, Album(6400), true)]);
        var change = basis.ChangeTo(Album(690))!;
        Assert.Equal((ChangeClass.Major, 1), (change.Class, basis.Standing));
        Assert.Contains("EUR 640.00 before, 690.00 now", Assert.Single(change.Reasons).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_graver_for_those_who_took_a_version_called_back_counts_and_says_so()
    {
        var basis = ChangeBasis.Of([new(1, Album(640), false), new(2, Album(650), true), new(3, Album(640, 40), true)]);
        var change = basis.ChangeTo(Album(640, 41))!;
        Assert.Equal(ChangeClass.Major, change.Class);
        Assert.Equal(["/turnaroundDays", "/turnaroundDays"], change.Reasons.Select(r => r.Path));
        Assert.Equal((ChangeClass.Minor, ChangeClass.Major), (change.Reasons[0].Class, change.Reasons[1].Class));
        Assert.EndsWith("(For whoever took version 3, called back.)", change.Reasons[1].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Back_to_what_was_said_before_a_version_called_back_is_a_change()
    {
        var basis = ChangeBasis.Of([new(1, Album(640), false), new(2, Album(600), true)]);
        var change = basis.ChangeTo(Album(640))!;
        Assert.False(change.IsEmpty);
        Assert.Equal(ChangeClass.Major, change.Class);
        Assert.Contains("version 2, called back", Assert.Single(change.Reasons).Sentence, StringComparison.Ordinal);
        Assert.True(basis.ChangeTo(Album(600))!.IsEmpty);
    }

    [Fact]
    public void Older_versions_than_the_newest_that_is_not_called_back_do_not_count()
    {
        var basis = ChangeBasis.Of([new(3, Album(640), false), new(1, Album(600), false), new(2, Album(500), true)]);
        Assert.Equal(ChangeClass.Minor, basis.ClassOf(Album(630)));
        Assert.Equal(640m, basis.Last!.Items.Single(i => i.Id == "album").UnitPrice["EUR"]);
    }

    [Fact]
    public void Where_every_version_is_called_back_all_of_them_count_and_without_one_nothing_does()
    {
        var basis = ChangeBasis.Of([new(1, Album(600), true), new(2, Album(640), true)]);
        Assert.Equal((0, ChangeClass.Major), (basis.Standing, basis.ClassOf(Album(630))));
        var none = ChangeBasis.Of([]);
        Assert.Equal((0, ChangeClass.Minor), (none.Standing, none.ClassOf(Album(630))));
        Assert.Null(none.ChangeTo(Album(630)));
        Assert.Null(none.Last);
    }

    private static TemplateContent Album(int price, int turnaround = 42)
    {
        var content = PackagesTest.WeddingContent();
        PackagesTest.In(content, "items", "album")["unitPrice"]!["EUR"] = price.ToString(CultureInfo.InvariantCulture) + ".00";
        content["turnaroundDays"] = turnaround;
        return TemplateContent.Parse(content.ToJsonString()).Value;
    }
}
