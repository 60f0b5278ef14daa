using StudioVault.Domain.Agreements;

namespace StudioVault.Infrastructure.Demo;

/// <summary>How far the agreement of a booking has come in the demo group.</summary>
/// <param name="First">State the first version ends in.</param>
/// <param name="Amendments">Amendments executed after it, in their order.</param>
/// <param name="Last">One more amendment and the state it stands in, or null.</param>
/// <param name="Project">What has become of the project.</param>
internal sealed record DemoFate(PaperState First, IReadOnlyList<AmendmentKind> Amendments, (AmendmentKind Kind, PaperState State)? Last = null, ProjectState Project = ProjectState.Booked)
{
    // What is coming up, in turns; every state comes early, so that a small demo shows all of them.
    private static readonly DemoFate[] Coming =
    [
        new(PaperState.Executed, [AmendmentKind.Hours]),
        new(PaperState.Sent, []),
        new(PaperState.PartlySigned, []),
        new(PaperState.Executed, [], (AmendmentKind.Reschedule, PaperState.Viewed)),
        new(PaperState.Draft, []),
        new(PaperState.Executed, []),
        new(PaperState.Viewed, []),
        new(PaperState.Executed, [AmendmentKind.Reschedule, AmendmentKind.Hours]),
        new(PaperState.Executed, [], (AmendmentKind.Hours, PaperState.Draft)),
        new(PaperState.Executed, [AmendmentKind.Cancellation]),
        new(PaperState.Executed, []),
        new(PaperState.Executed, [AmendmentKind.SubstituteLead]),
        new(PaperState.Void, []),
        new(PaperState.Executed, [AmendmentKind.PaymentPlan]),
        new(PaperState.Executed, [], (AmendmentKind.UsageLicence, PaperState.PartlySigned)),
        new(PaperState.Executed, []),
    ];

    /// <summary>The fate of a booking.</summary>
    /// <param name="place">Among the bookings that are coming up, or among those that are over.</param>
    /// <param name="daysSince">Since the event; negative before it.</param>
    public static DemoFate Of(int place, int daysSince) => daysSince switch
    {
        <= 0 => Coming[place % Coming.Length],
        < 40 => new(PaperState.Executed, place % 3 == 0 ? [AmendmentKind.Hours] : [], null, ProjectState.Shot),
        < 120 => new(PaperState.Executed, place % 4 == 0 ? [AmendmentKind.Reschedule] : [], null, ProjectState.Delivered),
        _ => new(PaperState.Executed, place % 4 == 1 ? [AmendmentKind.Hours] : [], null, ProjectState.Closed),
    };
}
