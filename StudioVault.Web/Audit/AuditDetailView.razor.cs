using System.Globalization;
using Microsoft.AspNetCore.Components;
using StudioVault.Domain.Kernel;
using StudioVault.Infrastructure.Audit;

namespace StudioVault.Web.Audit;

public sealed partial class AuditDetailView
{
    private IReadOnlyList<PayloadFact> _facts = [];

    /// <summary>The open entry, or null while it is not there.</summary>
    [Parameter, EditorRequired]
    public AuditDetail? Detail { get; set; }

    /// <summary>Why there is none.</summary>
    [Parameter]
    public Refusal? Refusal { get; set; }

    /// <summary>Zone of the list.</summary>
    [Parameter, EditorRequired]
    public string Zone { get; set; } = "UTC";

    [Parameter]
    public bool IsHq { get; set; }

    /// <summary>The list without the entry.</summary>
    [Parameter, EditorRequired]
    public string CloseHref { get; set; } = "";

    /// <summary>Where the entry is checked step by step.</summary>
    [Parameter]
    public string VerifyHref { get; set; } = "";

    private AuditLine Line => Detail!.Line;

    private string BranchZone => Line.Place?.TimeZone ?? Zone;

    /// <summary>Facts most entries do not have.</summary>
    private IEnumerable<(string Name, string Value)> Rare
    {
        get
        {
            var body = Detail!.Body;
            if (body.RootId != body.ActorId) yield return ("Authority", body.RootId);
            if (body.ApprovalState is { } approval) yield return ("Approval", approval);
            if (body.PolicyVersion is { } policy) yield return ("Policy", policy);
        }
    }

    protected override void OnParametersSet() => _facts = PayloadFacts.Read(Detail?.Payload, CultureInfo.CurrentUICulture);
}
