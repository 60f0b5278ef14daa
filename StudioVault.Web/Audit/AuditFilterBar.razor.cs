using System.Globalization;
using Microsoft.AspNetCore.Components;
using StudioVault.Infrastructure.Audit;

namespace StudioVault.Web.Audit;

public sealed partial class AuditFilterBar
{
    private static readonly ILookup<string, AuditSentence> Areas = AuditSentences.All.ToLookup(s => AreaOf(s.Action));
    private bool _open;

    [Parameter, EditorRequired]
    public AuditAddress Address { get; set; } = new();

    [Parameter, EditorRequired]
    public AuditChoices Choices { get; set; } = default!;

    /// <summary>True for HQ, who reads all branches.</summary>
    [Parameter]
    public bool WithBranch { get; set; }

    /// <summary>Name of the person asked for, where the list of people does not hold them.</summary>
    [Parameter]
    public string? WhoName { get; set; }

    /// <summary>The thing asked for.</summary>
    [Parameter]
    public AuditThing? Thing { get; set; }

    /// <summary>Further buttons of the row.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>The address the reader chose.</summary>
    [Parameter]
    public EventCallback<AuditAddress> OnChange { get; set; }

    /// <summary>Conditions that are out of sight while the drawer is closed on a narrow screen.</summary>
    private int Hidden => new object?[] { Address.Action, Address.Who, Address.Branch, Address.Capability, Address.Band, Address.From, Address.To, Address.Outcome == AuditAddress.Done ? "" : null }.Count(c => c is not null);

    private bool IsOtherPerson => Address.Who is { } who && who is not AuditAddress.Jobs and not AuditAddress.Visitors && Choices.People.All(p => p.Id.ToString() != who) && Choices.Agents.All(a => a.Id != who);

    /// <summary>Every condition as words, and the address without it.</summary>
    private IEnumerable<(string Words, string Without)> Chosen
    {
        get
        {
            if (Address.Text is { } text) yield return ($"“{text}”", Href(Address with { Text = null }));
            if (Address.Action is { } action) yield return ($"What: {AuditSentences.Find(action)?.Heading ?? action}", Href(Address with { Action = null }));
            if (Address.Who is { } who)
                yield return ($"Who: {who switch { AuditAddress.Jobs => "StudioVault’s own jobs", AuditAddress.Visitors => "somebody not signed in", _ => WhoName ?? Choices.People.FirstOrDefault(p => p.Id.ToString() == who)?.Name ?? Choices.Agents.FirstOrDefault(a => a.Id == who).Name ?? who }}", Href(Address with { Who = null }));
            if (Address.Branch is { } branch) yield return ($"Where: {(branch == AuditAddress.Group ? "the group, no branch" : Choices.Places.FirstOrDefault(p => p.Slug == branch)?.Name ?? branch)}", Href(Address with { Branch = null }));
            if (Address.Outcome is { } outcome) yield return (outcome == AuditAddress.Refused ? "Refused" : "Done", Href(Address with { Outcome = null }));
            if (Address.Capability is { } capability) yield return ($"Capability: {Choices.Capabilities.FirstOrDefault(c => c.Name == capability)?.Title ?? capability}", Href(Address with { Capability = null }));
            if (Address.Band is { } band) yield return ($"Band: {band.ToUpperInvariant()}", Href(Address with { Band = null }));
            if (Address.Proposal is not null) yield return ("One proposal’s course", Href(Address with { Proposal = null }));
            if (Address.Thing is not null) yield return ($"About {Thing?.Label ?? AuditSentences.Noun(Thing?.Type ?? "")}", Href(Address with { Thing = null }));
            if (Address.From is { } from) yield return ($"From {from.ToString("d MMM yyyy", CultureInfo.CurrentCulture)}", Href(Address with { From = null }));
            if (Address.To is { } to) yield return ($"To {to.ToString("d MMM yyyy", CultureInfo.CurrentCulture)}", Href(Address with { To = null }));
        }
    }

    private static string Href(AuditAddress address) => address.Top.Href;

    private static string? Some(object? value) => value is string { Length: > 0 } text ? text.Trim() : null;

    private static string? Iso(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture);

    private static DateOnly? Day(object? value) =>
        DateOnly.TryParseExact(value as string, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static string AreaOf(string action) => action.Split('.')[0] switch
    {
        "template" => "Templates",
        "offer" or "package" => "Updates and packages",
        "quote" or "project" => "Quotes and projects",
        "updates" or "blackout" => "Branch settings",
        "agreement" or "client" or "release" or "mail" => "Agreements and clients",
        "invoice" or "delivery" => "Invoices and deliveries",
        "job" => "Jobs",
        "proposal" => "Proposals",
        "capability" or "stop" or "exemption" => "Capabilities, stops and exemptions",
        "agent" or "agent_key" or "delegation" => "Agents and delegations",
        "session" or "session_key" => "Sign-in",
        "audit" => "The audit log itself",
        "settings" or "key" or "seal_key" => "Settings and keys",
        _ => "Other",
    };

    private Task Change(AuditAddress address) => OnChange.InvokeAsync(address.Top);
}
