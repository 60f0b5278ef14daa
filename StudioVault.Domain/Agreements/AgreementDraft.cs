using StudioVault.Domain.Kernel;
using StudioVault.Domain.Organization;
using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>The first words of an agreement: what a project and the package revision it pins say. The studio then writes on it.</summary>
public static class AgreementDraft
{
    /// <summary>Consumers may withdraw for so many days where the law of the branch gives them the right.</summary>
    private const int DaysOfWithdrawal = 14;

    /// <summary>The draft of version 1.</summary>
    /// <param name="addOns">Ids of the add-ons the client takes.</param>
    public static AgreementContent From(string number, Branch branch, Project project, IReadOnlyList<AgreementParty> parties, PackageContent package, RulesSnapshot rules, IReadOnlySet<string> addOns)
    {
        AgreementItem[] items = [.. package.Items.Where(i => i.Inclusion == Inclusion.Included || addOns.Contains(i.Id)).Select(i => new AgreementItem(i.Id, i.Title, i.Kind, i.Quantity, i.UnitPrice, i.Deliverables))];
        var draft = new AgreementContent(number, new(branch.Name, $"{branch.City}, {branch.Country}", branch.ContactEmail, branch.Country, branch.TimeZone), parties,
            new($"{package.Name} for {project.ClientName}", project.DayIsOpen ? null : project.EventOn, project.StartsAt, 0, project.Venue, ""), rules.Package, package.Currency, items, package.Tax, [], package.Travel, package.TurnaroundDays, package.Gallery,
            "For the clients' private use, without limit of time. The studio keeps the copyright.", WithdrawalOf(branch), package.Clauses, rules.Policies);
        return draft with { Schedule = Payments(draft.Total, package.DepositPlan) };
    }

    /// <summary>The plan's shares as sums that add up to the whole: what rounding leaves is in the last one.</summary>
    public static IReadOnlyList<ScheduledPayment> Payments(Money total, IReadOnlyList<Instalment> plan)
    {
        var payments = new List<ScheduledPayment>();
        var left = total.Amount;
        foreach (var (instalment, place) in plan.Select((p, i) => (p, i)))
        {
            var amount = place == plan.Count - 1 ? left : CurrencyUnits.Round(total.Amount * instalment.Percent / 100, total.Currency);
            left -= amount;
            payments.Add(new(instalment.Id, instalment.Title, amount, instalment.Due, instalment.DueDays, null));
        }

        return payments;
    }

    private static WithdrawalTerms WithdrawalOf(Branch branch) => branch.Jurisdiction switch
    {
        "EU" => new(WithdrawalRegime.Eligible, DaysOfWithdrawal, "A consumer's right to withdraw from a contract made at a distance (Directive 2011/83/EU, Article 9)."),
        "UK" => new(WithdrawalRegime.Eligible, DaysOfWithdrawal, "A consumer's right to cancel a distance contract (Consumer Contracts Regulations 2013, regulation 29)."),
        _ => new(WithdrawalRegime.Exempt, 0, "The law that governs this agreement knows no general right of withdrawal."),
    };
}
