using StudioVault.Domain.Agreements;
using Xunit;

namespace StudioVault.Tests.Agreements;

public sealed class WithdrawalPeriodTests
{
    private static readonly WithdrawalTerms Fourteen = new(WithdrawalRegime.Eligible, 14, "A contract made at a distance.");

    [Theory]
    [InlineData("2026-11-23", 14, "2026-12-07")] // Monday, fourteen days after a Monday
    [InlineData("2026-11-21", 14, "2026-12-07")] // would end on a Saturday
    [InlineData("2026-11-22", 14, "2026-12-07")] // would end on a Sunday
    [InlineData("2028-02-15", 14, "2028-02-29")] // a leap day is a day
    [InlineData("2026-03-20", 9, "2026-03-30")] // over a night of 23 hours, and a Sunday
    public void Ends_so_many_days_after_the_day_of_conclusion_and_never_on_a_weekend(string concluded, int days, string last) =>
        Assert.Equal(DateOnly.Parse(last, System.Globalization.CultureInfo.InvariantCulture), WithdrawalPeriod.LastDay(DateOnly.Parse(concluded, System.Globalization.CultureInfo.InvariantCulture), days));

    [Fact]
    public void Is_open_to_the_end_of_its_last_day_and_not_beyond()
    {
        var concluded = new DateOnly(2026, 11, 23);
        Assert.Null(WithdrawalPeriod.Refuses(AgreementState.InForce, Fourteen, concluded, new DateOnly(2026, 12, 7)));
        var late = WithdrawalPeriod.Refuses(AgreementState.InForce, Fourteen, concluded, new DateOnly(2026, 12, 8))!;
        Assert.Equal("refuse.withdrawal.too_late", late.Code);
        Assert.Contains("7 December 2026", late.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AgreementState.Open, "refuse.agreement.not_in_force")]
    [InlineData(AgreementState.Completed, "refuse.agreement.not_in_force")]
    [InlineData(AgreementState.Cancelled, "refuse.agreement.not_in_force")]
    [InlineData(AgreementState.Void, "refuse.agreement.not_in_force")]
    [InlineData(AgreementState.Withdrawn, "refuse.withdrawal.already")]
    public void Only_what_is_in_force_can_be_withdrawn_from(AgreementState state, string code) =>
        Assert.Equal(code, WithdrawalPeriod.Refuses(state, Fourteen, new DateOnly(2026, 11, 23), new DateOnly(2026, 11, 23))!.Code);

    [Fact]
    public void Where_there_is_no_such_right_the_reason_is_said()
    {
        var refusal = WithdrawalPeriod.Refuses(AgreementState.InForce, new(WithdrawalRegime.Exempt, 0, "Made in the studio."), new DateOnly(2026, 11, 23), new DateOnly(2026, 11, 23))!;
        Assert.Equal(("refuse.withdrawal.exempt", true), (refusal.Code, refusal.Sentence.EndsWith("Made in the studio.", StringComparison.Ordinal)));
    }
}
