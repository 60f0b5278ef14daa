using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Agreements;

public enum ProjectState
{
    /// <summary>Somebody asked; nothing was offered yet.</summary>
    Enquiry,

    /// <summary>Sent to the client, not booked: an open quote.</summary>
    Quote,

    /// <summary>Booked: the client relies on it.</summary>
    Booked,

    /// <summary>The event took place.</summary>
    Shot,

    /// <summary>The client has what was promised.</summary>
    Delivered,

    /// <summary>Delivered and paid.</summary>
    Closed,

    /// <summary>Booked once, and then it did not take place.</summary>
    Cancelled,

    /// <summary>An enquiry or quote that came to nothing: nobody relied on it, which tells it from a cancellation.</summary>
    Lapsed,
}

/// <summary>What can happen to a project.</summary>
public enum ProjectVerb
{
    Quote,
    Book,
    Shoot,
    Deliver,
    Close,
    Cancel,
    Lapse,
}

/// <summary>Where a step leads. Leading to the state it is in means nothing happens.</summary>
public static class ProjectMachine
{
    /// <summary>Open towards a client who has not decided: quotes of these states are in an update's blast radius.</summary>
    public static readonly IReadOnlyList<ProjectState> Open = [ProjectState.Enquiry, ProjectState.Quote];

    /// <summary>A client relies on it and it is not over.</summary>
    public static readonly IReadOnlyList<ProjectState> UnderWay = [ProjectState.Booked, ProjectState.Shot, ProjectState.Delivered];

    private static readonly Dictionary<ProjectVerb, (ProjectState[] From, ProjectState To)> Table = new()
    {
        [ProjectVerb.Quote] = ([ProjectState.Enquiry], ProjectState.Quote),
        [ProjectVerb.Book] = ([ProjectState.Quote], ProjectState.Booked),
        [ProjectVerb.Shoot] = ([ProjectState.Booked], ProjectState.Shot),
        [ProjectVerb.Deliver] = ([ProjectState.Shot], ProjectState.Delivered),
        [ProjectVerb.Close] = ([ProjectState.Delivered], ProjectState.Closed),
        [ProjectVerb.Cancel] = ([ProjectState.Booked, ProjectState.Shot], ProjectState.Cancelled),
        [ProjectVerb.Lapse] = ([ProjectState.Enquiry, ProjectState.Quote], ProjectState.Lapsed),
    };

    /// <summary>Whether it is over.</summary>
    public static bool IsEnded(ProjectState state) => state is ProjectState.Closed or ProjectState.Cancelled or ProjectState.Lapsed;

    /// <summary>The state after the verb.</summary>
    /// <returns>
    /// It, <c>refuse.project.not_open</c> for booking or lapsing what is no open quote, <c>refuse.project.ended</c>, or
    /// <c>refuse.project.out_of_order</c>.
    /// </returns>
    public static Result<ProjectState> Next(ProjectState state, ProjectVerb verb)
    {
        var (from, to) = Table[verb];
        if (state == to || from.Contains(state)) return to;
        if (verb is ProjectVerb.Book or ProjectVerb.Lapse) return ProjectRefusals.NotOpen;
        if (IsEnded(state)) return ProjectRefusals.Ended;
        return ProjectRefusals.OutOfOrder.With(state, to);
    }
}
