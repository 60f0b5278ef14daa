using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>Package content as typed records: what is read, what is refused, what has to hold.</summary>
public sealed class ContentTests
{
    [Theory]
    [InlineData("/schema_version", null, "refuse.compatx.missing_payload_version", "/schema_version")]
    [InlineData("/schema_version", "\"2.0.0\"", "refuse.compatx.unsupported_schema_version", "/schema_version")]
    [InlineData("/schema_version", "1", "refuse.compatx.unsupported_schema_version", "/schema_version")]
    [InlineData("/colour", "\"red\"", "unknown_top_level_field", "/colour")]
    [InlineData("/currency", "\"EUR\"", "unknown_top_level_field", "/currency")]
    [InlineData("/name", null, "refuse.package.field_missing", "/name")]
    [InlineData("/name", "null", "refuse.package.field_shape", "/name")]
    [InlineData("/tax/note", "\"x\"", "refuse.package.field_unknown", "/tax/note")]
    [InlineData("/tax", null, "refuse.package.field_missing", "/tax")]
    [InlineData("/tax", "7", "refuse.package.field_shape", "/tax")]
    [InlineData("/tax/ratePercent", "25", "refuse.package.field_shape", "/tax/ratePercent")]
    [InlineData("/items/album/kind", "\"Product\"", "refuse.package.field_shape", "/items/album/kind")]
    [InlineData("/items/album/inclusion", "\"maybe\"", "refuse.package.field_shape", "/items/album/inclusion")]
    [InlineData("/items/album/unitPrice/EUR", "480", "refuse.package.field_shape", "/items/album/unitPrice/EUR")]
    [InlineData("/items/album/unitPrice/EUR", "\"4,80\"", "refuse.package.field_shape", "/items/album/unitPrice/EUR")]
    [InlineData("/items/album/unitPrice/EUR", "\"4e2\"", "refuse.package.field_shape", "/items/album/unitPrice/EUR")]
    [InlineData("/items/album/quantity", "\"1\"", "refuse.package.field_shape", "/items/album/quantity")]
    [InlineData("/turnaroundDays", "4.5", "refuse.package.field_shape", "/turnaroundDays")]
    [InlineData("/items/coverage/deliverables/edited/weight", "1", "refuse.package.field_unknown", "/items/coverage/deliverables/edited/weight")]
    [InlineData("/rules/r", """{"id":"r","path":"/name","mode":"locked","basis":"x","expires":"soon"}""", "refuse.package.field_shape", "/rules/r/expires")]
    public void What_is_no_content_is_refused_with_its_path(string path, string? json, string code, string where)
    {
        var tree = ContentTree.With(PackageStory.Tree(PackageStory.Classic), path, json is null ? null : PackageStory.Node(json))!;
        var refusal = TemplateContent.From(tree).Refusal;
        Assert.Equal((code, where), (refusal?.Code, refusal?.Path));
    }

    [Fact]
    public void All_refusals_are_named_at_once()
    {
        var refusals = new List<Refusal>();
        var tree = Changed(("/name", null), ("/tax/ratePercent", "25"), ("/clauses/cancellation/note", "1"));
        Assert.Null(TemplateContent.Read(tree, refusals));
        Assert.Equal(["/name", "/tax/ratePercent", "/clauses/cancellation/note"], refusals.Select(r => r.Path));
    }

    [Fact]
    public void A_known_older_version_without_a_route_is_refused_as_such()
    {
        var schema = new PayloadSchema("package_content", "1.1.0", ["1.0.0", "1.1.0"]);
        Assert.Equal("refuse.compatx.migration_not_implemented", schema.Check("1.0.0")?.Code);
        Assert.Equal("refuse.compatx.unsupported_schema_version", schema.Check("0.9.0")?.Code);
        Assert.Equal("refuse.compatx.missing_payload_version", schema.Check(null)?.Code);
        Assert.Null(schema.Check("1.1.0"));
    }

    [Theory]
    [InlineData("/depositPlan/booking/percent", "\"29.99\"", "/depositPlan")]
    [InlineData("/depositPlan/booking/percent", "\"0\"", "/depositPlan/booking/percent,/depositPlan")]
    [InlineData("/items/album/unitPrice/EUR", "\"-0.01\"", "/items/album/unitPrice/EUR")]
    [InlineData("/items/album/unitPrice/EUR", "\"10000000.00\"", "/items/album/unitPrice/EUR")]
    [InlineData("/items/album/unitPrice/XYZ", "\"1.00\"", "/items/album/unitPrice/XYZ")]
    [InlineData("/items/album/unitPrice", "{}", "/items/album/unitPrice")]
    [InlineData("/items/album/quantity", "0", "/items/album/quantity")]
    [InlineData("/items/album/quantity", "-1", "/items/album/quantity")]
    [InlineData("/items/coverage/deliverables/edited/quantity", "0", "/items/coverage/deliverables/edited/quantity")]
    [InlineData("/items/album/title", "\"  \"", "/items/album/title")]
    [InlineData("/items/album/title", "\"a\\u0007b\"", "/items/album/title")]
    [InlineData("/items/album/title", "\"a\\nb\"", "/items/album/title")]
    [InlineData("/clauses/cancellation/body", "\"\"", "/clauses/cancellation/body")]
    [InlineData("/clauses/cancellation/body", "\"a\\u0000\"", "/clauses/cancellation/body")]
    [InlineData("/tax/ratePercent", "\"100.01\"", "/tax/ratePercent")]
    [InlineData("/turnaroundDays", "0", "/turnaroundDays")]
    [InlineData("/gallery/onlineDays", "-1", "/gallery/onlineDays")]
    [InlineData("/travel/radiusKm", "-1", "/travel/radiusKm")]
    [InlineData("/items/Big_Album", """{"id":"Big_Album","title":"A","kind":"product","quantity":1,"unitPrice":{"EUR":"1.00"},"inclusion":"included","deliverables":[]}""", "/items/Big_Album/id")]
    [InlineData("/rules/r", """{"id":"r","path":"/nowhere","mode":"locked","basis":"x"}""", "/rules/r/path")]
    [InlineData("/rules/r", """{"id":"r","path":"/name","mode":"bounded","basis":"x","min":"1"}""", "/rules/r/path")]
    [InlineData("/rules/r", """{"id":"r","path":"/travel/radiusKm","mode":"bounded","basis":"x"}""", "/rules/r")]
    [InlineData("/rules/r", """{"id":"r","path":"/travel/radiusKm","mode":"bounded","basis":"x","min":"9","max":"1"}""", "/rules/r/min")]
    [InlineData("/rules/r", """{"id":"r","path":"/items/album/unitPrice","mode":"bounded","basis":"x","min":"9"}""", "/rules/r")]
    [InlineData("/rules/r", """{"id":"r","path":"/name","mode":"local","basis":"x","mandatoryBy":"2026-12-01"}""", "/rules/r/mandatoryBy")]
    public void What_does_not_hold_together_is_named(string path, string json, string where) =>
        Assert.Equal(where.Split(','), TemplateContent.From(Changed((path, json))).Value.Problems().Select(p => p.Path));

