using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Proposals.Decoys;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Proposals.Reviews;

/// <summary>What the pages about reviewing call things: for training, never for blame.</summary>
internal static class ReviewWords
{
    /// <summary>How a test ended.</summary>
    public static (Tone Tone, string Words) Of(ProposalState state, string? endCode) => endCode switch
    {
        Decoy.Caught => (Tone.Added, "Well caught"),
        Decoy.Missed => (Tone.Conflict, "Approved"),
        Decoy.Stopped => (Tone.Neutral, "Ended by a stop or a switch"),
        _ when ProposalMachine.IsOpen(state) => (Tone.Hq, "Open in the queue"),
        _ => (Tone.Neutral, "Nobody decided in time"),
    };

    /// <summary>"1 of 4 approved", or that there were none.</summary>
    public static string Tests(ReviewNumbers n) => n.Tests == 0 ? "none yet" : $"{n.Missed} of {n.Tests} approved";

    /// <summary>What to talk about, as a suggestion; null when nothing stands out.</summary>
    public static string? Suggestion(ReviewNumbers n)
    {
        if (n is { Tests: >= 2 } && n.Missed * 2 >= n.Tests) return "Look at two or three tests together: what would have shown the flaw?";
        if (n.Approved >= 10 && n.Fast * 10 >= n.Approved) return "Many decisions in under two seconds: is the queue too long, or the evidence hard to open?";
        return n.Streak >= ReviewQueries.LongStreak ? "A long run of approvals without a no: perhaps these could be waived, or somebody else takes a turn." : null;
    }
}
