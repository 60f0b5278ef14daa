using System.Globalization;
using System.Text;
using StudioVault.Domain.Kernel;

namespace StudioVault.Domain.Packages;

/// <summary>One reason for a class: what changed, seen from the client's side.</summary>
/// <param name="Path">Field, as in the merge.</param>
/// <param name="Class">What this alone would make of the version.</param>
/// <param name="Sentence">For people.</param>
public sealed record PackageChangeReason(string Path, ChangeClass Class, string Sentence);

/// <summary>
/// The computed class of a template version (features table A7): MAJOR = a client gets less, pays more or is promised less;
/// MINOR = more or cheaper; PATCH = wording. What this code does not know how to judge is MAJOR: it fails closed.
/// </summary>
/// <param name="Class">The highest class of the reasons.</param>
/// <param name="Reasons">In the order of the content.</param>
public sealed record PackageChange(ChangeClass Class, IReadOnlyList<PackageChangeReason> Reasons)
{
    /// <summary>Nothing changed at all.</summary>
    public bool IsEmpty => Reasons.Count == 0;

    public static PackageChange Between(TemplateContent before, TemplateContent after)
    {
        var judge = new Judge();
        judge.Wording("/name", before.Name, after.Name, "The name");
        judge.Wording("/description", before.Description, after.Description, "The description");
        Items(judge, before, after);
        DepositPlan(judge, before, after);
        Tax(judge, before.Tax, after.Tax);
        judge.More("/travel/radiusKm", before.Travel.RadiusKm, after.Travel.RadiusKm, "The travel radius");
        judge.Prices("/travel/pricePerKm", before.Travel.PricePerKm, after.Travel.PricePerKm, "The price per kilometre");
        judge.Less("/turnaroundDays", before.TurnaroundDays, after.TurnaroundDays, "The turnaround");
        judge.More("/gallery/onlineDays", before.Gallery.OnlineDays, after.Gallery.OnlineDays, "The time the gallery is online");
        judge.More("/gallery/originalsDays", before.Gallery.OriginalsDays, after.Gallery.OriginalsDays, "The time originals are kept");
        judge.More("/gallery/deletionNoticeDays", before.Gallery.DeletionNoticeDays, after.Gallery.DeletionNoticeDays, "The notice before deletion");
        Clauses(judge, before, after);
        Rules(judge, before, after);
        Order(judge, "/items", before.Items.Select(i => i.Id), after.Items.Select(i => i.Id), "The line items stand");
        Order(judge, "/clauses", before.Clauses.Select(i => i.Id), after.Clauses.Select(i => i.Id), "The clauses stand");
        // Whatever the lines above overlooked still is a change, and nobody has judged it.
        if (judge.Reasons.Count == 0 && !ContentNode.Same(before.ToTree(), after.ToTree())) judge.Say("", ChangeClass.Major, "Something changed that has no rule yet.");
        return new PackageChange(judge.Reasons.Count == 0 ? ChangeClass.Patch : judge.Reasons.Max(r => r.Class), judge.Reasons);
    }

    private static void Items(Judge judge, TemplateContent before, TemplateContent after)
    {
        var old = before.Items.ToDictionary(i => i.Id);
        foreach (var item in after.Items)
        {
            var path = TreePath.Of("/items", item.Id);
            if (!old.Remove(item.Id, out var was))
            {
                var paid = item.Inclusion == Inclusion.Included && item.UnitPrice.Values.Any(p => p > 0);
                judge.Say(path, paid ? ChangeClass.Major : ChangeClass.Minor, paid ? $"“{item.Title}” is new and part of the price." : $"“{item.Title}” is new.");
                continue;
            }

            judge.Wording($"{path}/title", was.Title, item.Title, $"The title of “{was.Title}”");
            if (was.Kind != item.Kind) judge.Say($"{path}/kind", ChangeClass.Major, $"“{item.Title}” is another kind of line now.");
            var free = was.Inclusion == Inclusion.Included && was.UnitPrice.Values.Concat(item.UnitPrice.Values).All(p => p == 0);
            if (item.Quantity < was.Quantity) judge.Say($"{path}/quantity", ChangeClass.Major, $"Less of “{item.Title}”: {was.Quantity:0.##} before, {item.Quantity:0.##} now.");
            else if (item.Quantity > was.Quantity)
                judge.Say($"{path}/quantity", free || item.Inclusion == Inclusion.AddOn ? ChangeClass.Minor : ChangeClass.Major, $"More of “{item.Title}”: {was.Quantity:0.##} before, {item.Quantity:0.##} now{(free ? "" : ", and it is paid for")}.");
            judge.Prices($"{path}/unitPrice", was.UnitPrice, item.UnitPrice, $"The price of “{item.Title}”");
            if (was.Inclusion != item.Inclusion)
                judge.Say($"{path}/inclusion", item.Inclusion == Inclusion.Included && item.UnitPrice.Values.All(p => p == 0) ? ChangeClass.Minor : ChangeClass.Major,
                    item.Inclusion == Inclusion.AddOn ? $"“{item.Title}” is no longer included." : $"“{item.Title}” is part of the price now.");
            Deliverables(judge, path, was, item);
        }

        foreach (var gone in before.Items.Where(i => old.ContainsKey(i.Id))) judge.Say(TreePath.Of("/items", gone.Id), ChangeClass.Major, $"“{gone.Title}” was removed.");
    }

