using System.Text.Json.Nodes;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Proposals;

/// <summary>One person's word on a change, as an <see cref="ApprovalRule"/> sees it.</summary>
/// <param name="Voter">Whose word it is; distinct voters are distinct people, whoever made sure of it.</param>
/// <param name="Seats">Everything the voter counts as, for example <c>Staff</c> and <c>BranchManager</c>.</param>
/// <param name="Approves">False is a no.</param>
public sealed record Vote(string Voter, IReadOnlyList<string> Seats, bool Approves);

/// <summary>What a rule says to the votes so far.</summary>
public enum RuleAnswer
{
    Open,
    Satisfied,

    /// <summary>Somebody with a veto said no, or nobody may say yes.</summary>
    Refused,
}

/// <summary>
/// Whose approval a change needs: "and" and "or" over so many distinct people of a seat, and vetoes (features row 5.3). A person
/// fills one place only: the rule is satisfied when its places can be given to different people.
/// </summary>
public abstract record ApprovalRule
{
    /// <summary>Most ways to satisfy a rule: beyond, nobody understands it, and it would take long to look at.</summary>
    private const int MostWays = 100;

    /// <summary>Most levels of parts within parts, the outermost not counted.</summary>
    public const int Deepest = 4;

    private ApprovalRule() { }

    /// <summary>So many different people who hold the seat.</summary>
    public sealed record AtLeast(int Count, string Seat) : ApprovalRule;

    /// <summary>Every part, by different people.</summary>
    public sealed record All(IReadOnlyList<ApprovalRule> Parts) : ApprovalRule;

    /// <summary>One of the parts.</summary>
    public sealed record Any(IReadOnlyList<ApprovalRule> Parts) : ApprovalRule;

    /// <summary>The inner rule, unless somebody of the seat says no. Cards of old have it; today anybody's no ends a proposal, so it says nothing of its own there.</summary>
    public sealed record Veto(string Seat, ApprovalRule Inner) : ApprovalRule;

    /// <summary>Nobody can approve it.</summary>
    public sealed record Never : ApprovalRule;

    public RuleAnswer Answer(IReadOnlyList<Vote> votes)
    {
        var ways = Ways(this, votes).ToList();
        if (ways.Count == 0) return RuleAnswer.Refused;
        var yes = Yes(votes);
        return ways.Any(places => CanSeat(places, yes)) ? RuleAnswer.Satisfied : RuleAnswer.Open;
    }

    /// <summary>Whether the word of one more person with these seats brings it nearer, whichever way it may be satisfied.</summary>
    public bool Helps(IReadOnlyList<Vote> votes, IReadOnlyList<string> seats)
    {
        var yes = Yes(votes);
        List<Vote> more = [.. yes, new Vote("\n", seats, true)];
        return Ways(this, votes).Any(places => Seated(places, more) > Seated(places, yes));
    }

    /// <summary>Whether it cannot be satisfied without somebody of the seat.</summary>
    public bool Demands(string seat) => Ways(this, []).All(places => places.Contains(seat));

    /// <summary>Every seat it names, vetoes included.</summary>
    public IReadOnlySet<string> Seats => this switch
    {
        AtLeast a => new HashSet<string> { a.Seat },
        All a => a.Parts.SelectMany(p => p.Seats).ToHashSet(),
        Any a => a.Parts.SelectMany(p => p.Seats).ToHashSet(),
        Veto v => v.Inner.Seats.Append(v.Seat).ToHashSet(),
        _ => new HashSet<string>(),
    };

    /// <summary>Fewest people who can satisfy it; 0 when nobody can.</summary>
    public int People => Ways(this, []).Select(w => w.Count).DefaultIfEmpty(0).Min();

    /// <summary>Levels of parts within parts: 0 for so many of a seat.</summary>
    public int Depth => this switch
    {
        All a => 1 + a.Parts.Select(p => p.Depth).DefaultIfEmpty().Max(),
        Any a => 1 + a.Parts.Select(p => p.Depth).DefaultIfEmpty().Max(),
        Veto v => 1 + v.Inner.Depth,
        _ => 0,
    };

    /// <summary>Seats whose people still have something to say, in the rule's order.</summary>
    public IReadOnlyList<string> OpenSeats(IReadOnlyList<Vote> votes)
    {
        var yes = Yes(votes);
        var nearest = Ways(this, votes).OrderBy(w => w.Count - Seated(w, yes)).FirstOrDefault() ?? [];
        return [.. nearest.Where((_, place) => Seated([.. nearest.Take(place + 1)], yes) == Seated([.. nearest.Take(place)], yes))];
    }

