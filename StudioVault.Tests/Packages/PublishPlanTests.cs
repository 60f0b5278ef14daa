using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Organization;
using StudioVault.Web.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

public sealed class PublishPlanTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly BranchView[] Group = [Branch("porto", "EUR"), Branch("berlin", "EUR", Ownership.Independent), Branch("malmo", "SEK"), Branch("leeds", "GBP")];

    [Fact]
    public void Every_missing_price_is_named_once_with_all_its_currencies()
    {
        var blocking = PublishPlan.Blocking(Content(), Group, Today);
        Assert.Equal(["/items/coverage/unitPrice", "/items/album/unitPrice", "/travel/pricePerKm"], blocking.Select(r => r.Path));
        Assert.All(blocking, r => Assert.Contains("GBP, SEK", r.Sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void Branches_whose_currency_has_every_price_can_still_be_reached() =>
        Assert.Equal(["porto", "berlin"], PublishPlan.Reachable(Content(), Group, Today).Select(b => b.Slug));

    [Fact]
    public void A_floor_under_a_price_blocks_independent_branches_only()
    {
        var content = Content(c => c["rules"]!.AsArray().Add(JsonNode.Parse("""{"id":"floor","path":"/items/coverage/unitPrice","mode":"bounded","minPercent":"-5","basis":"Brand"}""")));
        var refusal = Assert.Single(PublishPlan.Blocking(content, [Group[0], Group[1]], Today));
        Assert.Equal(PricingRefusals.Rpm, refusal.Kind);
        Assert.Equal("/items/coverage/unitPrice", PublishPlan.FieldOf(refusal, content));
        Assert.Empty(PublishPlan.Blocking(content, [Group[0]], Today));
        Assert.Equal(["porto"], PublishPlan.Reachable(content, Group, Today).Select(b => b.Slug));
    }

    [Fact]
    public void A_wave_in_the_address_survives_names_that_no_longer_exist()
    {
        Assert.Equal("malmo,leeds", PublishPlan.Spell([Group[2], Group[3]]));
        Assert.Equal(["porto", "leeds"], PublishPlan.Read("leeds,atlantis,porto", Group).Select(b => b.Slug));
        Assert.Empty(PublishPlan.Read(null, Group));
    }

    [Theory]
    [InlineData("5", 5)]
    [InlineData(" v5 ", 5)]
    [InlineData("5.0", 0)]
    [InlineData("-5", 0)]
    [InlineData("", 0)]
    public void The_typed_version_is_a_plain_number(string typed, int version) => Assert.Equal(version, PublishPlan.TypedVersion(typed));

    private static TemplateContent Content(Action<JsonObject>? change = null) => TemplateContent.From(PackageFormTests.Tree(change)).Value;

    private static BranchView Branch(string slug, string currency, Ownership ownership = Ownership.Company) =>
        new(BranchId.New(), slug, slug, slug, "XX", currency, "UTC", ownership, "EU", "VAT", 20m, null);
}
