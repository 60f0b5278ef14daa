using StudioVault.Domain.Kernel;
using StudioVault.Domain.Packages;

namespace StudioVault.Domain.Agreements;

/// <summary>What a paper says: the agreement, or an amendment with the chain it is written on.</summary>
public sealed class PaperText
{
    private PaperText(AgreementContent? first, AgreementChain? chain, AmendmentContent? amendment) => (First, Chain, Amendment) = (first, chain, amendment);

    /// <summary>Version 1's content; null for an amendment.</summary>
    public AgreementContent? First { get; }

    /// <summary>Everything executed before an amendment; null for version 1.</summary>
    public AgreementChain? Chain { get; }

    /// <summary>Null for version 1.</summary>
    public AmendmentContent? Amendment { get; }

    public static PaperText Of(AgreementContent first) => new(first, null, null);

    public static PaperText Of(AgreementChain chain, AmendmentContent amendment) => new(null, chain, amendment);

    /// <summary>Reads a stored paper.</summary>
    /// <param name="chain">Null for version 1.</param>
    public static Result<PaperText> Parse(string json, AgreementChain? chain)
    {
        if (chain is null) return AgreementContent.Parse(json).TryGet(out var first, out var refusal) ? Of(first) : refusal;
        return AmendmentContent.Parse(json).TryGet(out var amendment, out var no) ? Of(chain, amendment) : no;
    }

    public int Version => Amendment?.Version ?? 1;

    /// <summary>The agreement as it stands before this paper with everything that is agreed; version 1 itself for version 1.</summary>
    public AgreementContent Before => First ?? AgreementContent.From(Chain!.Whole().Content).Value;

    /// <summary>The agreement with this paper and everything that is agreed. Of a paper that <see cref="Refuses"/> nothing.</summary>
    public AgreementContent After => First ?? AgreementContent.From(ConformedAgreement.Fold(Chain!.First.ToTree(), [.. Chain.Amendments.Select(a => a.ToExecuted()), Amendment!.ToExecuted()], DateOnly.MaxValue).Value.Content).Value;

    /// <summary>Currency, places and names of the family.</summary>
    public AgreementStudio Studio => (First ?? Chain!.First).Studio;

    public string Number => (First ?? Chain!.First).Number;

    /// <summary>The paper's identity.</summary>
    public string Hash => First?.Hash() ?? Amendment!.Hash();

    public string ToJson() => First?.ToJson() ?? Amendment!.ToJson();

    /// <summary>The bytes the hash is of: what is sealed.</summary>
    public byte[] Canonical => CanonicalJson.Canonicalize(ContentTree.ToUtf8(First?.ToTree() ?? Amendment!.ToTree()));

    /// <summary>Everybody who has to sign it.</summary>
    public IReadOnlyList<AgreementParty> Signatories => First is not null ? [.. First.Parties.Where(p => p.Signs)] : Chain!.Signatories(Amendment!);

    /// <summary>What keeps it from being sent or executed; null when nothing does.</summary>
    public Refusal? Refuses()
    {
        if (First is null) return Chain!.Refuses(Amendment!);
        return First.Problems() is [var problem, ..] ? problem : null;
    }
}
