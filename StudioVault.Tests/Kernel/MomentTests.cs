using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using Xunit;

namespace StudioVault.Tests.Kernel;

public sealed class MomentTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 5, TimeSpan.Zero);

    [Fact]
    public void A_program_reads_the_time_of_a_refusal_in_UTC() =>
        Assert.Equal("Already decided: Ana approved it at 21 Nov 12:00:05 UTC.", ProposalRefusals.AlreadyDecided.With(new Moment(Noon, "Ana approved it at ")).Sentence);

    [Fact]
    public void A_person_reads_it_in_the_time_of_their_branch()
    {
        var told = QuotaRefusals.Agent.With(5, new Moment(Noon)).Told(_ => "13:00 Berlin time");

        Assert.Equal("The agent has used its 5 proposals of this window.", told.Sentence);
        Assert.Equal("It refills at 13:00 Berlin time.", told.NextStep);
    }

    [Fact]
    public void What_names_no_time_stays_as_it_is() => Assert.Equal(ProposalRefusals.NotOpen.With("it failed"), ProposalRefusals.NotOpen.With("it failed").Told(_ => "never"));
}
