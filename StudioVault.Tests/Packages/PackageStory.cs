using StudioVault.Domain.Packages;
using Xunit;

namespace StudioVault.Tests.Packages;

/// <summary>A template of HQ's and one branch's package of it, lived through without a database.</summary>
internal sealed class PackageStory
{
    public const string Classic = """
        {"schema_version":"1.0.0","name":"Wedding Classic","description":"One photographer, the whole day.",
         "items":[
          {"id":"coverage","title":"Full-day coverage","kind":"coverage","quantity":1,"unitPrice":{"EUR":"1450.00","GBP":"1250.00"},"inclusion":"included",
           "deliverables":[{"id":"edited","title":"Edited photographs","quantity":450,"format":"JPEG, full resolution"}]},
          {"id":"album","title":"Linen album","kind":"product","quantity":1,"unitPrice":{"EUR":"480.00","GBP":"420.00"},"inclusion":"included","deliverables":[]},
          {"id":"prints","title":"Prints","kind":"product","quantity":20,"unitPrice":{"EUR":"4.00","GBP":"3.50"},"inclusion":"add_on","deliverables":[]}],
         "depositPlan":[{"id":"booking","title":"On booking","percent":"30","due":"booking","dueDays":0},{"id":"balance","title":"Before the day","percent":"70","due":"days_before_event","dueDays":30}],
         "tax":{"name":"VAT","ratePercent":"25","pricesIncludeTax":true},
         "travel":{"radiusKm":40,"pricePerKm":{"EUR":"0.55","GBP":"0.50"}},
         "turnaroundDays":42,
         "gallery":{"onlineDays":365,"originalsDays":365,"deletionNoticeDays":30},
         "clauses":[{"id":"cancellation","title":"Cancellation","body":"You may cancel at any time."},{"id":"rescheduling","title":"Rescheduling","body":"We move with you."}],
         "rules":[]}
        """;

    public static readonly DateOnly Day = new(2026, 11, 21);

    private static readonly DateTimeOffset First = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private readonly TemplateId _template = TemplateId.New();

    public PackageStory(string template = Classic, string currency = "EUR")
    {
        Publish(Tree(template));
        Content = Versions[0].Content.ProjectTo(currency).Value;
        Pointers = FieldPointers.At(1);
        Revisions.Add((Content, Pointers));
    }

    public List<PublishedVersion> Versions { get; } = [];

    public List<(PackageContent Content, FieldPointers Pointers)> Revisions { get; } = [];

    public PackageContent Content { get; private set; }

    public FieldPointers Pointers { get; private set; }

    public DateOnly Today { get; set; } = Day;

    public HashSet<string> InOpenQuotes { get; } = [];

    public ContentObject Branch => Content.ToTree();

    public ContentObject Hq => Versions[^1].Content.ProjectTo(Content.Currency).Value.ToTree();

    public static ContentObject Tree(string json) => ContentTree.Parse(json).Value;

    public static ContentNode Node(string json) => Tree($"{{\"v\":{json}}}").Find("v")!;

    /// <summary>HQ publishes its newest version with some values changed; null takes a node away.</summary>
    public PackageStory Publish(params (string Path, string? Json)[] changes) => Publish(Changed(Versions[^1].Content.ToTree(), changes));

    public PackageStory Publish(ContentObject content)
    {
        var number = Versions.Count + 1;
        var typed = TemplateContent.From(content).Value;
        Assert.Empty(typed.Problems());
        Versions.Add(new(number, First.AddDays(30 * number), $"Version {number}", typed.Hash(), typed));
        return this;
    }

    /// <summary>The branch edits its own copy.</summary>
    public PackageStory Edit(params (string Path, string? Json)[] changes)
    {
        Revise(PackageContent.From(Changed(Branch, changes)).Value, Pointers);
        return this;
    }

    public UpdateReview Review(int? target = null)
    {
        var review = UpdateReview.Of(Request(target));
        Assert.False(review.IsRefused, review.Refusal?.ToString());
        return review.Value;
    }

    public ReviewRequest Request(int? target = null) =>
        new(_template, Versions, target ?? Versions.Count, Pointers, Content, Content.Hash(), Today, InOpenQuotes);

    /// <summary>The branch accepts with these decisions; what it does not name follows the default.</summary>
    public ReviewOutcome Accept(params (string Path, MergeDecision Decision)[] decisions)
    {
        var review = Review();
        var outcome = review.Decide(MergeDecisions.Of(decisions), review.Digest);
        Assert.False(outcome.IsRefused, outcome.Refusal?.ToString());
        Revise(outcome.Value.Merged, outcome.Value.Pointers);
        return outcome.Value;
    }

    public string? Refused(params (string Path, MergeDecision Decision)[] decisions)
    {
        var review = Review();
        return review.Decide(MergeDecisions.Of(decisions), review.Digest).Refusal?.ToString();
    }

    public PackageStory Ignore()
    {
        Pointers = FieldPointers.Parse(Review().Ignored().ToJson());
        return this;
    }

    public PackageStory RevertTo(int revision)
    {
        var (content, pointers) = Revisions[revision - 1];
        Revise(content, Pointers.BackTo(pointers));
        return this;
    }

    public string? Value(string path) => (ContentTree.Find(Branch, path) as ContentValue)?.Text;

    private void Revise(PackageContent content, FieldPointers pointers)
    {
        // Through their stored forms, as the database would give them back.
        (Content, Pointers) = (PackageContent.Parse(content.ToJson()).Value, FieldPointers.Parse(pointers.ToJson()));
        Revisions.Add((Content, Pointers));
    }

    private static ContentObject Changed(ContentObject tree, (string Path, string? Json)[] changes) => changes.Aggregate(tree,
        (t, c) => ContentTree.With(t, c.Path, c.Json is null ? null : Node(c.Json)) ?? throw new InvalidOperationException($"{c.Path} leads nowhere."));
}
