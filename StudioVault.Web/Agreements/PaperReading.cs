using StudioVault.Domain.Agreements;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Agreements;
using StudioVault.Web.Documents.Agreements;

namespace StudioVault.Web.Agreements;

/// <summary>What papers say, put together for reading.</summary>
internal static class PaperReading
{
    /// <summary>What an amendment is written into, also of one that could not be sent yet.</summary>
    /// <param name="chain">Up to the paper before it.</param>
    /// <returns><c>refuse.agreement.operation_misplaced</c> when it does not fit on the day it takes effect.</returns>
    public static Result<AmendmentSetting> Setting(AgreementChain chain, AmendmentContent amendment)
    {
        if (!With(chain, amendment, amendment.EffectiveOn).TryGet(out var after, out var refusal)) return refusal;
        return new AmendmentSetting(AgreementContent.From(chain.On(amendment.EffectiveOn).Content).Value, after, chain.Signatories(amendment), chain.Overtaken(amendment.EffectiveOn, amendment.Operations));
    }

    /// <summary>The agreement with an amendment more, on a day.</summary>
    public static Result<AgreementContent> With(AgreementChain chain, AmendmentContent amendment, DateOnly day) =>
        ConformedAgreement.Fold(chain.First.ToTree(), chain.Amendments.Append(amendment).Select(a => a.ToExecuted()), day).TryGet(out var conformed, out var refusal)
            ? AgreementContent.From(conformed.Content) : refusal;

    /// <summary>The whole agreement with everything up to and with this paper; null when it cannot be read or put together.</summary>
    public static AgreementContent? Whole(PaperView paper) => paper.Text switch
    {
        { First: { } first } => first,
        { Chain: { } chain, Amendment: { } amendment } => With(chain, amendment, DateOnly.MaxValue).TryGet(out var content, out _) ? content : null,
        _ => null,
    };

    /// <summary>The executed papers as an agreement as amended names them.</summary>
    public static IReadOnlyList<PaperSource> Sources(AgreementView view) => [.. view.Papers.Where(p => p.Seal is not null).Select(p => new PaperSource(p.Version, p.Kind, p.Version == 1 ? null : p.EffectiveOn,
        p.Signatories.Max(s => s.SignedAt) ?? p.Seal!.SealedAt, [.. p.Signatories.Select(s => s.Name)], p.ContentHash ?? ""))];
}
