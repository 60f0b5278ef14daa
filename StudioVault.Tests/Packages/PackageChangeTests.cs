using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>Features table A7, package row: MAJOR = gets less, pays more, shorter promise, removed line; MINOR = more or cheaper; PATCH = wording.</summary>
public sealed class PackageChangeTests
{
    private const string NewLine = """{"id":"film","title":"Film","kind":"session","quantity":1,"unitPrice":{"EUR":"PRICE","GBP":"PRICE"},"inclusion":"KIND","deliverables":[]}""";

    [Theory]
    [InlineData(ChangeClass.Patch, "/name", "\"Classic Wedding\"")]
    [InlineData(ChangeClass.Patch, "/description", "\"Other words.\"")]
    [InlineData(ChangeClass.Patch, "/items/album/title", "\"Album in linen\"")]
    [InlineData(ChangeClass.Patch, "/clauses/cancellation/body", "\"You may cancel, at any time!\"")]
    [InlineData(ChangeClass.Patch, "/depositPlan/booking/title", "\"When booking\"")]
    [InlineData(ChangeClass.Minor, "/items/album/unitPrice/EUR", "\"470.00\"")]
    [InlineData(ChangeClass.Minor, "/items/coverage/deliverables/edited/quantity", "451")]
    [InlineData(ChangeClass.Minor, "/items/coverage/deliverables/raw", """{"id":"raw","title":"Raw files","quantity":1,"format":"DNG"}""")]
    [InlineData(ChangeClass.Minor, "/travel/radiusKm", "41")]
    [InlineData(ChangeClass.Minor, "/turnaroundDays", "41")]
    [InlineData(ChangeClass.Minor, "/gallery/originalsDays", "366")]
    [InlineData(ChangeClass.Major, "/items/album/unitPrice/EUR", "\"480.01\"")]
    [InlineData(ChangeClass.Major, "/items/album/unitPrice/GBP", null)]
    [InlineData(ChangeClass.Major, "/items/album", null)]
    [InlineData(ChangeClass.Major, "/items/album/inclusion", "\"add_on\"")]
    [InlineData(ChangeClass.Major, "/items/album/kind", "\"session\"")]
    [InlineData(ChangeClass.Major, "/items/prints/quantity", "19")]
    [InlineData(ChangeClass.Major, "/items/coverage/deliverables/edited/quantity", "449")]
    [InlineData(ChangeClass.Major, "/items/coverage/deliverables/edited/format", "\"JPEG, for the web\"")]
    [InlineData(ChangeClass.Major, "/items/coverage/deliverables/edited", null)]
    [InlineData(ChangeClass.Major, "/travel/radiusKm", "39")]
    [InlineData(ChangeClass.Major, "/travel/pricePerKm/EUR", "\"0.56\"")]
    [InlineData(ChangeClass.Major, "/turnaroundDays", "43")]
    [InlineData(ChangeClass.Major, "/gallery/deletionNoticeDays", "29")]
    [InlineData(ChangeClass.Major, "/clauses/cancellation/body", "\"You may never cancel.\"")]
    [InlineData(ChangeClass.Major, "/clauses/cancellation", null)]
    [InlineData(ChangeClass.Major, "/tax/ratePercent", "\"25.5\"")]
    public void One_change_has_the_class_of_what_it_does_to_the_client(ChangeClass expected, string path, string? json)
    {
        var change = Between(t => ContentTree.With(t, path, json is null ? null : PackageStory.Node(json))!);
        Assert.Equal(expected, change.Class);
        Assert.NotEmpty(change.Reasons);
    }

    [Theory]
    [InlineData("a fee of 50 %", "a fee of €50", ChangeClass.Major)]
    [InlineData("1,500 copies", "1.500 copies", ChangeClass.Major)]
    [InlineData("1½ hours", "1 hours", ChangeClass.Major)]
    [InlineData("children < 14 years", "children > 14 years", ChangeClass.Major)]
    [InlineData("10-20 people", "10 20 people", ChangeClass.Major)]
    [InlineData("at 14:30", "at 1430", ChangeClass.Major)]
    [InlineData("a discount of .5 %", "a discount of 5 %", ChangeClass.Major)]
    [InlineData("from -5 °C", "from 5 °C", ChangeClass.Major)]
    [InlineData("prints of 10\"", "prints of 10", ChangeClass.Major)]
    [InlineData("you resign", "you re-sign", ChangeClass.Major)]
    [InlineData("10 m²", "10 m2", ChangeClass.Major)]
    [InlineData("the client & the studio", "the client the studio", ChangeClass.Major)]
    [InlineData("photos (edited)", "photos edited", ChangeClass.Major)]
    [InlineData("It’s yours: cancel – in writing!", "It's yours; cancel, in writing.", ChangeClass.Patch)]
    [InlineData("Within 14 days.  In writing", "within 14 days,\nin writing?", ChangeClass.Patch)]
    [InlineData("“Free” means 50 %", "\"Free\" means 50%", ChangeClass.Patch)]
    public void Only_punctuation_that_carries_no_meaning_is_wording_in_a_clause(string before, string after, ChangeClass expected)
    {
        ContentObject With(string body) => ContentTree.With(PackageStory.Tree(PackageStory.Classic), "/clauses/cancellation/body", ContentValue.String(body))!;
        Assert.Equal(expected, PackageChange.Between(TemplateContent.From(With(before)).Value, TemplateContent.From(With(after)).Value).Class);
        Assert.Equal(expected, PackageChange.Between(TemplateContent.From(With(after)).Value, TemplateContent.From(With(before)).Value).Class);
    }

