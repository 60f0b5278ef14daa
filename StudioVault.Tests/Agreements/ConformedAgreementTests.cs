using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using Xunit;
using static StudioVault.Tests.Agreements.AgreementSamples;

namespace StudioVault.Tests.Agreements;

/// <summary>The agreement as amended: laws on random families (features rows 2.7 and 2.8), and the cases people meet.</summary>
public sealed class ConformedAgreementTests
{
    [Fact]
    public void The_fold_does_not_depend_on_the_order_amendments_are_named_in() => AgreementFamily.Holds(chain => AgreementFamily.Days.All(day =>
    {
        var executed = chain.Amendments.Select(a => a.ToExecuted()).ToList();
        var one = ConformedAgreement.Fold(chain.First.ToTree(), executed, day).Value;
        var other = ConformedAgreement.Fold(AgreementContent.Parse(chain.First.ToJson()).Value.ToTree(), Enumerable.Reverse(executed), day).Value;
        return AgreementContent.HashOf(one.Content) == AgreementContent.HashOf(other.Content) && one.Origins().Order(ByPath).SequenceEqual(other.Origins().Order(ByPath));
    }));

    [Fact]
    public void The_bytes_of_version_1_and_of_every_amendment_never_change() => AgreementFamily.Holds(chain =>
    {
        var before = chain.Amendments.Select(a => a.ToJson()).Prepend(chain.First.ToJson()).ToList();
        foreach (var day in AgreementFamily.Days) _ = chain.On(day).Content;
        return chain.Amendments.Select(a => a.ToJson()).Prepend(chain.First.ToJson()).SequenceEqual(before)
            && chain.First.Hash() == Sousa.Hash()
            && chain.Amendments.All(a => AmendmentContent.Parse(a.ToJson()).Value.Hash() == a.Hash());
    });

    [Fact]
    public void Every_value_has_exactly_one_origin_and_the_origin_says_just_that_value() => AgreementFamily.Holds(chain => AgreementFamily.Days.All(day =>
    {
        var conformed = chain.On(day);
        var origins = conformed.Origins().ToList();
        return origins.Select(o => o.Key).Distinct(StringComparer.Ordinal).Count() == origins.Count && origins.All(o => Says(chain, o.Value, o.Key, ContentTree.Find(conformed.Content, o.Key)!));
    }));

    [Fact]
    public void Every_clause_and_line_has_an_origin_that_is_in_force() => AgreementFamily.Holds(chain => AgreementFamily.Days.All(day =>
    {
        var conformed = chain.On(day);
        return ((string[])["/clauses", "/items", "/parties", "/schedule"]).All(list => ((ContentList)ContentTree.Find(conformed.Content, list)!).Ids
            .All(id => conformed.OriginOf(TreePath.Of(list, id)) is { } version && (version == 1 || conformed.InForce.Contains(version))));
    }));

    [Fact]
    public void On_every_day_the_agreement_holds_together() => AgreementFamily.Holds(chain => AgreementFamily.Days.All(day =>
        AgreementContent.From(chain.On(day).Content).TryGet(out var content, out _) && content.Problems().Count == 0));

    [Fact]
    public void Nothing_holds_before_its_day() => AgreementFamily.Holds(chain => AgreementFamily.Days.All(day =>
        chain.On(day).InForce.All(v => chain.Amendments[v - 2].EffectiveOn <= day) && (chain.Amendments.Any(a => a.EffectiveOn <= day) || AgreementContent.HashOf(chain.On(day).Content) == chain.First.Hash())));

