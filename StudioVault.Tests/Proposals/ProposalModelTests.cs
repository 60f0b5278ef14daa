using FsCheck;
using FsCheck.Fluent;
using StudioVault.Domain.Proposals;
using StudioVault.Tests.Support;
using Xunit;
using Sender = StudioVault.Infrastructure.Door.Sender;

namespace StudioVault.Tests.Proposals;

/// <summary>Random lists of what people do, against a model that knows nothing of the code (APP-1).</summary>
public sealed class ProposalModelTests(PostgresServer server) : ProposalsTest(server)
{
    public enum Do
    {
        Claim,
        TakeOver,
        Release,
        Approve,
        Reject,
        Undo,
        Withdraw,
        Run,
        Expire,
    }

    /// <summary>Inês proposes; Ana and Rui are managers, Bia is staff.</summary>
    public enum Who
    {
        Ines,
        Ana,
        Rui,
        Bia,
    }

    public sealed record Step(Do Do, Who Who);

    /// <summary>What should happen, in as few words as it can be said.</summary>
    private sealed class Model(bool red)
    {
        public string State { get; private set; } = "Pending";
        private Who? _claimer;
        private readonly List<Who> _yes = [];

        public bool Take(Step s)
        {
            var open = State is "Pending" or "Claimed" or "Approved";
            var theirs = State == "Claimed" && _claimer != s.Who;
            switch (s.Do)
            {
                case Do.Claim when open && !theirs:
                case Do.TakeOver when open:
                    return To("Claimed", s.Who);
                case Do.Release:
                    return State != "Claimed" || theirs || To("Pending");
                case Do.Approve when open && !theirs && s.Who != Who.Ines && !_yes.Contains(s.Who) && !(red && _yes is [Who.Bia] && s.Who == Who.Bia):
                    _yes.Add(s.Who);
                    return To(!red || _yes.Count == 2 ? "Grace" : "Approved");
                case Do.Reject when open && !theirs:
                    return To("Rejected");
                case Do.Undo when State == "Grace":
                    _yes.Clear();
                    return To("Pending");
                case Do.Withdraw when (open || State == "Grace") && s.Who == Who.Ines:
                    return To("Withdrawn");
                case Do.Run:
                    return State != "Grace" || To("Succeeded");
                case Do.Expire:
                    return !open || To("Expired");
                default:
                    return false;
            }
        }

        private bool To(string state, Who? claimer = null)
        {
            (State, _claimer) = (state, claimer);
            return true;
        }
    }

    private static Gen<Step[]> Steps(int length) => Gen.ArrayOf(
        Gen.Frequency((3, Gen.Constant(Do.Approve)), (1, Gen.Constant(Do.Claim)), (1, Gen.Constant(Do.TakeOver)), (1, Gen.Constant(Do.Release)), (1, Gen.Constant(Do.Undo)), (1, Gen.Elements(Do.Reject, Do.Withdraw, Do.Run, Do.Expire)))
            .SelectMany(d => Gen.Elements(Enum.GetValues<Who>()).Select(w => new Step(d, w))), length);

    /// <summary>The machine and the approval rule, put together as the commands do, without a database.</summary>
    [Fact]
    public void Ten_thousand_lists_of_steps_end_where_the_model_says() => Prop.ForAll(Steps(14).ToArbitrary(), Gen.Elements(true, false).ToArbitrary(), (steps, red) =>
    {
        var model = new Model(red);
        var (state, claimer, votes, rule) = (ProposalState.Pending, (Who?)null, new List<Vote>(), CapabilityCard.RuleOf(red ? Band.Red : Band.Amber));
        foreach (var step in steps)
        {
            var theirs = state == ProposalState.Claimed && claimer != step.Who;
            IReadOnlyList<string> seats = step.Who is Who.Ana or Who.Rui ? ["BranchManager", "Staff"] : ["Staff"];
            var vote = new Vote(step.Who.ToString(), seats, true);
            ProposalVerb? verb = step.Do switch
            {
                Do.Claim => theirs ? null : ProposalVerb.Claim,
                Do.TakeOver => ProposalVerb.Claim,
                Do.Release => theirs ? null : ProposalVerb.Release,
                Do.Approve => theirs || step.Who == Who.Ines || votes.Exists(v => v.Voter == vote.Voter) || !rule.Helps(votes, seats) ? null : rule.Answer([.. votes, vote]) == RuleAnswer.Satisfied ? ProposalVerb.ApproveLast : ProposalVerb.Approve,
                Do.Reject => theirs ? null : ProposalVerb.Reject,
                Do.Undo => ProposalVerb.Undo,
                Do.Withdraw => step.Who == Who.Ines ? ProposalVerb.Withdraw : null,
                Do.Expire => ProposalMachine.IsOpen(state) ? ProposalVerb.Expire : null,
                _ => ProposalVerb.LogIntent,
            };
            if (verb is { } v && ProposalMachine.Next(state, v) is { } next)
            {
                if (v is ProposalVerb.Approve or ProposalVerb.ApproveLast) votes.Add(vote);
                if (v == ProposalVerb.Undo) votes.Clear();
                claimer = v == ProposalVerb.Claim ? step.Who : null;
                state = v == ProposalVerb.LogIntent ? ProposalMachine.Next(next, ProposalVerb.Succeed)!.Value : next;
            }

            model.Take(step);
            if (model.State != state.ToString()) return false;
        }

        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));

