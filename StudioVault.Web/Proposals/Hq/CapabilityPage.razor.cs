using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using StudioVault.Domain.Kernel;
using StudioVault.Domain.Proposals;
using StudioVault.Infrastructure.Live;
using StudioVault.Infrastructure.Organization;
using StudioVault.Infrastructure.Proposals;
using StudioVault.Web.Organization;
using StudioVault.Web.Ui;

namespace StudioVault.Web.Proposals.Hq;

/// <summary>One capability for HQ. The open tab stands in the address; a card being edited outlives what others save.</summary>
public sealed partial class CapabilityPage : ComponentBase, IDisposable
{
    private CapabilityView? _view;
    private IReadOnlyList<CapabilityCard>? _cards;
    private IReadOnlyDictionary<PersonId, string> _people = new Dictionary<PersonId, string>();
    private IReadOnlyList<StopView> _stops = [];
    private StopRadius? _radius;
    private CardForm? _form;
    private Refusal? _refusal;
    private Refusal? _answer;
    private Refusal? _saving;
    private IDisposable? _feed;
    private string? _loadedFor;
    private bool _missing;
    private bool _busy;
    private bool _overtaken;

    [Parameter]
    public string Name { get; set; } = "";

    /// <summary>versions, inputs, or null for the card.</summary>
    [SupplyParameterFromQuery]
    public string? Tab { get; set; }

    [Inject] private ProposalQueries Proposals { get; set; } = default!;
    [Inject] private StopQueries Stops { get; set; } = default!;
    [Inject] private CapabilityCommands Commands { get; set; } = default!;
    [Inject] private PeopleQueries People { get; set; } = default!;
    [Inject] private Session Session { get; set; } = default!;
    [Inject] private LiveFeed Feed { get; set; } = default!;
    [Inject] private Dialogs Dialogs { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;

    private IReadOnlyList<Tabs.TabItem> TabItems => [new(Address(null), "Card"), new(Address("versions"), "Versions", _cards?.Count), new(Address("inputs"), "Inputs and compliance")];

    private IReadOnlyList<FactChange> Changes => HqWords.Changes(HqWords.ContentOf(_view!.Card), _form!.ToContent());

    /// <summary>A rule opened in the builder is being edited before it says anything else.</summary>
    private bool IsEdited => _view is not null && _form is not null && (Changes.Count > 0 || _form.Rule.Choice != RuleForm.Of(_view.Card.ReadRule()).Choice);

    private IReadOnlyList<string> NextMissing => [.. HqWords.Lines(_form!.ToContent()).Take(5).Where(l => l.Value.Length == 0).Select(l => l.Name.ToLowerInvariant())];

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive) _feed = Feed.Subscribe(e => e.Topic == Topics.StopChanged || (e.Topic is Topics.CapabilityChanged or Topics.ProposalChanged && Concerns(e)), _ => InvokeAsync(ReloadAsync));
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Tab is not ("versions" or "inputs")) Tab = null;
        if (_loadedFor == Name) return;
        (_loadedFor, _view, _form, _missing, _overtaken, _saving, _answer) = (Name, null, null, false, false, null, null);
        await LoadAsync();
    }

    public void Dispose() => _feed?.Dispose();

    private bool Concerns(LiveEvent e) => JsonNode.Parse(e.Payload)?["capability"]?.GetValue<string>() == Name;

    private string Address(string? tab) => $"/hq/capabilities/{Name}{(tab is null ? "" : "?tab=" + tab)}";

    private async Task ReloadAsync()
    {
        await LoadAsync();
        StateHasChanged();
    }

    private async Task LoadAsync()
    {
        var (asked, sender) = (Name, (await Session.GetAsync()).Sender);
        var result = await Proposals.CapabilitiesAsync(sender, CancellationToken.None);
        if (asked != Name || !result.TryGet(out var all, out _refusal)) return;
        if (all.FirstOrDefault(c => c.Name == asked) is not { } view)
        {
            _missing = true;
            return;
        }

        if ((await Proposals.CardsAsync(sender, asked, CancellationToken.None)).TryGet(out var cards, out _)) _cards = cards;
        if ((await Stops.RadiusAsync(sender, null, StopLevel.Capability, asked, CancellationToken.None)).TryGet(out var radius, out _)) _radius = radius;
        if ((await Stops.InForceAsync(sender, null, CancellationToken.None)).TryGet(out var stops, out _))
            _stops = [.. stops.Where(s => s.Stop.Level == StopLevel.Global || (s.Stop.Level == StopLevel.Area && s.Stop.Key == view.Area) || (s.Stop.Level == StopLevel.Capability && s.Stop.Key == view.Name))];
        if (_people.Count == 0 && (await People.PeopleAsync(sender, CancellationToken.None)).TryGet(out var people, out _)) _people = people.People.ToDictionary(p => p.Id, p => p.Name);
        if (asked != Name) return;
        // Somebody's own edits are never swept away by what others save; they are compared with it from now on.
        var edited = IsEdited;
        _overtaken = edited && (_overtaken || view.Version != _view!.Version);
        _view = view;
        if (!edited || !IsEdited) BeginAnew();
    }

    private void Redraw() => StateHasChanged();

    private void BeginAnew() => (_form, _overtaken, _saving) = (CardForm.Of(_view!.Card), false, null);

    private async Task SaveAsync()
    {
        if (_busy) return;
        _busy = true;
        var seen = _view!.Version;
        var result = await Commands.ChangeCardAsync((await Session.GetAsync()).Sender, Name, seen, _form!.ToContent(), CancellationToken.None);
        _busy = false;
        if (!result.TryGet(out var version, out var refusal))
        {
            (_saving, _answer) = (refusal, CardEditor.Fields.Contains(refusal.Path ?? "") ? null : refusal);
            if (refusal.Kind == KernelRefusals.StaleWrite) await LoadAsync();
            return;
        }

        (_saving, _answer, _form) = (null, null, null);
        await LoadAsync();
        Toasts.Say($"Saved as version {version}");
    }

    private async Task EnableAsync()
    {
        _busy = true;
        _answer = (await Commands.EnableAsync((await Session.GetAsync()).Sender, Name, CancellationToken.None)).Refusal;
        _busy = false;
        if (_answer is null) Toasts.Say($"{_view!.Title} is on");
        await LoadAsync();
    }

    private async Task DisableAsync()
    {
        var waiting = (_radius?.Killed ?? 0) + (_radius?.Open ?? 0);
        if (await Dialogs.AskReasonAsync($"Switch off “{_view!.Title}”?", $"Nobody can propose it any more, in any branch. {(waiting == 0 ? "Nothing of it is open." : HqWords.Count(waiting, "proposal that is open or approved is", "proposals that are open or approved are") + " not carried out while it is off.")}",
                "Switch it off", ["It does the wrong thing", "Not used", "Until its card is reviewed"], dangerous: true) is not { } reason) return;
        _busy = true;
        _answer = (await Commands.DisableAsync((await Session.GetAsync()).Sender, Name, reason, CancellationToken.None)).Refusal;
        _busy = false;
        if (_answer is null) Toasts.Say($"{_view.Title} is off");
        await LoadAsync();
    }
}