    [Fact]
    public void A_reschedule_signed_after_an_upgrade_but_in_force_before_it_needs_a_signed_choice()
    {
        var chain = new AgreementChain(Sousa);
        Must(chain, Amend(chain, AmendmentKind.SubstituteLead, new(2027, 5, 1), Amendments.SubstituteLead(Sousa, "Rui Tavares")));
        var earlier = Amendments.SubstituteLead(Sousa, "Inês Carvalho");

        var refusal = chain.Append(Amend(chain, AmendmentKind.SubstituteLead, new(2027, 4, 1), earlier)).Refusal;
        Assert.Equal(("refuse.agreement.out_of_sequence", "Version 2 is signed and takes effect later, on 1 May 2027, and changes the same."), (refusal!.Code, refusal.Sentence));

        Must(chain, Amend(chain, AmendmentKind.SubstituteLead, new(2027, 4, 1), earlier, PriceBasis.None, (2, Precedence.LaterStands)));
        Assert.Equal(["Ana Moreira", "Inês Carvalho", "Rui Tavares"], new[] { new DateOnly(2027, 3, 31), new(2027, 4, 30), new(2027, 5, 1) }.Select(d => Lead(chain, d)));
    }

    [Fact]
    public void What_the_parties_let_prevail_goes_on_beyond_the_day_of_the_other()
    {
        var chain = new AgreementChain(Sousa);
        Must(chain, Amend(chain, AmendmentKind.SubstituteLead, new(2027, 5, 1), Amendments.SubstituteLead(Sousa, "Rui Tavares")));
        Must(chain, Amend(chain, AmendmentKind.SubstituteLead, new(2027, 4, 1), Amendments.SubstituteLead(Sousa, "Inês Carvalho"), PriceBasis.None, (2, Precedence.ThisPrevails)));
        Assert.Equal("Inês Carvalho", Lead(chain, new(2027, 5, 1)));
        Assert.Equal(3, chain.Whole().OriginOf("/event/lead"));
    }

    [Fact]
    public void An_amendment_about_something_else_asks_nothing()
    {
        var chain = new AgreementChain(Sousa);
        Must(chain, Amend(chain, AmendmentKind.SubstituteLead, new(2027, 5, 1), Amendments.SubstituteLead(Sousa, "Rui Tavares")));
        Must(chain, Amend(chain, AmendmentKind.UsageLicence, new(2027, 4, 1), Amendments.UsageLicence(Sousa, "For the studio's portfolio too.")));
        Assert.Equal([3, 2], chain.Whole().InForce);
    }

    [Fact]
    public void Only_the_head_can_be_amended()
    {
        var chain = new AgreementChain(Sousa);
        var stale = Amend(chain, AmendmentKind.UsageLicence, new(2027, 4, 1), Amendments.UsageLicence(Sousa, "For the studio's portfolio too."));
        Must(chain, Amend(chain, AmendmentKind.SubstituteLead, new(2027, 5, 1), Amendments.SubstituteLead(Sousa, "Rui Tavares")));
        Assert.Equal("refuse.agreement.not_the_head", chain.Append(stale).Refusal?.Code);
    }

    [Fact]
    public void A_line_more_without_the_money_for_it_is_refused_with_the_sums()
    {
        var chain = new AgreementChain(Sousa);
        var refusal = chain.Append(Amend(chain, AmendmentKind.PackageChange, new(2027, 4, 1), Amendments.Lines(Sousa, [.. Sousa.Items, new("prints", "Prints", ItemKind.Product, 2, 25, [])]))).Refusal!;
        Assert.Equal(("refuse.agreement.breaks_later", "/schedule"), (refusal.Code, refusal.Path));
        Assert.Equal("With this amendment the agreement does not hold together from 1 April 2027 on: The payments add up to 1970.00 EUR, the agreement comes to 2020.00.", refusal.Sentence);
    }

    [Fact]
    public void A_new_date_without_a_word_about_the_price_is_refused() =>
        Assert.Equal("refuse.agreement.price_basis_missing", Refused(AmendmentKind.Reschedule, Amendments.Reschedule(Sousa, Wedding.AddDays(7), "14:00", Sousa.Event.Venue, null)));

    [Fact]
    public void An_amendment_that_changes_nothing_is_refused()
    {
        Assert.Empty(Amendments.UsageLicence(Sousa, Sousa.Licence));
        Assert.Equal("refuse.agreement.nothing_changed", Refused(AmendmentKind.UsageLicence, []));
        Assert.Equal("refuse.agreement.nothing_changed", Refused(AmendmentKind.UsageLicence, [AmendmentOperation.Set("/licence", Sousa.Licence)]));
    }

