using System.Globalization;
using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Web.Packages.Editing;

namespace StudioVault.Web.Agreements;

/// <summary>
/// An amendment while somebody writes it. The form holds the agreement as it shall be from the day the amendment takes effect;
/// the operations are what <see cref="Amendments"/> makes of the difference, and only of what the kind is about.
/// </summary>
public sealed class AmendmentForm
{
    /// <summary>The one line, payment and clause of a cancellation.</summary>
    public const string Kept = "kept-after-cancellation";

    private readonly AgreementChain _chain;
    private readonly PackageToday? _today;
    private string _settled = "";

    private AmendmentForm(AgreementChain chain, PackageToday? today, AmendmentKind kind, DateOnly effectiveOn, ContentObject typed)
    {
        (_chain, _today, Kind, EffectiveOn) = (chain, today, kind, effectiveOn);
        Head = AgreementContent.From(chain.On(effectiveOn).Content).Value;
        Fields = AgreementForm.From(typed);
        _settled = Snapshot();
    }

    public AmendmentKind Kind { get; }

    /// <summary>The agreement on that day without the amendment.</summary>
    public AgreementContent Head { get; private set; }

    /// <summary>The agreement as it shall be.</summary>
    public AgreementForm Fields { get; private set; }

    public DateOnly EffectiveOn { get; private set; }
    public string Reason { get; set; } = "";
    public PriceBasis PriceBasis { get; private set; }

    /// <summary>By the version of a signed amendment that takes effect later: what was chosen.</summary>
    public Dictionary<int, Precedence> Resolutions { get; } = [];

    /// <summary>The lines come from the package as it is sold today.</summary>
    public bool TakesRules { get; set; }

    /// <summary>An amendment that changes nothing yet.</summary>
    /// <param name="today">What the branch sells today; null when it cannot be read.</param>
    public static AmendmentForm New(AgreementChain chain, PackageToday? today, AmendmentKind kind, DateOnly effectiveOn)
    {
        var form = new AmendmentForm(chain, today, kind, effectiveOn, chain.On(effectiveOn).Content);
        if (kind == AmendmentKind.Cancellation) form.Cancel();
        return form;
    }

    /// <summary>A draft as it was saved or kept.</summary>
    public static AmendmentForm From(AgreementChain chain, PackageToday? today, AmendmentContent draft)
    {
        var form = new AmendmentForm(chain, today, draft.Kind, draft.EffectiveOn, Applied(chain.On(draft.EffectiveOn).Content, draft.Operations)) { Reason = draft.Reason, PriceBasis = draft.PriceBasis };
        foreach (var (version, choice) in draft.Resolutions) form.Resolutions[version] = choice;
        form.TakesRules = draft.Operations.Any(o => o.Path == "/rules");
        form.Recognise();
        return form;
    }

    /// <summary>Takes effect on another day: what was typed goes on top of the agreement as it is then.</summary>
    public void TakesEffect(DateOnly day)
    {
        if (day == EffectiveOn) return;
        var operations = Fields.Read().Content is { } typed ? Operations(typed) : null;
        EffectiveOn = day;
        var tree = _chain.On(day).Content;
        Head = AgreementContent.From(tree).Value;
        if (operations is null) return;
        Fields = AgreementForm.From(Applied(tree, operations));
        Recognise();
    }

    /// <summary>Which price holds after a new date; the current one puts today's prices on the lines that are still sold.</summary>
    public void Prices(PriceBasis basis)
    {
        PriceBasis = basis;
        Fields.Items.Clear();
        foreach (var item in Head.Items)
        {
            var now = basis == PriceBasis.Current ? _today?.Content.Items.FirstOrDefault(i => i.Id == item.Id) : null;
            Fields.Items.Add(AgreementForm.Line(now is null ? item : item with { UnitPrice = now.UnitPrice }, Head.Currency));
        }

        Settle();
    }

    /// <summary>The payments follow the total until somebody writes them: the difference is on the last one.</summary>
    public void Settle()
    {
        if (Kind == AmendmentKind.Cancellation)
        {
            if (Fields.Total is { } kept && Fields.Payments is [var only]) only.Amount = ContentWords.Money(kept);
            return;
        }

        if (!HasMoney || Snapshot() != _settled) return;
        Fields.Payments.Clear();
        Fields.Payments.AddRange(AgreementForm.From(Head.ToTree()).Payments);
        Fields.Settle();
        _settled = Snapshot();
    }

    /// <summary>The kind is about lines, so payments have to follow.</summary>
    public bool HasMoney => Kind is AmendmentKind.Hours or AmendmentKind.PackageChange || (Kind == AmendmentKind.Reschedule && PriceBasis == PriceBasis.Current);

