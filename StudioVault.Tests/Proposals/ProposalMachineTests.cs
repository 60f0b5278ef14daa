using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Proposals;
using Xunit;
using S = StudioVault.Domain.Proposals.ProposalState;
using V = StudioVault.Domain.Proposals.ProposalVerb;

namespace StudioVault.Tests.Proposals;

/// <summary>The state machine against features table A5 (APP-1).</summary>
public sealed class ProposalMachineTests
{
    /// <summary>The table once more, written down by somebody else: state, then the verbs that lead out of it and where to.</summary>
    private const string Table = """
        Drafted: Raise>Pending Expire>Expired Supersede>Superseded Withdraw>Withdrawn
        Pending: Claim>Claimed Approve>Approved ApproveLast>Grace Reject>Rejected Expire>Expired Supersede>Superseded Withdraw>Withdrawn Kill>Killed
        Claimed: Claim>Claimed Release>Pending Approve>Approved ApproveLast>Grace Reject>Rejected Expire>Expired Supersede>Superseded Withdraw>Withdrawn Kill>Killed
        Approved: Claim>Claimed Approve>Approved ApproveLast>Grace Reject>Rejected Expire>Expired Supersede>Superseded Withdraw>Withdrawn Kill>Killed
        Grace: Undo>Pending Return>Pending LogIntent>IntentLogged Kill>Killed Expire>Expired FindChanged>TargetChanged Withdraw>Withdrawn Fail>Failed
        IntentLogged: Succeed>Succeeded Fail>Failed LoseTrack>UnknownOutcome Kill>Killed Expire>Expired FindChanged>TargetChanged Withdraw>Withdrawn
        UnknownOutcome: ResolveDone>Succeeded ResolveNotDone>Failed
        """;

    private static readonly Dictionary<(S, V), S> Edges = Table.Split('\n', StringSplitOptions.TrimEntries).SelectMany(line =>
    {
        var (state, verbs) = (Enum.Parse<S>(line.Split(':')[0]), line.Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return verbs.Select(v => ((state, Enum.Parse<V>(v.Split('>')[0])), Enum.Parse<S>(v.Split('>')[1])));
    }).ToDictionary(e => e.Item1, e => e.Item2);

    [Fact]
    public void Every_pair_of_state_and_verb_leads_where_the_table_says()
    {
        var wrong = from state in Enum.GetValues<S>()
                    from verb in Enum.GetValues<V>()
                    let expected = Edges.TryGetValue((state, verb), out var to) ? to : (S?)null
                    where ProposalMachine.Next(state, verb) != expected
                    select $"{state} {verb}: {ProposalMachine.Next(state, verb)} instead of {expected}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Nothing_leads_out_of_an_end_and_every_other_state_can_end()
    {
        foreach (var state in Enum.GetValues<S>())
        {
            var out_ = Enum.GetValues<V>().Select(v => ProposalMachine.Next(state, v)).OfType<S>().ToList();
            Assert.Equal(ProposalMachine.IsEnded(state), out_.Count == 0);
            if (!ProposalMachine.IsEnded(state)) Assert.Contains(out_, ProposalMachine.IsEnded);
        }
    }

    [Fact]
    public void What_runs_was_approved_and_its_intent_was_written() => Prop.ForAll(Gen.ListOf(Gen.Elements(Enum.GetValues<V>())).ToArbitrary(), verbs =>
    {
        var (state, approved, intended) = (S.Pending, false, false);
        foreach (var verb in verbs)
        {
            if (ProposalMachine.Next(state, verb) is not { } next) continue;
            approved = verb == V.ApproveLast || (approved && verb is not (V.Undo or V.Return));
            intended |= verb == V.LogIntent;
            if (next is S.Grace or S.IntentLogged or S.Succeeded or S.UnknownOutcome && !approved) return false;
            if (next is S.Succeeded or S.UnknownOutcome && !intended) return false;
            state = next;
        }

        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));
}