    [Fact]
    public void Whoever_signed_before_and_whoever_joins_both_sign()
    {
        var chain = new AgreementChain(Sousa);
        var change = Amend(chain, AmendmentKind.PartyChange, new(2027, 4, 1), Amendments.PartyChange(Sousa, [Sousa.Parties[0], new("mother", PartyRole.Payer, "Helena Sousa", "helena@sousa.example", false, "")]));
        Assert.Equal(["joao", "marta", "mother"], chain.Signatories(change).Select(p => p.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void For_a_minor_the_guardian_signs()
    {
        var school = Sousa with { Parties = [new("leo", PartyRole.Client, "Leo Sousa", "", true, ""), new("marta", PartyRole.Guardian, "Marta Sousa", "marta@sousa.example", false, "leo")] };
        Assert.Empty(school.Problems());
        Assert.Equal(["marta"], school.Parties.Where(p => p.Signs).Select(p => p.Id));
        Assert.Equal("A minor needs a guardian who signs.", Assert.Single((school with { Parties = [school.Parties[0]] }).Problems()).Sentence);
    }

    [Fact]
    public void A_cancellation_leaves_what_is_kept_and_says_why()
    {
        var chain = new AgreementChain(Sousa);
        Must(chain, Amend(chain, AmendmentKind.Cancellation, new(2027, 4, 1), Amendments.Cancellation(Sousa, new("retainer", "Retainer kept", ItemKind.Coverage, 1, 591, []),
            new("booking", "On booking", 591, InstalmentDue.Booking, 0, null), new("cancellation", "Cancellation", "Called off by the couple; the retainer stays with the studio."))));
        var now = AgreementContent.From(chain.Whole().Content).Value;
        Assert.Equal((null, 0m, "EUR 591.00"), (now.Event.On, now.Event.Hours, now.Total.ToString()));
        Assert.Equal((2, 1), (chain.Whole().OriginOf("/clauses/cancellation"), chain.Whole().OriginOf("/clauses/rescheduling")));
    }

    [Fact]
    public void What_is_written_is_read_back_to_the_byte()
    {
        Assert.Equal(Sousa.ToJson(), AgreementContent.Parse(Sousa.ToJson()).Value.ToJson());
        Assert.Empty(Sousa.Problems());
        Assert.Equal("refuse.compatx.unsupported_schema_version", AgreementContent.Parse(Sousa.ToJson().Replace("1.0.0", "9.0.0", StringComparison.Ordinal)).Refusal?.Code);
    }

    private static string? Refused(AmendmentKind kind, IReadOnlyList<AmendmentOperation> operations)
    {
        var chain = new AgreementChain(Sousa);
        return chain.Append(Amend(chain, kind, new(2027, 4, 1), operations)).Refusal?.Code;
    }

    private static void Must(AgreementChain chain, AmendmentContent amendment) => Assert.Null(chain.Append(amendment).Refusal);

    private static string Lead(AgreementChain chain, DateOnly day) => AgreementContent.From(chain.On(day).Content).Value.Event.Lead;

    // The document holds the value at the path, in its content or in an operation; an empty list may be what a removal left.
    private static bool Says(AgreementChain chain, int version, string path, ContentNode value)
    {
        if (version == 1) return ContentNode.Same(ContentTree.Find(chain.First.ToTree(), path), value);
        return chain.Amendments[version - 2].Operations.Any(o =>
            (o.Value is { } said && TreePath.Covers(o.Path, path) && ContentNode.Same(ContentTree.Find(said, path[o.Path.Length..]), value))
            || (o.Kind == OperationKind.Remove && TreePath.Parent(o.Path) == path && value is ContentList { Count: 0 }));
    }

    private static readonly Comparer<KeyValuePair<string, int>> ByPath = Comparer<KeyValuePair<string, int>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key));
}