    [Fact]
    public void The_classic_holds_together() => Assert.Empty(TemplateContent.Parse(PackageStory.Classic).Value.Problems());

    [Fact]
    public void Instalments_of_thirds_that_make_exactly_the_whole_hold()
    {
        var plan = PackageStory.Node("""[{"id":"a","title":"A","percent":"33.33","due":"booking","dueDays":0},{"id":"b","title":"B","percent":"33.33","due":"delivery","dueDays":0},{"id":"c","title":"C","percent":"33.34","due":"delivery","dueDays":9}]""");
        Assert.Empty(TemplateContent.From(ContentTree.With(PackageStory.Tree(PackageStory.Classic), "/depositPlan", plan)!).Value.Problems());
    }

    [Fact]
    public void Totals_are_exact_sums_in_one_currency()
    {
        var package = TemplateContent.Parse(PackageStory.Classic).Value.ProjectTo("GBP").Value;
        Assert.Equal((new Money(1670.00m, "GBP"), new Money(70.00m, "GBP")), (package.IncludedTotal, package.AddOnsTotal));
        Assert.Equal(33.333m * 3, (package with { Items = [.. package.Items.Select(i => i with { Quantity = 3, UnitPrice = 33.333m }).Take(1)] }).IncludedTotal.Amount);
    }

    [Theory]
    [InlineData("\"480\"", "480.00")]
    [InlineData("\"480.5\"", "480.50")]
    [InlineData("\"480.505\"", "480.505")]
    public void Money_is_spelled_in_one_way_and_never_rounded(string written, string spelled)
    {
        var content = TemplateContent.From(Changed(("/items/album/unitPrice/EUR", written))).Value;
        Assert.Equal(spelled, ((ContentValue)ContentTree.Find(content.ToTree(), "/items/album/unitPrice/EUR")!).Text);
        Assert.Equal(spelled, ((ContentValue)ContentTree.Find(content.ProjectTo("EUR").Value.ToTree(), "/items/album/unitPrice")!).Text);
    }

    [Fact]
    public void The_hash_names_the_content_and_not_its_spelling()
    {
        var hash = TemplateContent.Parse(PackageStory.Classic).Value.Hash();
        Assert.Equal(hash, TemplateContent.From(Changed(("/items/album/unitPrice/EUR", "\"480.0\""), ("/turnaroundDays", "42.0"))).Value.Hash());
        Assert.NotEqual(hash, TemplateContent.From(Changed(("/items/album/unitPrice/EUR", "\"480.01\""))).Value.Hash());
        Assert.Matches("^[0-9a-f]{64}$", hash);
    }

    [Fact]
    public void A_branch_starts_with_its_own_tax_where_tax_is_local()
    {
        var local = PackageStory.Classic.Replace("\"rules\":[]", """
            "rules":[{"id":"t","path":"/tax/name","mode":"local","basis":"x"},{"id":"u","path":"/tax/ratePercent","mode":"local","basis":"x"}]
            """, StringComparison.Ordinal);
        var iva = new TaxTerms("IVA", 23, false);
        Assert.Equal(new TaxTerms("IVA", 23, true), TemplateContent.Parse(local).Value.ProjectTo("EUR", iva).Value.Tax);
        Assert.Equal(new TaxTerms("VAT", 25, true), TemplateContent.Parse(PackageStory.Classic).Value.ProjectTo("EUR", iva).Value.Tax);
    }

    [Fact]
    public void Branch_content_survives_its_stored_form()
    {
        var package = TemplateContent.Parse(PackageStory.Classic).Value.ProjectTo("EUR").Value;
        Assert.Equal(package.ToJson(), PackageContent.Parse(package.ToJson()).Value.ToJson());
        Assert.Empty(package.Problems());
    }

    private static ContentObject Changed(params (string Path, string? Json)[] changes) => changes.Aggregate(PackageStory.Tree(PackageStory.Classic),
        (t, c) => ContentTree.With(t, c.Path, c.Json is null ? null : PackageStory.Node(c.Json))!);
}