    /// <summary>The amendment as it would be sent, or what is wrong with a field. What else keeps it from being sent is <see cref="AgreementChain.Refuses"/>.</summary>
    public Result<AmendmentContent> Read()
    {
        if (!AgreementContent.From(Fields.ToTree()).TryGet(out var typed, out var refusal)) return refusal;
        var operations = Operations(typed);
        var overtaken = _chain.Overtaken(EffectiveOn, operations).Select(a => a.Version).ToHashSet();
        return new AmendmentContent(_chain.First.Number, _chain.Head + 1, _chain.HeadHash, Kind, EffectiveOn, Reason.Trim(), Kind == AmendmentKind.Reschedule ? PriceBasis : PriceBasis.None, operations,
            Resolutions.Where(r => overtaken.Contains(r.Key)).ToDictionary());
    }

    /// <summary>What the forms of the domain make of what is typed.</summary>
    private IReadOnlyList<AmendmentOperation> Operations(AgreementContent typed) => Kind switch
    {
        AmendmentKind.Reschedule => [.. Amendments.Reschedule(Head, typed.Event.On, typed.Event.StartsAt, typed.Event.Venue, PriceBasis == PriceBasis.Current ? typed.Items : null), .. HasMoney ? Amendments.PaymentPlan(Head, typed.Schedule) : []],
        AmendmentKind.Hours => [.. Amendments.Hours(Head, typed.Event.Hours, typed.Items), .. Amendments.PaymentPlan(Head, typed.Schedule)],
        AmendmentKind.SubstituteLead => Amendments.SubstituteLead(Head, typed.Event.Lead),
        AmendmentKind.PackageChange => [.. Amendments.PackageChange(Head, typed.Items, TakesRules ? _today?.Rules : null), .. Amendments.PaymentPlan(Head, typed.Schedule), .. Amendments.Clauses(Head, typed.Clauses)],
        AmendmentKind.PaymentPlan => Amendments.PaymentPlan(Head, typed.Schedule),
        AmendmentKind.PartyChange => Amendments.PartyChange(Head, typed.Parties),
        AmendmentKind.UsageLicence => Amendments.UsageLicence(Head, typed.Licence),
        _ => typed.Items is [var kept, ..] && typed.Schedule is [var payment, ..] && typed.Clauses.FirstOrDefault(c => c.Id == Kept) is { } terms ? Amendments.Cancellation(Head, kept, payment, terms) : [],
    };

    // A cancellation leaves one line, one payment and one clause; what is kept begins as the first payment.
    private void Cancel()
    {
        var first = Head.Schedule.Count > 0 ? Head.Schedule[0].Amount : 0;
        var amount = Head.Tax.PricesIncludeTax ? first : CurrencyUnits.Round(first / (1 + (Head.Tax.RatePercent / 100)), Head.Currency);
        Fields.Items.Clear();
        Fields.Items.Add(AgreementForm.Line(new AgreementItem(Kept, "Kept by the studio after the cancellation", ItemKind.Coverage, 1, amount, []), Head.Currency));
        Fields.Payments.Clear();
        Fields.Payments.Add(new FormPayment(Kept) { Title = "Kept after the cancellation", Amount = ContentWords.Money(first), Due = InstalmentDue.Booking });
        Fields.Clauses.RemoveAll(c => c.Id == Kept);
        Fields.Clauses.Add(new FormClause(Kept)
        {
            Title = "What was agreed on the cancellation",
            Body = "The event does not take place. The studio keeps the amount named above and gives back everything paid beyond it within 14 days. Neither side owes the other anything more.",
        });
        Settle();
    }

    // Payments somebody wrote stay as written; those that only followed the total go on following it.
    private void Recognise()
    {
        var followed = AgreementForm.From(Fields.ToTree());
        followed.Payments.Clear();
        followed.Payments.AddRange(AgreementForm.From(Head.ToTree()).Payments);
        followed.Settle();
        _settled = Snapshot(followed) == Snapshot() ? Snapshot() : "";
    }

    private static ContentObject Applied(ContentObject tree, IReadOnlyList<AmendmentOperation> operations)
    {
        foreach (var operation in operations)
        {
            if (operation.Apply(tree).TryGet(out var changed, out _)) tree = changed;
        }

        return tree;
    }

    private string Snapshot() => Snapshot(Fields);

    private static string Snapshot(AgreementForm form) => string.Join('|', form.Payments.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Id};{p.Title};{p.Amount};{p.Due};{p.DueDays};{p.DueOn}")));
}