    /// <summary>In words, for example "1 Staff and 1 BranchManager".</summary>
    public string Words => this switch
    {
        AtLeast a => $"{a.Count} × {a.Seat}",
        All a => string.Join(" and ", a.Parts.Select(p => p is Any ? $"({p.Words})" : p.Words)),
        Any a => string.Join(" or ", a.Parts.Select(p => p is All ? $"({p.Words})" : p.Words)),
        Veto v => $"{v.Inner.Words}, veto of {v.Seat}",
        _ => "nobody",
    };

    public JsonObject ToJson() => this switch
    {
        AtLeast a => new JsonObject { ["atLeast"] = a.Count, ["seat"] = a.Seat },
        All a => new JsonObject { ["all"] = new JsonArray([.. a.Parts.Select(p => (JsonNode)p.ToJson())]) },
        Any a => new JsonObject { ["any"] = new JsonArray([.. a.Parts.Select(p => (JsonNode)p.ToJson())]) },
        Veto v => new JsonObject { ["veto"] = v.Seat, ["rule"] = v.Inner.ToJson() },
        _ => new JsonObject { ["never"] = true },
    };

    /// <summary>Reads what <see cref="ToJson"/> writes.</summary>
    /// <returns>The rule, or <c>refuse.capability.rule_malformed</c>.</returns>
    public static Result<ApprovalRule> From(JsonNode? node, int depth = 0)
    {
        if (node is not JsonObject json || depth > Deepest) return CapabilityRefusals.RuleMalformed;
        if (json.Count == 2 && json["atLeast"] is JsonValue count && count.TryGetValue<int>(out var n) && n is >= 1 and <= 5 && SeatOf(json["seat"]) is { } seat) return new AtLeast(n, seat);
        if (json.Count == 1 && json["never"] is JsonValue never && never.TryGetValue<bool>(out var is_) && is_) return new Never();
        if (json.Count == 2 && SeatOf(json["veto"]) is { } vetoer)
            return From(json["rule"], depth + 1).TryGet(out var inner, out var refusal) ? new Veto(vetoer, inner) : refusal;
        foreach (var key in (string[])["all", "any"])
        {
            if (json.Count != 1 || json[key] is not JsonArray { Count: >= 1 and <= 5 } array) continue;
            var parts = new List<ApprovalRule>();
            foreach (var item in array)
            {
                if (!From(item, depth + 1).TryGet(out var part, out var refusal)) return refusal;
                parts.Add(part);
            }

            ApprovalRule made = key == "all" ? new All(parts) : new Any(parts);
            if (made.WayCount > MostWays) return CapabilityRefusals.RuleMalformed;
            return made;
        }

        return CapabilityRefusals.RuleMalformed;
    }

    private static string? SeatOf(JsonNode? node) => node is JsonValue v && v.TryGetValue<string>(out var text) && text.Length is > 0 and <= 40 ? text : null;

    private static List<Vote> Yes(IReadOnlyList<Vote> votes) => votes.Where(v => v.Approves).DistinctBy(v => v.Voter).ToList();

    /// <summary>Every list of seats that would do, without those somebody vetoed.</summary>
    private static IEnumerable<List<string>> Ways(ApprovalRule rule, IReadOnlyList<Vote> votes) => rule switch
    {
        AtLeast a => [[.. Enumerable.Repeat(a.Seat, a.Count)]],
        Any a => a.Parts.SelectMany(p => Ways(p, votes)),
        All a => a.Parts.Select(p => Ways(p, votes)).Aggregate((IEnumerable<List<string>>)[[]], (sofar, next) => sofar.SelectMany(s => next.Select(n => (List<string>)[.. s, .. n]))),
        Veto v => votes.Any(w => !w.Approves && w.Seats.Contains(v.Seat)) ? [] : Ways(v.Inner, votes),
        _ => [],
    };

    /// <summary>How many lists <see cref="Ways"/> has, without making them: a rule of nested parts multiplies.</summary>
    private double WayCount => this switch
    {
        AtLeast => 1,
        Any a => a.Parts.Sum(p => p.WayCount),
        All a => a.Parts.Aggregate(1.0, (n, p) => n * p.WayCount),
        Veto v => v.Inner.WayCount,
        _ => 0,
    };

    private static bool CanSeat(List<string> places, List<Vote> yes) => Seated(places, yes) == places.Count;

    /// <summary>Most places that can be given to different people (augmenting paths).</summary>
    private static int Seated(List<string> places, List<Vote> yes)
    {
        var holder = new int[yes.Count];
        Array.Fill(holder, -1);
        var seated = 0;
        for (var place = 0; place < places.Count; place++)
            if (Seat(place, new bool[yes.Count])) seated++;
        return seated;

        bool Seat(int place, bool[] tried)
        {
            for (var v = 0; v < yes.Count; v++)
            {
                if (tried[v] || !yes[v].Seats.Contains(places[place])) continue;
                tried[v] = true;
                if (holder[v] >= 0 && !Seat(holder[v], tried)) continue;
                holder[v] = place;
                return true;
            }

            return false;
        }
    }
}
