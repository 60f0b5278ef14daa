using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Infrastructure.Proposals.Capabilities;
using StudioVault.Tests.Support;
using Xunit;

namespace StudioVault.Tests.Proposals.Capabilities;

/// <summary>What holds for every capability there is (features row 5.17).</summary>
public sealed class CapabilityRegisterTests(PostgresServer server) : CapabilityTest(server)
{
    private static readonly string[] Tiers = ["low", "medium", "high", "critical"];

    /// <summary>What takes each one back, by the tests named on the cards.</summary>
    private static readonly Dictionary<string, string> Undo = new()
    {
        [ClientMessage.Name] = ClientMessageRecall.Name,
        [ClientMessageRecall.Name] = ClientMessage.Name,
        [SessionMove.Name] = SessionMove.Name,
        [SessionAssign.Name] = SessionUnassign.Name,
        [SessionUnassign.Name] = SessionAssign.Name,
        [DeliveryExtend.Name] = DeliveryTakeBackExtension.Name,
        [DeliveryTakeBackExtension.Name] = DeliveryExtend.Name,
        [InvoiceDiscount.Name] = CreditNoteVoid.Name,
        [RefundRecord.Name] = CreditNoteVoid.Name,
        [CreditNoteVoid.Name] = InvoiceDiscount.Name,
        [PackageAcceptSafe.Name] = PackageRevert.Name,
        [PackageRevert.Name] = PackageRevert.Name,
        [BookingPause.Name] = BookingResume.Name,
        [BookingResume.Name] = BookingPause.Name,
    };

    [Fact]
    public void Every_capability_in_the_code_is_registered_and_has_one_that_takes_it_back()
    {
        var written = typeof(ICapability).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && typeof(ICapability).IsAssignableFrom(t) && t.Namespace == typeof(RefundRecord).Namespace).Order(Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name)));
        Assert.Equal(written, All.Values.Select(c => c.GetType()).OrderBy(t => t.Name, StringComparer.Ordinal));
        Assert.Equal(Undo.Keys.Order(StringComparer.Ordinal), All.Keys.Order(StringComparer.Ordinal));
        Assert.All(Undo.Values, name => Assert.Contains(name, All.Keys));
    }

    [Fact]
    public void Every_card_is_complete_and_names_tests_that_are_there()
    {
        var tests = GetType().Assembly.GetTypes().Select(t => t.Name).ToHashSet();
        foreach (var definition in All.Values.Select(c => c.Definition))
        {
            var card = definition.Card;
            Assert.All([card.Owner, card.FailureMode, card.Rollback, card.TestCoverage, definition.Title, definition.What], text => Assert.False(string.IsNullOrWhiteSpace(text), definition.Name));
            Assert.Contains(card.RiskTier, Tiers);
            Assert.Contains(card.TestCoverage, tests);
            Assert.True(card.Band >= definition.LeastBand && card.Band != Band.Black, definition.Name);
            Assert.True(card.ApproveWithin > TimeSpan.Zero && card.ValidFor > TimeSpan.Zero && card.Window > TimeSpan.Zero, definition.Name);
            Assert.True(0 < card.PerAgent && card.PerAgent <= card.PerOwner && card.PerOwner <= card.PerBranch, definition.Name);
        }
    }

    [Fact]
    public void Every_capability_can_be_turned_down_with_one_of_five_reasons_and_names_its_inputs()
    {
        foreach (var definition in All.Values.Select(c => c.Definition))
        {
            Assert.Equal(5, definition.RejectReasons.Distinct().Count());
            Assert.All(definition.RejectReasons, r => Assert.InRange(r.Length, 3, 40));
            Assert.All(definition.Input.Fields, f => Assert.False(string.IsNullOrWhiteSpace(f.Label)));
            Assert.Equal(definition.Input.Fields.Count, definition.Input.Fields.Select(f => f.Name).Distinct().Count());
            Assert.Matches("^[a-z_]+\\.[a-z_]+$", definition.Name);
            Assert.InRange(definition.Title.Split(' ').Length, 2, 5);
            Assert.EndsWith(".", definition.What, StringComparison.Ordinal);
            Assert.All(definition.Input.Fields.Where(f => f.Kind == InputKind.Text), f => Assert.True(f.Most > 0 || f.OneOf is { Count: > 0 }, $"{definition.Name} {f.Name}"));
        }
    }
}
