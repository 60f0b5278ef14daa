using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Demo;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>The demo group's content is content like any other.</summary>
public sealed class DemoContentTests
{
    private static readonly DemoGroup Group = DemoGroup.Load(new DateOnly(2026, 11, 21));

    [Fact]
    public void Every_version_reads_holds_together_and_can_be_sold_in_every_currency_of_the_group()
    {
        var currencies = Group.Branches.Select(b => b.Currency).Distinct().ToArray();
        Assert.All(Group.Templates.SelectMany(t => t.Versions.Select(v => v.Content).Concat(t.Draft is { } d ? [d.Content] : [])), json =>
        {
            var read = TemplateContent.From(ContentTree.From(json).Value);
            Assert.False(read.IsRefused, read.Refusal?.ToString());
            Assert.Empty(read.Value.Problems());
            Assert.All(currencies, c => Assert.Empty(read.Value.ProjectTo(c).Value.Problems()));
        });
    }

    [Fact]
    public void Reading_and_writing_changes_no_version() => Assert.All(Group.Templates.SelectMany(t => t.Versions), v =>
    {
        var tree = ContentTree.From(v.Content).Value;
        Assert.True(ContentNode.Same(tree, TemplateContent.From(tree).Value.ToTree()));
    });
}