    [Fact]
    public async Task Three_hundred_lists_of_real_commands_are_answered_and_end_as_the_model_says()
    {
        Sender[] people = [PortoStaff, Ana, Rui, Bia];
        var tickets = new List<string>();
        foreach (var person in people) tickets.Add(await TicketOfAsync(person));
        // RED writes the branch's pause: that nothing but the list itself changes it, its day is always the same one.
        Assert.Null((await Propose.SubmitAsync(PortoStaff, Porto, Input("test.red"), Ct)).Refusal);
        var divergences = new List<string>();
        var lists = Steps(8).Sample(300).ToList();
        for (var n = 0; n < lists.Count; n++)
        {
            var red = n % 2 == 0;
            var model = new Model(red);
            var made = red ? await ProposeAsync(PortoStaff, "test.red") : await ProposeNoteAsync(PortoStaff, $"model {n}");
            foreach (var step in lists[n])
            {
                var (who, ticket) = (people[(int)step.Who], tickets[(int)step.Who]);
                var taken = step.Do switch
                {
                    Do.Claim => !(await Decide.ClaimAsync(who, Porto, made.Id, false, Ct)).IsRefused,
                    Do.TakeOver => !(await Decide.ClaimAsync(who, Porto, made.Id, true, Ct)).IsRefused,
                    Do.Release => (await Decide.ReleaseAsync(who, Porto, made.Id, Ct)).IsRefused ? false : true,
                    Do.Approve => !(await ApproveAsync(who, made, ticket: ticket)).IsRefused,
                    Do.Reject => !(await Decide.RejectAsync(who, Porto, made.Id, made.Digest, "No", null, Ct)).IsRefused,
                    Do.Undo => !(await Decide.UndoAsync(who, Porto, made.Id, Ct)).IsRefused,
                    Do.Withdraw => !(await Propose.WithdrawAsync(who, Porto, made.Id, null, Ct)).IsRefused,
                    Do.Expire => await ExpireAsync(made.Id),
                    _ => await RunAsync(made.Id),
                };
                var expected = model.Take(step);
                var state = (await StateAsync(made.Id)).ToString();
                if ((taken == expected || step.Do is Do.Release) && state == model.State) continue;
                divergences.Add($"{(red ? "RED" : "AMBER")} {string.Join(", ", lists[n].Select(s => $"{s.Do} {s.Who}"))}: after {step.Do} {step.Who} {state}, {(taken ? "taken" : "refused")}; the model says {model.State}, {(expected ? "taken" : "refused")}");
                break;
            }
        }

        if (divergences.Count > 0) Assert.Fail($"{divergences.Count} of {lists.Count} diverge:\n" + string.Join('\n', divergences.Take(6)));
    }

    private async Task<bool> ExpireAsync(ProposalId id)
    {
        var open = ProposalMachine.IsOpen(await StateAsync(id));
        if (open) await TamperAsync($"update proposals.proposals set approve_by = clock_timestamp() where id = '{id}'");
        await Sweep.RunAsync(Sender.System("test"), Ct);
        return true;
    }

    private async Task<bool> RunAsync(ProposalId id)
    {
        if (await StateAsync(id) != ProposalState.Grace) return true;
        await EndGraceAsync(id);
        await RenewAsync();
        // Whatever else is approved by now wrote the same day: the target is what it was when this one was made, or what all of them make of it.
        await TamperAsync($"update organization.branches set updates_paused_until = null where id = '{Porto}'");
        await Leases.RenewAsync(Ct);
        await Executor.RunOneAsync(Porto, id, Ct);
        await TamperAsync($"update organization.branches set updates_paused_until = null where id = '{Porto}'");
        return true;
    }
}
