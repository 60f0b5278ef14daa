using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Demo;
using StudioVault.Web.Packages.Editing;
using Xunit;

namespace StudioVault.Tests.Packages;

public sealed class PackageFormTests
{
    [Fact]
    public void Opening_and_saving_changes_nothing_in_any_template_of_the_group() => Assert.All(DemoGroup.Load(new DateOnly(2026, 11, 21)).Templates.SelectMany(t => t.Versions), v =>
    {
        var content = TemplateContent.From(ContentTree.From(v.Content).Value).Value;
        var again = PackageForm.From(content.ToTree(), "").Read([]);
        Assert.NotNull(again);
        Assert.Equal(content.Hash(), again.Hash());
    });

    [Theory]
    [InlineData("512,50", "512.50")]
    [InlineData("1 450", "1450.00")]
    [InlineData("480", "480.00")]
    [InlineData("0.5", "0.50")]
    public void Prices_are_read_as_people_type_them(string typed, string stored)
    {
        var form = Wedding();
        form.Items[1].Prices["EUR"] = typed;
        Assert.Equal(stored, ContentWords.Money(form.Read([])!.Items[1].UnitPrice["EUR"]));
        Assert.Equal(typed, form.Items[1].Prices["EUR"]);
    }

    [Fact]
    public void What_cannot_be_read_is_refused_at_its_field_and_stays_as_typed()
    {
        var form = Wedding();
        form.Items[1].Prices["EUR"] = "about 500";
        form.TurnaroundDays = "six weeks";
        List<Refusal> unreadable = [];
        Assert.Null(form.Read(unreadable));
        Assert.Equal(["/items/album/unitPrice/EUR", "/turnaroundDays"], unreadable.Select(r => r.Path));
        var again = PackageForm.From(form.ToTree(), "");
        Assert.Equal(("about 500", "six weeks"), (again.Items[1].Prices["EUR"], again.TurnaroundDays));
    }

    [Fact]
    public void An_empty_price_is_no_price_and_not_zero()
    {
        var form = Wedding();
        form.Items[1].Prices["GBP"] = " ";
        Assert.Equal(["EUR"], form.Read([])!.Items[1].UnitPrice.Keys);
    }

    [Theory]
    [InlineData("Zweite Fotografin, ½ Tag", "zweite-fotografin-tag")]
    [InlineData("Álbum de família", "album-de-familia")]
    [InlineData("  30 × 30 cm!  ", "30-30-cm")]
    [InlineData("***", "entry")]
    public void An_id_is_made_from_the_title(string title, string id) => Assert.Equal(id, Wedding().NewId("/items", title, []));

    [Fact]
    public void An_id_is_never_given_twice_nor_again_after_its_line_was_removed()
    {
        var form = Wedding();
        Assert.Equal("album-2", form.NewId("/items", "Album", form.Items.Select(i => i.Id)));
        form.PublishedIds = new[] { (List: "/items", Id: "frame") }.ToLookup(x => x.List, x => x.Id);
        Assert.Equal("frame-2", form.NewId("/items", "Frame", form.Items.Select(i => i.Id)));
        Assert.Equal("frame", form.NewId("/clauses", "Frame", []));
    }

    [Fact]
    public void Letting_branches_decide_takes_the_rule_away()
    {
        var form = Wedding();
        form.SetMode("/turnaroundDays", FieldMode.Locked);
        Assert.Equal(FieldMode.Locked, form.RuleOn("/turnaroundDays")?.Mode);
        form.SetMode("/turnaroundDays", FieldMode.Inherit);
        Assert.Null(form.RuleOn("/turnaroundDays"));
    }

    [Fact]
    public void Another_mode_keeps_the_reason_and_drops_what_only_the_old_one_knew()
    {
        var form = Wedding();
        form.SetMode("/turnaroundDays", FieldMode.Locked);
        var rule = form.RuleOn("/turnaroundDays")!;
        (rule.Basis, rule.MandatoryBy) = ("Brand promise", "2027-01-01");
        form.SetMode("/turnaroundDays", FieldMode.Bounded);
        (rule.Min, rule.Max) = ("14", "60");
        Assert.Equal(("Brand promise", ""), (rule.Basis, rule.MandatoryBy));
        Assert.Empty(form.Read([])!.Problems());
        form.SetMode("/turnaroundDays", FieldMode.Local);
        Assert.Equal(("", ""), (rule.Min, rule.Max));
        Assert.Empty(form.Read([])!.Problems());
    }

    [Fact]
    public void Rules_leave_with_the_line_they_speak_of()
    {
        var form = Wedding();
        Assert.Equal(["album"], form.TakeRulesUnder("/items/album").Select(r => r.Id));
        Assert.DoesNotContain(form.Rules, r => r.Path.StartsWith("/items/album", StringComparison.Ordinal));
        Assert.Equal(2, form.Rules.Count);
    }

    internal static PackageForm Wedding(Action<JsonObject>? change = null) => PackageForm.From(Tree(change), "");

    internal static ContentObject Tree(Action<JsonObject>? change = null)
    {
        var json = Support.PackagesTest.WeddingContent();
        change?.Invoke(json);
        return ContentTree.From(json).Value;
    }
}
