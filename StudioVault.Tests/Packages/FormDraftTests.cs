using StudioVault.Domain.Packages;
using StudioVault.Web.Packages.Editing;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>What was typed and not saved, kept as differences.</summary>
public sealed class FormDraftTests
{
    private static readonly PackageContent Base = new("EUR", "Wedding Classic", "A whole day.",
        [new("coverage", "Coverage", ItemKind.Coverage, 1, 1450, Inclusion.Included, [new("edited", "Edited photographs", 450, "JPEG")]), new("album", "Album", ItemKind.Product, 1, 480, Inclusion.AddOn, [])],
        [new("booking", "On booking", 100, InstalmentDue.Booking, 0)], new("IVA", 23, true), new(40, 0.55m), 42, new(365, 365, 30), [new("archive", "Archive", "Kept.")]);

    [Fact]
    public void Everything_typed_comes_back_new_removed_moved_and_unreadable_alike()
    {
        var form = PackageForm.From(Base.ToTree(), "");
        form.TurnaroundDays = "six weeks";
        form.Items[0].Deliverables[0].Quantity = "500";
        form.Items[1].Prices["EUR"] = "5oo";
        form.Items.Insert(0, new FormItem("drone") { Title = "Drone", Prices = new() { ["EUR"] = "190" } });
        form.Clauses.Clear();
        form.Items[0].Deliverables.Add(new FormDeliverable("clip") { Title = "Clip" });

        var draft = FormDraft.Parse(FormDraft.Of(3, Base.ToTree(), form.ToTree()).ToJson())!;
        var again = PackageForm.From(draft.On(Base.ToTree()), "");

        Assert.Equal(3, draft.Revision);
        Assert.True(ContentNode.Same(form.ToTree(), again.ToTree()));
        Assert.Equal(["drone", "coverage", "album"], again.Items.Select(i => i.Id));
        Assert.Equal(("six weeks", "5oo"), (again.TurnaroundDays, again.Items[2].Prices["EUR"]));
    }

    [Fact]
    public void What_does_not_fit_any_more_is_left_out_and_the_rest_comes_back()
    {
        var form = PackageForm.From(Base.ToTree(), "");
        form.Items[1].Title = "Linen album";
        form.TurnaroundDays = "30";
        var draft = FormDraft.Of(1, Base.ToTree(), form.ToTree());

        var again = PackageForm.From(draft.On((Base with { Items = [Base.Items[0]] }).ToTree()), "");

        Assert.Equal("30", again.TurnaroundDays);
        Assert.Equal(["coverage"], again.Items.Select(i => i.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void What_is_no_draft_is_none(string text) => Assert.Null(FormDraft.Parse(text));

    [Fact]
    public void A_branch_package_opened_and_read_again_is_the_same() =>
        Assert.Equal(Base.Hash(), PackageForm.From(Base.ToTree(), "").ReadPackage([])!.Hash());
}
