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

    /// <summary>The address the reader chose.</summary>
    [Parameter]
    public EventCallback<AuditAddress> OnChange { get; set; }

    /// <summary>Conditions that are out of sight while the drawer is closed on a narrow screen.</summary>
    private int Hidden => new object?[] { Address.Action, Address.Who, Address.Branch, Address.From, Address.To, Address.Outcome == AuditAddress.Done ? "" : null }.Count(c => c is not null);

    private bool IsOtherPerson => Address.Who is { } who && who is not AuditAddress.Jobs and not AuditAddress.Visitors && Choices.People.All(p => p.Id.ToString() != who);

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
        "job" => "Jobs",
        "session" => "Sign-in",
        _ => "Other",
    };

    private Task Change(AuditAddress address) => OnChange.InvokeAsync(address.Top);
}
