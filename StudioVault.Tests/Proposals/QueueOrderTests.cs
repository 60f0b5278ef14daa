using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Proposals;
using Xunit;

namespace StudioVault.Tests.Proposals;

public sealed class QueueOrderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly QueueOrder _order = new();

    [Fact]
    public void While_hands_are_on_the_list_new_ones_come_below_all_others()
    {
        var (a, b, c) = (Row("A"), Row("B"), Row("C"));
        _order.Put(View([a, b]), held: false, newestFirst: false);

        _order.Put(View([c, a, b]), held: true, newestFirst: false);

        Assert.Equal(["A", "B", "C"], Titles());
        Assert.Equal(1, _order.New);
        Assert.True(_order.Entries[2].IsFresh);
    }

    [Fact]
    public void What_was_decided_stays_in_its_place_with_what_became_of_it()
    {
        var (a, b) = (Row("A"), Row("B"));
        _order.Put(View([a, b]), held: false, newestFirst: false);

        _order.Put(View([b], also: [a with { State = ProposalState.Rejected, LastSaid = new Moment(Noon, "Ana rejected it at ") }]), held: true, newestFirst: false);

        Assert.Equal(["A", "B"], Titles());
        Assert.True(_order.Entries[0].IsOver);
        Assert.Equal(new Moment(Noon, "Ana rejected it at "), _order.Entries[0].First.LastSaid);
    }

    [Fact]
    public void Who_asks_for_it_gets_the_list_as_it_is_now()
    {
        var (a, b, c) = (Row("A"), Row("B"), Row("C"));
        _order.Put(View([a, b]), held: false, newestFirst: false);
        var now = View([c, b], also: [a with { State = ProposalState.Grace }]);
        _order.Put(now, held: true, newestFirst: false);

        _order.Put(now, held: false, newestFirst: false);

        Assert.Equal(["C", "B"], Titles());
        Assert.Equal((0, 0), (_order.New, _order.Over));
    }

    [Fact]
    public void Where_the_newest_stand_on_top_they_wait_until_they_are_asked_for()
    {
        var (a, b) = (Row("A"), Row("B"));
        _order.Put(View([a]), held: false, newestFirst: true);

        _order.Put(View([b, a]), held: true, newestFirst: true);

        Assert.Equal(["A"], Titles());
        Assert.Equal(1, _order.New);
    }

    [Fact]
    public void Equal_green_ones_of_one_proposer_stand_in_one_row()
    {
        _order.Put(View([Row("A", group: "x|1"), Row("B"), Row("C", group: "x|1"), Row("D", group: "x|2")]), held: false, newestFirst: false);

        Assert.Equal([2, 1, 1], _order.Entries.Select(e => e.Rows.Count));
        Assert.True(_order.Entries[0].IsGroup);
    }

    [Fact]
    public void A_row_does_not_become_a_group_under_a_finger()
    {
        var a = Row("A", group: "x|1");
        _order.Put(View([a, Row("B")]), held: false, newestFirst: false);

        _order.Put(View([a, _order.Entries[1].First, Row("C", group: "x|1")]), held: true, newestFirst: false);

        Assert.Equal(["A", "B", "C"], Titles());
        Assert.All(_order.Entries, e => Assert.False(e.IsGroup));
    }

    [Fact]
    public void The_next_is_the_nearest_below_that_can_be_decided()
    {
        var rows = new[] { Row("A"), Row("B"), Row("C") };
        _order.Put(View(rows), held: false, newestFirst: false);
        _order.Put(View([rows[0], rows[2]], also: [rows[1] with { State = ProposalState.Rejected }]), held: true, newestFirst: false);

        Assert.Equal("C", _order.Next(rows[0].Id.ToString())?.First.Title);
        Assert.Equal("A", _order.Next(rows[2].Id.ToString())?.First.Title);
    }

    [Fact]
    public void An_older_page_comes_below_and_moves_nothing()
    {
        var (a, b, c) = (Row("A"), Row("B"), Row("C"));
        _order.Put(View([a, b]), held: false, newestFirst: true);

        _order.Below([a, b, c]);

        Assert.Equal(["A", "B", "C"], Titles());
        Assert.Equal(0, _order.New);
    }

    [Fact]
    public void What_was_asked_for_by_name_is_newer_than_what_came_with_an_older_page()
    {
        var (a, b) = (Row("A"), Row("B"));
        _order.Put(View([a, b]), held: false, newestFirst: true);

        _order.Put(View([a, b], also: [b with { State = ProposalState.Rejected }]), held: true, newestFirst: true);

        Assert.Equal(ProposalState.Rejected, _order.Entries[1].First.State);
    }

    [Fact]
    public void A_row_keeps_its_day_while_it_keeps_its_place()
    {
        var a = Row("A");
        _order.Put(View([a]), held: false, newestFirst: true);

        _order.Put(View([a with { ChangedAt = Noon.AddDays(1) }]), held: true, newestFirst: true);

        Assert.Equal(Noon, _order.Entries[0].At);
    }

    [Fact]
    public void What_others_push_off_the_page_is_not_over()
    {
        var (a, b) = (Row("A"), Row("B"));
        _order.Put(View([a]), held: false, newestFirst: false);

        _order.Put(View([b], also: [a]) with { HasMore = true }, held: true, newestFirst: false);

        Assert.Equal(0, _order.Over);
    }

    [Fact]
    public void A_group_speaks_for_what_is_left_of_it()
    {
        var rows = new[] { Row("A", group: "x|1"), Row("B", group: "x|1"), Row("C", group: "x|1") };
        _order.Put(View(rows), held: false, newestFirst: false);
        Assert.Equal("Test it, 3 times", QueueWords.Group(_order.Entries[0]));

        _order.Put(View([.. rows[1..]], also: [rows[0] with { State = ProposalState.Rejected }]), held: true, newestFirst: false);

        Assert.Equal("B", _order.Entries[0].Speaker.Title);
        Assert.Equal("Test it, 2 of 3 left", QueueWords.Group(_order.Entries[0]));
    }

    [Fact]
    public void Nobody_approved_what_runs_under_an_exemption()
    {
        var row = Row("A") with { State = ProposalState.Grace };

        Assert.Equal("runs soon, under an exemption", QueueWords.State(row));
        Assert.Equal("approved, runs soon", QueueWords.State(row with { Approvals = 1 }));
    }

    private string[] Titles() => [.. _order.Entries.Select(e => e.First.Title)];

    private static QueueView View(IReadOnlyList<QueueRow> rows, IReadOnlyList<QueueRow>? also = null) => new(Noon, rows, rows.Count, 0, 0, new Dictionary<Band, int>(), [], false, 0, [], also ?? []);

    private static QueueRow Row(string title, string? group = null) => new(ProposalId.New(), title, "it", group is null ? Band.Amber : Band.Green, "Testing", "test.it", "Test it", ProposalState.Pending, 0, "digest", Noon, Noon,
        Noon.AddHours(1), null, "Agent", ActorKind.Agent, null, 0, 1, false, false, false, group, null, null, null, null);
}