    [Theory]
    [InlineData(ChangeClass.Minor, "add_on", "900.00")]
    [InlineData(ChangeClass.Minor, "included", "0.00")]
    [InlineData(ChangeClass.Major, "included", "900.00")]
    public void A_new_line_is_harm_only_where_it_raises_the_price(ChangeClass expected, string inclusion, string price) =>
        Assert.Equal(expected, Between(t => ContentTree.With(t, "/items/film",
            PackageStory.Node(NewLine.Replace("KIND", inclusion, StringComparison.Ordinal).Replace("PRICE", price, StringComparison.Ordinal)))!).Class);

    [Theory]
    [InlineData(ChangeClass.Minor, "20", "80", 30)]  // less at booking
    [InlineData(ChangeClass.Minor, "30", "70", 20)]  // the rest later
    [InlineData(ChangeClass.Major, "40", "60", 30)]  // more at booking
    [InlineData(ChangeClass.Major, "30", "70", 31)]  // the rest earlier
    [InlineData(ChangeClass.Major, "20", "80", 31)]  // less at booking, the rest earlier
    public void A_payment_plan_is_no_harm_only_where_nothing_falls_due_earlier(ChangeClass expected, string booking, string balance, int days) =>
        Assert.Equal(expected, Between(t => Set(t, ("/depositPlan/booking/percent", $"\"{booking}\""), ("/depositPlan/balance/percent", $"\"{balance}\""), ("/depositPlan/balance/dueDays", $"{days}"))).Class);

    [Fact]
    public void Moving_money_from_delivery_to_before_the_event_is_harm()
    {
        const string plan = """[{"id":"booking","title":"A","percent":"30","due":"booking","dueDays":0},{"id":"before","title":"B","percent":"X","due":"days_before_event","dueDays":60},{"id":"after","title":"C","percent":"Y","due":"delivery","dueDays":0}]""";
        ContentObject Plan(string x, string y) => ContentTree.With(PackageStory.Tree(PackageStory.Classic), "/depositPlan",
            PackageStory.Node(plan.Replace("X", x, StringComparison.Ordinal).Replace("Y", y, StringComparison.Ordinal)))!;
        Assert.Equal(ChangeClass.Major, PackageChange.Between(TemplateContent.From(Plan("10", "60")).Value, TemplateContent.From(Plan("60", "10")).Value).Class);
        Assert.Equal(ChangeClass.Minor, PackageChange.Between(TemplateContent.From(Plan("60", "10")).Value, TemplateContent.From(Plan("10", "60")).Value).Class);
    }

    [Fact]
    public void The_worst_change_gives_the_class_and_every_reason_is_named()
    {
        var change = Between(t => Set(t, ("/description", "\"New.\""), ("/travel/radiusKm", "60"), ("/turnaroundDays", "50")));
        Assert.Equal(ChangeClass.Major, change.Class);
        Assert.Equal([("/description", ChangeClass.Patch), ("/travel/radiusKm", ChangeClass.Minor), ("/turnaroundDays", ChangeClass.Major)], change.Reasons.Select(r => (r.Path, r.Class)));
    }

    [Fact]
    public void Nothing_changed_is_no_change() => Assert.True(Between(t => t).IsEmpty);

    private static PackageChange Between(Func<ContentObject, ContentObject> edit)
    {
        var tree = PackageStory.Tree(PackageStory.Classic);
        return PackageChange.Between(TemplateContent.From(tree).Value, TemplateContent.From(edit(tree)).Value);
    }

    private static ContentObject Set(ContentObject tree, params (string Path, string Json)[] changes) =>
        changes.Aggregate(tree, (t, c) => ContentTree.With(t, c.Path, PackageStory.Node(c.Json))!);
}
