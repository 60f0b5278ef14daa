using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>The marks of a branch package's fields, without a database.</summary>
public sealed class PackageStandingTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);

    [Fact]
    public void A_field_that_says_what_HQ_says_is_inherited_and_not_counted_as_own()
    {
        var standing = Of(c => c);

        Assert.Equal(0, standing.OwnCount);
        Assert.All(standing.Fields, f => Assert.False(f.IsOwn));
        Assert.Contains(standing.Fields, f => f is { Path: "/turnaroundDays", Mode: FieldMode.Inherit });
    }

    [Fact]
    public void Every_own_value_added_element_removed_element_and_reordered_list_counts_once()
    {
        var standing = Of(c => c with
        {
            TurnaroundDays = 21,
            Items = [c.Items[1] with { UnitPrice = 500 }, c.Items[0], new("drone", "Drone", ItemKind.Product, 1, 90, Inclusion.AddOn, [])],
            Clauses = [c.Clauses[1]],
        });

        Assert.Equal(["/items", "/items/album/unitPrice", "/items/drone", "/turnaroundDays", "/clauses/archive"],
            standing.Reordered.Concat(standing.Fields.Where(f => f.IsOwn).Select(f => f.Path)));
        Assert.Equal(5, standing.OwnCount);
        Assert.Null(standing.At("/items/drone").Hq);
        Assert.Equal("/clauses/archive", Assert.Single(standing.Missing("/clauses")).Path);
    }

    [Fact]
    public void A_bounded_price_carries_its_limits_in_the_currency_of_the_branch()
    {
        var album = Of(c => c).At("/items/album/unitPrice");

        Assert.Equal((FieldMode.Bounded, (432m, 576m)), (album.Mode, (album.Bounds!.Value.Lowest, album.Bounds.Value.Highest)));
        Assert.Equal("Brand", album.Rule!.Basis);
    }

    [Fact]
    public void A_lock_past_its_last_day_marks_nothing_any_more()
    {
        Assert.True(Of(c => c).At("/clauses/cancellation/body").IsLocked);
        Assert.Equal(FieldMode.Inherit, Of(c => c, today: new(2028, 1, 1)).At("/clauses/cancellation/body").Mode);
    }

    [Fact]
    public void A_line_with_a_locked_field_inside_is_locked_itself_so_that_it_cannot_be_taken_out() =>
        Assert.True(Of(c => c).At("/clauses/cancellation").IsLocked);

    private static PackageStanding Of(Func<PackageContent, PackageContent> edit, DateOnly? today = null)
    {
        var hq = new PackageContent("EUR", "Wedding Classic", "A whole day.",
            [new("coverage", "Coverage", ItemKind.Coverage, 1, 1450, Inclusion.Included, []), new("album", "Album", ItemKind.Product, 1, 480, Inclusion.AddOn, [])],
            [new("booking", "On booking", 100, InstalmentDue.Booking, 0)], new("IVA", 23, true), new(40, 0.55m), 42, new(365, 365, 30),
            [new("archive", "Archive", "Kept."), new("cancellation", "Cancellation", "In writing.")]);
        FieldRule[] rules =
        [
            new("cancel", "/clauses/cancellation/body", FieldMode.Locked, "Consumer law", Expires: new(2027, 12, 31)),
            new("album", "/items/album/unitPrice", FieldMode.Bounded, "Brand", MinPercent: -10, MaxPercent: 20),
        ];
        return PackageStanding.Of(edit(hq), hq, new FieldRules(rules, today ?? Today));
    }
}
