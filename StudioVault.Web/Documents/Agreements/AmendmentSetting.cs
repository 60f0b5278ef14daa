using StudioVault.Domain.Agreements;

namespace StudioVault.Web.Documents.Agreements;

/// <summary>What an amendment is written into.</summary>
/// <param name="Before">The agreement on the day the amendment takes effect, without it.</param>
/// <param name="After">The same day with it.</param>
/// <param name="Signatories">Everybody who has to sign.</param>
/// <param name="Overtaken">Signed amendments that take effect later and concern the same.</param>
public sealed record AmendmentSetting(AgreementContent Before, AgreementContent After, IReadOnlyList<AgreementParty> Signatories, IReadOnlyList<AmendmentContent> Overtaken)
{
    /// <summary>For an amendment the chain does not refuse.</summary>
    /// <param name="chain">Up to the paper before the amendment.</param>
    public static AmendmentSetting Of(AgreementChain chain, AmendmentContent amendment)
    {
        var family = chain.Amendments.Append(amendment).Select(a => a.ToExecuted());
        return new(
            AgreementContent.From(chain.On(amendment.EffectiveOn).Content).Value,
            AgreementContent.From(ConformedAgreement.Fold(chain.First.ToTree(), family, amendment.EffectiveOn).Value.Content).Value,
            chain.Signatories(amendment),
            chain.Overtaken(amendment.EffectiveOn, amendment.Operations));
    }
}