    private static void Deliverables(Judge judge, string item, TemplateItem before, TemplateItem after)
    {
        var old = before.Deliverables.ToDictionary(d => d.Id);
        foreach (var now in after.Deliverables)
        {
            var path = TreePath.Of($"{item}/deliverables", now.Id);
            if (!old.Remove(now.Id, out var was))
            {
                judge.Say(path, ChangeClass.Minor, $"“{now.Title}” is delivered in addition.");
                continue;
            }

            judge.Wording($"{path}/title", was.Title, now.Title, $"The title of “{was.Title}”");
            judge.More($"{path}/quantity", was.Quantity, now.Quantity, $"The number of “{now.Title}”");
            if (was.Format != now.Format) judge.Say($"{path}/format", ChangeClass.Major, $"“{now.Title}” comes in another format.");
        }

        foreach (var gone in old.Values) judge.Say(TreePath.Of($"{item}/deliverables", gone.Id), ChangeClass.Major, $"“{gone.Title}” is not delivered any more.");
    }

    private static void DepositPlan(Judge judge, TemplateContent before, TemplateContent after)
    {
        if (before.DepositPlan.SequenceEqual(after.DepositPlan)) return;
        if (before.DepositPlan.Select(i => i with { Title = "" }).SequenceEqual(after.DepositPlan.Select(i => i with { Title = "" })))
        {
            judge.Say("/depositPlan", ChangeClass.Patch, "The instalments have other titles.");
            return;
        }

        var later = PaysNoEarlier(before.DepositPlan, after.DepositPlan);
        decimal AtBooking(TemplateContent c) => c.DepositPlan.Where(i => i.Due == InstalmentDue.Booking).Sum(i => i.Percent);
        judge.Say("/depositPlan", later ? ChangeClass.Minor : ChangeClass.Major, later ? "The client pays no earlier than before." : $"The client pays otherwise: {AtBooking(before):0.##} % at booking before, {AtBooking(after):0.##} % now.");
    }

    /// <summary>Whether at every moment no more has become due than before. Days after booking cannot be compared with days before the event.</summary>
    private static bool PaysNoEarlier(IReadOnlyList<Instalment> before, IReadOnlyList<Instalment> after)
    {
        var (old, now) = (before.Select(Moment).ToArray(), after.Select(Moment).ToArray());
        var comparable = before.Concat(after).All(i => i.Due != InstalmentDue.Booking || i.DueDays == 0) || AfterBooking(old).SequenceEqual(AfterBooking(now));
        return comparable && old.Concat(now).All(m => DueBy(now, m.When) <= DueBy(old, m.When));

        static ((int Phase, int Days) When, decimal Percent) Moment(Instalment i) => i.Due switch
        {
            InstalmentDue.Booking => ((0, i.DueDays), i.Percent),
            InstalmentDue.DaysBeforeEvent => ((1, -i.DueDays), i.Percent),
            _ => ((2, i.DueDays), i.Percent),
        };
        static IEnumerable<((int, int), decimal)> AfterBooking(IEnumerable<((int Phase, int Days) When, decimal Percent)> plan) => plan.Where(m => m.When.Phase == 0).Order();
        static decimal DueBy(IEnumerable<((int Phase, int Days) When, decimal Percent)> plan, (int, int) when) => plan.Where(m => m.When.CompareTo(when) <= 0).Sum(m => m.Percent);
    }

    private static void Tax(Judge judge, TaxTerms before, TaxTerms after)
    {
        judge.Wording("/tax/name", before.Name, after.Name, "The name of the tax");
        judge.Less("/tax/ratePercent", before.RatePercent, after.RatePercent, "The tax rate");
        if (before.PricesIncludeTax != after.PricesIncludeTax)
            judge.Say("/tax/pricesIncludeTax", after.PricesIncludeTax ? ChangeClass.Minor : ChangeClass.Major, after.PricesIncludeTax ? "Prices include tax now." : "Tax comes on top of the prices now.");
    }

