using System.Globalization;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>
/// An agreement with its executed amendments, each naming the hash of the one before it. A new amendment is tried here before it
/// is sent, and again before it is sealed.
/// </summary>
public sealed class AgreementChain
{
    private readonly List<AmendmentContent> _amendments = [];
    private readonly ContentObject _first;

    /// <param name="first">Version 1.</param>
    public AgreementChain(AgreementContent first)
    {
        First = first;
        _first = first.ToTree();
        HeadHash = AgreementContent.HashOf(_first);
    }

    public AgreementContent First { get; }

    /// <summary>Executed ones by version.</summary>
    public IReadOnlyList<AmendmentContent> Amendments => _amendments;

    /// <summary>Version of the newest executed document.</summary>
    public int Head => 1 + _amendments.Count;

    /// <summary>Hash of the newest executed document: what an amendment has to be written on.</summary>
    public string HeadHash { get; private set; }

    /// <summary>The agreement as amended on a day. A chain built by <see cref="Append"/> always folds.</summary>
    public ConformedAgreement On(DateOnly day) => ConformedAgreement.Fold(_first, _amendments.Select(a => a.ToExecuted()), day).Value;

    /// <summary>The agreement with everything that is agreed, also what takes effect later.</summary>
    public ConformedAgreement Whole() => On(DateOnly.MaxValue);

    /// <summary>Executed amendments a new one would go ahead of: later in effect, and about the same thing.</summary>
    public IReadOnlyList<AmendmentContent> Overtaken(DateOnly effectiveOn, IReadOnlyList<AmendmentOperation> operations)
    {
        var overtaken = ConformedAgreement.OutOfSequence(_amendments.Select(a => a.ToExecuted()), effectiveOn, operations);
        return [.. overtaken.Select(o => _amendments[o.Version - 2])];
    }

    /// <summary>Whether an amendment may be sent and executed on this chain; null when it may.</summary>
    /// <returns>
    /// <c>refuse.agreement.not_the_head</c>, <c>nothing_changed</c>, <c>price_basis_missing</c>, <c>out_of_sequence</c> (an amendment
    /// it goes ahead of has no signed choice), <c>operation_misplaced</c>, or <c>breaks_later</c> with the day and the invariant.
    /// </returns>
    public Refusal? Refuses(AmendmentContent amendment)
    {
        if (amendment.BaseHash != HeadHash || amendment.Version != Head + 1 || amendment.Number != First.Number)
            return AgreementRefusals.NotTheHead.With(amendment.Version - 1, Head);
        if (amendment.Operations.Count == 0) return AgreementRefusals.NothingChanged;
        if (amendment is { Kind: AmendmentKind.Reschedule, PriceBasis: PriceBasis.None }) return AgreementRefusals.PriceBasisMissing.At("/priceBasis");
        foreach (var later in Overtaken(amendment.EffectiveOn, amendment.Operations))
        {
            if (!amendment.Resolutions.ContainsKey(later.Version)) return AgreementRefusals.OutOfSequence.At("/resolutions", later.Version, Spelled(later.EffectiveOn));
        }

        // From the day it takes effect on, every state the family will be in has to hold together.
        var family = _amendments.Append(amendment).Select(a => a.ToExecuted()).ToList();
        var before = ConformedAgreement.Fold(_first, family.SkipLast(1), amendment.EffectiveOn);
        foreach (var day in family.Select(a => a.EffectiveOn).Where(d => d >= amendment.EffectiveOn).Distinct().Order())
        {
            if (!ConformedAgreement.Fold(_first, family, day).TryGet(out var conformed, out var refusal))
                return day == amendment.EffectiveOn ? refusal : AgreementRefusals.BreaksLater.With(Spelled(day), refusal.Sentence);
            if (day == amendment.EffectiveOn && ContentNode.Same(conformed.Content, before.Value.Content)) return AgreementRefusals.NothingChanged;
            if (!AgreementContent.From(conformed.Content).TryGet(out var content, out refusal)) return AgreementRefusals.BreaksLater.With(Spelled(day), refusal.Sentence) with { Path = refusal.Path };
            if (content.Problems() is [var problem, ..]) return AgreementRefusals.BreaksLater.With(Spelled(day), problem.Sentence) with { Path = problem.Path };
        }

        return null;
    }

    /// <summary>The chain with an executed amendment more.</summary>
    /// <returns>As <see cref="Refuses"/>.</returns>
    public Result<Done> Append(AmendmentContent amendment)
    {
        if (Refuses(amendment) is { } refusal) return refusal;
        _amendments.Add(amendment);
        HeadHash = amendment.Hash();
        return Done.It;
    }

    /// <summary>Everybody who has to sign an amendment: who signs the agreement before it, and who signs it afterwards (features row 2.10).</summary>
    public IReadOnlyList<AgreementParty> Signatories(AmendmentContent amendment)
    {
        var before = AgreementContent.From(Whole().Content).Value.Parties;
        var after = ConformedAgreement.Fold(_first, _amendments.Append(amendment).Select(a => a.ToExecuted()), DateOnly.MaxValue).TryGet(out var conformed, out _)
            && AgreementContent.From(conformed.Content).TryGet(out var content, out _) ? content.Parties : [];
        return [.. after.Concat(before).Where(p => p.Signs).DistinctBy(p => p.Id)];
    }

    private static string Spelled(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