    private static void Clauses(Judge judge, TemplateContent before, TemplateContent after)
    {
        var old = before.Clauses.ToDictionary(c => c.Id);
        foreach (var clause in after.Clauses)
        {
            var path = TreePath.Of("/clauses", clause.Id);
            if (!old.Remove(clause.Id, out var was))
            {
                judge.Say(path, ChangeClass.Major, $"The clause “{clause.Title}” is new and binds the client.");
                continue;
            }

            judge.Wording($"{path}/title", was.Title, clause.Title, $"The title of the clause “{was.Title}”");
            if (was.Body == clause.Body) continue;
            var words = Words(was.Body).SequenceEqual(Words(clause.Body), StringComparer.OrdinalIgnoreCase);
            judge.Say($"{path}/body", words ? ChangeClass.Patch : ChangeClass.Major, words ? $"Punctuation of the clause “{clause.Title}”." : $"The clause “{clause.Title}” says something else.");
        }

        foreach (var gone in old.Values) judge.Say(TreePath.Of("/clauses", gone.Id), ChangeClass.Major, $"The clause “{gone.Title}” was removed.");
    }

    /// <summary>Rules bind branches, not clients.</summary>
    private static void Rules(Judge judge, TemplateContent before, TemplateContent after)
    {
        if (!before.Rules.SequenceEqual(after.Rules)) judge.Say("/rules", ChangeClass.Minor, "What branches may change themselves is different.");
    }

    private static void Order(Judge judge, string path, IEnumerable<string> before, IEnumerable<string> after, string what)
    {
        var common = before.Intersect(after).ToHashSet();
        if (!before.Where(common.Contains).SequenceEqual(after.Where(common.Contains))) judge.Say(path, ChangeClass.Patch, $"{what} in another order.");
    }

    /// <summary>
    /// What a clause says, with only the punctuation left out that cannot carry a meaning: stops, quotation marks, dashes and white
    /// space. Every other sign counts as a word of its own (50 % is not €50), and so does punctuation that can belong to a number:
    /// 1,500 is not 1.500, -5 is not 5, 10" is not 10. In doubt it counts, so that the class is never understated.
    /// </summary>
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsLetterOrDigit(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)
            {
                word.Append(c);
                continue;
            }

            End();
            if (IsSilent(c) && !TouchesNumber(text, i, c)) continue;
            words.Add(c.ToString());
        }

        End();
        return words;

        void End()
        {
            if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
        }
    }

    private static bool IsSilent(char c) => char.IsWhiteSpace(c) || c is '.' or ',' or ';' or ':' or '!' or '?' || IsQuote(c) || IsDash(c);

    /// <summary>Between two digits, a point or dash right before one, or a quotation mark (which may mean feet or inches) right behind one.</summary>
    private static bool TouchesNumber(string text, int at, char c)
    {
        if (char.IsWhiteSpace(c)) return false;
        var (behind, before) = (at > 0 && char.IsDigit(text[at - 1]), at + 1 < text.Length && char.IsDigit(text[at + 1]));
        return (behind && before) || (before && (c is '.' or ',' || IsDash(c))) || (behind && IsQuote(c));
    }

    private static bool IsQuote(char c) => c is '"' or '\'' || char.GetUnicodeCategory(c) is UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation || c is '„' or '‚' or '′' or '″';

    private static bool IsDash(char c) => c == '−' || char.GetUnicodeCategory(c) == UnicodeCategory.DashPunctuation;

    private sealed class Judge
    {
        public List<PackageChangeReason> Reasons { get; } = [];

        public void Say(string path, ChangeClass changeClass, string sentence) => Reasons.Add(new PackageChangeReason(path, changeClass, sentence));

        public void Wording(string path, string before, string after, string what)
        {
            if (before != after) Say(path, ChangeClass.Patch, $"{what} is worded anew.");
        }

        /// <summary>More is better for the client.</summary>
        public void More(string path, decimal before, decimal after, string what)
        {
            if (before != after) Say(path, after > before ? ChangeClass.Minor : ChangeClass.Major, $"{what}: {before:0.##} before, {after:0.##} now.");
        }

        /// <summary>Less is better for the client.</summary>
        public void Less(string path, decimal before, decimal after, string what)
        {
            if (before != after) Say(path, after < before ? ChangeClass.Minor : ChangeClass.Major, $"{what}: {before:0.##} before, {after:0.##} now.");
        }

        public void Prices(string path, IReadOnlyDictionary<string, decimal> before, IReadOnlyDictionary<string, decimal> after, string what)
        {
            foreach (var currency in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
            {
                var (was, isNow) = (before.TryGetValue(currency, out var b), after.TryGetValue(currency, out var a));
                if (!was) Say($"{path}/{currency}", ChangeClass.Minor, $"{what} exists in {currency} now.");
                else if (!isNow) Say($"{path}/{currency}", ChangeClass.Major, $"{what} in {currency} was removed.");
                else if (a != b) Say($"{path}/{currency}", a > b ? ChangeClass.Major : ChangeClass.Minor, $"{what}: {currency} {b:0.00} before, {a:0.00} now.");
            }
        }
    }
}
